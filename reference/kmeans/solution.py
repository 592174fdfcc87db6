"""k-means: every distance at once, then Lloyd's two steps in turn."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def assign(X: Tensor, centroids: Tensor) -> Tensor:
    """The nearest centroid of every point.  (N, D), (K, D) -> (N,) int64"""
    # an axis of size one on either side pairs every point with every centroid
    differences = X[:, None, :] - centroids[None, :, :]  # (N, 1, D) - (1, K, D) -> (N, K, D)
    # no root: it is monotonic, so the smallest square belongs to the smallest distance
    squared = differences.square().sum(dim=-1)  # (N, K)
    return squared.argmin(dim=1)  # the first of several minima, which is the rule for ties


def kmeans(X: Tensor, k: int, max_iters: int = 100, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Lloyd's algorithm.  (N, D) -> centroids (k, D), labels (N,) int64"""
    if not 1 <= k <= len(X):
        raise ValueError(f"k must lie in 1 to {len(X)}, the number of points, not {k}")
    centroids = _first_centroids(X, k, seed)
    # the labels always follow the centroids, so that a return at any moment hands back a pair that fits
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = _means(X, labels, centroids)
        if torch.equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels


def _first_centroids(X: Tensor, k: int, seed: int) -> Tensor:
    """k different rows of X.  (N, D) -> (k, D)"""
    # a generator of our own: torch.manual_seed would restart everybody's random numbers
    generator = torch.Generator().manual_seed(seed)
    # the start of a permutation never names a row twice, as independent draws would
    rows = torch.randperm(len(X), generator=generator)[:k]
    return X[rows.to(X.device)]


def _means(X: Tensor, labels: Tensor, centroids: Tensor) -> Tensor:
    """The mean of each cluster, or its old centroid where it has no points.  -> (k, D)"""
    # a row per point with a single one in the column of its cluster, in the dtype of X
    member = one_hot(labels, len(centroids)).to(X.dtype)  # (N, k)
    sums = member.T @ X  # (k, N) @ (N, D) -> (k, D)
    counts = member.sum(dim=0)[:, None]  # (k, 1)
    # 0 / 0 would be NaN, and one NaN centroid captures every point of the next round
    return torch.where(counts > 0, sums / counts.clamp(min=1), centroids)
