"""Ties to the highest index.

caught-by: test_ties_go_to_the_lowest_index
explained-by: kmeans-broadcast
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    squared = (X[:, None] - centroids[None]).square().sum(-1)
    nearest = squared == squared.amin(dim=1, keepdim=True)
    numbers = torch.arange(len(centroids), device=X.device)
    return (nearest * numbers).amax(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    C = X[start.to(X.device)]
    rounds = 0
    while rounds < max_iters:
        H = F.one_hot(assign(X, C), num_classes=k).to(X.dtype)
        n = H.sum(0).unsqueeze(1)
        C_next = torch.where(n > 0, (H.T @ X) / n.clamp(min=1), C)
        rounds += 1
        if torch.equal(C_next, C):
            break
        C = C_next
    return C, assign(X, C)
