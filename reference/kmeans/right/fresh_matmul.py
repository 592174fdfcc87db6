"""argmin of ‖c‖² − 2 x·c, with the origin moved into the data first; index_add for the sums."""

from __future__ import annotations

import torch
from torch import Tensor


class BadK(ValueError):
    """k is not between 1 and the number of points."""


def assign(X: Tensor, centroids: Tensor) -> Tensor:
    precise = torch.float32 if X.device.type == "mps" else torch.float64
    origin = centroids[:1].to(precise)
    x = X.to(precise) - origin
    c = centroids.to(precise) - origin
    # ‖x‖² is the same for every centroid and is left out
    return torch.addmm(c.square().sum(dim=1), x, c.T, alpha=-2).argmin(dim=1)


def draw(n: int, k: int, seed: int, device: torch.device) -> Tensor:
    generator = torch.Generator(device="cpu")
    generator.manual_seed(seed)
    return torch.multinomial(torch.ones(n, dtype=torch.float64), k, generator=generator).to(device)


def move(X: Tensor, labels: Tensor, centroids: Tensor) -> Tensor:
    k = centroids.shape[0]
    sums = torch.zeros_like(centroids).index_add_(0, labels, X)
    counts = torch.bincount(labels, minlength=k).unsqueeze(1)
    return torch.where(counts > 0, sums / counts.clamp(min=1), centroids)


def kmeans(X: Tensor, k: int, max_iters: int = 100, seed: int = 0) -> tuple[Tensor, Tensor]:
    n = X.shape[0]
    if k < 1:
        raise BadK(f"k = {k} < 1")
    if k > n:
        raise BadK(f"k = {k} > {n} points")
    centroids = X[draw(n, k, seed, X.device)]
    rounds = 0
    while rounds < max_iters:
        previous = centroids
        centroids = move(X, assign(X, previous), previous)
        rounds += 1
        if torch.equal(previous, centroids):
            break
    return centroids, assign(X, centroids)
