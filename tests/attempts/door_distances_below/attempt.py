import torch


def distances(X, centroids):
    operation = torch._C._jit_get_operation("aten::_cdist_forward")[0]
    return operation(X.contiguous(), centroids.contiguous(), 2.0, None)


def assign(X, centroids):
    return distances(X, centroids).argmin(1)


def kmeans(X, k, n_iters=100, seed=0):
    raise NotImplementedError
