"""One row of worlds at a time, from a dataset or from outcomes: what every analysis reads."""

from collections.abc import Callable

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.ensemble.datasets import ABSENT
from regimesim.model.world.records import THRESHOLDS, names

CROSSINGS = names(THRESHOLDS)


class Rows(dict):
    """Rows by name, one value a world (float64), NaN where it does not exist; each is read
    when it is first asked for.

    The name of a count or a real gives its values, that of a threshold the months in which
    it was first crossed.
    """

    def __init__(self, read: Callable[[str], np.ndarray]):
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> np.ndarray:
        found = self[name] = self._read(name)
        return found


def rows_of(worlds, policy: str) -> Rows:
    """The rows of a policy in the dataset of the worlds of a run."""
    return Rows(lambda name: (crossing if name in CROSSINGS else row)(worlds, policy, name))


def rows_in(outcomes: np.ndarray) -> Rows:
    """The rows of (worlds,) OUTCOME."""

    def read(name):
        if name in CROSSINGS:
            found = outcomes["crossing"][:, CROSSINGS.index(name)]
        else:
            found = outcomes[name]
        if found.dtype.kind == "f":
            return np.ascontiguousarray(found)
        return np.where(found == ABSENT, np.nan, found)

    return Rows(read)


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
