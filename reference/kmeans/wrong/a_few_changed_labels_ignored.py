"""Stops when only a few labels change.

caught-by: test_a_single_point_that_changes_sides_keeps_the_rounds_going
explained-by: kmeans-stop
"""

import random

import torch


def assign(X, centroids):
    # loop over coordinates only
    total = 0
    for d in range(X.shape[1]):
        total = total + (X[:, d].unsqueeze(1) - centroids[:, d]) ** 2
    return torch.argmin(total, dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    n = len(X)
    if k < 1:
        raise ValueError("k must be positive")
    if k > n:
        raise ValueError("more clusters than points")
    chosen = random.Random(seed).sample(range(n), k)
    centroids = torch.stack([X[i] for i in chosen])
    labels = assign(X, centroids)
    step = 0
    while step < max_iters:
        step += 1
        sums = torch.zeros_like(centroids).index_add_(0, labels, X)
        counts = torch.bincount(labels, minlength=k)
        filled = counts > 0
        new = centroids.clone()
        new[filled] = sums[filled] / counts[filled].unsqueeze(1).to(X.dtype)
        new_labels = assign(X, new)
        centroids = new
        if (new_labels != labels).float().mean() < 0.05:
            break
        labels = new_labels
    return centroids, assign(X, centroids)
