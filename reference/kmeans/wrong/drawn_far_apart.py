"""First rows drawn far from each other, as in k-means++.

caught-by: test_any_rows_may_be_drawn_together
explained-by: kmeans-init
"""

import torch


def assign(X, centroids):
    diff = X[:, None, :] - centroids[None, :, :]
    return (diff**2).sum(dim=-1).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    N, D = X.shape
    if k < 1 or k > N:
        raise ValueError("k must be between 1 and N")
    g = torch.Generator().manual_seed(seed)
    idx = [int(torch.randint(N, (), generator=g))]
    while len(idx) < k:
        d = ((X[:, None] - X[idx]) ** 2).sum(-1).min(1).values.double().cpu()
        d = d if d.sum() > 0 else torch.ones(N, dtype=torch.float64)
        d[idx] = 0
        d = d if d.sum() > 0 else torch.tensor([float(i not in idx) for i in range(N)])
        idx.append(int(torch.multinomial(d, 1, generator=g)))
    centroids = X[idx].clone()
    labels = assign(X, centroids)
    for _ in range(max_iters):
        new = centroids.clone()
        for j in range(k):
            mask = labels == j
            if mask.any():
                new[j] = X[mask].mean(dim=0)
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
