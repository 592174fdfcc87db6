"""A cluster whose points add up to zero counts as one without points.

caught-by: test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-empty
"""

import torch


def assign(X, centroids):
    return (X.unsqueeze(1) - centroids.unsqueeze(0)).norm(dim=2).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if not 1 <= k <= n:
        raise ValueError("k must be between 1 and the number of points")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(n, generator=generator)[:k].to(X.device)]
    for _ in range(max_iters):
        labels = assign(X, centroids)
        sums = torch.zeros_like(centroids).index_add_(0, labels, X)
        counts = torch.bincount(labels, minlength=k).clamp(min=1).to(X.dtype)
        filled = (sums != 0).any(dim=1, keepdim=True)
        means = torch.where(filled, sums / counts[:, None], centroids)
        if torch.equal(means, centroids):
            break
        centroids = means
    return centroids, assign(X, centroids)
