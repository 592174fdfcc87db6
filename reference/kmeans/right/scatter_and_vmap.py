"""Means by scatter_reduce, distances by vmap, Python's own random sample."""

import random

import torch


def assign(X, centroids):
    distances = torch.vmap(lambda c: (X - c).pow(2).sum(-1))(centroids)
    return torch.argmin(distances, dim=0)


def kmeans(X, k, max_iters=100, seed=0):
    rows = random.Random(seed).sample(range(len(X)), k) if k >= 1 else None
    if rows is None:
        raise ValueError("k < 1")
    centroids = X[rows]
    for _ in range(max_iters):
        target = assign(X, centroids)[:, None].expand(-1, X.shape[1])
        moved = centroids.scatter_reduce(0, target, X, reduce="mean", include_self=False)
        if bool((moved == centroids).all()):
            break
        centroids = moved
    return centroids, assign(X, centroids)
