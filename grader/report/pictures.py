"""Which picture a failed case gets: it depends on what its values are, not on the kata."""

from typing import Any

from grader.report import charts, heat, scatter
from grader.verdict import Case

CAPTIONS = {
    "clusters": "Points and their centroids (crosses) by colour; ringed: another label than wanted.",
    "nucleus": "Blue: kept by both. Red: kept in got only. Hollow: wanted, but cut. Grey: cut.",
    "statistics": "Solid: got. Dashed: want.",
    "trajectories": "Solid: got. Dashed: want.",
    "heat": "Blue is above zero, orange below. Got and want share a scale; the difference has its own.",
}


def of_case(case: Case) -> tuple[str, str]:
    """A picture and its caption; two empty texts where none would help."""
    got, want = case.details.get("got_values"), case.details.get("want_values")
    given = case.details.get("input_values")
    if got is None or want is None:
        return "", ""
    for name, drawn in _attempts(got, want, given if isinstance(given, dict) else {}):
        if drawn:
            return drawn, CAPTIONS[name]
    return "", ""


def _attempts(got: Any, want: Any, given: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("clusters", scatter.clusters(got, want, given)),
        ("nucleus", scatter.nucleus(got, want, given)),
        ("statistics", charts.statistics(got, want)),
        ("trajectories", charts.trajectories(got, want, given) if "grads" in given else ""),
        ("heat", heat.draw(got, want)),
    ]
