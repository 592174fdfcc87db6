"""Rounds go on past max_iters.

caught-by: test_no_round_at_all_labels_the_drawn_rows, test_max_iters_ends_the_rounds
explained-by: kmeans-stop
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    C = X[start.to(X.device)]
    while True:
        H = F.one_hot(assign(X, C), num_classes=k).to(X.dtype)
        n = H.sum(0).unsqueeze(1)
        C_next = torch.where(n > 0, (H.T @ X) / n.clamp(min=1), C)
        if torch.equal(C_next, C):
            break
        C = C_next
    return C, assign(X, C)
