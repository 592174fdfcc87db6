"""What a right k-means does: one claim a case."""

import torch
from pytest import mark

level, asks = mark.level, mark.asks


def tensors(*shapes, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    made = [
        torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes
    ]
    return made if len(made) > 1 else made[0]


def on_a_line(*places, scale=1.0):
    """Points at these places of a line in four dimensions."""
    direction = torch.tensor([2.0, -1.0, 0.0, 4.0])
    return torch.tensor(places)[:, None] * direction * scale


# from rows 0, 3, 4 four rounds move something: not all centroids each time, and once from groups to
# others of the same sizes; the first round moves one to the origin
CHAIN = torch.tensor(
    [[6.5, -1.5], [1.5, 2.5], [2.5, -1.5], [-11.5, 4.5], [-1.5, -2.5], [3.5, 12.5]]
)
# from rows 0, 1, 2 a centroid moves, then loses its points for a round, then wins others
LOST = torch.tensor([[9.0, 3.0], [7.0, -5.0], [8.0, -9.0], [-3.0, 0.0], [-8.0, 5.0]])

# whichever two are drawn, the rounds lead to one end, and in most of them only one point changes sides
ONE_END = [1.0, 2.0, 3.0, 12.0, 13.0, 14.0, 24.0, 29.0, 31.0, 32.0, 33.0, 37.0, 38.0, 40.0, 42.0]
ONE_END += [47.0, 58.0, 81.0, 95.0, 106.0, 113.0, 167.0, 193.0, 196.0]


def same_rounds(probe, truth, close, check, rtol=None, atol=None, **case):
    got = probe.rounds(**case)
    check(isinstance(got, dict), str(got))
    close(got, truth.rounds(**case), rtol=rtol, atol=atol)


@level("correct")
@asks("kmeans-broadcast")
def test_each_point_gets_its_nearest_centroid(probe, truth, close):
    X, centroids = tensors((23, 3), (5, 3), seed=3)
    case = dict(X=2 * X, centroids=centroids * torch.tensor([0.2, 1.0, 2.0, 3.0, 1.5])[:, None])
    close(probe.assign(**case), truth.assign(**case))


@level("correct")
@asks("kmeans-mean")
def test_near_means_near_in_euclidean_distance(probe, truth, close):
    # one centroid is nearest by the sum of the differences, one by their squares, one by their largest
    centroids = torch.tensor([[3.6, 0.0, 0.0, 0.0, 0.0], [2.0, 2.0, 2.0, 0.0, 0.0], [1.7] * 5])
    case = dict(X=torch.tensor([[0.0] * 5, [0.1] * 5]), centroids=centroids)
    close(probe.assign(**case), truth.assign(**case))


@level("correct")
@asks("kmeans-mean")
def test_a_centroid_moves_to_the_mean_of_its_points(probe, truth, close):
    case = dict(X=tensors((7, 3), seed=1) ** 3, max_iters=1)
    close(probe.single(**case), truth.single(**case))


@level("correct")
@asks("kmeans-stop")
def test_rounds_go_on_until_no_centroid_moves(probe, truth, close):
    # whichever two of the points are drawn, the far one ends alone
    case = dict(X=on_a_line(0.0, 1.0, 10.0), k=2, seeds=list(range(10)))
    close(probe.ends(**case), truth.ends(**case | {"seeds": [0]}))


@level("correct")
@asks("kmeans-init")
def test_first_centroids_are_different_rows(probe, check):
    for points, k in ((6, 4), (5, 4), (7, 1)):
        got = probe.draws(X=tensors((points, 2), seed=2), k=k, seeds=list(range(12)))
        for claim, holds in got.items():
            check(holds, f"not so with max_iters=0, N={points}, k={k} and seeds 0 to 11: {claim}")


@level("correct")
@asks("kmeans-seed")
def test_a_seed_draws_the_same_rows_again(probe, check):
    got = probe.draws_repeat(X=tensors((60, 2), seed=4), k=5, seed=7)
    for claim, holds in got.items():
        check(holds, f"not so with max_iters=0, N=60 and k=5: {claim}")


@level("correct")
@asks("kmeans-seed")
def test_seeds_draw_different_rows(probe, check):
    got = probe.draws_differ(X=tensors((20, 2), seed=5), k=3, seeds=list(range(12)))
    check(got["several sets of rows"], "seeds 0 to 11 all draw the same 3 of 20 rows")


@level("robust")
@asks("kmeans-init")
def test_any_rows_may_be_drawn_together(probe, check):
    # rows 0 and 3 lie close to each other, and so do 1 and 4
    X = torch.tensor([[0.0, 1.0], [90.0, 2.0], [40.0, 80.0], [0.0, 1.01], [90.0, 2.01]])
    missing = probe.never_drawn(X=X, k=2, seeds=list(range(250)))
    check(
        missing == [], f"with N=5 and k=2, these rows are never drawn by seeds 0 to 249: {missing}"
    )


@level("correct")
@asks("kmeans-stop")
def test_max_iters_ends_the_rounds(probe, check):
    got = probe.stages(X=CHAIN, k=3, seeds=list(range(10)))
    for claim, holds in got.items():
        check(holds, f"not so for any seed of 0 to 9: {claim}")


@level("robust")
@asks("kmeans-stop")
def test_every_number_of_rounds_gives_its_centroids(probe, truth, close, check):
    case = dict(X=CHAIN, rows=[0, 3, 4], counts=[1, 2, 3, 4, 100])
    same_rounds(probe, truth, close, check, **case)


@level("robust")
@asks("kmeans-stop")
def test_labels_belong_to_the_returned_centroids(probe, truth, close, check):
    case = dict(X=on_a_line(0.0, 1.0, 10.0), rows=[0, 1], counts=[1])
    same_rounds(probe, truth, close, check, **case)


@level("robust")
@asks("kmeans-stop")
def test_no_round_at_all_labels_the_drawn_rows(probe, truth, close, check):
    case = dict(X=on_a_line(10.0, 0.0, 1.0), rows=[0, 1], counts=[0])
    same_rounds(probe, truth, close, check, **case)


@level("robust")
@asks("kmeans-stop")
def test_moves_of_small_numbers_are_moves(probe, truth, close, check):
    # a comparison of floats as exact as allclose may stop; a tolerance that somebody chose may not
    case = dict(X=on_a_line(0.0, 1.0, 3.0, 9.0, scale=3e-8), rows=[0, 1], counts=[100])
    same_rounds(probe, truth, close, check, rtol=1e-4, atol=1e-12, **case)


@level("robust")
@asks("kmeans-stop")
def test_moves_small_beside_far_points_are_moves(probe, truth, close, check):
    case = dict(X=on_a_line(0.0, 1.0, 3.0, 9.0, 1500.0, 2500.0), rows=[0, 1, 4], counts=[100])
    same_rounds(probe, truth, close, check, **case)


@level("robust")
@asks("kmeans-stop")
def test_moves_that_cancel_are_moves(probe, truth, close, check):
    # in the first round all moves add up to exactly zero
    X = torch.tensor([[-2.0, 6], [7, -3], [-8, 9], [-4, -2], [3, -1], [1, 0]])
    same_rounds(probe, truth, close, check, X=X, rows=[4, 5], counts=[100])


@level("robust")
@asks("kmeans-stop")
def test_moves_small_beside_the_coordinates_are_moves(probe, truth, close):
    X = on_a_line(0.0, 1.0, 10.0).double() + 1e4
    case = dict(X=X, k=2, seeds=list(range(10)))
    close(probe.ends(**case), truth.ends(**case | {"seeds": [0]}), rtol=1e-9)


@level("robust")
@asks("kmeans-stop")
def test_a_single_point_that_changes_sides_keeps_the_rounds_going(probe, truth, close):
    case = dict(X=on_a_line(*ONE_END), k=2, seeds=list(range(6)))
    close(probe.ends(**case), truth.ends(**case | {"seeds": [0]}))


@level("robust")
@asks("kmeans-empty")
def test_a_centroid_that_loses_its_points_stays(probe, truth, close, check):
    # row 1 loses them while row 2 moves: at first with a draw in which row 2 comes later
    for before in ([1, 2], []):
        case = dict(X=LOST, rows=[0, 1, 2], counts=[1, 2, 3, 100], before=before)
        same_rounds(probe, truth, close, check, **case)


@level("robust")
@asks("kmeans-empty")
def test_equal_points_leave_clusters_empty(probe, truth, close):
    case = dict(X=torch.tensor([[1.5, -2.0]]).repeat(5, 1), k=3)
    close(probe.clusters(**case), truth.clusters(**case))


@level("robust")
@asks("kmeans-init")
def test_every_point_may_be_a_centroid(probe, truth, close, check):
    X = torch.tensor([[1.0, 5.0, 2.0], [4.0, -1.0, 0.0], [1.0, 5.0, 2.0], [9.0, 2.0, -6.0]])
    same_rounds(probe, truth, close, check, X=X, rows=[0, 1, 2, 3], counts=[100])


@level("robust")
@asks("kmeans-init")
def test_fewer_than_one_cluster_is_an_error(probe, raises):
    for k in (-2, 0):
        raises(ValueError, probe.accepts, X=tensors((5, 2)), k=k)


@level("robust")
@asks("kmeans-init")
def test_more_clusters_than_points_is_an_error(probe, raises):
    raises(ValueError, probe.accepts, X=tensors((5, 2)), k=6)


@level("robust")
@asks("kmeans-broadcast")
def test_ties_go_to_the_lowest_index(probe, truth, close):
    X = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, -3.0], [2.0, 2.0]])
    centroids = torch.tensor([[4.0, 1.0], [-1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    close(probe.assign(X=X, centroids=centroids), truth.assign(X=X, centroids=centroids))


@level("robust")
@asks("kmeans-broadcast")
def test_one_point_or_one_centroid_or_one_coordinate(probe, truth, close):
    for points, centres, width in ((1, 4, 3), (5, 1, 3), (6, 4, 1)):
        X, centroids = tensors((points, width), (centres, width), seed=6)
        close(
            probe.assign(X=X, centroids=centroids),
            truth.assign(X=X, centroids=centroids),
            what=f"the labels of {points} points and {centres} centroids in {width}-D",
        )


@level("robust")
@asks("kmeans-tensors")
def test_float64_points_are_told_apart_in_float64(probe, truth, close):
    # in float32 the centroids are one and the same
    centroids = torch.tensor(
        [[1.0 + 1e-9, 0.0], [1.0, 0.0], [1.0 + 2e-9, 0.0]], dtype=torch.float64
    )
    X = torch.tensor([[0.0, 0.0], [9.0, 1.0]], dtype=torch.float64)
    close(probe.assign(X=X, centroids=centroids), truth.assign(X=X, centroids=centroids))


@level("robust")
@asks("kmeans-tensors")
def test_float64_centroids_have_float64_precision(probe, truth, close):
    case = dict(X=tensors((7, 3), seed=8, dtype=torch.float64) + 1000, max_iters=3)
    close(probe.single(**case), truth.single(**case), rtol=1e-11)


@level("robust")
@asks("kmeans-tensors")
@mark.flavour("torch")
def test_labels_are_made_on_the_device_of_x(probe, truth, close):
    X, centroids = tensors((7, 3), (4, 3), seed=9)
    got = probe.on_meta.assign(X=X, centroids=centroids)
    close(got, truth.assign(X=X, centroids=centroids))


@level("robust")
@asks("kmeans-tensors")
@mark.flavour("torch")
def test_centroids_are_made_on_the_device_of_x(probe, truth, close):
    case = dict(X=tensors((7, 3), seed=10), max_iters=2)
    close(probe.on_meta.single(**case), truth.single(**case))
    # only the device counts here: what becomes of empty clusters is another case
    probe.on_meta.clusters(X=torch.tensor([[1.5, -2.0]]).repeat(5, 1), k=3)


@level("fast")
@asks("kmeans-broadcast")
def test_work_of_assign_does_not_grow_with_the_points(probe, check):
    few, many = (_work(probe, points, 4) for points in (6, 2100))
    check(*_no_more(few, many, "6 points", "2100 points"))


@level("fast")
@asks("kmeans-broadcast")
def test_work_of_assign_does_not_grow_with_the_centroids(probe, check):
    few, many = (_work(probe, 7, centres) for centres in (3, 48))
    check(*_no_more(few, many, "3 centroids", "48 centroids"))


@level("fast")
@asks("kmeans-stop")
def test_a_round_without_a_move_is_the_last(probe, check):
    """Once no centroid moves, a larger max_iters makes no more work."""
    X = on_a_line(0.0, 1.0, 8.0)  # their mean is exact
    few, many = (probe.cost.single(X=X, max_iters=most) for most in (4, 64))
    check(*_no_more(few, many, "max_iters=4", "max_iters=64"))


def _work(probe, points, centres):
    X, centroids = tensors((points, 2), (centres, 2), seed=11)
    return probe.cost.assign(X=X, centroids=centroids)


def _no_more(few, many, less, more):
    holds = many.operations <= 2 * few.operations + 2 and many.lines <= 2 * few.lines
    return holds, (
        f"{few.operations} operations and {few.lines} lines for {less}, "
        f"{many.operations} and {many.lines} for {more}"
    )
