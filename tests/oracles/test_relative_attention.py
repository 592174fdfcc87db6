"""The solution of relative-attention against torch's own attention, autograd and plain loops."""

import importlib.util
import math
from pathlib import Path

import pytest
import torch
from torch import nn

REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def load():
    path = REFERENCE / "relative-attention" / "solution.py"
    spec = importlib.util.spec_from_file_location("relative_attention_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RelativeMultiHeadAttention


def normal(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def make(embed, heads, distance, seed=0):
    layer = load()(embed, heads, distance).double()
    with torch.no_grad():
        for place, parameter in enumerate(layer.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=seed + place) / embed**0.5)
        layer.rel_embed.copy_(normal(*layer.rel_embed.shape, seed=seed + 90))
    return layer


def inputs(batch, queries, keys, embed, seed=50):
    return (
        normal(batch, queries, embed, seed=seed),
        normal(batch, keys, embed, seed=seed + 1),
        normal(batch, keys, embed, seed=seed + 2),
    )


def by_definition(layer, query, key, value, key_mask=None):
    """The equation, one number at a time, on Python floats."""
    state = {name: x.tolist() for name, x in layer.state_dict().items()}
    distance, head_dim = (len(state["rel_embed"]) - 1) // 2, len(state["rel_embed"][0])
    embed = len(state["out_proj.bias"])

    def linear(vector, name):
        rows = state[f"{name}.weight"]
        return [sum(w * x for w, x in zip(row, vector, strict=True)) for row in rows]

    batches = []
    for b in range(len(query)):
        q = [linear(x, "q_proj") for x in query[b].tolist()]
        k = [linear(x, "k_proj") for x in key[b].tolist()]
        v = [linear(x, "v_proj") for x in value[b].tolist()]
        open_keys = [j for j in range(len(k)) if key_mask is None or key_mask[b, j]]
        outputs = []
        for i in range(len(q)):
            context = [0.0] * embed
            for first in range(0, embed, head_dim):
                block = range(first, first + head_dim)
                score = {}
                for j in open_keys:
                    row = state["rel_embed"][max(-distance, min(distance, j - i)) + distance]
                    dot = sum(q[i][c] * (k[j][c] + row[c - first]) for c in block)
                    score[j] = dot / math.sqrt(head_dim)
                total = sum(math.exp(s) for s in score.values())
                for c in block:
                    context[c] = sum(math.exp(s) / total * v[j][c] for j, s in score.items())
            mixed = linear(context, "out_proj")
            outputs.append([m + n for m, n in zip(mixed, state["out_proj.bias"], strict=True)])
        batches.append(outputs)
    return torch.tensor(batches, dtype=torch.float64)


def by_torch(layer, query, key, value, key_mask=None):
    """scaled_dot_product_attention, to which the positions are an additive mask."""
    heads, distance = layer.num_heads, (len(layer.rel_embed) - 1) // 2
    q, k, v = (
        torch.stack(projection(x).chunk(heads, dim=-1), dim=1)
        for projection, x in ((layer.q_proj, query), (layer.k_proj, key), (layer.v_proj, value))
    )
    near = range(-distance, distance + 1)
    columns = []
    for j in range(k.shape[2]):
        offsets = [min(max(j - i, near[0]), near[-1]) for i in range(q.shape[2])]
        vectors = torch.stack([layer.rel_embed[near.index(offset)] for offset in offsets])
        columns.append((q * vectors).sum(-1))
    bias = torch.stack(columns, dim=-1) / math.sqrt(q.shape[-1])
    if key_mask is not None:
        bias = bias.masked_fill(~key_mask[:, None, None, :], -math.inf)
    context = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    return layer.out_proj(torch.cat(context.unbind(1), dim=-1))


MASK = torch.tensor([[True, True, False, True], [False, True, False, False]])


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("distance", [1, 2, 9])
def test_the_equation(distance, mask):
    layer, case = make(6, 3, distance), inputs(2, 5, 4, 6)
    torch.testing.assert_close(layer(*case, mask), by_definition(layer, *case, mask))


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("sizes", [(5, 4), (3, 4), (1, 4)])
def test_output_and_gradients_of_torchs_attention(sizes, mask):
    layer = make(12, 3, 2)
    found = []
    for attend in (layer, lambda *case: by_torch(layer, *case)):
        layer.zero_grad()
        case = [x.requires_grad_() for x in inputs(2, *sizes, 12)]
        output = attend(*case, mask)
        (output * normal(*output.shape, seed=7)).sum().backward()
        found.append([output, *(x.grad.clone() for x in [*case, *layer.parameters()])])
    for got, want in zip(*found, strict=True):
        torch.testing.assert_close(got, want)


@pytest.mark.parametrize("mask", [None, MASK])
def test_without_positions_it_is_multi_head_attention(mask):
    layer, case = make(8, 2, 3), inputs(2, 5, 4, 8)
    twin = nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.rel_embed.zero_()
        weights = [layer.q_proj.weight, layer.k_proj.weight, layer.v_proj.weight]
        twin.in_proj_weight.copy_(torch.cat(weights))
        twin.in_proj_bias.zero_()
    twin.out_proj.load_state_dict(layer.out_proj.state_dict())
    want, _ = twin(*case, key_padding_mask=None if mask is None else ~mask)
    torch.testing.assert_close(layer(*case, mask), want)


def test_gradcheck():
    layer, case = make(4, 2, 1), [x.requires_grad_() for x in inputs(2, 2, 3, 4)]
    mask = torch.tensor([[True, False, True], [False, False, False]])
    names = [name for name, _ in layer.named_parameters()]

    def attend(query, key, value, *parameters):
        state = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, state, (query, key, value, mask))

    assert torch.autograd.gradcheck(attend, (*case, *layer.parameters()), fast_mode=True)


