"""What a right batch normalisation does: one claim a case."""

import pytest
import torch

level, asks = pytest.mark.level, pytest.mark.asks


def batch(*shape, seed=0, dtype=torch.float32):
    """(N, C, ...) in which every channel has its own mean and spread."""
    draw = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    channel = torch.arange(shape[1], dtype=torch.float64).reshape(-1, *[1] * (len(shape) - 2))
    return (draw * (0.5 + channel) + 1.5 * channel - 2).to(dtype)


def trained(channels, dtype=torch.float32):
    """The state of a layer that has seen some training; far from that of any one batch."""
    place = torch.arange(channels, dtype=dtype)
    return {
        "weight": 1.5 - 0.8 * place,
        "bias": 0.7 * place - 1.2,
        "running_mean": 3 - 1.4 * place,
        "running_var": 0.3 + 1.7 * place,
        "num_batches_tracked": torch.tensor(7),
    }


# correct: what the layer computes


@level("correct")
@asks("batchnorm-variances")
def test_training_divides_by_the_biased_deviation(probe, truth, close):
    """Training divides by the biased deviation of the batch."""
    close(probe.forward(x=batch(3, 4)), truth.forward(x=batch(3, 4)))


@level("correct")
@asks("batchnorm-axes")
def test_a_channel_shares_its_statistics_over_all_positions(probe, truth, close):
    """In (N, C, L) and (N, C, H, W) a channel has one mean and one variance, also when N is 1."""
    for x in (batch(4, 3, 5), batch(2, 4, 3, 5), batch(1, 3, 4)):
        close(probe.forward(x=x), truth.forward(x=x), what=f"x of shape {tuple(x.shape)}")


@level("correct")
@asks("batchnorm-affine")
def test_weight_scales_and_then_bias_shifts(probe, truth, close):
    # the last two could be read as (N, L, C) and (N, H, W, C), were it not for the brief
    for x in (batch(5, 3), batch(2, 3, 5), batch(2, 3, 3), batch(2, 3, 2, 3)):
        case = dict(x=x, state=trained(3))
        close(probe.forward(**case), truth.forward(**case), what=f"x of shape {tuple(x.shape)}")


@level("correct")
@asks("batchnorm-state")
def test_a_new_layer_has_the_state_of_its_library_twin(probe, truth, close):
    """A new layer has the keys, shapes, dtypes and values of a new nn.BatchNorm1d."""
    case = dict(like=batch(2, 3), num_features=3)
    close(probe.new_layer(**case), truth.new_layer(**case))


@level("correct")
@asks("batchnorm-momentum")
def test_the_running_statistics_move_by_momentum(probe, truth, close):
    """The buffers follow running = (1 - momentum) · running + momentum · batch."""
    batches = [batch(6, 3, 1, seed=seed) for seed in range(3)]
    for momentum in (0.3, 0.0):
        case = dict(batches=batches, momentum=momentum)
        close(probe.statistics(**case), truth.statistics(**case), what=f"momentum {momentum}")


@level("correct")
@asks("batchnorm-variances")
def test_the_running_variance_is_unbiased(probe, truth, close):
    """The running variance is unbiased: n counts every value of a channel, not the samples."""
    for shape in ((2, 5), (2, 1, 2, 3), (1, 2, 3)):
        case = dict(batches=[batch(*shape)], momentum=0.6, eps=0.5)
        close(probe.statistics(**case), truth.statistics(**case), what=f"x of shape {shape}")


@level("correct")
@asks("batchnorm-state")
def test_training_batches_are_counted(probe, truth, close):
    """num_batches_tracked grows by one for each batch of training."""
    case = dict(batches=[batch(3, 2), batch(4, 2), batch(2, 2, 5)])
    close(probe.counted(**case), truth.counted(**case))


@level("correct")
@asks("batchnorm-modes")
def test_evaluation_normalises_with_the_running_statistics(probe, truth, close):
    for x in (batch(5, 3), batch(2, 3, 4, 5)):
        case = dict(x=x, state=trained(3), training=False, eps=0.3)
        close(probe.forward(**case), truth.forward(**case), what=f"x of shape {tuple(x.shape)}")


