"""The norm as it is written, over all pairs; the means by a product with the one-hot labels."""

import itertools

import torch
import torch.nn.functional as F


def assign(X, centroids):
    return torch.linalg.vector_norm(X.unsqueeze(1) - centroids.unsqueeze(0), dim=2).argmin(1)


def _rounds(X, centroids):
    """The centroids after 0, 1, 2, … rounds; ends after a round in which none moved."""
    k = centroids.size(0)
    while True:
        yield centroids
        member = F.one_hot(assign(X, centroids), k).to(X.dtype)  # (N, k)
        size = member.sum(0)
        means = member.T @ X / size.clamp_min(1)[:, None]
        moved = torch.where(size[:, None] > 0, means, centroids)
        if bool((moved == centroids).all()):
            return
        centroids = moved


def kmeans(X, k, max_iters=100, seed=0):
    if k > len(X) or k < 1:
        raise ValueError("k")
    g = torch.Generator()
    g.manual_seed(seed)
    keys = torch.rand(len(X), generator=g, dtype=torch.float64)
    first = X[keys.argsort()[:k].to(X.device)]
    *_, centroids = itertools.islice(_rounds(X, first), max_iters + 1)
    return centroids, assign(X, centroids)
