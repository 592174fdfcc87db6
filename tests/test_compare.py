"""What is close, and what is said about what is not."""

import math

import pytest
import torch

from grader.judge.compare import Closeness, Mismatch

NAN, INF = math.nan, math.inf
WANT = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])


def says(got, want, **options):
    """The message of the mismatch, after the place that it names."""
    with pytest.raises(Mismatch) as caught:
        Closeness(**options).compare(got, want, "the result")
    assert str(caught.value).startswith(("the result", "got"))
    return str(caught.value).removeprefix("the result").removeprefix(":").strip()


def agree(got, want, **options):
    Closeness(**options).compare(got, want, "the result")
    return True


def changed(*place, by):
    got = WANT.clone()
    got[place] = by
    return got


def test_equal_values_agree():
    assert agree(WANT.clone(), WANT)
    assert agree([1, "a", None, (True, {"x": 2.0})], [1, "a", None, (True, {"x": 2.0})])


@pytest.mark.parametrize(
    "dtype, off",
    [("float64", 1e-8), ("float32", 1e-5), ("float16", 2e-3), ("bfloat16", 1e-2)],
)
def test_rounding_of_its_dtype_is_forgiven_and_ten_times_as_much_is_not(dtype, off):
    want = torch.ones(3, dtype=getattr(torch, dtype))
    assert agree((want.double() + off).to(want.dtype), want)
    assert "3 of 3 entries differ" in says((want.double() + 30 * off).to(want.dtype), want)


def test_an_accelerator_may_round_more():
    off = WANT * (1 + 5e-4)
    assert agree(off, WANT, slack=10.0)
    assert "differ" in says(off, WANT)


def test_whole_numbers_have_no_tolerance():
    assert "1 of 2 entries differ; the worst at [1] is 1000001, not 1000000" in says(
        torch.tensor([0, 1000001]), torch.tensor([0, 1000000])
    )


@pytest.mark.parametrize("other", [torch.tensor([0.0, INF]), torch.tensor([0.0, NAN])])
def test_nan_is_close_to_nothing_unless_asked(other):
    nan = torch.tensor([0.0, NAN])
    says(nan, other)
    says(other, nan)
    assert agree(nan, nan.clone(), nan_equal=True)


def test_nan_is_no_equal_of_itself_among_plain_numbers():
    says(NAN, NAN)
    says([1.0, NAN], [1.0, NAN])
    assert agree({"x": (NAN,)}, {"x": (NAN,)}, nan_equal=True)


def test_nan_of_our_own_is_asked_for_even_where_nan_may_be_equal():
    assert "has 0 NaN where 1 are right" in says(
        torch.tensor([0.0, 1.0]), torch.tensor([0.0, NAN]), nan_equal=True
    )


