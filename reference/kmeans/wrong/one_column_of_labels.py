"""Labels keep an axis of size one.

caught-by: test_each_point_gets_its_nearest_centroid, test_one_point_or_one_centroid_or_one_coordinate
explained-by: kmeans-broadcast
"""

import torch


def assign(X, centroids):
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1, keepdim=True)


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
            members = X[labels.flatten() == j]
            if len(members) > 0:
                new[j] = members.mean(dim=0)
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
