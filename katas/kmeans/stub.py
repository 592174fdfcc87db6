import torch


def assign(X: torch.Tensor, centroids: torch.Tensor) -> torch.Tensor:
    """The index of the nearest centroid of every point.

    X: (N, D), float32 or float64.
    centroids: (K, D), same dtype and device.
    Returns (N,), int64, on the same device.  Euclidean distance; of centroids
    that are equally near, the lowest index.  No Python loop over points or
    centroids.
    """
    raise NotImplementedError


def kmeans(
    X: torch.Tensor, k: int, max_iters: int = 100, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Lloyd's algorithm from k different rows of X.

    X: (N, D), float32 or float64.  It is not changed.
    k: number of clusters, 1 <= k <= N, else ValueError.
    max_iters: most rounds of assigning and moving; 0 returns the drawn rows.
    seed: seeds the generator that draws the first centroids.
    Returns the centroids, (k, D) in the dtype and on the device of X, and
    their labels, (N,) int64.  A centroid without points stays where it is.
    Source: Lloyd (1982), Least squares quantization in PCM.
    """
    raise NotImplementedError
