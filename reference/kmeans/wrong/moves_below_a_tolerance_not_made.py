"""A move below a fixed tolerance is not made at all.

caught-by: test_moves_of_small_numbers_are_moves
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    diff = X[:, None, :] - centroids[None, :, :]
    return (diff**2).sum(dim=-1).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    N, D = X.shape
    if k < 1 or k > N:
        raise ValueError("k must be between 1 and N")
    g = torch.Generator().manual_seed(seed)
    idx = torch.randperm(N, generator=g)[:k].to(X.device)
    centroids = X[idx].clone()
    labels = assign(X, centroids)
    for _ in range(max_iters):
        new = centroids.clone()
        for j in range(k):
            mask = labels == j
            if mask.any():
                new[j] = X[mask].mean(dim=0)
        if (new - centroids).norm() < 1e-6:
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
