"""Differences and einsum; one weighted bincount per dimension for the means."""

import numpy as np


def assign(X, centroids):
    diff = X[:, None, :].astype(np.float64) - centroids[None]
    return np.argmin(np.einsum("nkd,nkd->nk", diff, diff), axis=1).astype(np.int64)


def means(X, labels, old):
    k = len(old)
    counts = np.bincount(labels, minlength=k)
    new = old.copy()
    full = np.flatnonzero(counts)
    for d in range(X.shape[1]):
        sums = np.bincount(labels, weights=X[:, d], minlength=k)
        new[full, d] = sums[full] / counts[full]
    return new


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError(f"cannot make {k} clusters of {len(X)} points")
    rng = np.random.default_rng(seed)
    centroids = X[rng.choice(len(X), size=k, replace=False)]
    for _ in range(max_iters):
        new = means(X, assign(X, centroids), centroids)
        if np.array_equal(new, centroids):
            break
        centroids = new
    return centroids, assign(X, centroids)
