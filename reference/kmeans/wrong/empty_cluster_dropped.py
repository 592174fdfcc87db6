"""A centroid without points disappears.

caught-by: test_a_centroid_that_loses_its_points_stays, test_equal_points_leave_clusters_empty
explained-by: kmeans-empty
"""

import torch


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k not in range(1, len(X) + 1):
        raise ValueError(f"bad k: {k}")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].tolist()]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        groups = [X[labels == j] for j in labels.unique()]
        means = torch.stack([group.mean(dim=0) for group in groups])
        if means.shape == centroids.shape and torch.equal(means, centroids):
            break
        centroids = means
        labels = assign(X, centroids)
    return centroids, labels
