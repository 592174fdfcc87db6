"""The old centroid counts as one of its points.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points, test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-mean
"""

import torch


def assign(X, centroids):
    scores = X @ centroids.T - 0.5 * (centroids * centroids).sum(dim=1)
    return scores.argmax(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    n_points = len(X)
    if not 0 < k <= n_points:
        raise ValueError("k must be between 1 and the number of points")
    rng = torch.Generator().manual_seed(seed)
    picks = torch.randperm(n_points, generator=rng)[:k]
    centroids = X[picks.to(X.device)].clone()
    for _ in range(max_iters):
        labels = assign(X, centroids)
        moved = centroids.scatter_reduce(0, labels[:, None].expand_as(X), X, reduce="mean")
        if (moved == centroids).all():
            break
        centroids = moved
    return centroids, assign(X, centroids)
