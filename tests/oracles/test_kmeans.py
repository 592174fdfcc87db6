"""The solutions of the kata `kmeans` against scikit-learn, torch.cdist and exact fractions."""

import importlib.util
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin

HERE = Path(__file__).resolve()
REFERENCE = Path(__file__).resolve().parents[2] / "reference"

# the points of the suite, whose rounds are short enough for exact arithmetic
CHAIN = [[9, -6], [4, -2], [5, -6], [-9, 0], [1, -7], [6, 8]]
LOST = [[9, 3], [7, -5], [8, -9], [-3, 0], [-8, 5]]
TWICE = [[1, 5, 2], [4, -1, 0], [1, 5, 2], [9, 2, -6]]


def load(name):
    spec = importlib.util.spec_from_file_location(
        f"kmeans_{name}", REFERENCE / "kmeans" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Flavour:
    """A solution that takes and returns NumPy arrays, whichever flavour it is of."""

    def __init__(self, name):
        self.solution = load(name)
        self.torch = name == "solution"

    def assign(self, X, centroids):
        if not self.torch:
            return self.solution.assign(X, centroids)
        return self.solution.assign(torch.from_numpy(X), torch.from_numpy(centroids)).numpy()

    def kmeans(self, X, k, *args, **options):
        if not self.torch:
            return self.solution.kmeans(X, k, *args, **options)
        centroids, labels = self.solution.kmeans(torch.from_numpy(X), k, *args, **options)
        return centroids.numpy(), labels.numpy()


@pytest.fixture(params=["solution", "solution_numpy"])
def flavour(request):
    return Flavour(request.param)


def points(N, D, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(N, D)).astype(dtype)


@pytest.mark.parametrize(("N", "K", "D"), [(40, 7, 3), (1, 4, 3), (5, 1, 3), (6, 4, 1), (3, 9, 5)])
def test_assign_is_the_argmin_of_library_distances(flavour, N, K, D):
    X, centroids = points(N, D), points(K, D, seed=1)
    labels = flavour.assign(X, centroids)
    assert labels.dtype == np.int64
    assert labels.shape == (N,)
    assert (labels == pairwise_distances_argmin(X, centroids)).all()
    distances = torch.cdist(torch.from_numpy(X), torch.from_numpy(centroids))
    assert (labels == distances.argmin(dim=1).numpy()).all()


def exact_labels(X, centroids):
    squares = [[sum((x - c) ** 2 for x, c in zip(p, q, strict=True)) for q in centroids] for p in X]
    return [row.index(min(row)) for row in squares]


def exact_round(X, centroids):
    labels, moved = exact_labels(X, centroids), []
    for j, old in enumerate(centroids):
        members = [p for p, label in zip(X, labels, strict=True) if label == j]
        moved.append(
            [sum(column) / Fraction(len(members)) for column in zip(*members, strict=True)] or old
        )
    return moved


def exact(rows):
    return [[Fraction(float(x)) for x in row] for row in rows]


@pytest.mark.parametrize(
    ("rows", "k"), [(CHAIN, 3), (CHAIN, 2), (LOST, 3), (LOST, 2), (TWICE, 3), (TWICE, 4)]
)
def test_rounds_are_those_of_exact_arithmetic(flavour, rows, k):
    X, emptied = np.array(rows, dtype=np.float64), 0
    for seed in range(12):
        start, _ = flavour.kmeans(X, k, 0, seed)
        centroids = exact(start)
        for count in range(9):
            got, labels = flavour.kmeans(X, k, count, seed)
            np.testing.assert_allclose(got, np.array(centroids, dtype=np.float64), rtol=1e-12)
            assert labels.tolist() == exact_labels(exact(X), centroids)
            emptied += len(set(labels.tolist())) < k
            centroids = exact_round(exact(X), centroids)
    assert emptied or rows is CHAIN or k == 2, "no cluster was ever empty"


def test_ends_are_those_of_scikit_learn(flavour):
    for seed in range(4):
        X = points(60, 4, seed=seed)
        for rounds in (1, 3, 300):
            start, _ = flavour.kmeans(X, 5, 0, seed)
            centroids, labels = flavour.kmeans(X, 5, rounds, seed)
            assert len(set(labels.tolist())) == 5
            theirs = KMeans(5, init=start, n_init=1, max_iter=rounds, tol=0.0, algorithm="lloyd")
            with warnings.catch_warnings(action="ignore"):  # that it stopped before it converged
                theirs.fit(X)
            np.testing.assert_allclose(centroids, theirs.cluster_centers_, rtol=1e-9, atol=1e-12)
            assert (labels == theirs.labels_).all()


def test_no_round_raises_the_sum_of_squares(flavour):
    X = points(50, 3, seed=9)
    sums = []
    for rounds in range(12):
        centroids, labels = flavour.kmeans(X, 6, rounds, 2)
        sums.append(((X - centroids[labels]) ** 2).sum())
    assert sums == sorted(sums, reverse=True)
    assert sums[0] > 1.1 * sums[-1]


def test_the_draw_is_k_different_rows(flavour):
    X = points(7, 2, seed=3)
    drawn = set()
    for seed in range(60):
        centroids, labels = flavour.kmeans(X, 3, 0, seed)
        places = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in centroids]
        assert len(set(places)) == 3
        assert (labels == flavour.assign(X, centroids)).all()
        assert places == [
            int(np.flatnonzero((row == X).all(axis=1))[0])
            for row in flavour.kmeans(X, 3, 0, seed)[0]
        ]
        drawn.add(frozenset(places))
    assert len(drawn) > 20  # of 35


@pytest.mark.parametrize("k", [-2, 0, 8])
def test_impossible_k_is_refused(flavour, k):
    with pytest.raises(ValueError):
        flavour.kmeans(points(7, 2), k)


def test_dtype_input_and_global_randomness_are_kept(flavour):
    for dtype in (np.float32, np.float64):
        X = points(9, 2, dtype=dtype)
        before, states = X.copy(), (torch.get_rng_state(), np.random.get_state()[1].copy())
        centroids, labels = flavour.kmeans(X, 9)
        assert centroids.dtype == dtype
        assert labels.dtype == np.int64
        assert sorted(centroids.tolist()) == sorted(X.tolist())
        assert (before == X).all()
        assert torch.equal(torch.get_rng_state(), states[0])
        assert (np.random.get_state()[1] == states[1]).all()
