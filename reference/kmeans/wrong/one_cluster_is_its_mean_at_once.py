"""For k=1 the mean comes back without a round, also when max_iters is 0.

caught-by: test_first_centroids_are_different_rows
explained-by: kmeans-init
"""

import torch


def assign(X, centroids):
    diff = X[:, None, :] - centroids[None, :, :]
    return diff.square().sum(dim=2).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k must be in [1, {n}], got {k}")
    if k == 1:
        return X.mean(dim=0, keepdim=True), torch.zeros(n, dtype=torch.int64, device=X.device)
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(n, generator=generator)[:k].to(X.device)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = centroids.clone()
        for j in labels.unique().tolist():
            moved[j] = X[labels == j].mean(dim=0)
        if torch.equal(moved, centroids):
            break
        centroids, labels = moved, assign(X, moved)
    return centroids, labels
