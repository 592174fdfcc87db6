"""The square multiplied out, one-hot rows of the identity, float64 inside."""

import numpy as np


def assign(X, centroids):
    scores = np.einsum("nd,kd->nk", X, centroids) * -2 + np.einsum("kd,kd->k", centroids, centroids)
    return np.argmin(scores, axis=1)


def kmeans(X, k, max_iters=100, seed=0):
    rng = np.random.default_rng(seed)
    if not 0 < k <= len(X):
        raise ValueError
    places = X[rng.choice(len(X), k, replace=False)].astype(np.float64)
    for _ in range(max_iters):
        member = np.eye(k)[assign(X.astype(np.float64), places)]
        counts = member.sum(0)
        moved = places.copy()
        full = counts > 0
        moved[full] = (member.T @ X)[full] / counts[full, None]
        if np.array_equal(moved, places):
            break
        places = moved
    places = places.astype(X.dtype)
    return places, assign(X, places)
