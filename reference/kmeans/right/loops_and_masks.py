"""A loop over clusters, norms, and a stop by labels."""

import torch


def assign(X, centroids):
    return torch.norm(X.unsqueeze(1) - centroids.unsqueeze(0), dim=2).argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    N = X.size(0)
    if k < 1 or k > N:
        raise ValueError("k out of range")
    g = torch.Generator(device=X.device)
    g.manual_seed(seed)
    centroids = X[torch.randperm(N, generator=g, device=X.device)[:k]].clone()
    labels = assign(X, centroids)
    for _ in range(max_iters):
        for j in range(k):
            mine = labels == j
            if mine.any():
                centroids[j] = X[mine].mean(0)
        new_labels = assign(X, centroids)
        if torch.equal(new_labels, labels):
            break
        labels = new_labels
    return centroids, labels
