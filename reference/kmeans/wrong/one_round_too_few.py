"""One round fewer than max_iters.

caught-by: test_a_centroid_moves_to_the_mean_of_its_points, test_every_number_of_rounds_gives_its_centroids, test_labels_belong_to_the_returned_centroids
explained-by: kmeans-stop
"""

import torch
import torch.nn.functional as F


def assign(X, centroids):
    scores = X @ centroids.T - 0.5 * (centroids * centroids).sum(dim=1)
    return scores.argmax(dim=1)


def kmeans(X, k, max_iters=100, seed=0):
    if k < 1 or k > len(X):
        raise ValueError("need 1 <= k <= number of points")
    generator = torch.Generator().manual_seed(seed)
    start = torch.randperm(len(X), generator=generator)[:k]
    C = X[start.to(X.device)]
    rounds = 1
    while rounds < max_iters:
        H = F.one_hot(assign(X, C), num_classes=k).to(X.dtype)
        n = H.sum(0).unsqueeze(1)
        C_next = torch.where(n > 0, (H.T @ X) / n.clamp(min=1), C)
        rounds += 1
        if torch.equal(C_next, C):
            break
        C = C_next
    return C, assign(X, C)
