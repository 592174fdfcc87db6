"""What right top-p sampling does: one claim a case.

Rounding decides nothing here: p keeps its distance from every running sum, but for sums of equal
logits that are exact in each sane way to compute them.  Draws are counted in tenths, 4000 of them,
with every share near the middle of its tenth: a right attempt falls out less than once in a
million runs.
"""

import math

import torch
from pytest import mark

level, asks = mark.level, mark.asks

INF = float("inf")

# added up from the largest, the probabilities of these end just below 1, in float32 and in float64
SHORT_OF_ONE = [2.0, 0.5, -1.75, 0.0, -1.25, -2.25, -2.0]


def normal(*shape, seed=0, scale=2.0):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def of_probs(*probs):
    """Logits with these probabilities."""
    return torch.tensor(probs).log()


@level("correct")
@asks("top-p-shift")
def test_the_token_that_crosses_p_is_kept(probe, truth, close):
    case = dict(logits=of_probs(0.4, 0.3, 0.2, 0.06, 0.04), p=0.6)
    close(probe.filtered(**case), truth.filtered(**case))


@level("correct")
@asks("top-p-shift")
def test_a_small_p_keeps_the_most_probable_token(probe, truth, close):
    for p in (0.3, 1e-6):
        case = dict(logits=of_probs(0.1, 0.2, 0.7), p=p)
        close(probe.filtered(**case), truth.filtered(**case), what=f"p={p}: the result")


@level("correct")
@asks("top-p-scatter")
def test_each_logit_stays_in_its_place(probe, truth, close):
    # sorting moves these tokens round in a cycle of more than two: an order and its inverse differ
    case = dict(logits=of_probs(0.12, 0.38, 0.06, 0.24, 0.18, 0.02), p=0.7)
    close(probe.filtered(**case), truth.filtered(**case))


@level("correct")
@asks("top-p-contract")
def test_each_row_has_its_own_nucleus(probe, truth, close):
    probs = [
        (0.02, 0.90, 0.03, 0.04, 0.01),
        (0.24, 0.14, 0.26, 0.16, 0.20),
        (0.45, 0.03, 0.05, 0.02, 0.45 + 1e-3),
    ]
    case = dict(logits=torch.stack([of_probs(*row) for row in probs]), p=0.8)
    close(probe.filtered(**case), truth.filtered(**case))


@level("correct")
@asks("top-p-contract")
def test_the_filter_takes_any_leading_dimensions(probe, truth, close):
    logits = normal(2, 4, 3, seed=5)
    for shape in ((3,), (1, 3), (2, 4, 3), (4, 1, 2, 3)):
        case = dict(logits=logits.flatten()[: math.prod(shape)].reshape(shape), p=0.75)
        close(probe.filtered(**case), truth.filtered(**case), what=f"for logits {shape} the result")


@level("correct")
@asks("top-p-contract")
def test_one_token_comes_out_for_each_row(probe, truth, close):
    # p is below the largest probability, so each row has one answer
    for shape in ((5,), (1, 5), (3, 5), (2, 1, 4, 5)):
        logits = normal(*shape, seed=math.prod(shape), scale=3.0)
        case = dict(logits=logits, p=0.2)
        close(probe.sampled(**case), truth.sampled(**case), what=f"for logits {shape} the result")


@level("correct")
@asks("top-p-strategies")
def test_tokens_come_with_the_probabilities_of_the_nucleus(probe, truth, close):
    # .5 .2 .1 .1 .1 inside of the nucleus; the temperature is left to its default, 1
    case = dict(logits=of_probs(0.07, 0.08, 0.40, 0.07, 0.08, 0.16, 0.06, 0.08), p=0.75, seed=1)
    close(probe.shares(**case), truth.shares(**case))


@level("correct")
@asks("top-p-temperature")
def test_a_high_temperature_widens_the_nucleus(probe, truth, close):
    logits = torch.tensor([-0.5, 3.75, 1.75, -1.5, 2.75, -0.75])
    case = dict(logits=logits, p=0.8, temperature=3.0, seed=2)
    close(probe.shares(**case), truth.shares(**case))


