"""What patterns are about: an outcome of a policy, and the difference of two, with intervals.

An outcome of worlds has a value a world, and policies are compared within worlds.  One of
months, over a period, is the mean over all months of all worlds that are not yet lost: a
ratio of two sums, whose interval comes from batches of worlds.
"""

import math
from typing import NamedTuple

import numpy as np

from regimesim.analysis.columns import crossing, row
from regimesim.analysis.estimand_table import ESTIMANDS, SHARES, WITHIN
from regimesim.analysis.estimands import estimate, values
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    exact_interval,
    mean,
    proportion,
    proportion_difference,
)
from regimesim.ensemble.datasets import FLAGS
from regimesim.model.world.records import COUNTS, MONTHLY, REALS, THRESHOLDS, Recorded

EVENTS = "1/month"
ZEROS_AND_ONES = ("crossed.", "any.")  # how names of shares of worlds begin
MAY_BE_GAINS = ("growth_lost_to_taxes",)  # a tax below 0 adds to growth
KEPT = Recorded("first_try_not_lost", "1", "share of worlds that lost no first critical try")


class Outcome(NamedTuple):
    """An outcome by its name: its unit, in words, and the range of its values."""

    name: str
    unit: str
    words: str
    within: tuple[float, float]

    @property
    def is_share(self) -> bool:
        """Whether it is written in percent."""
        return self.unit == "%"


def _of_worlds():
    for name, words in ESTIMANDS.items():
        share = WITHIN[name] in ((0.0, 1.0), (-1.0, 1.0)) and "score" not in name
        yield Outcome(name, "%" if share and "brier" not in name else "", words, WITHIN[name])
    yield Outcome(KEPT.name, "%", KEPT.words, (0.0, 1.0))
    for item in (*COUNTS, *REALS):
        if item.name not in ESTIMANDS:
            least = -math.inf if item.name in MAY_BE_GAINS else 0.0
            yield Outcome(item.name, _unit(item.unit), item.words, (least, math.inf))
    for item in COUNTS:
        if item.name not in FLAGS:
            told = f"share of worlds with any: {item.words}"
            yield Outcome(f"any.{item.name}", "%", told, (0.0, 1.0))
    for item in THRESHOLDS:
        told = f"{item.name.replace('_', ' ')}, by the end"
        yield Outcome(f"crossed.{item.name}", "%", f"share of worlds: {told}", (0.0, 1.0))
        told = f"{item.name.replace('_', ' ')} (never counts as the end)"
        yield Outcome(f"month.{item.name}", "months", f"months until: {told}", (0.0, 1200.0))


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _of_months():
    for item in MONTHLY:
        share = item.unit == "1" and item.name != "erosion"
        within = (0.0, 1.0) if share else (-math.inf, math.inf)
        yield Outcome(item.name, "%" if share else _unit(item.unit), item.words, within)


OF_WORLDS = {outcome.name: outcome for outcome in _of_worlds()}
OF_MONTHS = {outcome.name: outcome for outcome in _of_months()}


class OfWorlds(NamedTuple):
    """A value a world of an outcome under a policy, NaN where it does not exist."""

    outcome: Outcome
    values: np.ndarray
    found: Estimate

    def level(self) -> Estimate:
        """The outcome with its interval."""
        return self.found

    def minus(self, other: "OfWorlds") -> "OfWorlds":
        """The difference of two outcomes of the same world."""
        values, (low, high) = self.values - other.values, self.outcome.within
        within = (low - high, high - low) if math.isfinite(high - low) else (-math.inf, math.inf)
        outcome = self.outcome._replace(name="", within=within)
        return OfWorlds(outcome, values, mean(values, CONFIDENCE, within))

    def less(self, other: "OfWorlds") -> Estimate:
        """This minus `other`, within the worlds in which both exist."""
        if self.outcome.name in (*SHARES, KEPT.name) or self.outcome.name.startswith(
            ZEROS_AND_ONES
        ):
            return proportion_difference(self.values, other.values)
        low, high = self.outcome.within
        most = high - low
        within = None if math.isinf(most) else (-most, most)
        return mean(self.values - other.values, CONFIDENCE, within)


