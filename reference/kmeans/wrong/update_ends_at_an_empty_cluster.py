"""Clusters after one without points are not moved.

caught-by: test_a_centroid_that_loses_its_points_stays
explained-by: kmeans-empty
"""

import torch


def assign(X, centroids):
    diff = X[:, None, :] - centroids[None, :, :]
    return (diff**2).sum(dim=-1).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    N = X.shape[0]
    if k < 1 or k > N:
        raise ValueError(f"k={k} is not in 1..{N}")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(N, generator=generator)[:k].to(X.device)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        moved = centroids.clone()
        for j in range(k):
            members = X[labels == j]
            if len(members) == 0:
                break  # continue is meant
            moved[j] = members.mean(dim=0)
        if torch.equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
