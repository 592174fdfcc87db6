"""Labels that are all zero at first count as no change.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points
explained-by: kmeans-stop
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    distances = np.linalg.norm(X[:, None] - centroids[None], axis=2)
    return np.argmin(distances, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    if not 1 <= k <= len(X):
        raise ValueError("k must be in [1, N]")
    rng = np.random.default_rng(seed)
    centroids = X[rng.permutation(len(X))[:k]]
    labels = np.zeros(len(X), dtype=np.int64)
    for _ in range(max_iters):
        new_labels = assign(X, centroids)
        if np.array_equal(new_labels, labels):
            break
        labels = new_labels
        for j in range(k):
            if np.any(labels == j):
                centroids[j] = X[labels == j].mean(axis=0)
    return centroids, assign(X, centroids)
