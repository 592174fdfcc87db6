"""Centroids of float64 points come back as float32.

caught-by: test_float64_centroids_have_float64_precision
explained-by: kmeans-tensors
"""

import torch


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    """(N, D) -> (k, D), (N,)"""
    N = X.shape[0]
    if k < 1 or k > N:
        raise ValueError(f"k={k} is not in 1..{N}")
    g = torch.Generator()
    g.manual_seed(seed)
    centroids = X[torch.randperm(N, generator=g)[:k].to(X.device)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        new = torch.zeros(k, X.shape[1], device=X.device)
        for j in range(k):
            members = X[labels == j]
            if len(members) > 0:
                new[j] = members.mean(dim=0)
            else:
                new[j] = centroids[j]
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
