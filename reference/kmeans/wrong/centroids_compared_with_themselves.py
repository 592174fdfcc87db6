"""One round is the last, as when new centroids are compared with themselves.

caught-by: test_rounds_go_on_until_no_centroid_moves, test_every_number_of_rounds_gives_its_centroids
explained-by: kmeans-stop
"""

import torch


def assign(X, centroids):
    """(N, D), (K, D) -> (N,)"""
    distances = torch.linalg.vector_norm(X[:, None] - centroids[None], dim=-1)
    return distances.argmin(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("k must be in 1..N")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].tolist()]
    for _ in range(max_iters):
        labels = assign(X, centroids)
        previous = centroids
        for j in range(k):
            mine = labels == j
            if mine.any():
                centroids[j] = X[mine].mean(dim=0)
        if torch.equal(previous, centroids):
            break
    return centroids, assign(X, centroids)
