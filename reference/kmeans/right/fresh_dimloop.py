"""Squared distances summed dimension by dimension, so that only (N, K) is ever held."""

import torch


def _wide(t):
    return t if t.device.type == "mps" else t.double()


def assign(X, centroids):
    x, c = _wide(X), _wide(centroids)
    squared = x.new_zeros(len(x), len(c))
    for dim in range(x.shape[1]):
        squared += (x[:, dim, None] - c[None, :, dim]) ** 2
    return squared.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    N = X.shape[0]
    if not 1 <= k <= N:
        raise ValueError(f"k must lie between 1 and {N}, got {k}")
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randperm(N, generator=generator)[:k]
    centroids = X[drawn.to(X.device)].clone()

    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = False
        new = centroids.clone()
        for j in range(k):
            mine = labels == j
            if mine.any():
                new[j] = _wide(X[mine]).mean(dim=0).to(X.dtype)
                moved = moved or bool((new[j] != centroids[j]).any())
        if not moved:
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
