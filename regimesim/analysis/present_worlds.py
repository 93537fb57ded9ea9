"""The worlds of a dataset that are there: the only way in which an analysis reads worlds.

A dataset that was filtered, concatenated, merged or reindexed has places without a world: its
values are NaN there.  But NaN in `crossing` also means that a threshold was not crossed, and in
`held_first_critical_try` that there was no try.  So a world is there where what every world
records, such as its number of strikes, is there.  Every estimate from a dataset is that from the
same worlds alone.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.analysis.labels import attribute, labels_of, located, titles_of
from regimesim.errors import Refusal, shown
from regimesim.model.world.records import (
    COUNTS,
    EXPECTED,
    REALS,
    THRESHOLDS,
    OfFirstTry,
    names,
)

if TYPE_CHECKING:
    import xarray

CROSSINGS = names(THRESHOLDS)
CROSSING, CAUGHT = "crossing", "first_try_caught_by"
MONTHS_RUN = "months_run"  # how many months each world was run
COUNTED = names(item for item in COUNTS if not isinstance(item, OfFirstTry))
IN_EVERY_WORLD = (
    *COUNTED,
    *names(item for item in REALS if not isinstance(item, OfFirstTry)),
    *names(EXPECTED),
)
FEW = 20_000  # worlds of which the rows of a policy may stay in memory
MOST_ROWS = 3  # rows of more worlds that stay in memory
# Negative whole numbers are absent: -1 in a file that is read without its fill values, and
# what is left of NaN where it was saved as an integer.
WHOLE = (CROSSING, CAUGHT, *names(COUNTS))


class Rows(dict):
    """Rows by name, one value for each world (float64), NaN where it does not exist.

    The name of a count or a real stands for its values, the name of a threshold for the months
    in which it was first crossed, and `MONTHS_RUN` for the months until the takeover or the end.
    A row is read on first use.  Of very many worlds only the `most` rows that were read last are
    kept, and others are read again.
    """

    def __init__(
        self,
        read: Callable[[str], np.ndarray],
        months: Callable[[], int],
        most: int | None = None,
    ):
        super().__init__()
        self._read, self._months, self._most = read, months, most

    def __missing__(self, name: str) -> np.ndarray:
        if name == MONTHS_RUN:
            takeover = self["takeover"]
            row = np.where(np.isnan(takeover), self._months(), takeover + 1.0)
        else:
            row = self._read(name)
        if self._most is not None and len(self) >= self._most:
            del self[next(iter(self))]
        self[name] = row
        return row


class PresentWorlds:
    """The worlds of a dataset that are there, policy by policy; see `present_worlds`.

    Attributes
    ----------
    policies : tuple of str
        The names of the policies.
    attrs : dict
        The attributes of the run.  `worlds` is the number of worlds that are there under any
        policy.
    """

    def __init__(self, dataset: "xarray.Dataset", kept: np.ndarray | None = None):
        self._dataset, self._kept = dataset, kept
        self.policies = labels_of(dataset, "policy", "worlds")
        labels_of(dataset, "world", "worlds", named=False)
        self.mark = next((name for name in IN_EVERY_WORLD if name in dataset), None)
        if self.mark is None:
            raise Refusal(
                f"worlds: found no variable that every world has, such as {shown(COUNTED[0])}, "
                "which shows the worlds that are there; keep one of them"
            )
        self._there: dict[str, np.ndarray] = {}
        self._commons: dict[bytes, PresentWorlds] = {}
        self._rows: dict[str, Rows] = {}

    @cached_property
    def attrs(self) -> dict:
        return {**self._dataset.attrs, "worlds": self.number}

    @property
    def number(self) -> int:
        """The number of worlds that are there under any policy."""
        there = [self.there(policy) for policy in self.policies]
        return int(np.count_nonzero(np.any(there, axis=0))) if there else 0

    @property
    def months(self) -> int:
        """The number of months of the run."""
        return int(attribute(self._dataset, "months", "worlds"))

    @cached_property
    def start(self) -> str:
        """The first month, as YYYY-MM."""
        return attribute(self._dataset, "start", "worlds")

    @property
    def variables(self) -> tuple[Hashable, ...]:
        """The names of the variables."""
        return tuple(self._dataset.data_vars)

    def there(self, policy: str) -> np.ndarray:
        """Whether each world of the dataset is there under a policy (bool)."""
        if policy not in self._there:
            there = ~np.isnan(self._whole_row(policy, self.mark))
            self._there[policy] = there if self._kept is None else there & self._kept
        return self._there[policy]

    @cached_property
    def titles(self) -> dict[str, str]:
        """How tables and figures write each policy."""
        return titles_of(self._dataset)

    def rows(self, policy: str) -> Rows:
        """The rows of a policy, with one value for each world that is there.

        Those of the last policy are kept, where worlds are few enough.
        """
        if policy not in self._rows:
            few = self.there(policy).size <= FEW
            most = None if few else MOST_ROWS
            rows = Rows(lambda name: self._row(policy, name), lambda: self.months, most)
            self._rows = {policy: rows} if few else {}
            return rows
        return self._rows[policy]

    def caught_by(self, policy: str, safeguard: str) -> np.ndarray:
        """Whether a safeguard caught the first critical try of each world: 0, 1 or NaN."""
        return self._row(policy, CAUGHT, safeguard=safeguard)

    def common(self, policies: Iterable[str]) -> "PresentWorlds":
        """The worlds that are there under all of some policies: their rows align.

        The same object is returned again for the same worlds.
        """
        there = np.all([self.there(policy) for policy in policies], axis=0)
        key = np.packbits(there).tobytes()
        if key not in self._commons:
            self._commons[key] = PresentWorlds(self._dataset, there)
        return self._commons[key]

    def labels(self, policy: str) -> np.ndarray:
        """The number of each world that is there, as the dataset labels it."""
        if "world" not in self._dataset.coords:
            raise Refusal("worlds: found no coordinate 'world', which aligns two datasets")
        return np.atleast_1d(self._dataset["world"].values)[self.there(policy)]

    def _row(self, policy, name, **at) -> np.ndarray:
        """The values of the worlds that are there, after a check that no other has some."""
        if name in CROSSINGS:
            name, at = CROSSING, {"threshold": name}
        values, there = self._whole_row(policy, name, **at), self.there(policy)
        if there.all():
            kept = values
        else:
            kept, others = values[there], ~there
            if self._kept is not None:
                others &= self._kept
            if not np.isnan(values[others]).all():
                self._refuse_parts(policy, name, "")
        if name in IN_EVERY_WORLD and np.isnan(kept).any():
            self._refuse_parts(policy, name, "no ")
        return kept

    def _refuse_parts(self, policy, name, no):
        with_mark = f"no {self.mark}" if not no else self.mark
        raise Refusal(
            f"worlds: policy {shown(policy)}: some have {with_mark} and {no or 'a '}{name}; "
            "a world is there with all its variables, or not at all"
        )

    def _whole_row(self, policy, name, **at) -> np.ndarray:
        """One value for each place of the dataset along its worlds (float64)."""
        at = {"policy": policy, **at}
        row = located(self._dataset, name, at, ("world",), "worlds")
        values = np.atleast_1d(row).astype(np.float64, copy=False)
        if name in WHOLE and (values < 0).any():
            values = np.where(values < 0, np.nan, values)
        return values


def present_worlds(worlds: "xarray.Dataset | PresentWorlds", some: bool = False) -> PresentWorlds:
    """The worlds of a dataset that are there.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run, or any selection, mask, concatenation, merger or reindexing of
        them.
    some : bool
        Whether each policy must have a world, as a figure needs it.

    Returns
    -------
    PresentWorlds
        The same object where it is one already.

    Raises
    ------
    Refusal
        Where the dataset lacks what is needed, which the sentence names.
    """
    if not isinstance(worlds, PresentWorlds):
        worlds = PresentWorlds(worlds)
    if some and (none := [name for name in worlds.policies if not worlds.there(name).any()]):
        raise Refusal(f"worlds: policy {shown(none[0])} has no world; leave it out of the dataset")
    return worlds


def rows_of(worlds: "xarray.Dataset | PresentWorlds", policy: str) -> Rows:
    """The rows of a policy in the dataset of the worlds of a run."""
    return present_worlds(worlds).rows(policy)


def row(worlds: "xarray.Dataset | PresentWorlds", policy: str, name: str) -> np.ndarray:
    """One value of a variable for each world that is there (float64), NaN where it does not
    exist."""
    return rows_of(worlds, policy)[name]


def crossing(worlds: "xarray.Dataset | PresentWorlds", policy: str, threshold: str) -> np.ndarray:
    """The month in which each world that is there first crossed a threshold (float64), NaN where
    it never did."""
    return rows_of(worlds, policy)[threshold]


def looks(worlds: "xarray.Dataset | PresentWorlds") -> int:
    """The number of looks at which this run could have been stopped; 1 for a plain run."""
    return int(attribute(worlds, "looks", "worlds"))


def confidence(worlds: "xarray.Dataset | PresentWorlds") -> float:
    """The confidence of each interval of a run that gives 95 % under the run's stopping rule.

    A run that stops as soon as it is precise enough (`--precision`) divides the error of 5 %
    equally among all allowed looks (Bonferroni).
    """
    return 1 - (1 - CONFIDENCE) / looks(worlds)
