"""Estimates of the estimands of a run (`regimesim.analysis.estimand_table`), with their
intervals."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.conditional import (
    Reported,
    is_narrower,
    is_there,
    moments,
    score_interval,
)
from regimesim.analysis.estimand_table import (
    CONDITIONAL,
    DERIVED,
    ESTIMANDS,
    FOLLOWS,
    HELD,
    SCORED,
    SHARES,
    UNCOUNTED,
    WITHIN,
)
from regimesim.analysis.estimates import Estimate, mean, present, product, proportion, share
from regimesim.analysis.present_worlds import confidence, present_worlds, rows_of
from regimesim.analysis.scores import either, mean_score
from regimesim.model.world.records import SAFEGUARDS

if TYPE_CHECKING:
    import pandas
    import xarray


def values(worlds, policy: str, estimand: str) -> np.ndarray:
    """The value of an estimand, or of a recorded variable, in each world.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run; only the variables that are needed are loaded.
    policy, estimand : str
        The names of a policy and of an estimand or variable.

    Returns
    -------
    ndarray of float64, shape (worlds that are there,)
        NaN in worlds in which the quantity does not exist.
    """
    return values_in(rows_of(worlds, policy), estimand)


def values_in(rows, estimand: str) -> np.ndarray:
    """The same from the rows of worlds by name (`regimesim.analysis.present_worlds`)."""
    return DERIVED[estimand](rows) if estimand in DERIVED else rows[estimand]


def scored(rows, estimand: str, held) -> np.ndarray:
    """The score of the forecast of every world if `held` is the outcome of its first try."""
    return SCORED[estimand].of(rows, held)


def estimate(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand with its 95 % interval, as it is reported."""
    return reported(worlds, policy, estimand).interval_estimate


def reported(worlds, policy: str, estimand: str) -> Reported:
    """An estimand with its 95 % interval, counted or conditional.

    It is conditional where that interval is the narrower one; an estimand that follows another
    has the estimator of that one.

    An estimand that has no value in each world is conditional in any case.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    policy, estimand : str
        The names of a policy and of an estimand.

    Returns
    -------
    Reported
        With the counted estimate besides.
    """
    worlds = present_worlds(worlds)
    level, rows = confidence(worlds), worlds.rows(policy)
    by_counts = _counted(rows, estimand, level)
    if estimand not in CONDITIONAL or not is_there(worlds.variables):
        return Reported.of(by_counts)
    if estimand in UNCOUNTED:
        conditional = _conditional(rows, estimand, level)
        return Reported.uncounted(conditional, present(rows[HELD]).size)
    if by_counts.low is None:
        return Reported.of(by_counts)
    leader, conditional = FOLLOWS[estimand], _conditional(rows, estimand, level)
    choice = by_counts, conditional
    if leader != estimand:
        choice = _counted(rows, leader, level), _conditional(rows, leader, level)
    return Reported.of(by_counts, conditional if is_narrower(*choice) else None)


def counted(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand by counts.

    The interval of a share is exact, that of a mean is Student's, widened by the
    `unseen_margin`, and that of a score is widened by the uncertainty of the share held.
    """
    return _counted(rows_of(worlds, policy), estimand, confidence(worlds))


def _counted(rows, estimand, level):
    if estimand in SHARES:
        return proportion(values_in(rows, estimand), level)
    if estimand in SCORED:
        score = partial(scored, rows, estimand)
        return mean_score(score, rows[HELD], level, WITHIN[estimand])
    return mean(values_in(rows, estimand), level, WITHIN[estimand])


def _conditional(rows, estimand, level):
    expected = moments(rows, estimand)
    drawn = present(values_in(rows, estimand))
    seen = (drawn.min(), drawn.max()) if drawn.size else None
    if estimand in SCORED:
        each = either(partial(scored, rows, estimand), rows[HELD])
        held = moments(rows, HELD)
        return score_interval(expected, held, each, WITHIN[estimand], level, seen)
    return expected.interval(WITHIN[estimand], level, seen)


def estimates(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Every estimand of every policy with its 95 % interval.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run, or any selection, mask, concatenation or merger of them; places
        without a world are left out.

    Returns
    -------
    pandas.DataFrame
        One row for each policy and estimand.  Columns: `policy`, `estimand`; `estimate`, `low`
        and `high`, in the unit of the estimand; `n`, the worlds in which it exists; `by`,
        "integration" for a conditional estimate, else "counts"; `worth`, how many counted worlds
        one world of a conditional estimate equals; and `counted_estimate`, `counted_low`,
        `counted_high`, `counted_n`, the estimate by counts.

    Raises
    ------
    Refusal
        Where the dataset lacks a variable, a coordinate or an attribute that is needed.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413, for shares; Blackwell (1947), Annals of
    Mathematical Statistics 18, 105-110, for conditional estimates.
    """
    import pandas

    there = present_worlds(worlds)
    return pandas.DataFrame(
        [
            {"policy": policy, "estimand": name, **_flat(reported(there, policy, name))}
            for policy in there.policies
            for name in ESTIMANDS
        ]
    )


def _flat(estimate: Reported) -> dict:
    row = estimate.plain()
    by_counts = row.pop("counted")
    return row | {f"counted_{name}": value for name, value in by_counts.items()}


def caught_by(worlds, policy: str) -> dict[str, dict[str, Estimate]]:
    """The share of first critical tries that each safeguard caught.

    Returns
    -------
    dict of dict of Estimate
        For each safeguard `caught`, whether or not others caught the try too, and `alone`, where
        no other did: the tries that would have been lost without it.  Where the share held is a
        conditional estimate, these are that share times what was counted among the tries that
        were held.
    """
    there = present_worlds(worlds)
    level, held = confidence(there), reported(there, policy, HELD)
    by_counts = held.by == "counts"
    was_held = by_counts or there.rows(policy)[HELD] == 1
    # flags of one safeguard after the other: rows of all would take sixteen times the memory
    caught, among = {}, {}
    for name in SAFEGUARDS:
        row = there.caught_by(policy, name)
        among[name] = ~np.isnan(row) & was_held
        caught[name] = (row == 1) & was_held
    by = np.sum(list(caught.values()), axis=0, dtype=np.int8)

    def part(caught, among):
        counted = share(np.count_nonzero(caught), np.count_nonzero(among), level)
        return counted if by_counts else product(held.interval_estimate, counted)

    return {
        name: {
            "caught": part(caught[name], among[name]),
            "alone": part(caught[name] & (by == 1), among[name]),
        }
        for name in SAFEGUARDS
    }


def brier_score(worlds, policy: str) -> Estimate:
    """Mean squared error of the believed catch rate as a forecast that the first try is held.

    0 is perfect; a constant forecast of one half has 0.25.
    """
    return estimate(worlds, policy, "brier_score")
