"""k-means by Lloyd's algorithm."""

import itertools
import math

import torch


def assign(X, centroids):
    pairs = zip(*itertools.product(X.tolist(), centroids.tolist()))
    rows = list(zip(*[map(math.dist, *pairs)] * len(centroids)))
    return torch.tensor(list(map(tuple.index, rows, map(min, rows))), device=X.device)


def kmeans(X, k, max_iters=100, seed=0):
    if not 1 <= k <= len(X):
        raise ValueError("k must lie in 1 to the number of points")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].to(X.device)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        member = (labels[:, None] == torch.arange(k, device=X.device)).to(X.dtype)
        counts = member.sum(0)[:, None]
        moved = torch.where(counts > 0, member.T @ X / counts.clamp(min=1), centroids)
        if torch.equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
