"""Counts end at the highest label that occurs.

caught-by: test_equal_points_leave_clusters_empty
explained-by: kmeans-empty
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def update(X, labels, old):
    counts = torch.bincount(labels)
    sums = torch.zeros_like(old).index_add_(0, labels, X)
    filled = counts > 0
    new = old.clone()
    new[filled] = sums[filled] / counts[filled].unsqueeze(1).to(X.dtype)
    return new


def kmeans(X, k, max_iters=100, seed=0):
    n_points = len(X)
    if not 0 < k <= n_points:
        raise ValueError("k must be between 1 and the number of points")
    rng = torch.Generator().manual_seed(seed)
    picks = torch.randperm(n_points, generator=rng)[:k]
    centroids = X[picks.to(X.device)].clone()
    for _ in range(max_iters):
        labels = assign(X, centroids)
        moved = update(X, labels, centroids)
        if (moved == centroids).all():
            break
        centroids = moved
    return centroids, assign(X, centroids)
