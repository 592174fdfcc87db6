"""The caller's points are centred in place.

caught-by: test_each_point_gets_its_nearest_centroid, test_a_centroid_moves_to_the_mean_of_its_points
explained-by: kmeans-tensors
"""

import torch


def assign(X, centroids):
    middle = X.mean(dim=0)
    X -= middle
    centroids = centroids - middle
    scores = X @ centroids.T - 0.5 * (centroids * centroids).sum(dim=1)
    return scores.argmax(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    """(N, D) -> (k, D), (N,)"""
    N = X.shape[0]
    if k < 1 or k > N:
        raise ValueError(f"k={k} is not in 1..{N}")
    g = torch.Generator()
    g.manual_seed(seed)
    centroids = X[torch.randperm(N, generator=g)[:k].to(X.device)]
    labels = assign(X.clone(), centroids)
    for _ in range(max_iters):
        new = centroids.clone()
        for j in range(k):
            members = X[labels == j]
            if len(members) > 0:
                new[j] = members.mean(dim=0)
        if torch.equal(new, centroids):
            break
        centroids = new
        labels = assign(X.clone(), centroids)
    return centroids, labels
