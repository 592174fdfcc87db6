"""Centroids of float32 points come back as float64.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points
explained-by: kmeans-tensors
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    distances = np.linalg.norm(X[:, None] - centroids[None], axis=2)
    return np.argmin(distances, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    N, D = X.shape
    if not 1 <= k <= N:
        raise ValueError(f"k must be in 1..{N}")
    rng = np.random.default_rng(seed)
    centroids = X[rng.permutation(N)[:k]]
    for _ in range(max_iters):
        labels = assign(X, centroids)
        counts = np.bincount(labels, minlength=k)
        sums = np.zeros((k, D))
        np.add.at(sums, labels, X)
        new = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centroids)
        if np.array_equal(new, centroids):
            break
        centroids = new
    return centroids, assign(X, centroids)
