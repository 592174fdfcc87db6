"""What a right softmax cross-entropy does: one claim a case."""

import torch
from pytest import mark

level, asks = mark.level, mark.asks

OUTSIDE = (ValueError, IndexError)
NEAR = dict(rtol=1e-4, atol=1e-5)
# between 1e4 and its float32 neighbour lies 1e-3, so z - logsumexp(z) may be that far off
FAR = dict(rtol=5e-3, atol=5e-3)


def normal(*shape, seed, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def batch(dtype=torch.float32):
    """Five rows of three logits."""
    return dict(logits=2 * normal(5, 3, seed=1, dtype=dtype), targets=torch.tensor([2, 0, 2, 1, 2]))


def far_apart(dtype=torch.float32):
    """Ordinary rows, but one is at 1e4, one at -1e4; no row is sure of its target."""
    case = batch(dtype) | dict(targets=torch.tensor([2, 1, 0, 1, 0]))
    case["logits"] += torch.tensor([[0.0], [1e4], [-1e4], [0.0], [5e3]])
    return case


def far_below():
    """Ordinary rows, all of them at -1e4: nothing overflows, but everything underflows."""
    case = batch()
    return case | dict(logits=case["logits"] - 1e4)


def network(dtype=torch.float32):
    """N = 6 rows of D = 4 numbers, H = 5 hidden units, C = 3 classes."""
    return dict(
        X=normal(6, 4, seed=2, dtype=dtype),
        y=torch.tensor([2, 0, 2, 1, 2, 0]),
        W1=normal(4, 5, seed=3, dtype=dtype),
        b1=normal(5, seed=4, dtype=dtype),
        W2=normal(5, 3, seed=5, dtype=dtype),
        b2=normal(3, seed=6, dtype=dtype),
    )


def whole_numbers():
    """A network with more classes than hidden units, whose first layer adds without rounding.

    It hits 0 six times: X W1 + b1 =
    (0, 2, -2, 4), (1, -1, 0, 0), (-2, 0, 2, 0), (1, 3, -4, 6), (2, 0, -2, 2)
    """
    return dict(
        X=torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [2.0, 0.0], [1.0, 1.0]]),
        y=torch.tensor([2, 0, 5, 1, 4]),
        W1=torch.tensor([[1.0, 1.0, -2.0, 2.0], [2.0, -2.0, 0.0, -2.0]]),
        b1=torch.tensor([-1.0, 1.0, 0.0, 2.0]),
        W2=normal(4, 6, seed=8),
        b2=normal(6, seed=9),
    )


@level("correct")
@asks("softmax-axes")
def test_softmax_is_exp_over_the_sum_of_its_row(probe, truth, close):
    """Softmax divides exp(z) by the sum of exp over the same row."""
    case = dict(logits=batch()["logits"])
    close(probe.softmax(**case), truth.softmax(**case))


@level("correct")
@asks("softmax-axes")
def test_softmax_runs_along_the_last_dimension(probe, truth, close):
    """Softmax runs along the last dimension, with none, two or three before it."""
    for shape in ((2, 3, 4), (2, 4, 3, 5), (5,), (2, 3, 1)):
        case = dict(logits=2 * normal(*shape, seed=7))
        close(probe.softmax(**case), truth.softmax(**case), what=f"logits of shape {shape}")


@level("correct")
@asks("softmax-axes", "softmax-logits")
def test_cross_entropy_is_the_mean_over_the_rows(probe, truth, close):
    """Cross-entropy is the mean over the rows of -log p[target], and a scalar."""
    case = batch()
    close(probe.cross_entropy(**case), truth.cross_entropy(**case), **NEAR)


@level("correct")
@asks("softmax-gradient")
def test_the_gradient_is_that_of_the_mean_loss(probe, truth, close):
    """cross_entropy_grad is the gradient of the mean loss with respect to the logits."""
    case = batch()
    close(probe.cross_entropy_grad(**case), truth.cross_entropy_grad(**case))


