"""Labels are collected in a float tensor.

caught-by: test_each_point_gets_its_nearest_centroid
explained-by: kmeans-tensors
"""

import torch


def assign(X, centroids):
    squared = ((X[:, None] - centroids[None]) ** 2).sum(-1)
    labels = torch.zeros(len(X), device=X.device)
    labels += squared.argmin(dim=1)
    return labels


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
