"""Stops when the clusters keep their sizes.

caught-by: test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("k must be at least 1 and at most len(X)")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].to(X.device)]
    labels = assign(X, centroids)
    counts = torch.bincount(labels, minlength=k)
    for _ in range(max_iters):
        sums = torch.zeros_like(centroids).index_add_(0, labels, X)
        means = sums / counts.clamp(min=1)[:, None]
        centroids = torch.where(counts[:, None] > 0, means, centroids)
        labels = assign(X, centroids)
        new_counts = torch.bincount(labels, minlength=k)
        if torch.equal(new_counts, counts):
            break
        counts = new_counts
    return centroids, labels
