"""Sums by indexed +=, which adds one point a cluster.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points, test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-mean
flavour: numpy
"""

import numpy as np


def assign(X, centroids):
    distances = np.linalg.norm(X[:, None] - centroids[None], axis=2)
    return np.argmin(distances, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("k out of range")
    rng = np.random.default_rng(seed)
    centroids = X[rng.permutation(len(X))[:k]]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        sums = np.zeros_like(centroids)
        sums[labels] += X
        counts = np.bincount(labels, minlength=k)[:, None].astype(X.dtype)
        moved = np.where(counts > 0, sums / np.maximum(counts, 1), centroids)
        if (moved == centroids).all():
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
