"""Sums by index_add, the square multiplied out in the dtype of X, a draw by multinomial."""

import torch


class EmptyRange(ValueError):
    pass


def assign(X, centroids):
    squares = (
        (X * X).sum(1, keepdim=True) - 2.0 * (X @ centroids.T) + (centroids * centroids).sum(1)
    )
    return squares.clamp(min=0).sqrt().argmin(-1)


def kmeans(X, k, max_iters=100, seed=0):
    n, d = X.shape
    if k <= 0 or k > n:
        raise EmptyRange(f"{k} of {n}")
    generator = torch.Generator().manual_seed(seed)
    rows = torch.multinomial(torch.ones(n), k, replacement=False, generator=generator)
    centroids = X[rows.to(X.device)]
    done = 0
    while done < max_iters:
        labels = assign(X, centroids)
        sums = X.new_zeros(k, d).index_add(0, labels, X)
        counts = X.new_zeros(k).index_add(0, labels, torch.ones_like(X[:, 0]))
        moved = centroids.clone()
        moved[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
        done += 1
        if (moved - centroids).abs().max() == 0:
            break
        centroids = moved
    return centroids, assign(X, centroids)
