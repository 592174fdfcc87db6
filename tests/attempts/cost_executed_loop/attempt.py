"""k-means by Lloyd's algorithm."""

import torch

slow = {}
source = """
def assign(X, centroids):
    labels = []
    for point in X:
        far = [sum((a - b) ** 2 for a, b in zip(point, c)) for c in centroids]
        labels.append(far.index(min(far)))
    return labels
"""
exec(compile(source, "elsewhere", "exec"), slow)


def assign(X, centroids):
    labels = slow["assign"](X.tolist(), centroids.tolist())
    return torch.tensor(labels, device=X.device)


def kmeans(X, k, max_iters=100, seed=0):
    if not 1 <= k <= len(X):
        raise ValueError("k must lie in 1 to the number of points")
    generator = torch.Generator().manual_seed(seed)
    centroids = X[torch.randperm(len(X), generator=generator)[:k].to(X.device)]
    labels = assign(X, centroids)
    for _ in range(max_iters):
        member = (labels[:, None] == torch.arange(k, device=X.device)).to(X.dtype)
        counts = member.sum(0)[:, None]
        moved = torch.where(counts > 0, member.T @ X / counts.clamp(min=1), centroids)
        if torch.equal(moved, centroids):
            break
        centroids = moved
        labels = assign(X, centroids)
    return centroids, labels
