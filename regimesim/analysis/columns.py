"""The input of every analysis: one row of worlds at a time, from a dataset or from outcomes."""

from collections.abc import Callable

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.ensemble.datasets import ABSENT
from regimesim.model.world.records import THRESHOLDS, names

CROSSINGS = names(THRESHOLDS)


class Rows(dict):
    """Rows by name, one value for each world (float64), NaN where it does not exist.

    The name of a count or a real stands for its values, the name of a threshold for the months
    in which it was first crossed.  A row is read on first use.
    """

    def __init__(self, read: Callable[[str], np.ndarray]):
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> np.ndarray:
        row = self[name] = self._read(name)
        return row


def rows_of(worlds, policy: str) -> Rows:
    """The rows of a policy in the dataset of the worlds of a run."""
    return Rows(lambda name: (crossing if name in CROSSINGS else row)(worlds, policy, name))


def rows_in(outcomes: np.ndarray) -> Rows:
    """The rows of (worlds,) OUTCOME."""

    def read(name):
        if name in CROSSINGS:
            column = outcomes["crossing"][:, CROSSINGS.index(name)]
        else:
            column = outcomes[name]
        if column.dtype.kind == "f":
            return np.ascontiguousarray(column)
        return np.where(column == ABSENT, np.nan, column)

    return Rows(read)


def row(worlds, policy: str, name: str) -> np.ndarray:
    """One value of a variable for each world (float64), NaN where it does not exist."""
    return worlds[name].sel(policy=policy).values.astype(np.float64, copy=False)


def crossing(worlds, policy: str, threshold: str) -> np.ndarray:
    """The month in which each world first crossed a threshold (float64), NaN where it never
    did."""
    months = worlds["crossing"].sel(threshold=threshold, policy=policy).values
    return months.astype(np.float64, copy=False)


def looks(worlds) -> int:
    """The number of looks at which this run could have been stopped; 1 for a plain run."""
    return int(worlds.attrs.get("looks", 1))


def confidence(worlds) -> float:
    """The confidence of each interval of a run that gives 95 % under the run's stopping rule.

    A run that stops as soon as it is precise enough (`--precision`) divides the error of 5 %
    equally among all allowed looks (Bonferroni).
    """
    return 1 - (1 - CONFIDENCE) / looks(worlds)
