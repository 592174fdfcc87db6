"""What a right relative attention does: one claim a case.

Sizes never repeat within a case, and heads, batch, lengths and features all differ: an
exchanged dimension has to show.
"""

import torch
from pytest import mark

level, asks = mark.level, mark.asks


def normal(*shape, seed, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def weights(embed, heads, distance, seed=0, dtype=torch.float32):
    """A state_dict that makes scores of a few units, so that each term is felt."""
    names = ["q_proj.weight", "k_proj.weight", "v_proj.weight", "out_proj.weight"]
    scale = 1.3 / embed**0.5
    state = {
        name: scale * normal(embed, embed, seed=seed + place, dtype=dtype)
        for place, name in enumerate(names)
    }
    state["out_proj.bias"] = normal(embed, seed=seed + 4, dtype=dtype)
    state["rel_embed"] = normal(2 * distance + 1, embed // heads, seed=seed + 5, dtype=dtype)
    return state


def plain_weights(embed, heads, distance):
    """Projections that change nothing, and no positions."""
    names = ["q_proj.weight", "k_proj.weight", "v_proj.weight", "out_proj.weight"]
    state = {name: torch.eye(embed) for name in names}
    state["out_proj.bias"] = torch.zeros(embed)
    state["rel_embed"] = torch.zeros(2 * distance + 1, embed // heads)
    return state


def inputs(batch, queries, keys, embed, seed=100, dtype=torch.float32):
    return {
        "query": normal(batch, queries, embed, seed=seed, dtype=dtype),
        "key": normal(batch, keys, embed, seed=seed + 1, dtype=dtype),
        "value": normal(batch, keys, embed, seed=seed + 2, dtype=dtype),
    }


def scene(batch, queries, keys, embed, heads, distance, seed=0, dtype=torch.float32):
    """Everything that `probe.attend` needs, drawn at random."""
    return dict(
        weights=weights(embed, heads, distance, seed, dtype),
        num_heads=heads,
        max_distance=distance,
        **inputs(batch, queries, keys, embed, seed + 100, dtype),
    )


def mask(*rows):
    """mask("110", "010"): 1 where a key may be attended."""
    return torch.tensor([[letter == "1" for letter in row] for row in rows])


# ---------------------------------------------------------------- correct


@level("correct")
@asks("relative-table", "relative-module")
def test_parameters_have_the_promised_names_and_shapes(probe, truth, close):
    case = {"embed_dim": 12, "num_heads": 3, "max_distance": 5}
    close(probe.parameters(**case), truth.parameters(**case))


@level("correct")
@asks("relative-scale", "relative-heads")
def test_content_alone_is_scaled_by_the_root_of_the_head_dimension(probe, truth, close):
    """With a table of zeros: attention scaled by the root of the head dimension"""
    case = scene(2, 4, 5, 12, heads=3, distance=2)
    case["weights"]["rel_embed"] = torch.zeros(5, 4)
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-heads")
def test_each_head_works_on_its_own_block_of_features(probe, truth, close):
    """Head h reads and writes features h·d to (h + 1)·d − 1"""
    case = {"weights": plain_weights(6, 2, 1), "num_heads": 2, "max_distance": 1}
    case.update(inputs(3, 4, 5, 6))
    # only the second head has something to prefer
    case["query"][..., :3] = 0
    case["query"][..., 3:] *= 3
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-direction")
def test_the_offset_is_key_minus_query(probe, truth, close):
    """The row of the table is chosen by j − i, from the start of both sequences"""
    case = scene(2, 4, 6, 8, heads=2, distance=3, seed=20)
    case["weights"]["k_proj.weight"] = torch.zeros(8, 8)  # positions alone decide
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-direction", "relative-scale")
def test_content_and_position_are_added_and_scaled_together(probe, truth, close):
    case = scene(2, 5, 7, 12, heads=3, distance=2, seed=40)
    case["weights"]["rel_embed"] *= 2
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-table")
def test_far_offsets_share_the_outermost_rows(probe, truth, close):
    """Offsets beyond max_distance, in both directions, are clipped to it"""
    case = scene(2, 9, 11, 6, heads=3, distance=2, seed=60)
    case["weights"]["rel_embed"] *= 3
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-table")
def test_the_table_may_reach_beyond_the_sequences(probe, truth, close):
    """Offset zero is row max_distance, whatever the lengths"""
    case = scene(2, 4, 3, 6, heads=2, distance=7, seed=80)
    case["weights"]["rel_embed"] *= 2
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-direction", "relative-module")
def test_there_may_be_more_queries_than_keys(probe, truth, close):
    case = scene(3, 8, 5, 8, heads=4, distance=2, seed=120)
    close(probe.attend(**case), truth.attend(**case))


@level("correct")
@asks("relative-mask")
def test_a_closed_key_gets_no_weight_and_the_others_share_it(probe, truth, close):
    """key_mask True: may be attended; the open keys' weights sum to one"""
    case = scene(3, 4, 5, 8, heads=2, distance=2, seed=140)
    case["query"][1, 2] = 0  # a score of exactly zero is one like any other
    case["key_mask"] = mask("11010", "00111", "10000")
    close(probe.attend(**case), truth.attend(**case))


# ---------------------------------------------------------------- robust


@level("robust")
@asks("relative-masked-rows")
def test_where_no_key_is_open_the_bias_comes_out(probe, truth, close):
    """A row in which nothing may be attended has context zero, and the other rows are as ever"""
    case = scene(3, 4, 5, 8, heads=2, distance=1, seed=160)
    case["key_mask"] = mask("01101", "00000", "11111")
    got = probe.attend(**case)
    close(got, truth.attend(**case))
    close(got[1], case["weights"]["out_proj.bias"].expand(4, 8), what="the row of closed keys")


@level("robust")
@asks("relative-masked-rows", "relative-mask")
def test_every_key_may_be_closed(probe, truth, close):
    """A batch without any open key gives the bias everywhere"""
    case = scene(2, 5, 3, 6, heads=3, distance=1, seed=180)
    case["key_mask"] = torch.zeros(2, 3, dtype=torch.bool)
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-masked-rows", "relative-mask")
def test_a_single_key_may_be_closed(probe, truth, close):
    """K = 1: all the weight where the key is open, none where it is closed"""
    case = scene(2, 4, 1, 6, heads=3, distance=1, seed=190)
    case["key_mask"] = mask("1", "0")
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-module", "relative-direction")
def test_gradients_reach_inputs_and_parameters(probe, truth, close):
    case = scene(2, 5, 6, 12, heads=3, distance=2, seed=200)
    case["upstream"] = normal(2, 5, 12, seed=299)
    got, want = probe.gradients(**case), truth.gradients(**case)
    for name in want:
        close(got.get(name), want[name], what=f"gradient of {name}")
    close(got, want)


@level("robust")
@asks("relative-masked-rows")
def test_closed_rows_leave_the_gradients_finite(probe, truth, close):
    """A row without open keys sends zero back, never NaN"""
    case = scene(3, 4, 5, 8, heads=2, distance=2, seed=220)
    case["key_mask"] = mask("10011", "00000", "01110")
    case["upstream"] = normal(3, 4, 8, seed=319)
    got, want = probe.gradients(**case), truth.gradients(**case)
    for name in want:
        close(got.get(name), want[name], what=f"gradient of {name}")
    close(got, want)


@level("robust")
@asks("relative-mask", "relative-scale")
def test_large_scores_neither_overflow_nor_open_a_closed_key(probe, truth, close):
    """Scores of ±40 000: the highest open key takes all"""
    case = {"weights": plain_weights(8, 2, 2), "num_heads": 2, "max_distance": 2}
    case["query"] = torch.full((2, 3, 8), 100.0)
    # a score is 200 times the level of its key; in head 1 the levels stand one key further
    levels = torch.tensor([[100.0, 150, 200, 50, 0], [-170, -195, -200, -210, -150]])
    turned = levels.roll(1, dims=1)
    case["key"] = torch.stack([levels] * 4 + [turned] * 4, dim=-1)
    case["value"] = normal(2, 5, 8, seed=241)
    # closed is the highest score of head 0, and the lowest of head 1
    case["key_mask"] = mask("11111", "11110")
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-module")
def test_float64_stays_float64(probe, truth, close):
    case = scene(2, 3, 5, 9, heads=3, distance=1, seed=260, dtype=torch.float64)
    case["key_mask"] = mask("11011", "01110")
    # the dtype is the claim: whoever takes the softmax in float32 is right too
    close(probe.attend(**case), truth.attend(**case), rtol=1e-4, atol=1e-5)


def centred(matrix, heads):
    """Rows that add up to zero within each head: what all features of a head share vanishes."""
    blocks = matrix.unflatten(-1, (heads, -1))
    return (blocks - blocks.mean(-1, keepdim=True)).flatten(-2)


@level("robust")
@asks("relative-module")
def test_float64_keeps_its_digits(probe, truth, close):
    """Inputs and values near 1e6, of which the next projection takes the differences"""
    case = scene(2, 3, 5, 9, heads=3, distance=1, seed=270, dtype=torch.float64)
    for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
        case["weights"][f"{name}.weight"] = centred(case["weights"][f"{name}.weight"], 3)
    case["weights"]["v_proj.weight"] += 1 / 9  # passes the mean on
    for name in ("query", "key", "value"):
        case[name] = case[name] + 1e6
    # a softmax in float32 leaves an error that a head's features share: it is right too
    close(probe.attend(**case), truth.attend(**case), rtol=1e-4, atol=1e-4)


@level("robust")
@asks("relative-heads")
def test_inputs_need_not_be_contiguous(probe, truth, close):
    case = scene(2, 4, 5, 6, heads=2, distance=2, seed=280)
    for name in ("query", "key", "value"):
        case[name] = case[name].transpose(0, 1).contiguous().transpose(0, 1)
    case["key_mask"] = mask("10", "11", "01", "11", "00").T
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-direction", "relative-heads")
def test_a_single_query_keeps_its_dimension_and_stands_at_zero(probe, truth, close):
    """Q = 1: the result is (B, 1, E), and the offsets are 0, 1, 2, ..."""
    case = scene(1, 1, 4, 6, heads=2, distance=5, seed=300)
    case["weights"]["rel_embed"] *= 2
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-module")
def test_lengths_may_change_from_call_to_call(probe, truth, close):
    """One module, three calls: nothing of an earlier call is felt in a later one"""
    case = {"weights": weights(6, 2, 2, seed=320), "num_heads": 2, "max_distance": 2}
    first = [*inputs(2, 4, 5, 6, seed=420).values(), mask("11011", "01111")]
    second = [*inputs(3, 7, 4, 6, seed=430).values(), None]
    third = [*inputs(1, 4, 8, 6, seed=440).values(), mask("10111011")]
    case["calls"] = [first, second, third]
    close(probe.in_turn(**case), truth.in_turn(**case))


@level("robust")
@asks("relative-module")
def test_what_was_learned_since_the_last_call_counts(probe, truth, close):
    """The same lengths again, other weights: the table is read anew"""
    case = scene(2, 3, 4, 6, heads=2, distance=2, seed=330)
    case["later"] = weights(6, 2, 2, seed=340)
    close(probe.after_learning(**case), truth.after_learning(**case))


@level("robust")
@asks("relative-table")
def test_lengths_have_no_limit(probe, truth, close):
    """One query and 1030 keys: the offsets 0, 1, and from 2 on all the same"""
    case = scene(1, 1, 1030, 4, heads=1, distance=2, seed=350)
    case["weights"]["k_proj.weight"] = torch.zeros(4, 4)
    case["value"][:, 700:] += 5  # late keys are felt
    close(probe.attend(**case), truth.attend(**case), rtol=1e-3, atol=1e-3)


@level("robust")
@asks("relative-mask")
def test_a_closed_position_still_asks(probe, truth, close):
    """Self-attention, Q = K: key_mask closes positions as keys, not as queries"""
    case = scene(2, 5, 5, 6, heads=3, distance=2, seed=370)
    case["key"] = case["value"] = case["query"]
    case["key_mask"] = mask("11010", "01100")
    close(probe.attend(**case), truth.attend(**case))


@level("robust")
@asks("relative-heads")
def test_features_that_cannot_be_shared_out_are_refused(probe, raises):
    """embed_dim not divisible by num_heads: ValueError"""
    case = {"query": normal(2, 3, 10, seed=340), "key": normal(2, 5, 10, seed=341)}
    raises(ValueError, probe.fresh, **case, num_heads=4, max_distance=2)


@level("robust")
@asks("relative-module")
def test_everything_stays_on_the_device_of_the_inputs(probe):
    case = scene(2, 3, 4, 6, heads=3, distance=1, seed=360)
    probe.on_meta.attend(**case)
    probe.on_meta.attend(**case, key_mask=mask("0110", "0000"))


# ------------------------------------------------------------------- fast


@level("fast")
@asks("relative-memory")
def test_no_tensor_holds_a_vector_for_each_pair_of_each_head(probe, check):
    """No (B, H, Q, K, d) tensor is made"""
    batch, heads, queries, keys, head_dim = 4, 3, 5, 6, 8
    embed = heads * head_dim
    sizes = {"heads": heads, "distance": 1, "seed": 380}
    largest = probe.cost.infer(**scene(batch, queries, keys, embed, **sizes)).largest_bytes
    # a table that the module keeps is there whatever the lengths
    kept = probe.cost.infer(**scene(1, 1, 1, embed, **sizes)).largest_bytes
    vectors = 4 * batch * heads * queries * keys * head_dim  # bytes, in float32
    # (B, Q, K, d) in float64 is two thirds of that; scores are an eighth
    check(
        largest < 0.8 * vectors or largest == kept,
        f"B = {batch}, H = {heads}, Q = {queries}, K = {keys}, d = {head_dim}: "
        f"one tensor takes {largest} bytes; a (B, H, Q, K, d) tensor takes {vectors}",
    )
