"""The solution of top-p against an exhaustive search and against exact distributions."""

import importlib.util
import itertools
import math
from fractions import Fraction
from pathlib import Path

import pytest
import torch

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
INF = float("inf")


def load(path):
    spec = importlib.util.spec_from_file_location("top_p_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solution = load(REFERENCE / "top-p" / "solution.py")


def weights_of(row):
    """softmax before it is normalised, as exact fractions."""
    return [Fraction(math.exp(logit - max(row))) for logit in row]


def probabilities(row):
    weights = weights_of(row)
    return [float(weight / sum(weights)) for weight in weights]


def nucleus_by_enumeration(row, p):
    """Of all sets that reach p: the smallest; of these the heaviest; of these the first."""
    weights = weights_of(row)
    due = Fraction(p) * sum(weights)
    sets = [
        tokens
        for size in range(1, len(row) + 1)
        for tokens in itertools.combinations(range(len(row)), size)
        if sum(weights[token] for token in tokens) >= due
    ]
    return set(min(sets, key=lambda s: (len(s), -sum(weights[token] for token in s), s)))


def kept(filtered):
    return set(filtered.isfinite().nonzero().flatten().tolist())


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_the_nucleus_is_the_smallest_set_of_all_sets_that_reach_p(dtype):
    generator = torch.Generator().manual_seed(0)
    for trial in range(25):
        logits = (2 * torch.randn(6, generator=generator)).to(dtype)
        p = round(0.05 + 0.9 * torch.rand((), generator=generator).item(), 3)
        total = sorted(probabilities(logits.tolist()), reverse=True)
        if min(abs(sum(total[: n + 1]) - p) for n in range(6)) < 1e-4:
            continue  # too near for float32
        got = solution.top_p_filter(logits, p)
        assert got.dtype == dtype
        assert kept(got) == nucleus_by_enumeration(logits.tolist(), p), (trial, logits, p)
        inside = got.isfinite()
        assert torch.equal(got[inside], logits[inside])
        assert (got[~inside] == -INF).all()


def test_ties_and_exact_sums_agree_with_the_enumeration():
    for row in ([0.0] * 4, [0.0] * 2, [1.0, 1.0, 0.0, 1.0], [-1.0, 2.0, 2.0, -1.0, 2.0]):
        for p in (0.25, 0.3, 0.5, 0.6, 0.9):
            got = solution.top_p_filter(torch.tensor(row), p)
            assert kept(got) == nucleus_by_enumeration(row, p), (row, p)


def test_p_of_one_keeps_all_bits():
    logits = torch.tensor([[0.0, -300.0, -INF, 5.0], [1.0, 1.0, 2.0, -9.0]])
    assert torch.equal(solution.top_p_filter(logits, 1.0), logits)


def test_rows_agree_with_each_row_alone():
    logits = torch.randn(3, 2, 4, 9, generator=torch.Generator().manual_seed(1))
    rows = [solution.top_p_filter(row, 0.6) for row in logits.reshape(-1, 9)]
    assert torch.equal(solution.top_p_filter(logits, 0.6), torch.stack(rows).reshape(3, 2, 4, 9))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_draws_follow_the_exact_distribution(temperature):
    """Chi-square on 20000 draws: 1e-7 is the chance of a false alarm."""
    row = [-0.5, 3.75, 1.75, -1.5, 2.75, -0.75]
    scaled = [logit / temperature for logit in row]
    inside = nucleus_by_enumeration(scaled, 0.9)
    probs = probabilities(scaled)
    mass = sum(probs[token] for token in inside)
    batch = torch.tensor(row).expand(20_000, -1)
    generator = torch.Generator().manual_seed(3)
    tokens = solution.sample_top_p(batch, 0.9, temperature, generator)
    counts = torch.bincount(tokens, minlength=len(row)).tolist()
    assert {token for token, count in enumerate(counts) if count} == inside
    due = {token: 20_000 * probs[token] / mass for token in inside}
    chi = sum((counts[token] - due[token]) ** 2 / due[token] for token in inside)
    assert chi < 45  # chi-square of at most 5 degrees of freedom: beyond 1e-7 from 41.4 on


def test_draws_in_all_leading_dimensions_come_from_their_own_rows():
    logits = 4 * torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(4))
    tokens = solution.sample_top_p(logits, 1e-6)
    assert tokens.dtype == torch.int64
    assert torch.equal(tokens, logits.argmax(-1))
    assert solution.sample_top_p(logits[0, 0], 1e-6).shape == ()


def test_the_generator_and_nothing_else():
    logits = torch.zeros(50, 7)
    before = torch.get_rng_state()
    first, again, other = (
        solution.sample_top_p(logits, 0.9, generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("p", [0.0, -0.1, 1.0001, float("nan")])
def test_p_is_validated(p):
    with pytest.raises(ValueError, match="p must lie"):
        solution.top_p_filter(torch.zeros(3), p)
    with pytest.raises(ValueError, match="p must lie"):
        solution.sample_top_p(torch.zeros(3), p)


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_temperature_is_validated(temperature):
    with pytest.raises(ValueError, match="temperature"):
        solution.sample_top_p(torch.zeros(3), 0.9, temperature)
