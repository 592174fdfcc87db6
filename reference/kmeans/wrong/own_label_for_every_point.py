"""For k=N every point gets a label of its own, equal points too.

caught-by: test_every_point_may_be_a_centroid
explained-by: kmeans-init
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    squared = ((X[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    return squared.argmin(axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if k < 1 or k > n:
        raise ValueError(f"k must be in [1, {n}], got {k}")
    if k == n:
        return X.copy(), np.arange(n)
    rows = np.random.default_rng(seed).choice(n, size=k, replace=False)
    centroids = X[rows]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = centroids.copy()
        for j in range(k):
            if (labels == j).any():
                moved[j] = X[labels == j].mean(axis=0)
        if np.array_equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
