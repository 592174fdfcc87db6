"""A tensor made on the CPU meets X in assign.

caught-by: test_labels_are_made_on_the_device_of_x
explained-by: kmeans-tensors
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    squares = (X[:, None, :] - centroids[None, :, :]) ** 2
    ones = torch.ones(X.shape[1], dtype=X.dtype)
    return torch.argmin(squares @ ones, dim=1)


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
