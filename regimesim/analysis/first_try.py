"""The first critical try: was it held, and what had overseers believed of their safeguards?"""

import numpy as np

from regimesim.analysis.estimates import Estimate, mean, proportion

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
}


def values(worlds, policy: str, estimand: str) -> np.ndarray:
    """One value a world of an estimand (float64), NaN in worlds in which it does not exist.

    `worlds` is the dataset of a run's worlds; only what is asked for is loaded.
    """
    if estimand == "no_takeover":
        return np.isnan(_crossing(worlds, policy, "takeover")).astype(np.float64)
    if estimand == "evidence_gap":
        return _row(worlds, policy, "believed_catch_rate") - _row(
            worlds, policy, "true_catch_rate"
        )
    row = _row(worlds, policy, estimand)
    if estimand == "warning_shots_before_first_try":
        # Without a first critical try there is no "before" it.
        row = np.where(np.isnan(_crossing(worlds, policy, "first_critical_try")), np.nan, row)
    return row


def estimate(worlds, policy: str, estimand: str) -> Estimate:
    """An estimand with its 95 % interval: exact for a share, Student's t for a mean."""
    shares = ("held_first_critical_try", "no_takeover", "first_try_was_story")
    interval = proportion if estimand in shares else mean
    return interval(values(worlds, policy, estimand))


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
    return {
        name: {"caught": proportion(rows[j]), "alone": proportion(alone[j])}
        for j, name in enumerate(names)
    }


def brier_score(worlds, policy: str) -> Estimate:
    """Mean squared error of the believed catch rate as a forecast that the first try is held.

    0 is perfect; a forecaster who always says one half has 0.25.
    """
    believed = _row(worlds, policy, "believed_catch_rate")
    return mean((believed - _row(worlds, policy, "held_first_critical_try")) ** 2)


def _row(worlds, policy, name) -> np.ndarray:
    return worlds[name].sel(policy=policy).values.astype(np.float64, copy=False)


def _crossing(worlds, policy, threshold) -> np.ndarray:
    return worlds["crossing"].sel(threshold=threshold, policy=policy).values
