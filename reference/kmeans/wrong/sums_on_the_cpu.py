"""A tensor for the new centroids is made on the CPU.

caught-by: test_centroids_are_made_on_the_device_of_x
explained-by: kmeans-tensors
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def update(X, labels, old):
    k = old.shape[0]
    counts = torch.bincount(labels, minlength=k)
    sums = torch.zeros(old.shape, dtype=X.dtype).index_add_(0, labels, X)
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
