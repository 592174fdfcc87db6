"""k is not checked.

caught-by: test_fewer_than_one_cluster_is_an_error, test_more_clusters_than_points_is_an_error
explained-by: kmeans-init
"""

import torch


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