@level("correct")
@asks("softmax-backprop")
def test_the_network_returns_its_mean_loss(probe, truth, close):
    """The loss of the network is the cross-entropy of relu(X W1 + b1) W2 + b2."""
    case = network()
    close(probe.network_loss(**case), truth.network_loss(**case), **NEAR)


@level("correct")
@asks("softmax-backprop")
def test_the_second_layer_gets_its_gradients(probe, truth, close):
    """W2 and b2 get the gradients of the mean loss, in their own shapes."""
    case = dict(names=["W2", "b2"], **network())
    close(probe.network_gradients(**case), truth.network_gradients(**case))


@level("correct")
@asks("softmax-backprop")
def test_the_first_layer_gets_its_gradients(probe, truth, close):
    """W1 and b1 get the gradients of the mean loss, in their own shapes."""
    case = dict(names=["W1", "b1"], **network())
    close(probe.network_gradients(**case), truth.network_gradients(**case))


@level("robust")
@asks("softmax-shift")
def test_softmax_of_large_logits_does_not_overflow(probe, truth, close):
    """Softmax is right for logits of 1e4 and of -1e4, in a table and in a single vector."""
    table = torch.tensor([[1e4, 9998.0, 9999.0, 0.0], [9999.0, 1e4, -1e4, 9999.0]])
    for logits in (table, table[0], table - 2e4):
        close(probe.softmax(logits=logits), truth.softmax(logits=logits), **FAR)


@level("robust")
@asks("softmax-shift", "softmax-axes")
def test_softmax_of_rows_far_apart(probe, truth, close):
    """A row at 1e4 does not disturb a row at -1e4."""
    table = far_apart()["logits"]
    for logits in (table, torch.stack([table, table.flip(0)])):
        close(probe.softmax(logits=logits), truth.softmax(logits=logits), **FAR)


@level("robust")
@asks("softmax-epsilon")
def test_a_wrong_class_at_distance_1e4_costs_1e4(probe, truth, close):
    """A target 1e4 below the winner costs 1e4, one 2e4 below costs 2e4."""
    case = dict(
        logits=torch.tensor([[1e4, 0.0, -1e4, 50.0], [0.0, 1e4, 0.0, -1e4]]),
        targets=torch.tensor([2, 0]),
    )
    close(probe.cross_entropy(**case), truth.cross_entropy(**case), **FAR)


@level("robust")
@asks("softmax-shift", "softmax-epsilon")
def test_cross_entropy_of_rows_far_apart(probe, truth, close):
    """The loss of ordinary rows is ordinary, whether they are at 1e4 or at -1e4."""
    for case in (far_apart(), far_below()):
        close(probe.cross_entropy(**case), truth.cross_entropy(**case), **FAR)


@level("robust")
@asks("softmax-shift", "softmax-gradient")
def test_the_gradient_of_rows_far_apart(probe, truth, close):
    """The gradient is right for rows at 1e4 and at -1e4."""
    for case in (far_apart(), far_below()):
        close(probe.cross_entropy_grad(**case), truth.cross_entropy_grad(**case), **FAR)


@level("robust")
@asks("softmax-shift", "softmax-backprop")
def test_a_network_with_large_logits(probe, truth, close):
    """A network whose logits reach 1e4 has a finite loss and right gradients."""
    case = whole_numbers()
    case["W2"] = torch.tensor(
        [
            [2e3, -1e3, 0.0, 1e3, -3e3, 0.0],
            [0.0, 2e3, -2e3, 0.0, 1e3, -1e3],
            [-2e3, 0.0, 2e3, 3e3, 0.0, -2e3],
            [1e3, -2e3, 0.0, -1e3, 2e3, 0.0],
        ]
    )
    case["b2"] = torch.tensor([2e3, 0.0, -1e3, 1e3, 0.0, -2e3])
    close(probe.network(**case), truth.network(**case), **FAR)


@level("robust")
@asks("softmax-backprop")
def test_the_slope_of_relu_at_zero_is_zero(probe, truth, close):
    """A unit at exactly 0 before the ReLU passes no gradient back."""
    case = dict(names=["W1", "b1"], **whole_numbers())
    close(probe.network_gradients(**case), truth.network_gradients(**case))


