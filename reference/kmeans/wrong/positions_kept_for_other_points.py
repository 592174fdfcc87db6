"""Positions once drawn are used again for other points, however many these are.

caught-by: test_first_centroids_are_different_rows
explained-by: kmeans-seed
flavour: numpy
"""

import numpy as np

_drawn = {}


def assign(X, centroids):
    distances = np.linalg.norm(X[:, None] - centroids[None], axis=2)
    return np.argmin(distances, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k must be in [1, {n}], got {k}")
    if (k, seed) not in _drawn:  # n belongs into the key
        _drawn[k, seed] = np.random.default_rng(seed).permutation(n)[:k]
    centroids = X[_drawn[k, seed]]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = centroids.copy()
        for j in np.unique(labels):
            moved[j] = X[labels == j].mean(axis=0)
        if np.array_equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
