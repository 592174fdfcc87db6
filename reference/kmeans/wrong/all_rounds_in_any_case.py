"""max_iters rounds in any case, also when nothing moves any more.

caught-by: test_a_round_without_a_move_is_the_last
explained-by: kmeans-stop
"""
import torch


def assign(X, centroids):
    offsets = X.unsqueeze(1) - centroids.unsqueeze(0)
    return offsets.pow(2).sum(-1).argmin(-1)


def kmeans(X, k, max_iters=100, seed=0):
    N = X.shape[0]
    if k < 1 or k > N:
        raise ValueError(f"cannot make {k} clusters of {N} points")
    g = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(N, generator=g)[:k].to(X.device)].clone()
    for _ in range(max_iters):
        labels = assign(X, centroids)
        moved = centroids.clone()
        for j in range(k):
            members = X[labels == j]
            if len(members):
                moved[j] = members.mean(dim=0)
        centroids = moved
    return centroids, assign(X, centroids)
