"""Each centroid moves before the next one is assigned.

caught-by: test_labels_belong_to_the_returned_centroids, test_a_centroid_that_loses_its_points_stays
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("k must be in 1..N")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].tolist()]
    for _ in range(max_iters):
        before = centroids.clone()
        for j in range(k):
            mine = X[assign(X, centroids) == j]
            if len(mine):
                centroids[j] = mine.mean(dim=0)
        if torch.equal(before, centroids):
            break
    return centroids, assign(X, centroids)
