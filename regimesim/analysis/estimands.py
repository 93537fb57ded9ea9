"""The estimands of a run: whether the first critical try was held, the consequences, and the
beliefs of overseers about their safeguards."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.columns import confidence, rows_of
from regimesim.analysis.conditional import (
    Reported,
    effective,
    is_there,
    moments,
    score_interval,
)
from regimesim.analysis.estimates import Estimate, mean, present, proportion
from regimesim.analysis.scores import ANY, SCORES, either, mean_score
from regimesim.analysis.tries import survived

if TYPE_CHECKING:
    import pandas
    import xarray

ESTIMANDS = {
    "held_first_critical_try": "share of worlds with a critical try that held the first one",
    "no_takeover": "share of all worlds without a takeover by the end",
    "evidence_gap": "believed minus true catch rate at the first critical try",
    "believed_catch_rate": "catch rate that overseers believed at the first critical try",
    "true_catch_rate": "probability that the first critical try was caught",
    "critical_tries": "critical tries in a world, by the end",
    "critical_tries_held": "critical tries in a world that were held, by the end",
    "warning_shots_before_first_try": "caught strikes before the first critical try",
    "first_try_was_story": "share of first critical tries that were story incidents",
    "tries_survived": "critical tries survived before the first failure or the end, in worlds "
    "with a critical try",
    "brier_score": "mean squared error of the believed catch rate, as a forecast that the first "
    "critical try is held",
    "log_score": "mean logarithmic score of the same forecast, in nats",
    "brier_score_of_true_rate": "the Brier score that the true catch rate has",
    "log_score_of_true_rate": "the logarithmic score that the true catch rate has",
    "brier_excess": "Brier score of the believed minus that of the true catch rate",
    "log_excess": "logarithmic score of the believed minus that of the true catch rate",
}
SHARES = ("held_first_critical_try", "no_takeover", "first_try_was_story")
RATE, DIFFERENCE, COUNT = (0.0, 1.0), (-1.0, 1.0), (0.0, math.inf)
UNITS = {  # the unit of each estimand that is no pure number
    **dict.fromkeys(("critical_tries", "critical_tries_held", "tries_survived"), "per world"),
    **dict.fromkeys(("warning_shots_before_first_try",), "per world"),
    **dict.fromkeys(("log_score", "log_score_of_true_rate", "log_excess"), "nats"),
}
WITHIN = {  # the range of each estimand
    **dict.fromkeys((*SHARES, "believed_catch_rate", "true_catch_rate"), RATE),
    **dict.fromkeys(("brier_score", "brier_score_of_true_rate"), RATE),
    **dict.fromkeys(("evidence_gap", "brier_excess"), DIFFERENCE),
    **dict.fromkeys(("critical_tries", "critical_tries_held", "tries_survived"), COUNT),
    **dict.fromkeys(("log_score", "log_score_of_true_rate"), COUNT),
    **dict.fromkeys(("warning_shots_before_first_try",), COUNT),
    "log_excess": ANY,
}
BELIEVED, TRUE, HELD = "believed_catch_rate", "true_catch_rate", "held_first_critical_try"
SCORED = {  # the score, the rate that is scored, and the rate whose score is subtracted
    **{f"{kind}_score": (kind, BELIEVED, None) for kind in SCORES},
    **{f"{kind}_score_of_true_rate": (kind, TRUE, None) for kind in SCORES},
    **{f"{kind}_excess": (kind, BELIEVED, TRUE) for kind in SCORES},
}


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
    ndarray of float64, shape (worlds,)
        NaN in worlds in which the quantity does not exist.
    """
    return values_in(rows_of(worlds, policy), estimand)


def values_in(rows, estimand: str) -> np.ndarray:
    """The same from the rows of worlds by name (`regimesim.analysis.columns`)."""
    return DERIVED[estimand](rows) if estimand in DERIVED else rows[estimand]


