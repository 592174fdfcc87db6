"""The first k rows are always the start.

caught-by: test_seeds_draw_different_rows
explained-by: kmeans-init
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
    centroids = X[:k].clone()
    labels = assign(X, centroids)
    for _ in range(max_iters):
        new = centroids.clone()
        for j in range(k):
            members = X[labels == j]
            if len(members) > 0:
                new[j] = members.mean(dim=0)
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
