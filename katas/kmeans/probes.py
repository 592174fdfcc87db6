"""How k-means is driven.

Which rows a seed draws is left to the attempt.  So these probes return what does not depend on it:
they look for a seed whose draw is the wanted one, or use points that lead to one end from every draw.
"""

import inspect
import itertools


def assign(attempt, *, X, centroids):
    """The labels of the points."""
    return attempt.assign(X, centroids)


def single(attempt, *, X, **options):
    """All points in one cluster: the centroid and the labels."""
    centroids, labels = attempt.kmeans(X, 1, **options)
    return {"centroids": centroids, "labels": labels}


def clusters(attempt, *, X, k, **options):
    """The centroids in the order of their coordinates, and labels numbered like them."""
    centroids, labels = attempt.kmeans(X, k, **options)
    rows = centroids.tolist()
    return _in_order(centroids, labels, sorted(range(len(rows)), key=rows.__getitem__))


def ends(attempt, *, X, k, seeds):
    """The different results, however many rounds each takes, of a draw by each of the seeds."""
    found = {}
    for seed in seeds:
        result = clusters(attempt, X=X, k=k, seed=seed)
        rows = result["centroids"].tolist()
        found[repr([[round(x, 4) + 0.0 for x in row] for row in rows])] = result  # -0.0 is 0.0
    return [found[key] for key in sorted(found)]


def rounds(attempt, *, X, rows, counts, before=()):
    """Centroids, in the order of `rows`, and labels after each number of rounds.

    The seed is the first that draws exactly these rows of X; a text where there is none.  With
    `before`, two of the rows, one that draws the first of them before the second, if any does.
    """
    k = len(rows)
    if problem := _problem(attempt, X, k):
        return problem
    wanted = sorted(_place(X.tolist(), X[row].tolist()) for row in rows)
    seed, places = None, []
    for number in range(300):
        drawn = _drawn(attempt, X, k, number)
        if sorted(drawn, key=str) == sorted(wanted, key=str):
            in_turn = sorted(before, key=drawn.index) == list(before)
            if seed is None or in_turn:
                seed, places = number, drawn
            if in_turn:
                break
    if seed is None:
        return f"none of the seeds 0 to 299 draws the rows {rows} of X"
    order = sorted(range(k), key=places.__getitem__)
    return {
        f"max_iters={count}": _in_order(*attempt.kmeans(X, k, count, seed), order)
        for count in counts
    }


def stages(attempt, *, X, k, seeds):
    """Whether, for some seed, the first round changes the centroids, and whether later ones do.

    And whether max_iters has the default of the stub: rounds enough to see it would take too long.
    """
    runs = [[attempt.kmeans(X, k, n, seed)[0].tolist() for n in (0, 1, 100)] for seed in seeds]
    return {
        "one round moves centroids": any(one != none for none, one, _ in runs),
        "more rounds move them on": any(many != one for _, one, many in runs),
        "100 is the default": _default(attempt.kmeans, "max_iters") in (100, None),
    }


def draws(attempt, *, X, k, seeds):
    """Whether what is drawn are rows of X, k different ones, for every seed."""
    drawn = [_drawn(attempt, X, k, seed) for seed in seeds]
    return {
        "each centroid is a row of X": all(None not in places for places in drawn),
        "no row comes twice": all(len(set(places)) == k for places in drawn),
    }


def never_drawn(attempt, *, X, k, seeds):
    """Which k rows of X none of the seeds draws together; it asks no further once there are none.

    A text where all seeds draw the same rows, whichever these are.
    """
    everything = set(map(frozenset, itertools.combinations(range(len(X)), k)))
    drawn = set()
    for seed in seeds:
        if not everything <= drawn:
            drawn.add(frozenset(_drawn(attempt, X, k, seed)))
    if len(drawn & everything) == len(drawn) == 1:
        return "all but the ones that each seed draws"
    return sorted(sorted(rows) for rows in everything - drawn)


def draws_differ(attempt, *, X, k, seeds):
    """Whether the seeds draw more than one set of rows, and whether it is always the first ones."""
    sets = {frozenset(_drawn(attempt, X, k, seed)) for seed in seeds}
    return {"several sets of rows": len(sets) > 1, "the first rows": sets == {frozenset(range(k))}}


def draws_repeat(attempt, *, X, k, seed):
    """Whether a seed draws the same rows again, and whether seed 0 is the default."""
    first = _drawn(attempt, X, k, seed)
    default = attempt.kmeans(X, k, max_iters=0)[0].tolist()
    return {
        "the same seed draws the same rows": _drawn(attempt, X, k, seed) == first,
        "seed 0 is the default": default == attempt.kmeans(X, k, max_iters=0, seed=0)[0].tolist(),
    }


def accepts(attempt, *, X, k):
    """Only whether the call comes back."""
    attempt.kmeans(X, k)
    return True


def _drawn(attempt, X, k, seed):
    """Where in X the first centroids of a seed are found; None for one that is no row of X."""
    rows = X.tolist()
    return [_place(rows, row) for row in attempt.kmeans(X, k, 0, seed)[0].tolist()]


def _default(function, name):
    """What the signature gives; None where it gives nothing, which is nobody's mistake."""
    try:
        default = inspect.signature(function).parameters[name].default
    except (KeyError, TypeError, ValueError):
        return None
    return None if default is inspect.Parameter.empty else default


def _problem(attempt, X, k):
    """What keeps a seed from drawing the wanted rows, or an empty text."""
    drawn = [_drawn(attempt, X, k, seed) for seed in range(3)]
    if any(None in places for places in drawn):
        return "with max_iters=0 the centroids are not rows of X"
    if drawn != [_drawn(attempt, X, k, seed) for seed in range(3)]:
        return "the same seed does not draw the same rows again"
    if k == len(X):
        return ""
    while all(places == drawn[0] for places in drawn):
        if len(drawn) == 14:
            which = "first" if sorted(drawn[0]) == list(range(k)) else "same"
            return f"seeds 0 to 13 all draw the {which} {k} rows of X"
        drawn.append(_drawn(attempt, X, k, len(drawn)))
    return ""


def _place(rows, wanted):
    """The first of the rows that is the wanted one, but for rounding."""
    slack = 1e-5 * max(abs(x) for row in rows for x in row)
    for place, row in enumerate(rows):
        if all(abs(x - y) <= slack for x, y in zip(row, wanted, strict=True)):
            return place
    return None


def _in_order(centroids, labels, order):
    """The centroids in this order, and the labels numbered like them."""
    numbered = labels + 0
    for number, old in enumerate(order):
        numbered[labels == old] = number
    return {"centroids": centroids[order], "labels": numbered}
