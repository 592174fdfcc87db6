"""scikit-learn for everything."""

import numpy as np


def assign(X, centroids):
    from sklearn.metrics import pairwise_distances_argmin

    return pairwise_distances_argmin(X, centroids).astype(np.int64)


def kmeans(X, k, max_iters=100, seed=0):
    from sklearn.cluster import KMeans

    if not 1 <= k <= len(X):
        raise ValueError("k")
    fitted = KMeans(k, init="random", n_init=1, max_iter=max_iters, random_state=seed).fit(X)
    return fitted.cluster_centers_, fitted.labels_.astype(np.int64)