@level("correct")
@asks("top-p-temperature")
def test_a_low_temperature_narrows_the_nucleus(probe, truth, close):
    # at temperature 1 the nucleus has three tokens, at .5 it has one
    case = dict(logits=of_probs(0.1, 0.18, 0.5, 0.17, 0.05), p=0.7, temperature=0.5, seed=3)
    close(probe.support(**case), truth.support(**case))
    # with p = 1 all five are in, but the temperature leaves only one of them a chance
    case = {**case, "p": 1.0, "temperature": 0.05}
    close(probe.support(**case), truth.support(**case), what="drawn at p=1")


@level("robust")
@asks("top-p-precision")
def test_a_p_close_to_one_keeps_what_it_needs(probe, truth, close):
    # added up: .6 .9 .99996 .99999 1; all but the last are needed
    case = dict(logits=of_probs(0.00003, 0.3, 0.00001, 0.6, 0.09996), p=0.99998)
    close(probe.filtered(**case), truth.filtered(**case))


@level("robust")
@asks("top-p-shift")
def test_reaching_p_exactly_is_enough(probe, truth, close):
    # exactly 1/4 each, and exactly 1/2 beside logits of -inf
    quarters, halves = torch.zeros(4), torch.tensor([-INF, 0.0, -INF, -INF, 0.0])
    for logits, p in ((quarters, 0.25), (quarters, 0.5), (halves, 0.5)):
        case = dict(logits=logits, p=p)
        close(probe.filtered(**case), truth.filtered(**case), what=f"p={p}: the result")


@level("robust")
@asks("top-p-ties")
def test_ties_go_to_the_lowest_index(probe, truth, close):
    case = dict(logits=torch.tensor([1.0, 3.0, 3.0, 0.0, 3.0]), p=0.5)
    close(probe.filtered(**case), truth.filtered(**case))


@level("robust")
@asks("top-p-ties")
def test_ties_go_to_the_lowest_index_in_a_large_vocabulary(probe, truth, close):
    # 1200 tokens with three different logits; p lies inside of one of the largest or second largest
    logits = (torch.arange(1200) * 7 % 3).float()
    weights = [math.exp(logit) for logit in (0, 1, 2)]
    for mass in (26.5 * weights[2], 400 * weights[2] + 222.5 * weights[1]):
        case = dict(logits=logits, p=mass / (400 * sum(weights)))
        close(probe.filtered(**case), truth.filtered(**case), what=f"p={case['p']:.3f}: the result")


@level("robust")
@asks("top-p-precision")
def test_p_of_one_changes_nothing(probe, truth, close):
    # the rounded probabilities of one row add up to 1 at once, those of the other never do
    logits = torch.tensor([[-60.0, 0.0, -120.0, -INF, -50.0, -90.0, -45.0], SHORT_OF_ONE])
    for dtype, p in ((torch.float32, 1.0), (torch.float64, 1)):
        case = dict(logits=logits.to(dtype), p=p)
        close(probe.filtered(**case), truth.filtered(**case), what=f"{dtype}: the result")


@level("robust")
@asks("top-p-precision")
def test_logits_of_minus_infinity_stay_out(probe, truth, close):
    # without those of -inf: .66 .24 .09 .01 .0001
    logits = torch.tensor([-INF, 1.0, -INF, 3.0, -1.0, 2.0, -INF, -6.0])
    for p in (0.8, 0.95, 0.999):
        case = dict(logits=logits, p=p)
        close(probe.filtered(**case), truth.filtered(**case), what=f"p={p}: the result")
    case = dict(logits=logits, p=1.0, seed=4)
    close(probe.support(**case), truth.support(**case), what="drawn at p=1")


@level("robust")
@asks("top-p-precision")
def test_large_logits_do_not_overflow(probe, truth, close):
    logits = torch.tensor([[9998.0, -1e4, 1e4, 9999.0], [-9999.0, -1e4, -9998.5, -9997.5]])
    case = dict(logits=logits, p=0.75)
    close(probe.filtered(**case), truth.filtered(**case))
    # a small temperature makes the same of small logits; a larger one would let a second token in
    case = dict(logits=(logits / 1000).repeat(8, 1), p=0.5, temperature=1e-3)
    close(probe.sampled(**case), truth.sampled(**case), what="the draw")


@level("robust")
@asks("top-p-precision")
def test_float64_logits_keep_their_digits(probe, truth, close):
    logits = normal(3, 7, seed=11).double() / 3
    case = dict(logits=logits, p=0.7)
    close(probe.filtered(**case), truth.filtered(**case), rtol=1e-12, atol=0.0)


