"""Outcomes of a policy, and differences of two, with their intervals.

An outcome of worlds has a value in each world, and policies are compared within worlds.  An
outcome of months, over a period, is the mean over all months of all worlds that are not yet
lost: a ratio of two sums, whose interval comes from batches of worlds.
"""

import math
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimand_table import ESTIMANDS, SHARES, UNCOUNTED, WITHIN
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
from regimesim.analysis.present_worlds import crossing, row
from regimesim.ensemble.datasets import FLAGS
from regimesim.model.world.records import COUNTS, MONTHLY, REALS, THRESHOLDS, Recorded

EVENTS = "1/month"
ZEROS_AND_ONES = ("crossed.", "any.")  # prefixes of names of shares of worlds
UNBOUNDED = ("growth_lost_to_taxes",)  # a tax below 0 adds to growth
NOT_LOST = Recorded("first_try_not_lost", "1", "share of worlds that lost no first critical try")


class Outcome(NamedTuple):
    """An outcome: its name, its unit, its words, and the range of its values."""

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
        if name not in UNCOUNTED:
            yield Outcome(name, "%" if share and "brier" not in name else "", words, WITHIN[name])
    yield Outcome(NOT_LOST.name, "%", NOT_LOST.words, (0.0, 1.0))
    for item in (*COUNTS, *REALS):
        if item.name not in ESTIMANDS:
            least = -math.inf if item.name in UNBOUNDED else 0.0
            yield Outcome(item.name, _unit(item.unit), item.words, (least, math.inf))
    for item in COUNTS:
        if item.name not in FLAGS:
            words = f"share of worlds with any: {item.words}"
            yield Outcome(f"any.{item.name}", "%", words, (0.0, 1.0))
    for item in THRESHOLDS:
        words = f"{item.name.replace('_', ' ')}, by the end"
        yield Outcome(f"crossed.{item.name}", "%", f"share of worlds: {words}", (0.0, 1.0))
        words = f"{item.name.replace('_', ' ')} (never counts as the end)"
        yield Outcome(f"month.{item.name}", "months", f"months until: {words}", (0.0, 1200.0))


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _of_months():
    for item in MONTHLY:
        share = item.unit == "1" and item.name != "erosion"
        within = (0.0, 1.0) if share else (-math.inf, math.inf)
        yield Outcome(item.name, "%" if share else _unit(item.unit), item.words, within)


WORLD_OUTCOMES = {outcome.name: outcome for outcome in _of_worlds()}
MONTH_OUTCOMES = {outcome.name: outcome for outcome in _of_months()}


class WorldSample(NamedTuple):
    """An outcome of worlds under a policy: its value in each world, NaN where it has none."""

    outcome: Outcome
    values: np.ndarray
    estimate: Estimate

    def level(self) -> Estimate:
        """The outcome with its interval."""
        return self.estimate

    def minus(self, other: "WorldSample") -> "WorldSample":
        """The difference of two outcomes of the same world."""
        values, (low, high) = self.values - other.values, self.outcome.within
        within = (low - high, high - low) if math.isfinite(high - low) else (-math.inf, math.inf)
        outcome = self.outcome._replace(name="", within=within)
        return WorldSample(outcome, values, mean(values, CONFIDENCE, within))

    def difference(self, other: "WorldSample") -> Estimate:
        """The mean of this minus `other`, within the worlds in which both exist."""
        if self.outcome.name in (*SHARES, NOT_LOST.name) or self.outcome.name.startswith(
            ZEROS_AND_ONES
        ):
            return proportion_difference(self.values, other.values)
        low, high = self.outcome.within
        most = high - low
        within = None if math.isinf(most) else (-most, most)
        return mean(self.values - other.values, CONFIDENCE, within)