def test_a_closed_row_is_the_bias_and_changes_no_gradient():
    layer = make(6, 2, 2)
    query, key, value = inputs(3, 4, 5, 6)
    mask = torch.tensor([[True, False, True, True, False], [False] * 5, [True] * 5])
    upstream = normal(3, 4, 6, seed=8)
    case = [x.clone().requires_grad_() for x in (query, key, value)]
    output = layer(*case, mask)
    assert torch.equal(output[1], layer.out_proj.bias.expand(4, 6))
    (output * upstream).sum().backward()
    assert all(x.grad[1].count_nonzero() == 0 for x in case)
    got = {name: x.grad.clone() for name, x in layer.named_parameters()}

    layer.zero_grad()
    rest = [0, 2]
    output = layer(query[rest], key[rest], value[rest], mask[rest])
    (output * upstream[rest]).sum().backward()
    for name, x in layer.named_parameters():
        want = x.grad + upstream[1].sum(0) if name == "out_proj.bias" else x.grad
        torch.testing.assert_close(got[name], want, msg=name)


def test_a_large_score_takes_all():
    layer = load()(2, 1, 1)
    with torch.no_grad():
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj, layer.out_proj):
            projection.weight.copy_(torch.eye(2))
        layer.out_proj.bias.zero_()
        layer.rel_embed.zero_()
    query = torch.full((1, 3, 2), 1000.0)
    key = torch.tensor([[[-900.0, 0.0], [-100.0, 0.0], [-50.0, 0.0], [-300.0, 0.0]]])
    value = torch.tensor([[[1.0, 2.0], [3.0, 5.0], [7.0, 11.0], [13.0, 17.0]]])
    mask = torch.tensor([[True, True, False, True]])
    assert layer(query, key, value, mask).tolist() == [[[3.0, 5.0]] * 3]
    assert layer(query, key, value).tolist() == [[[7.0, 11.0]] * 3]


def test_the_names_the_shapes_and_the_error():
    layer = load()(12, 3, 5)
    shapes = {name: tuple(x.shape) for name, x in layer.state_dict().items()}
    assert shapes == {
        "rel_embed": (11, 4),
        "q_proj.weight": (12, 12),
        "k_proj.weight": (12, 12),
        "v_proj.weight": (12, 12),
        "out_proj.weight": (12, 12),
        "out_proj.bias": (12,),
    }
    with pytest.raises(ValueError, match="10 features"):
        load()(10, 4, 2)
