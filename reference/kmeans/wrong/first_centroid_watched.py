"""Only the first centroid is watched for moves.

caught-by: test_rounds_go_on_until_no_centroid_moves
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


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
        if torch.equal(new[0], centroids[0]):
            break
        centroids = new
        labels = assign(X, centroids)
    return centroids, labels
