"""What a right Adam does: one claim a case."""

import pytest
import torch

level, asks = pytest.mark.level, pytest.mark.asks

SHAPES = (3, 2), (4,)  # a weight and a bias: never two alike


def tensors(*shapes, seed=0, dtype=torch.float32):
    """One tensor of normal numbers for each shape, the same in every run."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]


def gradients(*shapes, steps, seed=1, scale=1.0):
    """A list of gradients for each step, different from step to step."""
    drawn = [tensors(*shapes, seed=seed + step) for step in range(steps)]
    return [[scale * grad for grad in grads] for grads in drawn]


# correct: the update of the paper


@level("correct")
@asks("adam-bias")
def test_the_first_step_is_as_long_as_the_learning_rate(probe, truth, close):
    params = [torch.tensor([1.0, -2.0, 3.0]), torch.tensor([[0.5], [-1.0]])]
    grads = [torch.tensor([0.5, -40.0, 0.002]), torch.tensor([[3.0], [-0.1]])]
    case = dict(params=params, grads=[grads], lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("correct")
@asks("adam-bias", "adam-moments")
def test_the_averages_are_carried_from_step_to_step(probe, truth, close):
    case = dict(params=tensors(*SHAPES), grads=gradients(*SHAPES, steps=4), lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("correct")
@asks("adam-moments")
def test_each_beta_belongs_to_its_own_average(probe, truth, close):
    grads = gradients(*SHAPES, steps=4)
    case = dict(params=tensors(*SHAPES), grads=grads, lr=0.1, betas=(0.8, 0.3))
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("correct")
@asks("adam-settings")
def test_the_defaults_are_those_of_the_paper(probe, truth, close):
    # weights at zero: moves of 0.001 would drown in the tolerance of larger ones
    case = dict(params=[torch.zeros(3, 2)], grads=gradients((3, 2), steps=6))
    close(probe.trajectory(**case), truth.trajectory(**case), atol=1e-7)


@level("correct")
@asks("adam-decay")
def test_weight_decay_is_added_to_the_gradient(probe, truth, close):
    grads = gradients(*SHAPES, steps=4)
    grads[0][0][0] = grads[1][0][0] = 0  # where the gradient is zero the decay still moves
    case = dict(params=tensors(*SHAPES), grads=grads, lr=0.1, weight_decay=0.5)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("correct")
@asks("adam-loop")
def test_zero_grad_clears_every_gradient(probe, truth, close):
    """After zero_grad each gradient is None or zeros, and the parameters are where they were."""
    for dtype in (torch.float32, torch.float64):
        params, grads = (tensors(*SHAPES, seed=seed, dtype=dtype) for seed in (0, 1))
        case = dict(params=params, grads=grads)
        close(probe.zero_grad(**case), truth.zero_grad(**case))


@level("correct")
@asks("adam-loop")
def test_a_training_loop_follows_the_loss_down(probe, truth, close):
    """zero_grad, backward, step, again and again: the same losses and weights as ours."""
    inputs, targets, weight, bias = tensors((7, 3), (7, 2), (3, 2), (2,))
    case = dict(inputs=inputs, targets=targets, weight=weight, bias=bias, steps=3, lr=0.1)
    close(probe.fit(**case), truth.fit(**case))


# robust: where epsilon matters


@level("robust")
@asks("adam-epsilon")
def test_epsilon_is_added_after_the_root(probe, truth, close):
    params, grads = [torch.tensor([1.0, -2.0, 3.0])], [torch.tensor([0.01, -0.02, 0.05])]
    case = dict(params=params, grads=[grads], lr=0.1, eps=0.01)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-epsilon")
def test_tiny_gradients_still_get_full_steps(probe, truth, close):
    """With the default epsilon, gradients of 1e-6 move a weight by about the learning rate."""
    params, grads = [torch.tensor([1.0, -2.0, 3.0])], [torch.tensor([1e-6, -2e-6, 5e-6])]
    case = dict(params=params, grads=[grads], lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-epsilon")
def test_a_weight_with_zero_gradient_stays(probe, truth, close):
    """A gradient that has always been zero moves nothing, and gives no NaN."""
    params, grads = [torch.tensor([1.0, -2.0, 3.0])], [torch.tensor([0.5, 0.0, 0.0])]
    case = dict(params=params, grads=[grads, grads], lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


# robust: the state


@level("robust")
@asks("adam-moments")
def test_the_second_moment_can_shrink_again(probe, truth, close):
    """Once a large gradient is forgotten, small ones make full steps again."""
    large, small = tensors(*SHAPES, seed=1), tensors(*SHAPES, seed=2)
    grads = [[100 * grad for grad in large], small, small]
    case = dict(params=tensors(*SHAPES), grads=grads, lr=0.1, betas=(0.5, 0.5))
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-none")
def test_a_parameter_without_gradient_is_left_alone(probe, truth, close):
    """Where `.grad` is None nothing moves: neither the weight (no decay) nor its averages."""
    shapes = (3, 2), (4,), (2, 5)
    first, second, third = gradients(*shapes, steps=3)
    second[0] = second[1] = None
    case = dict(params=tensors(*shapes), grads=[first, second, third], lr=0.1, weight_decay=0.5)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-none")
def test_a_gradient_of_zeros_is_still_a_step(probe, truth, close):
    """Zeros are a gradient, None is not: the averages shrink and the weights go on moving."""
    grads = gradients(*SHAPES, steps=3)
    grads[1][0] = torch.zeros(3, 2)
    case = dict(params=tensors(*SHAPES), grads=grads, lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-none", "adam-bias")
def test_each_parameter_counts_its_own_steps(probe, truth, close):
    """A parameter whose first gradient comes late makes its first step then."""
    grads = gradients(*SHAPES, steps=3)
    for early in grads[:2]:
        early[0] = None
    case = dict(params=tensors(*SHAPES), grads=grads, lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-bias", "adam-state")
def test_parameters_of_mixed_shapes_are_independent(probe, truth, close):
    """A scalar, two vectors, two matrices, one of them transposed, and a four-dimensional weight."""
    shapes = (), (3,), (3,), (1, 4), (2, 3, 1, 2), (5, 2)
    params = tensors(*shapes)
    params[-1] = tensors((2, 5))[0].T
    case = dict(params=params, grads=gradients(*shapes, steps=2), lr=0.1)
    close(probe.trajectory(**case), truth.trajectory(**case))


@level("robust")
@asks("adam-loop")
def test_a_generator_of_parameters_lasts(probe, truth, close):
    case = dict(params=tensors(*SHAPES), grads=gradients(*SHAPES, steps=3), lr=0.1)
    got, want = probe.trajectory_from_generator(**case), truth.trajectory_from_generator(**case)
    close(got, want)


@level("robust")
@asks("adam-settings")
def test_plain_tensors_are_trained_like_parameters(probe, truth, close):
    case = dict(params=tensors(*SHAPES), grads=gradients(*SHAPES, steps=1), lr=0.1)
    close(probe.trajectory_of_tensors(**case), truth.trajectory_of_tensors(**case))


@level("robust")
@asks("adam-state")
def test_two_optimisers_share_nothing(probe, truth, close):
    """Two optimisers that take turns, over parameters of the same shapes."""
    case = dict(
        params=tensors(*SHAPES),
        grads=gradients(*SHAPES, steps=2),
        other_params=tensors(*SHAPES, seed=10),
        other_grads=gradients(*SHAPES, steps=2, seed=11, scale=3.0),
        lr=0.1,
    )
    close(probe.side_by_side(**case), truth.side_by_side(**case))


@level("robust")
@asks("adam-state")
def test_a_second_optimiser_starts_afresh(probe, truth, close):
    """Another optimiser of the same parameters has averages and counts of its own."""
    case = dict(
        params=tensors(*SHAPES),
        grads=gradients(*SHAPES, steps=2),
        more_grads=gradients(*SHAPES, steps=2, seed=11, scale=3.0),
        lr=0.1,
    )
    close(probe.one_after_another(**case), truth.one_after_another(**case))


@level("robust")
@asks("adam-state")
def test_float64_parameters_are_averaged_in_float64(probe, truth, close):
    """Gradients of 1e25, whose squares only float64 can hold, and a step from 128 to nearly 0."""
    weight, bias = tensors(*SHAPES, dtype=torch.float64)
    large = [1e25 * tensors((3, 2), seed=seed, dtype=torch.float64)[0] for seed in (1, 2)]
    steady = torch.full((4,), 2.0**20, dtype=torch.float64)
    # settings, steady gradients and their averages are exact in float32 too; 128 + bias is not
    case = dict(params=[weight, 128 + bias], grads=[[grad, steady] for grad in large])
    case |= dict(lr=128.0, betas=(0.5, 0.75))
    close(probe.trajectory(**case), truth.trajectory(**case))


# robust: autograd and devices


@level("robust")
@asks("adam-loop", "adam-decay")
def test_gradients_are_left_as_they_are(probe, truth, close):
    """After step each `.grad` holds what it held before, with weight decay or without."""
    for weight_decay in (0.0, 0.5):
        grads = gradients(*SHAPES, steps=1)
        case = dict(params=tensors(*SHAPES), grads=grads, weight_decay=weight_decay)
        got, want = probe.gradients_after_steps(**case), truth.gradients_after_steps(**case)
        close(got, want, what=f"with weight_decay={weight_decay}, the gradients after a step")


@level("robust")
@asks("adam-loop")
def test_no_graph_is_left_behind(probe, truth, close):
    """After two steps with weight decay no tensor that is kept hangs on an autograd graph."""
    case = dict(params=tensors(*SHAPES), grads=gradients(*SHAPES, steps=2), weight_decay=0.5)
    close(probe.graph(**case), truth.graph(**case))


@level("robust")
@asks("adam-none")
def test_zero_grad_takes_a_missing_gradient(probe, truth, close):
    """zero_grad where one gradient is None, and where all are."""
    params, (_, bias) = tensors(*SHAPES), tensors(*SHAPES, seed=1)
    for grads in ([None, bias], [None, None]):
        case = dict(params=params, grads=grads)
        close(probe.zero_grad(**case), truth.zero_grad(**case))


@level("robust")
@asks("adam-loop")
def test_zero_grad_clears_what_is_frozen_now(probe, truth, close):
    """A parameter that is frozen after backward still holds a gradient: it is cleared too."""
    case = dict(params=tensors(*SHAPES), grads=tensors(*SHAPES, seed=1), frozen=True)
    close(probe.zero_grad(**case), truth.zero_grad(**case))


@level("robust")
@asks("adam-state")
def test_a_training_loop_runs_on_the_device_of_the_parameters(probe):
    """The same loop with everything on an accelerator: nothing is made on the CPU instead."""
    inputs, targets, weight, bias = tensors((7, 3), (7, 2), (3, 2), (2,))
    case = dict(inputs=inputs, targets=targets, weight=weight, bias=bias, weight_decay=0.5)
    probe.on_meta.fit(**case, steps=2)  # only the device is judged: other cases have the values


@level("robust")
@asks("adam-loop")
def test_zero_grad_clears_what_is_not_finite(probe, truth, close):
    """After a loss that overflowed: gradients of NaN and infinity are cleared like any other."""
    grads = [torch.full((3, 2), torch.nan), torch.tensor([1.0, torch.inf, -torch.inf, 2.0])]
    case = dict(params=tensors(*SHAPES), grads=grads)
    close(probe.zero_grad(**case), truth.zero_grad(**case))


# robust: settings


@level("robust")
@asks("adam-settings")
def test_a_negative_setting_is_refused(probe, raises):
    params = tensors(*SHAPES)
    for name in ("lr", "eps", "weight_decay"):
        raises(ValueError, probe.build, params=params, **{name: -0.01})


@level("robust")
@asks("adam-settings")
def test_a_beta_outside_its_range_is_refused(probe, raises):
    """Each beta lies in [0, 1): 1 is outside, and so is everything below 0."""
    params = tensors(*SHAPES)
    for betas in [(-0.1, 0.9), (0.9, -0.1), (1.0, 0.9), (0.9, 1.0)]:
        raises(ValueError, probe.build, params=params, betas=betas)


@level("robust")
@asks("adam-settings")
def test_no_parameters_is_refused(probe, raises):
    """An empty list of parameters, and an empty generator."""
    raises(ValueError, probe.build, params=[])
    raises(ValueError, probe.build_from_generator, params=[])


@level("robust")
@asks("adam-settings")
def test_settings_of_zero_are_accepted(probe, truth, close):
    """lr = 0 moves nothing; betas of 0 average over one gradient; eps = 0 adds nothing."""
    # gradients as small as the default epsilon, so that it would show
    params, grads = tensors((3, 2)), gradients((3, 2), steps=2, scale=1e-8)
    for zero in (dict(lr=0.0), dict(lr=0.1, eps=0.0), dict(lr=0.1, betas=(0.0, 0.0))):
        case = dict(params=params, grads=grads, **zero)
        close(probe.trajectory(**case), truth.trajectory(**case), what=f"with {zero}, the result")


@level("robust")
@asks("adam-settings")
def test_large_settings_are_accepted(probe, truth, close):
    """Settings above 1, and a first beta above the second."""
    case = dict(params=tensors((3, 2)), grads=gradients((3, 2), steps=1))
    case |= dict(lr=2.0, betas=(0.9, 0.5), eps=1.5, weight_decay=1.5)
    close(probe.trajectory(**case), truth.trajectory(**case))


# fast


@level("fast")
@asks("adam-state")
def test_a_late_step_costs_no_more_than_an_early_one(probe, check):
    """Ten times the steps take about ten times the work, and no larger tensors."""
    case = dict(params=tensors((4,)), grads=tensors((4,), seed=1))
    few, many = (probe.cost.many_steps(**case, steps=steps) for steps in (2, 20))
    check(
        many.operations <= 13 * few.operations,
        f"2 steps took {few.operations} tensor operations, 20 steps {many.operations}: "
        "want about ten times as many",
    )
    check(
        many.largest_bytes <= 2 * few.largest_bytes,
        f"the largest tensor made in 2 steps has {few.largest_bytes} bytes, "
        f"in 20 steps {many.largest_bytes}: want the same",
    )
    check(
        many.lines <= 13 * few.lines,
        f"2 steps ran {few.lines} lines of the attempt, 20 steps {many.lines}: "
        "want about ten times as many",
    )
