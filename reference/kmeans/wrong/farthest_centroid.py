"""The farthest centroid instead of the nearest.

caught-by: test_each_point_gets_its_nearest_centroid
explained-by: kmeans-broadcast
"""

import torch


def assign(X, centroids):
    return ((X[:, None, :] - centroids[None, :, :]) ** 2).sum(-1).argmax(1)


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
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