@level("robust")
@asks("softmax-targets")
def test_a_class_that_no_target_names(probe, truth, close):
    """The classes are the columns of the logits, named by a target or not."""
    case = dict(logits=batch()["logits"], targets=torch.tensor([0, 0, 0, 0, 0]))
    close(probe.loss_and_gradient(**case), truth.loss_and_gradient(**case), **NEAR)


def refuses(raises, probe, target):
    """Each function that takes targets refuses this one, in the middle of good ones."""
    logits, layers = batch()["logits"], network()
    targets = torch.tensor([2, 0, target, 1, 2])
    layers["y"] = torch.tensor([2, 0, 2, target, 2, 0])
    raises(OUTSIDE, probe.cross_entropy, logits=logits, targets=targets)
    raises(OUTSIDE, probe.cross_entropy_grad, logits=logits, targets=targets)
    raises(OUTSIDE, probe.network, **layers)


@level("robust")
@asks("softmax-targets")
def test_a_negative_target_is_refused(probe, raises):
    """A target of -1 is an error, not the last class."""
    refuses(raises, probe, -1)


@level("robust")
@asks("softmax-targets")
def test_a_target_of_c_is_refused(probe, raises):
    """A target of C, one past the last class, is an error."""
    refuses(raises, probe, 3)


@level("robust")
@asks("softmax-targets")
def test_a_target_of_minus_100_is_refused(probe, raises):
    """A target of -100 is an error: no class is ignored here."""
    refuses(raises, probe, -100)


@level("robust")
@asks("softmax-tensors")
def test_float64_stays_float64(probe, truth, close):
    """Results have the dtype of the input, and its precision."""
    # float32 would round these logits to multiples of 1e-3
    case = far_apart(torch.float64)
    close(probe.of_logits(**case), truth.of_logits(**case))
    case = network(torch.float64)
    logits = dict(logits=case["X"])
    both = logits | dict(targets=case["y"])
    close(probe.cross_entropy(**both), truth.cross_entropy(**both))
    close(probe.softmax(**logits), truth.softmax(**logits))
    close(probe.everything(**case), truth.everything(**case))


@level("robust")
@asks("softmax-tensors")
def test_float16_stays_float16(probe, truth, close):
    """Softmax of float16 is float16, and right for large logits too."""
    # between 1e4 and its float16 neighbour lies 8
    large = torch.tensor([[1e4, 9992.0, -1e4], [-1e4, -9984.0, -9992.0]])
    logits = torch.cat([normal(4, 3, seed=1), large]).half()
    close(probe.softmax(logits=logits), truth.softmax(logits=logits))


@level("robust")
@asks("softmax-tensors")
def test_views_that_are_not_contiguous(probe, truth, close):
    """A transposed view of logits and every second target are fine."""
    case = dict(
        cube=2 * normal(3, 2, 4, seed=10),
        table=2 * normal(3, 5, seed=11),
        every_other=torch.tensor([2, 1, 0, 2, 2, 0, 1, 1, 2, 0]),
    )
    close(probe.of_views(**case), truth.of_views(**case), **NEAR)


@level("robust")
@asks("softmax-axes")
def test_a_batch_of_one_row(probe, truth, close):
    """One row is a batch too: N = 1."""
    case = network()
    case["X"], case["y"] = case["X"][:1], case["y"][:1]
    close(probe.everything(**case), truth.everything(**case), **NEAR)


@level("robust")
@asks("softmax-tensors")
def test_each_call_answers_for_its_own_arguments(probe, truth, close):
    """A call keeps nothing of an earlier one: not its targets, not its dtype, not its sums."""
    first = network()
    second = first | dict(X=first["X"].flip(0), y=first["y"].roll(1))
    case = dict(networks=[network(torch.float64), first, second], logits=batch()["logits"])
    close(probe.call_after_call(**case), truth.call_after_call(**case), **NEAR)


@level("robust")
@asks("softmax-tensors")
@mark.flavour("torch")
def test_new_tensors_live_where_the_input_lives(probe, truth, close):
    """Everything works on the device of the input."""
    case = network()
    close(probe.on_meta.everything(**case), truth.everything(**case), **NEAR)
