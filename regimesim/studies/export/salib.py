"""A sweep as a JSON file for SALib (Herman and Usher 2017): the problem, the points, the outcomes.

`SALib.analyze.sobol` receives outcomes without their points and takes any number of them that it
can divide for a sample of its own, so a sweep of other points would get wrong indices without a
warning.  One missing outcome makes all indices 0, also without a warning.  Such sweeps are
refused, and such outcomes are left out.
"""

import json
from pathlib import Path

import numpy as np

from regimesim import __version__
from regimesim.errors import Refusal, shown
from regimesim.studies.export.points import Points

SUFFIX = ".salib.json"
SOBOL, MORRIS = "sobol", "morris"


def check(points: Points, source: str) -> dict[str, tuple[str, ...]]:
    """The outcomes that are left out because they do not exist at every point, by policy.

    Raises
    ------
    Refusal
        Where SALib would misread the points, and where no outcome is left.
    """
    for key, column in points.columns.items():
        if column.dtype.kind not in "biuf":
            raise Refusal(f"{source}: {key}: found {shown(str(column[0]))}; SALib takes numbers")
    if analysis_of(_matrix(points)) is None:
        raise Refusal(
            f"{source}: its points ({points.design}) are no sample of SALib's sobol or morris, so "
            "SALib would compute wrong indices from them without a warning; sweep the points of "
            "such a sample with --table"
        )
    if points.failed:
        raise Refusal(
            f"{source}: {points.failed:,} of {len(points):,} points could not be run, and SALib "
            "would give every parameter an index of 0 without a warning; vary parameters in "
            "ranges in which every point can be run"
        )
    gaps = {policy: tuple(_with_gaps(points, policy)) for policy in points.policies}
    if all(len(names) == len(points.outcomes) for names in gaps.values()):
        raise Refusal(
            f"{source}: no outcome exists at every point, and SALib would give every parameter "
            "an index of 0 without a warning; sweep with more worlds"
        )
    return {policy: names for policy, names in gaps.items() if names}


def _with_gaps(points, policy):
    for name in points.outcomes:
        if np.isnan(points.values(name, policy)).any():
            yield name


def write(points: Points, path: Path) -> None:
    """Write the problem, the points in order, and the outcomes by policy and name.

    The bounds of a parameter are its least and its greatest value; no analysis reads them.
    """
    matrix = _matrix(points)
    analysis = analysis_of(matrix)
    assert analysis is not None  # `check` refuses other points
    outcomes = {}
    for policy in points.policies:
        left_out = set(_with_gaps(points, policy))
        names = [name for name in points.outcomes if name not in left_out]
        outcomes[policy] = {name: points.values(name, policy).tolist() for name in names}
    content = {
        "version": __version__,
        "problem": {
            "num_vars": matrix.shape[1],
            "names": list(points.columns),
            "bounds": np.transpose([matrix.min(axis=0), matrix.max(axis=0)]).tolist(),
        },
        **analysis,
        "points": matrix.tolist(),
        "outcomes": outcomes,
    }
    path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")


def _matrix(points) -> np.ndarray:
    """The points as numbers, where a switch is 0 or 1: (points, axes)."""
    return np.transpose([column.astype(np.float64) for column in points.columns.values()])


def analysis_of(matrix: np.ndarray) -> dict | None:
    """The analysis whose sample some points are, with its option; None where they are none.

    Parameters
    ----------
    matrix : ndarray of shape (points, axes)
        The points.

    Returns
    -------
    dict or None
        `analysis`, "sobol" or "morris", and for the former `calc_second_order`.

    References
    ----------
    Saltelli (2002), Computer Physics Communications 145, 280-297; Morris (1991), Technometrics
    33, 161-174.
    """
    for second_order in (True, False):
        if _is_saltelli(matrix, second_order):
            return {"analysis": SOBOL, "calc_second_order": second_order}
    return {"analysis": MORRIS} if _is_morris(matrix) else None


def _is_saltelli(matrix, second_order) -> bool:
    """Whether points are blocks of A, A with each parameter of B, (B with each of A,) and B."""
    size = matrix.shape[1]
    rows = (2 * size if second_order else size) + 2
    if len(matrix) % rows:
        return False
    blocks = matrix.reshape(-1, rows, size)
    ours, theirs = blocks[:, :1], blocks[:, -1:]
    own = np.eye(size, dtype=bool)
    expected = [ours, np.where(own, theirs, ours)]
    expected += [np.where(own, ours, theirs)] * second_order
    return np.array_equal(blocks, np.concatenate([*expected, theirs], axis=1))


def _is_morris(matrix) -> bool:
    """Whether points are trajectories, each of which changes every parameter once, in any order.

    Any even number of points of a single parameter would be such.
    """
    size = matrix.shape[1]
    if size == 1 or len(matrix) % (size + 1):
        return False
    changed = np.diff(matrix.reshape(-1, size + 1, size), axis=1) != 0
    return bool((changed.sum(axis=1) == 1).all() and (changed.sum(axis=2) == 1).all())
