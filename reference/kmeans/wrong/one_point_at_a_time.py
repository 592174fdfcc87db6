"""Python loop over the points, or over chunks of them.

caught-by: test_work_of_assign_does_not_grow_with_the_points
explained-by: kmeans-broadcast
"""

import torch


def assign(X, centroids):
    labels = torch.empty(len(X), dtype=torch.int64, device=X.device)
    for i, x in enumerate(X):
        labels[i] = (centroids - x).norm(dim=1).argmin()
    return labels


def update(X, labels, old):
    k = old.shape[0]
    counts = torch.bincount(labels, minlength=k)
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