class OfMonths(NamedTuple):
    """An outcome of months under a policy in a period: in each batch of worlds the sum over
    months and worlds, and how many these are; `worlds` is how many worlds entered the period."""

    outcome: Outcome
    sums: np.ndarray
    counts: np.ndarray
    worlds: int

    def level(self) -> Estimate:
        """The mean over months and worlds with its interval."""
        if self.counts.sum() == 0:
            return NOTHING
        return self._interval(self._mean(), self._pulls(), self.worlds)

    def less(self, other: "OfMonths") -> Estimate:
        """This minus `other`; the same batch of worlds gives both."""
        if self.counts.sum() == 0 or other.counts.sum() == 0:
            return NOTHING
        pulls = self._pulls() - other._pulls()
        worlds = min(self.worlds, other.worlds)
        return self._interval(self._mean() - other._mean(), pulls, worlds, difference=True)

    def minus(self, other: "OfMonths") -> "OfMonths":
        """The difference of two outcomes of the same months."""
        unbounded = self.outcome._replace(within=(-math.inf, math.inf))
        return self._replace(outcome=unbounded, sums=self.sums - other.sums)

    def _mean(self) -> float:
        return float(self.sums.sum() / self.counts.sum())

    def _pulls(self) -> np.ndarray:
        """How each batch moves the mean: the ratio of sums, to first order."""
        return (self.sums - self._mean() * self.counts) / self.counts.mean()

    def _interval(self, middle, pulls, worlds, difference=False) -> Estimate:
        from scipy.special import stdtrit

        n, error = pulls.size, float(pulls.std(ddof=1)) / math.sqrt(pulls.size)
        low, high = self.outcome.within
        low = low - high if difference else low
        # What is alike in all batches says nothing of its spread: as for 0 of n worlds, or
        # for no event in so many months.
        if error <= 1e-12 and not math.isinf(high):
            other = float(exact_interval(0, worlds, CONFIDENCE)[1])
            ends = middle - other * (middle - low), middle + other * (high - middle)
            return Estimate(middle, *ends, worlds)
        if self.outcome.unit == EVENTS and not difference and not self.sums.any():
            high = -math.log((1 - CONFIDENCE) / 2) / float(self.counts.sum())
            return Estimate(0.0, 0.0, high, worlds)
        half = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * error
        return Estimate(middle, max(low, middle - half), min(high, middle + half), worlds)


def of_worlds(name: str, worlds, policy: str) -> OfWorlds:
    """An outcome of worlds under a policy, from the dataset of the worlds."""
    kind, _, what = name.partition(".")
    outcome, last = OF_WORLDS[name], int(worlds.attrs["months"])
    if kind == "any":
        found = (row(worlds, policy, what) > 0).astype(np.float64)
        return OfWorlds(outcome, found, proportion(found))
    if kind == "crossed":
        found = (~np.isnan(crossing(worlds, policy, what))).astype(np.float64)
        return OfWorlds(outcome, found, proportion(found))
    if kind == "month":
        found = np.nan_to_num(crossing(worlds, policy, what), nan=last)
        bounded = outcome._replace(within=(0.0, float(last)))
        return OfWorlds(bounded, found, mean(found, CONFIDENCE, bounded.within))
    if name == KEPT.name:
        held = values(worlds, policy, "held_first_critical_try")
        found = np.where(np.isnan(held), 1.0, held)
        return OfWorlds(outcome, found, proportion(found))
    if name in ESTIMANDS:
        return OfWorlds(outcome, values(worlds, policy, name), estimate(worlds, policy, name))
    found = row(worlds, policy, name)
    return OfWorlds(outcome, found, mean(found, CONFIDENCE, outcome.within))


def of_months(name: str, batches, policy: int, period: tuple[int, int]) -> OfMonths:
    """An outcome of months under a policy, by its place, from the sums of each batch."""
    months = slice(period[0], period[1] + 1)
    totals = [batch.totals(policy, name) for batch in batches]
    sums = np.array([total[months].sum() for total, _ in totals])
    counts = np.array([count[months].sum() for _, count in totals])
    worlds = int(sum(count[period[0]] for _, count in totals))
    return OfMonths(OF_MONTHS[name], sums, counts, worlds)
