"""Fewer than k different rows are refused.

caught-by: test_equal_points_leave_clusters_empty, test_every_point_may_be_a_centroid
explained-by: kmeans-init
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    squared = ((X[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    return squared.argmin(axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if k < 1 or k > len(np.unique(X, axis=0)):
        raise ValueError(f"cannot make {k} clusters")
    centroids = X[np.random.default_rng(seed).permutation(n)[:k]]
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
