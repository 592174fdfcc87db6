"""The seed given is not used.

caught-by: test_seeds_draw_different_rows
explained-by: kmeans-seed
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(42)
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
