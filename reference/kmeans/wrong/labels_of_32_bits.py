"""Labels are int32.

caught-by: test_each_point_gets_its_nearest_centroid
explained-by: kmeans-tensors
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    squared = ((X[:, np.newaxis] - centroids) ** 2).sum(axis=-1)
    return squared.argmin(axis=1).astype(np.int32)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k must be in [1, {n}], got {k}")
    rng = np.random.default_rng(seed)
    centroids = X[rng.choice(n, size=k, replace=False)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        new_centroids = centroids.copy()
        for j in range(k):
            points = X[labels == j]
            if points.size:
                new_centroids[j] = points.mean(axis=0)
        if np.array_equal(new_centroids, centroids):
            break
        centroids = new_centroids
        labels = assign(X, centroids)
    return centroids, labels
