"""Several starts, of which the tightest is kept.

caught-by: test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-init
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def run(X, centroids, max_iters):
    for _ in range(max_iters):
        labels = assign(X, centroids)
        new = centroids.clone()
        for j in labels.unique():
            new[j] = X[labels == j].mean(dim=0)
        if torch.equal(new, centroids):
            break
        centroids = new
    labels = assign(X, centroids)
    inertia = (X - centroids[labels]).square().sum().item()
    return inertia, centroids, labels


def kmeans(X, k, max_iters=100, seed=0):
    if not 1 <= k <= len(X):
        raise ValueError(f"k is {k}, but there are {len(X)} points")
    generator = torch.Generator().manual_seed(seed)
    results = []
    for _ in range(4):
        rows = torch.randperm(len(X), generator=generator)[:k].to(X.device)
        results.append(run(X, X[rows], max_iters))
    _, centroids, labels = min(results, key=lambda result: result[0])
    return centroids, labels
