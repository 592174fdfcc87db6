"""The same seed draws other rows in a second call, as with one generator for all.

caught-by: test_a_seed_draws_the_same_rows_again
explained-by: kmeans-seed
"""

import torch

generator = torch.Generator().manual_seed(0)


def assign(X, centroids):
    scores = X @ centroids.T - 0.5 * (centroids * centroids).sum(dim=1)
    return scores.argmax(dim=1)


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
    picks = torch.randperm(n_points, generator=generator)[:k]
    centroids = X[picks.to(X.device)].clone()
    for _ in range(max_iters):
        labels = assign(X, centroids)
        moved = update(X, labels, centroids)
        if (moved == centroids).all():
            break
        centroids = moved
    return centroids, assign(X, centroids)
