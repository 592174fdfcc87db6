"""The solution of kv-cache against torch.nn.MultiheadAttention, autograd and gradcheck."""

import importlib.util
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
EMBED, HEADS, BATCH, LENGTH = 12, 3, 2, 5


def solution():
    spec = importlib.util.spec_from_file_location("kv_cache", REFERENCE / "kv-cache/solution.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CachedSelfAttention


def pair(embed=EMBED, heads=HEADS):
    """Ours and torch's module with the same weights, in float64."""
    torch.manual_seed(0)
    ours = solution()(embed, heads).double()
    for parameter in ours.parameters():
        nn.init.normal_(parameter, std=0.5)
    theirs = nn.MultiheadAttention(embed, heads, batch_first=True, dtype=torch.float64)
    first = (ours.q_proj, ours.k_proj, ours.v_proj)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([layer.weight for layer in first]))
        theirs.in_proj_bias.copy_(torch.cat([layer.bias for layer in first]))
        theirs.out_proj.load_state_dict(ours.out_proj.state_dict())
    return ours, theirs


def causal(module, x):
    future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    return module(x, x, x, attn_mask=future, need_weights=False)[0]


def feed(module, x, chunks):
    outputs, cache = [], None
    for chunk in x.split(chunks, dim=1):
        output, cache = module(chunk, cache)
        outputs.append(output)
    return torch.cat(outputs, dim=1), cache


def all_cuts(length):
    for count in range(length):
        for cuts in combinations(range(1, length), count):
            edges = [0, *cuts, length]
            yield [end - start for start, end in pairwise(edges)]


def test_every_way_of_cutting_equals_multihead_attention():
    ours, theirs = pair()
    x = torch.randn(BATCH, LENGTH, EMBED, dtype=torch.float64)
    want = causal(theirs, x)
    cuts = list(all_cuts(LENGTH))
    assert len(cuts) == 2 ** (LENGTH - 1)
    for chunks in cuts:
        torch.testing.assert_close(feed(ours, x, chunks)[0], want)


@pytest.mark.parametrize(("embed", "heads"), [(1, 1), (5, 1), (4, 4), (10, 2)])
def test_other_sizes_equal_multihead_attention(embed, heads):
    ours, theirs = pair(embed, heads)
    x = torch.randn(1, 5, embed, dtype=torch.float64)
    torch.testing.assert_close(feed(ours, x, [2, 1, 2])[0], causal(theirs, x))


def test_gradients_equal_multihead_attention():
    ours, theirs = pair()
    upstream = torch.randn(BATCH, LENGTH, EMBED, dtype=torch.float64)
    one = torch.randn(BATCH, LENGTH, EMBED, dtype=torch.float64, requires_grad=True)
    other = one.detach().clone().requires_grad_()
    (feed(ours, one, [2, 1, 2])[0] * upstream).sum().backward()
    (causal(theirs, other) * upstream).sum().backward()
    torch.testing.assert_close(one.grad, other.grad)
    layers = (ours.q_proj, ours.k_proj, ours.v_proj)
    weight = torch.cat([layer.weight.grad for layer in layers])
    bias = torch.cat([layer.bias.grad for layer in layers])
    torch.testing.assert_close(weight, theirs.in_proj_weight.grad)
    torch.testing.assert_close(bias, theirs.in_proj_bias.grad)
    torch.testing.assert_close(ours.out_proj.weight.grad, theirs.out_proj.weight.grad)
    torch.testing.assert_close(ours.out_proj.bias.grad, theirs.out_proj.bias.grad)


def test_gradcheck_through_the_cache():
    ours, _ = pair(4, 2)
    x = torch.randn(1, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: feed(ours, x, [2, 1, 1])[0], (x,))


def test_cache_holds_the_projections_head_by_head():
    ours, _ = pair()
    x = torch.randn(BATCH, LENGTH, EMBED, dtype=torch.float64)
    _, (k, v) = feed(ours, x, [3, 2])
    size = EMBED // HEADS
    for layer, kept in ((ours.k_proj, k), (ours.v_proj, v)):
        assert kept.shape == (BATCH, HEADS, LENGTH, size)
        for head in range(HEADS):
            want = layer(x)[:, :, head * size : (head + 1) * size]
            torch.testing.assert_close(kept[:, head], want)


def test_huge_scores_pick_one_key():
    """By hand: with scores far apart, the context is the value of the best visible key."""
    ours = solution()(2, 1)
    with torch.no_grad():
        for layer, scale in ((ours.q_proj, 300.0), (ours.k_proj, -300.0), (ours.v_proj, 1.0)):
            layer.weight.copy_(scale * torch.eye(2))
            layer.bias.zero_()
        ours.out_proj.weight.copy_(torch.eye(2))
        ours.out_proj.bias.zero_()
    x = torch.tensor([[[1.0, 0.0], [2.0, 1.0], [-1.0, 1.0]]])
    # scores are these times 9e4 / sqrt(2): far apart, or tied
    products = -(x[0] @ x[0].T)
    assert products[0, 0] == -1
    assert products[1, :2].tolist() == [-2, -5]
    assert products[2].tolist() == [1, 1, -2]
    output, _ = feed(ours, x, [1, 2])
    torch.testing.assert_close(output[0, :2], x[0, [0, 0]])
    torch.testing.assert_close(output[0, 2], (x[0, 0] + x[0, 1]) / 2)  # a tie is shared


def test_indivisible_embed_dim_is_refused():
    with pytest.raises(ValueError, match="divisible"):
        solution()(10, 4)
