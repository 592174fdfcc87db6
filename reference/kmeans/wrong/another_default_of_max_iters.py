"""max_iters has another default than 100.

caught-by: test_max_iters_ends_the_rounds
explained-by: kmeans-stop
"""
import torch


def assign(X, centroids):
    diff = X[:, None] - centroids[None]
    return (diff * diff).sum(2).argmin(1)


def kmeans(X, k, max_iters=300, seed=0):
    if not 0 < k <= len(X):
        raise ValueError(f"k={k} does not fit {len(X)} points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    centroids = X[start.to(X.device)].clone()
    for _ in range(max_iters):
        labels = assign(X, centroids)
        new = centroids.clone()
        for j in labels.unique().tolist():
            new[j] = X[labels == j].mean(0)
        if (new == centroids).all():
            break
        centroids = new
    return centroids, assign(X, centroids)
