"""The caller's points are shuffled for the draw.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points
explained-by: kmeans-seed
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    distances = np.linalg.norm(X[:, None] - centroids[None], axis=2)
    return np.argmin(distances, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k must be in [1, {n}], got {k}")
    rng = np.random.default_rng(seed)
    rng.shuffle(X)
    centroids = X[:k].copy()
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
