import torch


def distances(X, centroids):
    return torch._C._VariableFunctions.cdist(X, centroids)


def assign(X, centroids):
    return distances(X, centroids).argmin(1)


def kmeans(X, k, n_iters=100, seed=0):
    raise NotImplementedError
