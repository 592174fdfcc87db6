"""Stops after a round with moves below a fixed tolerance.

caught-by: test_moves_of_small_numbers_are_moves
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0, tol=1e-4):
    if not 1 <= k <= len(X):
        raise ValueError("k must be at least 1 and at most the number of points")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].tolist()]
    for _ in range(max_iters):
        labels = assign(X, centroids)
        previous = centroids.clone()
        for j in range(k):
            mine = labels == j
            if mine.any():
                centroids[j] = X[mine].mean(dim=0)
        if (centroids - previous).norm() < tol:
            break
    return centroids, assign(X, centroids)
