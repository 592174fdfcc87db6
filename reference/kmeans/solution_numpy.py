"""k-means: every distance at once, then Lloyd's two steps in turn."""

import numpy as np
from numpy import ndarray


def assign(X: ndarray, centroids: ndarray) -> ndarray:
    """The nearest centroid of every point.  (N, D), (K, D) -> (N,) int64"""
    # an axis of size one on either side pairs every point with every centroid
    differences = X[:, None, :] - centroids[None, :, :]  # (N, 1, D) - (1, K, D) -> (N, K, D)
    # no root: it is monotonic, so the smallest square belongs to the smallest distance
    squared = np.square(differences).sum(axis=-1)  # (N, K)
    # argmin takes the first of several minima, which is the rule for ties;
    # its integers are as wide as a pointer, so say how wide they have to be
    return squared.argmin(axis=1).astype(np.int64)


def kmeans(X: ndarray, k: int, max_iters: int = 100, seed: int = 0) -> tuple[ndarray, ndarray]:
    """Lloyd's algorithm.  (N, D) -> centroids (k, D), labels (N,) int64"""
    if not 1 <= k <= len(X):
        raise ValueError(f"k must lie in 1 to {len(X)}, the number of points, not {k}")
    # a generator of our own: np.random.seed would restart everybody's random numbers
    rng = np.random.default_rng(seed)
    # without replacement is not the default, and a row drawn twice wastes a cluster
    centroids = X[rng.choice(len(X), size=k, replace=False)]
    # the labels always follow the centroids, so that a return at any moment hands back a pair that fits
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = _means(X, labels, centroids)
        if np.array_equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels


def _means(X: ndarray, labels: ndarray, centroids: ndarray) -> ndarray:
    """The mean of each cluster, or its old centroid where it has no points.  -> (k, D)"""
    # zeros_like keeps the dtype of X, where np.zeros would give float64
    sums = np.zeros_like(centroids)
    # `sums[labels] += X` would count one point a cluster: add.at adds for every repeated index
    np.add.at(sums, labels, X)
    # minlength, or the array ends at the last cluster that has points
    counts = np.bincount(labels, minlength=len(centroids))[:, None]  # (k, 1)
    # 0 / 0 would be NaN, and one NaN centroid captures every point of the next round
    means = sums / np.maximum(counts, 1).astype(X.dtype)
    return np.where(counts > 0, means, centroids)
