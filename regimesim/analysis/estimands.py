"""The estimands of a run: was the first critical try held, what followed, and what had
overseers believed of their safeguards?"""

import math
from collections.abc import Callable
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
SCORED = {  # the score, of which rate, and less the score of which
    **{f"{kind}_score": (kind, BELIEVED, None) for kind in SCORES},
    **{f"{kind}_score_of_true_rate": (kind, TRUE, None) for kind in SCORES},
    **{f"{kind}_excess": (kind, BELIEVED, TRUE) for kind in SCORES},
}


def values(worlds, policy: str, estimand: str) -> np.ndarray:
    """One value a world of an estimand, or of what is recorded (float64), NaN in worlds in
    which it does not exist.

    `worlds` is the dataset of a run's worlds; only what is asked for is loaded.
    """
    return values_in(rows_of(worlds, policy), estimand)


def values_in(rows, estimand: str) -> np.ndarray:
    """The same from the rows of worlds by name (`regimesim.analysis.columns`)."""
    return DERIVED[estimand](rows) if estimand in DERIVED else rows[estimand]


def scored(rows, estimand: str, held) -> np.ndarray:
    """The score of every world's forecast, were `held` the outcome of its first try."""
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
    str, Callable[..., np.ndarray]
] = {  # estimands that are not recorded as they are: from rows to values
    "no_takeover": _no_takeover,
    "tries_survived": survived,
    "evidence_gap": lambda rows: rows[BELIEVED] - rows[TRUE],
    "warning_shots_before_first_try": _warning_shots,
    **{name: partial(_score, name) for name in SCORED},
}


def estimate(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand with its 95 % interval, as it is reported."""
    return reported(worlds, policy, estimand).found


def reported(worlds, policy: str, estimand: str) -> Reported:
    """An estimand with its 95 % interval: by integration over the draws that decide attempts
    where that is narrower, else by counts; and by counts besides."""
    level, rows = confidence(worlds), rows_of(worlds, policy)
    by_counts = _counted(rows, estimand, level)
    if by_counts.low is None or not is_there(worlds.variables):
        return Reported.of(by_counts)
    return Reported.of(by_counts, _integrated(rows, estimand, level))


def counted(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand by counts: its interval is exact for a share, else Student's t for a mean,
    with room for that of rates; that of a score is no narrower than what the share held leaves
    open."""
    return _counted(rows_of(worlds, policy), estimand, confidence(worlds))


def _counted(rows, estimand, level):
    if estimand in SHARES:
        return proportion(values_in(rows, estimand), level)
    if estimand in SCORED:
        score = partial(scored, rows, estimand)
        return mean_score(score, rows[HELD], level, WITHIN[estimand])
    return mean(values_in(rows, estimand), level, WITHIN[estimand])


def _integrated(rows, estimand, level):
    found = moments(rows, estimand)
    if estimand in SCORED:
        each = either(partial(scored, rows, estimand), rows[HELD])
        return score_interval(found, moments(rows, HELD), each, WITHIN[estimand], level)
    if WITHIN[estimand] == COUNT:
        drawn = present(values_in(rows, estimand))
        found = found.if_met(effective(drawn.sum(), np.sum(drawn**2)))
    return found.interval(WITHIN[estimand], level)


def estimates(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Every estimand of every policy: columns policy, estimand, estimate, low, high, n, by,
    worth, and, by counts, counted_estimate, counted_low, counted_high and counted_n."""
    import pandas

    return pandas.DataFrame(
        [
            {"policy": policy, "estimand": name, **_flat(reported(worlds, policy, name))}
            for policy in map(str, worlds["policy"].values)
            for name in ESTIMANDS
        ]
    )


def _flat(found: Reported) -> dict:
    told = found._asdict()
    by_counts = told.pop("counted")._asdict()
    return told | {f"counted_{name}": value for name, value in by_counts.items()}


def caught_by(worlds, policy: str) -> dict[str, dict[str, Estimate]]:
    """What each safeguard contributes: the share of first critical tries that it caught.

    For each safeguard `caught`, whether or not others caught it too, and `alone`, where
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

    0 is perfect; a forecaster who always says one half has 0.25.
    """
    return estimate(worlds, policy, "brier_score")
