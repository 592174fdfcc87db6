"""At least one round is done, whatever max_iters is.

caught-by: test_no_round_at_all_labels_the_drawn_rows, test_max_iters_ends_the_rounds
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    gap = X.unsqueeze(1) - centroids.unsqueeze(0)
    return torch.einsum("nkd,nkd->nk", gap, gap).min(dim=1).indices


def update(X, labels, old):
    k = old.shape[0]
    counts = torch.bincount(labels, minlength=k)
    sums = torch.zeros_like(old).index_add_(0, labels, X)
    filled = counts > 0
    new = old.clone()
    new[filled] = sums[filled] / counts[filled].unsqueeze(1).to(X.dtype)
    return new


def kmeans(X, k, max_iters=100, seed=0):
    n_points = len(X)
    if not 0 < k <= n_points:
        raise ValueError("k must be between 1 and the number of points")
    rng = torch.Generator().manual_seed(seed)
    picks = torch.randperm(n_points, generator=rng)[:k]
    centroids = X[picks.to(X.device)].clone()
    done = 0
    while True:
        labels = assign(X, centroids)
        moved = update(X, labels, centroids)
        done += 1
        settled = torch.equal(moved, centroids)
        centroids = moved
        if settled or done >= max_iters:
            break
    return centroids, assign(X, centroids)
