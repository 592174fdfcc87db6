"""The square multiplied out, float64 inside, NumPy's generator, a stop by allclose."""

import numpy as np
import torch


def assign(X, centroids):
    X, centroids = X.double(), centroids.double()
    return (centroids.square().sum(1) - 2 * X @ centroids.T).min(dim=1)[1]


def kmeans(X, k, max_iters=100, seed=0):
    if not isinstance(k, int) or not 1 <= k <= X.shape[0]:
        raise ValueError(k)
    rows = np.random.default_rng(seed).choice(X.shape[0], size=k, replace=False)
    wide = X.double()
    places = wide[torch.from_numpy(rows)]
    for _ in range(max_iters):
        member = (assign(wide, places)[:, None] == torch.arange(k, device=X.device)).double()
        counts = member.sum(0).unsqueeze(1)
        means = torch.einsum("nk,nd->kd", member, wide) / counts
        means = torch.where(counts == 0, places, means)
        if torch.allclose(means, places):
            places = means
            break
        places = means
    places = places.to(X.dtype)
    return places, assign(X, places)
