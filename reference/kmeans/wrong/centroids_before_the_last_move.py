"""Centroids from before the last move.

caught-by: test_every_number_of_rounds_gives_its_centroids, test_labels_belong_to_the_returned_centroids
explained-by: kmeans-stop
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    new = old = X[start.to(X.device)]
    labels = assign(X, new)
    for step in range(max_iters):
        old = new
        labels = assign(X, old)
        H = F.one_hot(labels, num_classes=k).to(X.dtype)
        n = H.sum(0).unsqueeze(1)
        new = torch.where(n > 0, (H.T @ X) / n.clamp(min=1), old)
        if torch.equal(new, old):
            break
    return old, labels