@level("robust")
@asks("top-p-precision")
def test_float16_logits_work(probe, truth, close):
    logits = torch.tensor([[12.0, 14.5, 14.0, -INF, 13.0], [-2.0, 3.0, 0.5, 2.0, -1.0]]).half()
    case = dict(logits=logits, p=0.8)
    close(probe.filtered(**case), truth.filtered(**case))
    case = dict(logits=logits, p=0.4)
    close(probe.sampled(**case), truth.sampled(**case), what="the draw")


@level("robust")
@asks("top-p-contract")
def test_logits_need_not_be_contiguous(probe, truth, close):
    logits = normal(3, 5, 4, seed=7)
    for name, view in (("transpose(0, 1)", logits.transpose(0, 1)), ("mT", logits.mT)):
        case = dict(logits=view, p=0.7)
        close(probe.filtered(**case), truth.filtered(**case), what=f"{name}: the result")
        case = dict(logits=view, p=0.1)
        close(probe.sampled(**case), truth.sampled(**case), what=f"{name}: the draw")


@level("robust")
@asks("top-p-contract")
def test_the_same_logits_can_be_used_again(probe, truth, close):
    # in both dtypes: where a conversion changes nothing, it makes no copy
    for dtype in (torch.float32, torch.float64):
        logits = of_probs(0.05, 0.4, 0.1, 0.3, 0.15).to(dtype)
        case = dict(logits=logits, ps=[0.3, 0.92, 0.6, 1.0])
        close(probe.sweep(**case), truth.sweep(**case), what=f"{dtype}: the result")
        case = dict(logits=logits, p=0.1, temperature=2)
        close(probe.sampled(**case), truth.sampled(**case), what=f"{dtype}: the draw")


@level("robust")
@asks("top-p-generator")
def test_each_row_draws_for_itself(probe, truth, close):
    case = dict(logits=torch.tensor([0.0, -9.0, 0.0]), p=0.9, seed=5)
    close(probe.alike(**case), truth.alike(**case))


@level("robust")
@asks("top-p-generator")
def test_the_generator_alone_decides(probe, truth, close):
    case = dict(logits=torch.tensor([0.3, -0.2, 0.5, 0.1, 0.0]), p=0.95, seeds=[6, 7])
    close(probe.replay(**case), truth.replay(**case))


@level("robust")
@asks("top-p-generator")
def test_without_a_generator_the_global_random_state_decides(probe, truth, close):
    case = dict(logits=torch.tensor([0.3, -0.2, 0.5, 0.1, 0.0]), p=0.95, seeds=[6, 7])
    close(probe.global_replay(**case), truth.global_replay(**case))


@level("robust")
@asks("top-p-contract")
def test_the_filter_refuses_a_p_outside_of_zero_to_one(probe, raises):
    logits = of_probs(0.2, 0.5, 0.3)
    for p in (-0.5, 1.5, 0.0):
        raises(ValueError, probe.filtered, logits=logits, p=p)


@level("robust")
@asks("top-p-contract")
def test_the_draw_refuses_a_p_outside_of_zero_to_one(probe, raises):
    logits = of_probs(0.2, 0.5, 0.3)
    for p in (-0.5, 1.5, 0.0):
        raises(ValueError, probe.sampled, logits=logits, p=p)


@level("robust")
@asks("top-p-temperature")
def test_a_temperature_of_zero_is_refused(probe, raises):
    case = dict(logits=of_probs(0.2, 0.5, 0.3), p=0.9)
    raises(ValueError, probe.sampled, **case, temperature=0.0)


@level("robust")
@asks("top-p-temperature")
def test_a_negative_temperature_is_refused(probe, raises):
    case = dict(logits=of_probs(0.2, 0.5, 0.3), p=0.9)
    raises(ValueError, probe.sampled, **case, temperature=-1.0)


@level("robust")
@asks("top-p-generator")
@mark.flavour("torch")
def test_everything_stays_on_the_device_of_the_logits(probe, truth, close):
    case = dict(logits=normal(2, 3, 6, seed=9), p=0.7)
    close(probe.on_meta.filtered(**case), truth.filtered(**case))
    case = dict(logits=normal(2, 3, 6, seed=9, scale=3.0), p=0.1)
    close(probe.on_meta.sampled_globally(**case), truth.sampled_globally(**case), what="the draw")