@level("correct")
@asks("batchnorm-modes")
def test_evaluation_updates_nothing(probe, truth, close):
    case = dict(x=batch(5, 3), state=trained(3), momentum=0.4)
    close(probe.left_after_evaluation(**case), truth.left_after_evaluation(**case))


@level("correct")
@asks("batchnorm-gradient")
def test_the_gradient_flows_through_mean_and_variance(probe, truth, close):
    """In training the gradient flows through mean and variance."""
    for x in (batch(5, 3), batch(2, 3, 4)):
        case = dict(x=x, upstream=batch(*x.shape, seed=1), state=trained(3))
        close(probe.gradients(**case), truth.gradients(**case), what=f"x of shape {tuple(x.shape)}")


# robust: unusual inputs, state, modes, devices, bad input


@level("robust")
@asks("batchnorm-gradient")
def test_evaluation_has_gradients(probe, truth, close):
    """In evaluation x, weight and bias have gradients too."""
    x = batch(5, 3)
    case = dict(x=x, upstream=batch(5, 3, seed=1), state=trained(3), training=False)
    close(probe.gradients(**case), truth.gradients(**case))


@level("robust")
@asks("batchnorm-epsilon")
def test_epsilon_is_added_under_the_root(probe, truth, close):
    for scale, eps in ((1, 0.5), (1e-3, 0.0)):
        case = dict(x=scale * batch(5, 3), eps=eps)
        close(probe.forward(**case), truth.forward(**case), what=f"eps {eps}")


@level("robust")
@asks("batchnorm-epsilon", "batchnorm-momentum")
def test_the_defaults_are_those_of_the_signature(probe, truth, close):
    """Left out, eps is 1e-5 and momentum is 0.1; by position, eps comes first."""
    x = 3e-3 * (batch(6, 3) + 2)
    close(probe.forward(x=x), truth.forward(x=x), what="eps")
    case = dict(batches=[batch(6, 3)])
    close(probe.statistics(**case), truth.statistics(**case), what="momentum")
    case = dict(x=batch(6, 3), eps=0.5, momentum=0.3)
    close(probe.by_position(**case), truth.by_position(**case), what="BatchNorm(3, 0.5, 0.3)")


@level("robust")
@asks("batchnorm-epsilon")
def test_a_large_mean_does_not_drown_the_spread(probe, truth, close):
    """In float32 a channel near 8192 that differs by a few units is normalised all the same."""
    x = 8192 + torch.tensor([[0, 2], [3, -1], [1, 4], [-2, 0], [5, 3]], dtype=torch.float32)
    close(probe.forward(x=x), truth.forward(x=x), rtol=5e-3, atol=5e-3, what="output")
    case = dict(batches=[x], momentum=1.0)
    close(probe.statistics(**case), truth.statistics(**case), rtol=1e-2, what="buffers")


@level("robust")
@asks("batchnorm-epsilon")
def test_a_constant_channel_comes_out_as_its_bias(probe, truth, close):
    """A constant channel comes out as its bias, and its gradients are finite."""
    x = batch(4, 3, 2)
    x[:, 1] = 2.5
    case = dict(x=x, state=trained(3), eps=1e-3)
    close(probe.forward(**case), truth.forward(**case), atol=1e-3, what="output")
    case["upstream"] = batch(4, 3, 2, seed=1)
    close(probe.gradients(**case), truth.gradients(**case), rtol=1e-3, atol=1e-3)


@level("robust")
@asks("batchnorm-gradient")
def test_the_buffers_carry_no_graph(probe, check):
    """The buffers carry no graph after a batch that needs gradients."""
    for name, carries in probe.carries_graph(x=batch(4, 3)).items():
        check(not carries, f"{name}.requires_grad after a batch of training: got True, want False")


