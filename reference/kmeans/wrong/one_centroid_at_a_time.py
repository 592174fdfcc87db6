"""Python loop over the centroids.

caught-by: test_work_of_assign_does_not_grow_with_the_centroids
explained-by: kmeans-broadcast
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    columns = [(X - centroid).square().sum(dim=1) for centroid in centroids]
    return torch.stack(columns, dim=1).argmin(dim=1)


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