class MonthSample(NamedTuple):
    """An outcome of months under a policy in a period.

    sums, counts: in each batch of worlds, the sum over months and worlds, and how many values
    it has · worlds: how many worlds entered the period.
    """

    outcome: Outcome
    sums: np.ndarray
    counts: np.ndarray
    worlds: int

    def level(self) -> Estimate:
        """The mean over months and worlds with its interval."""
        if self.counts.sum() == 0:
            return NOTHING
        return self._interval(self._mean(), self._residuals(), self.worlds)

    def difference(self, other: "MonthSample") -> Estimate:
        """This minus `other`, within batches: both are of the same worlds."""
        if self.counts.sum() == 0 or other.counts.sum() == 0:
            return NOTHING
        residuals = self._residuals() - other._residuals()
        worlds = min(self.worlds, other.worlds)
        return self._interval(self._mean() - other._mean(), residuals, worlds, is_difference=True)

    def minus(self, other: "MonthSample") -> "MonthSample":
        """The difference of two outcomes of the same months."""
        unbounded = self.outcome._replace(within=(-math.inf, math.inf))
        return self._replace(outcome=unbounded, sums=self.sums - other.sums)

    def _mean(self) -> float:
        return float(self.sums.sum() / self.counts.sum())

    def _residuals(self) -> np.ndarray:
        """The effect of each batch on the mean, a ratio of sums, to first order."""
        return (self.sums - self._mean() * self.counts) / self.counts.mean()

    def _interval(self, middle, residuals, worlds, is_difference=False) -> Estimate:
        from scipy.special import stdtrit

        n, error = residuals.size, float(residuals.std(ddof=1)) / math.sqrt(residuals.size)
        low, high = self.outcome.within
        low = low - high if is_difference else low
        # Where all batches are equal their spread is unknown.  The interval is then that of 0 of
        # n worlds, or of no event in so many months.
        if error <= 1e-12 and not math.isinf(high):
            other = float(exact_interval(0, worlds, CONFIDENCE)[1])
            ends = middle - other * (middle - low), middle + other * (high - middle)
            return Estimate(middle, *ends, worlds)
        if self.outcome.unit == EVENTS and not is_difference and not self.sums.any():
            high = -math.log((1 - CONFIDENCE) / 2) / float(self.counts.sum())
            return Estimate(0.0, 0.0, high, worlds)
        half = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * error
        return Estimate(middle, max(low, middle - half), min(high, middle + half), worlds)


def of_worlds(name: str, worlds, policy: str) -> WorldSample:
    """An outcome of worlds under a policy, from the dataset of the worlds."""
    kind, _, what = name.partition(".")
    outcome, last = WORLD_OUTCOMES[name], int(worlds.attrs["months"])
    if kind == "any":
        sample = (row(worlds, policy, what) > 0).astype(np.float64)
        return WorldSample(outcome, sample, proportion(sample))
    if kind == "crossed":
        sample = (~np.isnan(crossing(worlds, policy, what))).astype(np.float64)
        return WorldSample(outcome, sample, proportion(sample))
    if kind == "month":
        sample = np.nan_to_num(crossing(worlds, policy, what), nan=last)
        bounded = outcome._replace(within=(0.0, float(last)))
        return WorldSample(bounded, sample, mean(sample, CONFIDENCE, bounded.within))
    if name == NOT_LOST.name:
        held = values(worlds, policy, "held_first_critical_try")
        sample = np.where(np.isnan(held), 1.0, held)
        return WorldSample(outcome, sample, proportion(sample))
    if name in ESTIMANDS:
        return WorldSample(outcome, values(worlds, policy, name), estimate(worlds, policy, name))
    sample = row(worlds, policy, name)
    return WorldSample(outcome, sample, mean(sample, CONFIDENCE, outcome.within))


def of_months(name: str, batches, policy: int, period: tuple[int, int]) -> MonthSample:
    """An outcome of months under the policy at a position, from the sums of each batch."""
    months = slice(period[0], period[1] + 1)
    totals = [batch.totals(policy, name) for batch in batches]
    sums = np.array([total[months].sum() for total, _ in totals])
    counts = np.array([count[months].sum() for _, count in totals])
    worlds = int(sum(count[period[0]] for _, count in totals))
    return MonthSample(MONTH_OUTCOMES[name], sums, counts, worlds)
