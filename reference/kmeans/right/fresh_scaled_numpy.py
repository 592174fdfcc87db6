"""Distances that neither overflow nor underflow, in a small class; sorted segments for the means."""

from typing import NamedTuple

import numpy as np


def assign(X: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    diff = np.abs(X[:, None] - centroids)  # (N, K, D)
    # scaled by powers of two, which loses no digit
    _, exponent = np.frexp(diff.max(axis=-1))
    unit = np.ldexp(diff, -exponent[..., None])
    distance = np.ldexp(np.sqrt((unit * unit).sum(axis=-1)), exponent)
    return distance.argmin(axis=-1)


class State(NamedTuple):
    centroids: np.ndarray
    labels: np.ndarray

    @classmethod
    def at(cls, X, centroids):
        return cls(centroids, assign(X, centroids))

    def advanced(self, X):
        order = np.argsort(self.labels, kind="stable")
        found, starts = np.unique(self.labels[order], return_index=True)
        sums = np.add.reduceat(X[order], starts, axis=0, dtype=np.float64)
        sizes = np.diff(np.append(starts, len(X)))
        centroids = self.centroids.copy()
        centroids[found] = sums / sizes[:, None]
        return State.at(X, centroids)


def kmeans(X, k, max_iters=100, seed=0):
    n = X.shape[0]
    if k not in range(1, n + 1):
        raise ValueError(f"k={k!r} with {n} points")
    rows = np.random.RandomState(seed).permutation(n)[:k]
    state, left = State.at(X, X[rows]), max_iters
    while left > 0:
        left -= 1
        before, state = state, state.advanced(X)
        if (before.centroids == state.centroids).all():
            break
    return tuple(state)
