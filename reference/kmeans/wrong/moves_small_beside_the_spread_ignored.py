"""Stops when a round changes little beside the spread of the data.

caught-by: test_moves_small_beside_far_points_are_moves
explained-by: kmeans-stop
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    scores = X @ centroids.T - 0.5 * (centroids * centroids).sum(dim=1)
    return scores.argmax(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    C = X[start.to(X.device)]
    tolerance = 1e-4 * X.var(dim=0, correction=0).mean()
    rounds = 0
    while rounds < max_iters:
        H = F.one_hot(assign(X, C), num_classes=k).to(X.dtype)
        n = H.sum(0).unsqueeze(1)
        C_next = torch.where(n > 0, (H.T @ X) / n.clamp(min=1), C)
        rounds += 1
        shift = (C_next - C).square().sum()
        C = C_next
        if shift <= tolerance:
            break
    return C, assign(X, C)
