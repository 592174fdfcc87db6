"""Works on centred points, in chunks; the drawn rows are sorted; the fork of the global generator."""

import torch


def assign(X, centroids):
    parts = [
        ((part[:, :, None] - centroids.T[None]) ** 2).sum(1).argmin(1) for part in X.split(4096)
    ]
    return torch.cat(parts)


def kmeans(X, k, max_iters=100, seed=0):
    if k not in range(1, len(X) + 1):
        raise ValueError("k")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rows = torch.randperm(len(X))[:k].sort().values
    middle = X.mean(0)
    points = X - middle
    centroids = points[rows.to(X.device)]
    for _ in range(max_iters):
        labels = assign(points, centroids)
        counts = torch.bincount(labels, minlength=k)
        new = []
        for j in range(k):
            new.append(points[labels == j].mean(0) if counts[j] > 0 else centroids[j])
        new = torch.stack(new)
        shift = (new - centroids).norm()
        centroids = new
        if shift < 1e-8:
            break
    return centroids + middle, assign(points, centroids)
