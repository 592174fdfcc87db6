"""As many clusters as points are refused.

caught-by: test_every_point_may_be_a_centroid
explained-by: kmeans-init
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k >= len(X):
        raise ValueError("k must be at least 1 and below the number of points")
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