def test_nan_and_inf_are_counted_first():
    got = torch.tensor([NAN, NAN, INF, 4.0, 9.0])
    message = says(got, torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert message.startswith("has 2 NaN where 0 are right; has 1 Inf where 0 are right;")
    assert "4 of 5 entries differ; the worst at [4] is 9, not 5" in message


def test_where_only_nan_is_wrong_the_first_one_is_shown():
    assert says(torch.tensor([1.0, NAN]), torch.tensor([1.0, 2.0])).endswith(
        "1 of 2 entries differ; the worst at [1] is nan, not 2"
    )


def test_an_infinity_of_the_other_sign_is_wrong():
    assert agree(torch.tensor([-INF]), torch.tensor([-INF]))
    assert "is inf, not -inf" in says(torch.tensor([INF, 0]), torch.tensor([-INF, 0]))


def test_another_shape_is_named_before_any_number():
    assert says(torch.full((2, 5), NAN), torch.ones(3, 4)) == ("has shape (2, 5), not (3, 4)")


def test_the_shape_of_the_transpose_and_of_a_lost_axis_are_recognised():
    assert "(2, 3), not (3, 2) (the transpose?)" in says(torch.ones(2, 3), torch.ones(3, 2))
    assert "(a size-one axis too many?)" in says(torch.ones(3, 1), torch.ones(3))
    assert "(1, 1), not ()" in says(torch.ones(1, 1), torch.ones(()))


def test_another_dtype_is_named_and_can_be_let_through():
    assert says(WANT.double(), WANT) == "has dtype float64, not float32"
    assert agree(WANT.double(), WANT, dtype=False)


def test_shape_comes_before_dtype():
    assert "shape" in says(torch.ones(2, dtype=torch.float64), torch.ones(3))


LOOKS = {
    "right but for the sign": -WANT,
    "transposed": WANT.T,
    "right but for a factor of 3": 3 * WANT,
    "right but for a factor of 0.3333": WANT / 3,
    "right but for an added 1": WANT + 1,
    "right but for the last row": changed(2, by=0),
    "right but for the first row": changed(0, by=0),
    "as if the rows were in another order": WANT[[2, 0, 1]],
}


@pytest.mark.parametrize("looks", LOOKS)
def test_what_the_difference_looks_like_is_said(looks):
    assert f"it looks {looks}" in says(LOOKS[looks].contiguous(), WANT)


def test_a_middle_row_is_named_by_its_number():
    want = torch.arange(20.0).reshape(5, 4)
    got = want.clone()
    got[3] = 0
    assert says(got, want).endswith("it looks right but for rows [3]")


def test_no_resemblance_is_invented():
    assert "looks" not in says(torch.tensor([[5.0, 1.0], [2.0, 9.0]]), torch.eye(2))
    assert "looks" not in says(torch.zeros(3, 3), WANT)
    assert "looks" not in says(WANT * NAN, WANT)


def test_a_single_number_is_told_without_a_place():
    assert says(torch.tensor(2.5), torch.tensor(0.5)) == "is 2.5, not 0.5"
    assert says(2.5, 0.5) == "is 2.5, not 0.5"


def test_the_worst_entry_is_the_one_that_is_furthest_off():
    got = WANT.clone()
    got[0, 1], got[2, 0] = 2.5, -7.0
    assert "2 of 9 entries differ; the worst at [2, 0] is -7, not 7" in says(got, WANT)


def test_the_place_in_a_nested_value_is_named():
    want = {"grads": [torch.zeros(2), torch.zeros(2)]}
    got = {"grads": [torch.zeros(2), torch.ones(2)]}
    message = says(got, want)
    assert message.startswith("['grads'][1]")
    assert "2 of 2 entries differ" in message


def test_missing_and_extra_keys_are_named():
    assert says({"W1": 1, "w2": 2}, {"W1": 1, "W2": 2}) == ("lacks ['W2'] and has also ['w2']")


def test_the_number_of_items_is_named():
    assert says([1, 2], [1, 2, 3]) == "has 2 items, not 3"


@pytest.mark.parametrize(
    "got, want, words",
    [
        (None, WANT, "None, not a tensor"),
        (1.5, torch.tensor(1.5), "a float, not a tensor"),
        ([1.0], torch.ones(1), "a list, not a tensor"),
        (torch.ones(2), [1.0, 1.0], "is a tensor float32[2], not a list"),
        ((1, 2), [1, 2], "is a tuple, not a list"),
        ("1", 1, "is a str, not an int"),
        (True, 1, "is a bool, not an int"),
        (None, 0, "is None, not an int"),
        ("low", "lower", "differs"),
        (3, 4, "differs"),
    ],
)
def test_another_type_is_named(got, want, words):
    assert words in says(got, want)


def test_numpy_may_answer_with_a_python_number():
    assert agree(1.5, torch.tensor(1.5), lenient_scalars=True)
    assert "a float, not a tensor" in says(1.5, torch.tensor([1.5]), lenient_scalars=True)


def test_whole_number_and_float_of_the_same_value_agree():
    assert agree(2, 2.0)
    assert agree(2.0, 2)


def test_empty_tensors_agree_when_their_shapes_do():
    assert agree(torch.ones(0, 3), torch.ones(0, 3))
    assert "(0, 3), not (3, 0)" in says(torch.ones(0, 3), torch.ones(3, 0))


def test_complex_numbers_are_compared_in_both_parts():
    want = torch.tensor([1 + 2j, 3 - 1j])
    assert agree(want * (1 + 1e-6), want)
    assert "differs" in says(want.conj().resolve_conj(), want)


def test_the_mismatch_carries_both_values_as_text():
    with pytest.raises(Mismatch) as caught:
        Closeness().compare(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]), "x")
    assert (caught.value.got, caught.value.want) == ("float32[2] [1, 2]", "float32[2] [1, 3]")