def scored(rows, estimand: str, held) -> np.ndarray:
    """The score of the forecast of every world if `held` is the outcome of its first try."""
    kind, rate, other = SCORED[estimand]
    score = SCORES[kind](rows[rate], held)
    return score if other is None else score - SCORES[kind](rows[other], held)


def _no_takeover(rows):
    return np.isnan(rows["takeover"]).astype(np.float64)


def _warning_shots(rows):
    # Without a first critical try there is no "before" it.
    never = np.isnan(rows["first_critical_try"])
    return np.where(never, np.nan, rows["warning_shots_before_first_try"])


def _score(estimand, rows):
    held = rows[HELD]
    return np.where(np.isnan(held), np.nan, scored(rows, estimand, held))


DERIVED: dict[
    str, Callable[[Mapping[str, np.ndarray]], np.ndarray]
] = {  # estimands that are computed from the recorded rows
    "no_takeover": _no_takeover,
    "tries_survived": survived,
    "evidence_gap": lambda rows: rows[BELIEVED] - rows[TRUE],
    "warning_shots_before_first_try": _warning_shots,
    **{name: partial(_score, name) for name in SCORED},
}


def estimate(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand with its 95 % interval, as it is reported."""
    return reported(worlds, policy, estimand).interval_estimate


def reported(worlds, policy: str, estimand: str) -> Reported:
    """An estimand with its 95 % interval: conditional where that is narrower, else counted.

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
    level, rows = confidence(worlds), rows_of(worlds, policy)
    by_counts = _counted(rows, estimand, level)
    if by_counts.low is None or not is_there(worlds.variables):
        return Reported.of(by_counts)
    return Reported.of(by_counts, _conditional(rows, estimand, level))


def counted(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand by counts.

    The interval of a share is exact, that of a mean is Student's, which for rates is widened by
    the `unseen_margin`, and that of a score is widened by the uncertainty of the share held.
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
    if estimand in SCORED:
        each = either(partial(scored, rows, estimand), rows[HELD])
        return score_interval(expected, moments(rows, HELD), each, WITHIN[estimand], level)
    if WITHIN[estimand] == COUNT:
        drawn = present(values_in(rows, estimand))
        expected = expected.if_met(effective(drawn.sum(), np.sum(drawn**2)))
    return expected.interval(WITHIN[estimand], level)


def estimates(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Every estimand of every policy with its 95 % interval.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.

    Returns
    -------
    pandas.DataFrame
        One row for each policy and estimand.  Columns: `policy`, `estimand`; `estimate`, `low`
        and `high`, in the unit of the estimand; `n`, the worlds in which it exists; `by`,
        "integration" for a conditional estimate, else "counts"; `worth`, how many counted worlds
        one world of a conditional estimate equals; and `counted_estimate`, `counted_low`,
        `counted_high`, `counted_n`, the estimate by counts.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413, for shares; Blackwell (1947), Annals of
    Mathematical Statistics 18, 105-110, for conditional estimates.
    """
    import pandas

    return pandas.DataFrame(
        [
            {"policy": policy, "estimand": name, **_flat(reported(worlds, policy, name))}
            for policy in map(str, worlds["policy"].values)
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
        no other did: the tries that would have been lost without it.
    """
    names = [str(name) for name in worlds["safeguard"].values]
    rows = np.array(
        [
            worlds["first_try_caught_by"].sel(safeguard=name, policy=policy).values
            for name in names
        ],
        np.float64,
    )
    caught = rows == 1
    alone = np.where(np.isnan(rows), np.nan, caught & (caught.sum(axis=0) == 1))
    level = confidence(worlds)
    return {
        name: {"caught": proportion(rows[j], level), "alone": proportion(alone[j], level)}
        for j, name in enumerate(names)
    }


def brier_score(worlds, policy: str) -> Estimate:
    """Mean squared error of the believed catch rate as a forecast that the first try is held.

    0 is perfect; a constant forecast of one half has 0.25.
    """
    return estimate(worlds, policy, "brier_score")
