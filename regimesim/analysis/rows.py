"""One row of the dataset of worlds at a time: what every analysis reads."""

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE


def row(worlds, policy: str, name: str) -> np.ndarray:
    """One value a world of a variable (float64), NaN where it does not exist."""
    return worlds[name].sel(policy=policy).values.astype(np.float64, copy=False)


def crossing(worlds, policy: str, threshold: str) -> np.ndarray:
    """The month in which each world first crossed a threshold (float64), NaN where it never
    did."""
    found = worlds["crossing"].sel(threshold=threshold, policy=policy).values
    return found.astype(np.float64, copy=False)


def looks(worlds) -> int:
    """How often this run might have been looked at before it was ended; 1 for a plain run."""
    return int(worlds.attrs.get("looks", 1))


def confidence(worlds) -> float:
    """The confidence of each interval of a run, so that it is 95 % under its stopping rule.

    A run that was ended by what was seen in it (`--precision`) shares the error of 5 %
    equally among all looks that were allowed, after Bonferroni.
    """
    return 1 - (1 - CONFIDENCE) / looks(worlds)
