"""Means come back, not rows of X, when max_iters is 0.

caught-by: test_first_centroids_are_different_rows, test_no_round_at_all_labels_the_drawn_rows
explained-by: kmeans-init
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def means(X, labels, k):
    member = F.one_hot(labels, k).to(X.dtype)
    return member.T @ X, member.sum(dim=0)[:, None]


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError(f"cannot make {k} clusters of {len(X)} points")
    generator = torch.Generator().manual_seed(seed)
    groups = torch.arange(len(X)) % k  # no group is empty
    groups = groups[torch.randperm(len(X), generator=generator)].to(X.device)
    sums, counts = means(X, groups, k)
    centroids = sums / counts
    for _ in range(max_iters):
        sums, counts = means(X, assign(X, centroids), k)
        new = torch.where(counts > 0, sums / counts.clamp(min=1), centroids)
        if torch.equal(new, centroids):
            break
        centroids = new
    return centroids, assign(X, centroids)
