"""What a right self-attention with a KV cache does: one claim a case."""

import torch
from pytest import mark

level, asks = mark.level, mark.asks

EMBED, HEADS = 18, 3  # so a head has 6 features: no square, whose root a cut would leave whole
NAMES = ("q_proj", "k_proj", "v_proj", "out_proj")


def tensor(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def weights(embed=EMBED, seed=1, dtype=torch.float32):
    """A state_dict with which attention is neither flat nor all on one key."""
    state = {}
    for place, name in enumerate(NAMES):
        state[f"{name}.weight"] = tensor(embed, embed, seed=10 * seed + place, dtype=dtype) * 0.4
        state[f"{name}.bias"] = tensor(embed, seed=10 * seed + place + 5, dtype=dtype) * 0.5
    return state


def case(chunks, batch=2, dtype=torch.float32):
    x = tensor(batch, sum(chunks), EMBED, dtype=dtype)
    return dict(weights=weights(dtype=dtype), num_heads=HEADS, x=x, chunks=chunks)


def whole(case):
    return {**case, "chunks": [sum(case["chunks"])]}


def equals_the_whole(probe, truth, close, chunks):
    given = case(chunks)
    [want] = truth.outputs(**whole(given))
    got = probe.outputs(**given)
    for index, (one, other) in enumerate(zip(got, want.split(chunks, dim=1), strict=True)):
        close(one, other, what=f"output of chunk {index} of {chunks}")


@level("correct")
@asks("kv-cache-heads")
def test_four_projections_have_weight_and_bias(probe, truth, check):
    x = tensor(1, 1, 6)
    got = probe.parameters(num_heads=2, x=x)
    for name, shape in truth.parameters(num_heads=2, x=x).items():
        found = got.get(name, "no such parameter")
        check(found == shape, f"embed_dim=6: {name} should have shape {shape}, got {found}")


@level("correct")
@asks("kv-cache-memory")
def test_cache_grows_by_the_new_positions(probe, truth, close):
    """Output is (B, S, E), keys and values are (B, H, T + S, E / H)."""
    given = dict(num_heads=3, x=tensor(2, 7, 15), chunks=[4, 1, 2])
    close(probe.shapes(**given), truth.shapes(**given))


@level("correct")
@asks("kv-cache-prefill")
def test_prompt_is_causal(probe, truth, close):
    """A prompt in one call: no position sees a later one."""
    close(probe.outputs(**case([5])), truth.outputs(**case([5])))


@level("correct")
@asks("kv-cache-heads", "kv-cache-memory")
def test_one_position_at_a_time_equals_the_whole(probe, truth, close):
    equals_the_whole(probe, truth, close, [1, 1, 1, 1, 1])


@level("correct")
@asks("kv-cache-prefill", "kv-cache-memory")
def test_prompt_then_steps_equals_the_whole(probe, truth, close):
    equals_the_whole(probe, truth, close, [4, 1, 1])


@level("correct")
@asks("kv-cache-offset")
def test_chunk_after_a_cache_is_causal_and_sees_the_past(probe, truth, close):
    equals_the_whole(probe, truth, close, [4, 3])


@level("correct")
@asks("kv-cache-offset")
def test_uneven_chunks_equal_the_whole(probe, truth, close):
    equals_the_whole(probe, truth, close, [2, 1, 4, 2])


@level("correct")
@asks("kv-cache-offset")
def test_chunk_longer_than_the_cache(probe, truth, close):
    equals_the_whole(probe, truth, close, [2, 6])


@level("correct")
@asks("kv-cache-heads", "kv-cache-memory")
def test_cache_holds_keys_then_values_in_order(probe, truth, close):
    given = case([3, 1, 2])
    got, want = probe.caches(**given), truth.caches(**given)
    for index, ((k, v), (want_k, want_v)) in enumerate(zip(got, want, strict=True)):
        close(v, want_v, dtype=False, what=f"values after chunk {index}")
        close(direction(k), direction(want_k), dtype=False, what=f"direction of keys, {index}")


def direction(k):
    """Keys up to a scale: whether 1 / sqrt(d) is in the queries or in the keys is free."""
    return torch.nn.functional.normalize(k, dim=-1)


@level("robust")
@asks("kv-cache-heads")
def test_single_batch_head_and_feature(probe, truth, close):
    """Dimensions of size one stay dimensions: B = H = E = 1."""
    given = dict(num_heads=1, x=tensor(1, 3, 1), chunks=[1, 2])
    close(probe.shapes(**given), truth.shapes(**given))
    given["weights"] = weights(1, seed=2)
    close(probe.outputs(**given), truth.outputs(**given))


def beams(right=2):
    """With right=2, the call for right and the one for tail end at the same position."""
    return dict(
        weights=weights(),
        num_heads=HEADS,
        prompt=tensor(2, 4, EMBED, seed=1),
        left=tensor(2, 1, EMBED, seed=2),
        right=tensor(2, right, EMBED, seed=3),
        tail=tensor(2, 1, EMBED, seed=4),
    )


@level("robust")
@asks("kv-cache-sharing")
def test_cache_once_returned_is_never_changed(probe, close):
    got = probe.beams(**beams())
    names = ("k of the prompt", "v of the prompt", "k of the first beam", "v of the first beam")
    for name, after, before in zip(names, got["after"], got["before"], strict=True):
        close(after, before, what=f"{name}, after two beams have moved")


@level("robust")
@asks("kv-cache-sharing")
def test_beams_share_a_cache_without_autograd_too(probe, truth, close):
    """Under torch.no_grad, as text is generated, two beams still continue from one cache"""
    given = beams(right=1)
    got, want = probe.beams_without_graph(**given), truth.beams_without_graph(**given)
    for index, (after, before) in enumerate(zip(got["after"], got["before"], strict=True)):
        close(after, before, what=f"cached tensor {index}, after two beams have moved")
    close(got["outputs"], want["outputs"], what="outputs")


@level("robust")
@asks("kv-cache-sharing")
def test_two_beams_continue_from_one_cache(probe, truth, close):
    got, want = probe.beams(**beams())["outputs"], truth.beams(**beams())["outputs"]
    close(got["left"], want["left"], what="first beam")
    close(got["right"], want["right"], what="second beam, from the same cache")
    close(got["tail"], want["tail"], what="first beam, one step later")


@level("robust")
@asks("kv-cache-sharing")
def test_call_without_cache_starts_afresh(probe, truth, close):
    """One module serves sequences of other batch sizes in turn."""
    xs = [tensor(2, 5, EMBED, seed=1), tensor(2, 4, EMBED, seed=2), tensor(3, 6, EMBED, seed=3)]
    given = dict(weights=weights(), num_heads=HEADS, xs=xs)
    close(probe.sequences(**given), truth.sequences(**given))


@level("robust")
@asks("kv-cache-gradients")
def test_late_loss_reaches_early_chunks(probe, truth, close):
    """A loss on the last chunk gives a gradient to the chunk before."""
    given, upstream = case([3, 2]), tensor(2, 5, EMBED, seed=7)
    upstream[:, :3] = 0
    got = probe.gradients(**given, upstream=upstream)
    want = truth.gradients(**given, upstream=upstream)
    close(got["x"], want["x"], rtol=1e-3, atol=1e-4, what="x.grad")


@level("robust")
@asks("kv-cache-gradients")
def test_gradients_are_those_of_the_whole(probe, truth, close):
    given, upstream = case([2, 3, 1]), tensor(2, 6, EMBED, seed=7)
    got = probe.gradients(**given, upstream=upstream)
    for name, want in truth.gradients(**whole(given), upstream=upstream).items():
        close(got[name], want, rtol=1e-3, atol=1e-4, what=f"{name}.grad")


@level("robust")
@asks("kv-cache-softmax")
def test_float64_is_kept(probe, truth, close):
    """The first position sees itself alone: its weight is 1, whatever the softmax is taken in."""
    given = case([3, 2], dtype=torch.float64)
    got, want = probe.outputs(**given), truth.outputs(**given)
    close(got, want, rtol=1e-4, atol=1e-5)
    close(got[0][:, 0], want[0][:, 0], rtol=1e-11, atol=1e-11, what="the first position")


def centred(matrix):
    """Rows that add up to zero within each head: what all features of a head share vanishes."""
    blocks = matrix.unflatten(-1, (HEADS, -1))
    return (blocks - blocks.mean(-1, keepdim=True)).flatten(-2)


@level("robust")
@asks("kv-cache-softmax")
def test_float64_keeps_its_digits(probe, truth, close):
    """x and values near 1e6, of which the next projection takes the differences"""
    given = case([3, 2], dtype=torch.float64)
    for name in NAMES:
        given["weights"][f"{name}.weight"] = centred(given["weights"][f"{name}.weight"])
    given["weights"]["v_proj.bias"] += 1e6
    given["x"] = given["x"] + 1e6
    # a softmax in float32 leaves an error that a head's features share: it is right too
    close(probe.outputs(**given), truth.outputs(**given), rtol=1e-4, atol=1e-4)


def huge_scores(sign):
    """Whole numbers: each score is a multiple of 6250, and the first is sign * 1e5 exactly."""
    generator = torch.Generator().manual_seed(SEED_WITHOUT_TIES)
    x = torch.randint(1, 3, (2, 5, 8), generator=generator)
    x[:, 0] = 2
    x = (x * (2 * torch.randint(0, 2, x.shape, generator=generator) - 1)).float()
    state = weights(8)
    state.update({"q_proj.weight": 125 * torch.eye(8), "q_proj.bias": torch.zeros(8)})
    state.update({"k_proj.weight": sign * 100 * torch.eye(8), "k_proj.bias": torch.zeros(8)})
    return dict(weights=state, num_heads=2, x=x, chunks=[5])


SEED_WITHOUT_TIES = 52  # in each row one visible key is far ahead of the others


@level("robust")
@asks("kv-cache-softmax")
def test_huge_scores_do_not_overflow(probe, truth, close):
    """Scores up to 1e5: exp() of one of them is inf in float32."""
    close(probe.outputs(**huge_scores(+1)), truth.outputs(**huge_scores(+1)))


@level("robust")
@asks("kv-cache-softmax")
def test_very_negative_scores_do_not_open_the_future(probe, truth, close):
    """Visible scores down to -1e5: what is hidden keeps weight zero."""
    close(probe.outputs(**huge_scores(-1)), truth.outputs(**huge_scores(-1)))


@level("robust")
@asks("kv-cache-softmax")
def test_rows_on_other_levels_keep_their_weights(probe, truth, close):
    """Rows of scores near -60 beside rows near +60: each has a maximum of its own"""
    x = tensor(2, 5, 8, seed=3)
    x[:, :, :4] += torch.tensor([30.0, -30, 30, -30, 30])[:, None]
    x[:, :, 4:] -= torch.tensor([30.0, -30, 30, 30, -30])[:, None]
    state = weights(8)
    state.update({"q_proj.weight": torch.eye(8), "q_proj.bias": torch.zeros(8)})
    state.update({"k_proj.weight": state["k_proj.weight"] * 0.01, "k_proj.bias": torch.ones(8)})
    given = dict(weights=state, num_heads=2, x=x, chunks=[5])
    close(probe.outputs(**given), truth.outputs(**given), rtol=1e-3, atol=1e-3)


@level("robust")
@asks("kv-cache-heads")
def test_strided_input(probe, truth, close):
    given = dict(weights=weights(), num_heads=HEADS, x_by_time=tensor(5, 2, EMBED))
    close(probe.strided(**given), truth.strided(**given))


@level("robust")
@asks("kv-cache-memory")
def test_length_has_no_limit(probe, truth, close):
    """Two steps after 4100 equal scores: each sees all of them, early and late."""
    k = torch.zeros(1, 2, 4100, 3)
    v = tensor(1, 2, 4100, 3)
    v[:, :, :2050] += torch.tensor([8.0, -6.0, 9.0])
    given = dict(weights=weights(6), num_heads=2, x=tensor(1, 2, 6), chunks=[1, 1], k=k, v=v)
    close(probe.resume(**given), truth.resume(**given), rtol=1e-2, atol=2e-2)


@level("robust")
@asks("kv-cache-heads")
def test_embed_dim_that_does_not_divide_is_refused(probe, raises):
    raises(ValueError, probe.shapes, num_heads=4, x=tensor(1, 2, 10), chunks=[2])
    raises(ValueError, probe.shapes, num_heads=5, x=tensor(1, 2, 3), chunks=[2])


@level("robust")
@asks("kv-cache-offset")
def test_works_on_an_accelerator(probe, truth, close):
    """Nothing is made on the CPU when x is elsewhere: a prompt, a step, a chunk."""
    given = case([2, 1, 2])
    close(probe.on_meta.outputs(**given), truth.outputs(**given))


def flops_and_budget(probe, past, new):
    """Of new positions after a past.  Four projections of a position are 8 * E * E FLOPs, and with
    E = 96 attention to a short past costs far less than that."""
    k, v = tensor(1, 2, past, 48, seed=1), tensor(1, 2, past, 48, seed=2)
    x = tensor(1, new, 96)
    given = dict(weights=weights(96), num_heads=2, x=x, chunks=[new], k=k, v=v)
    return probe.cost.resume(**given).flops, 2.8 * new * 8 * 96 * 96


@level("fast")
@asks("kv-cache-cost")
def test_step_projects_one_position(probe, check):
    """A step after 12 positions projects one, not 13."""
    flops, budget = flops_and_budget(probe, past=12, new=1)
    check(flops <= budget, f"one position after 12, E = 96: {flops} FLOPs, at most {budget:.0f}")


@level("fast")
@asks("kv-cache-cost")
def test_chunk_projects_its_own_positions(probe, check):
    """A chunk of two after 20 positions projects two, not 22."""
    flops, budget = flops_and_budget(probe, past=20, new=2)
    check(flops <= budget, f"two positions after 20, E = 96: {flops} FLOPs, at most {budget:.0f}")