@level("robust")
@asks("batchnorm-modes")
def test_training_is_a_mode_and_not_the_presence_of_autograd(probe, truth, close):
    """A layer in training uses the batch and updates its buffers, also under no_grad."""
    case = dict(x=batch(5, 3), state=trained(3))
    close(probe.without_autograd(**case), truth.without_autograd(**case))


@level("robust")
@asks("batchnorm-modes")
def test_modes_can_alternate(probe, truth, close):
    """After training again, evaluation uses what was learned until then."""
    case = dict(
        batches=[batch(n, 3, seed=n) for n in (4, 2, 5, 3)],
        modes=["train", "eval", "train", "eval"],
        momentum=0.4,
    )
    close(probe.alternate(**case), truth.alternate(**case))


@level("robust")
@asks("batchnorm-state")
def test_a_state_dict_goes_in_and_comes_out(probe, truth, close):
    """A state_dict can be loaded at any time, and after a batch of training it has kept its form."""
    case = dict(x=batch(3, 4, 2), state=trained(4))
    close(probe.reload(**case), truth.reload(**case))


@level("robust")
@asks("batchnorm-modes")
def test_one_value_per_channel_is_refused_in_training_only(probe, truth, close, raises):
    """One value per channel is a ValueError in training, and fine in evaluation."""
    for shape in ((1, 3), (1, 3, 1, 1), (1, 3, 1)):
        raises(ValueError, probe.forward, x=batch(*shape))
    case = dict(x=batch(1, 3), training=False)
    close(probe.forward(**case), truth.forward(**case), what="evaluation of shape (1, 3)")


@level("robust")
@asks("batchnorm-axes")
def test_a_wrong_number_of_dimensions_is_refused(probe, raises):
    """One or five dimensions are a ValueError."""
    for training in (True, False):
        x = torch.tensor([1.0, 2.0, 4.0])
        raises(ValueError, probe.forward, x=x, num_features=3, training=training)
        raises(ValueError, probe.forward, x=batch(2, 3, 2, 1, 2), training=training)


@level("robust")
@asks("batchnorm-axes")
def test_a_wrong_number_of_channels_is_refused(probe, raises):
    """A wrong number of channels is a ValueError, also where it would broadcast."""
    for training in (True, False):
        raises(ValueError, probe.forward, x=batch(5, 1), num_features=3, training=training)
    for shape, num_features in (((5, 3), 1), ((5, 3, 4), 4), ((2, 5, 3, 4), 3)):
        raises(ValueError, probe.forward, x=batch(*shape), num_features=num_features)


@level("robust")
@asks("batchnorm-axes")
def test_the_input_may_lie_in_memory_in_any_order(probe, truth, close):
    for shape, training in (((4, 3, 5), True), ((2, 3, 4, 5), False), ((2, 3, 4, 5), True)):
        case = dict(x=batch(*shape), training=training)
        close(probe.strided(**case), truth.strided(**case), what=f"{shape}, training={training}")


@level("robust")
@asks("batchnorm-variances")
def test_float64_is_kept_and_used(probe, truth, close):
    """float64 is kept, and the digits that it has over float32 are used."""
    batches = [1000 + batch(n, 3, seed=n, dtype=torch.float64) for n in (5, 4)]
    trained_64 = trained(3, torch.float64)
    state = {name: trained_64[name] / 3 for name in ("weight", "bias")}
    case = dict(batches=batches, modes=["train", "eval"], momentum=1.0, state=state)
    close(probe.alternate(**case), truth.alternate(**case))


@level("robust")
@asks("batchnorm-state")
def test_everything_lives_on_the_device_of_the_layer(probe, check):
    """In training, evaluation and gradients, no tensor is left behind on the CPU."""
    batches = [batch(3, 4, 2), batch(2, 4, 3)]
    probe.on_meta.alternate(batches=batches, modes=["train", "eval"])
    probe.on_meta.gradients(x=batches[0], upstream=batch(3, 4, 2, seed=1))
    away = probe.on_meta.left_behind(x=batches[0])
    check(not away, f"after training, not on the device of x: {', '.join(away)}")
