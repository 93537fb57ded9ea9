"""The estimands of a run: was the first critical try held, what followed, and what had
overseers believed of their safeguards?"""

import math

import numpy as np

from regimesim.analysis.estimates import Estimate, mean, proportion
from regimesim.analysis.rows import confidence, crossing, row
from regimesim.analysis.scores import ANY, SCORES, mean_score
from regimesim.analysis.tries import survived

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
BELIEVED, TRUE = "believed_catch_rate", "true_catch_rate"
SCORED = {  # the score, of which rate, and less the score of which
    **{f"{kind}_score": (kind, BELIEVED, None) for kind in SCORES},
    **{f"{kind}_score_of_true_rate": (kind, TRUE, None) for kind in SCORES},
    **{f"{kind}_excess": (kind, BELIEVED, TRUE) for kind in SCORES},
}


def values(worlds, policy: str, estimand: str) -> np.ndarray:
    """One value a world of an estimand (float64), NaN in worlds in which it does not exist.

    `worlds` is the dataset of a run's worlds; only what is asked for is loaded.
    """
    if estimand == "no_takeover":
        return np.isnan(crossing(worlds, policy, "takeover")).astype(np.float64)
    if estimand == "tries_survived":
        return survived(worlds, policy)
    if estimand == "evidence_gap":
        return row(worlds, policy, "believed_catch_rate") - row(worlds, policy, "true_catch_rate")
    if estimand in SCORED:
        held = row(worlds, policy, "held_first_critical_try")
        return np.where(np.isnan(held), np.nan, _scored(worlds, policy, estimand)(held))
    found = row(worlds, policy, estimand)
    if estimand == "warning_shots_before_first_try":
        # Without a first critical try there is no "before" it.
        found = np.where(np.isnan(crossing(worlds, policy, "first_critical_try")), np.nan, found)
    return found


def estimate(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand with its 95 % interval: exact for a share, else Student's t for a mean,
    which for a score is no narrower than what the share held leaves open."""
    level = confidence(worlds)
    if estimand in SHARES:
        return proportion(values(worlds, policy, estimand), level)
    if estimand in SCORED:
        held = row(worlds, policy, "held_first_critical_try")
        return mean_score(_scored(worlds, policy, estimand), held, level, WITHIN[estimand])
    return mean(values(worlds, policy, estimand), level, WITHIN[estimand])


def _scored(worlds, policy, estimand):
    """The score of every world's forecast, as a function of its outcome."""
    kind, rate, other = SCORED[estimand]
    score, forecast = SCORES[kind], row(worlds, policy, rate)
    if other is None:
        return lambda held: score(forecast, held)
    reference = row(worlds, policy, other)
    return lambda held: score(forecast, held) - score(reference, held)


def estimates(worlds) -> "pandas.DataFrame":  # noqa: F821 - it is slow to import
    """Every estimand of every policy: columns policy, estimand, estimate, low, high, n."""
    import pandas

    return pandas.DataFrame(
        [
            {"policy": policy, "estimand": name, **estimate(worlds, policy, name)._asdict()}
            for policy in map(str, worlds["policy"].values)
            for name in ESTIMANDS
        ]
    )


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
