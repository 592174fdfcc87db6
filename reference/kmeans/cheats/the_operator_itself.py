"""The operator below torch.cdist."""

import torch


def assign(X, centroids):
    return torch.ops.aten._cdist_forward(X, centroids, 2.0, None).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if not 1 <= k <= len(X):
        raise ValueError("k")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].to(X.device)]
    for _ in range(max_iters):
        labels = assign(X, centroids)
        moved = centroids.clone()
        for j in labels.unique():
            moved[j] = X[labels == j].mean(dim=0)
        if torch.equal(moved, centroids):
            break
        centroids = moved
    return centroids, assign(X, centroids)
