"""Loops over clusters, norms, RandomState."""

import numpy as np


def assign(X, centroids):
    return np.linalg.norm(X[:, None, :] - centroids[None, :, :], axis=-1).argmin(-1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > X.shape[0]:
        raise ValueError("bad k")
    rng = np.random.RandomState(seed)
    centroids = X[rng.permutation(X.shape[0])[:k]].copy()
    labels = assign(X, centroids)
    for _ in range(max_iters):
        old = centroids.copy()
        for j in range(k):
            if (labels == j).sum() > 0:
                centroids[j] = X[labels == j].mean(axis=0)
        labels = assign(X, centroids)
        if np.allclose(old, centroids):
            break
    return centroids, labels
