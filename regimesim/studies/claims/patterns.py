"""Whether a pattern is seen: each comparison is decided at 95 %, and all of them must hold.

Where all of several comparisons must hold, each may be decided at the full confidence: the
probability that all hold by chance is at most that of the least likely one.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from regimesim.analysis.conditional import FIELDS
from regimesim.analysis.estimates import Estimate
from regimesim.studies.claims.claim import BOUNDS, OVER_TIME, Pattern
from regimesim.studies.claims.outcomes import (
    MONTH_OUTCOMES,
    WORLD_OUTCOMES,
    Outcome,
    of_months,
    of_worlds,
)


class Number(NamedTuple):
    """A level or a difference, with its label and its interval.

    holds: whether the interval lies where the pattern says, None for a level that decides
    nothing · open: whether a part of the interval lies there.
    """

    label: str
    estimate: Estimate
    holds: bool | None = None
    open: bool = False


class Seen(NamedTuple):
    """A pattern in a run: its levels, and the comparisons (`steps`) that decide."""

    pattern: Pattern
    outcome: Outcome | None
    levels: tuple[Number, ...]
    steps: tuple[Number, ...]

    @property
    def holds(self) -> bool:
        """Whether the pattern is seen."""
        return all(step.holds for step in self.steps)

    @property
    def open(self) -> bool:
        """Whether more worlds might still show it: no comparison is refuted."""
        return all(step.holds or step.open for step in self.steps)


def look(pattern: Pattern, run) -> Seen:
    """Look for a pattern in a `Batched` run."""
    return _same(pattern, run) if pattern.relation == "same" else _compared(pattern, run)


def outcome_of(pattern: Pattern) -> Outcome:
    """The outcome that a pattern is about."""
    known = MONTH_OUTCOMES if pattern.periods else WORLD_OUTCOMES
    outcome = known[pattern.outcome]
    if not pattern.minus:
        return outcome
    return outcome._replace(words=f"{outcome.words}, less {known[pattern.minus].words}")


def _compared(pattern, run) -> Seen:
    samples = [
        (_label(pattern, policy, period), _sample(pattern, run, policy, period))
        for policy in pattern.policies
        for period in pattern.periods or (None,)
    ]
    levels = tuple(Number(label, sample.level()) for label, sample in samples)
    if pattern.relation in BOUNDS:
        steps = tuple(_judged(pattern, *level[:2]) for level in levels)
        return Seen(pattern, outcome_of(pattern), levels, steps)
    in_time = pattern.relation in OVER_TIME
    chains = len(pattern.policies) if in_time else 1
    length, steps = len(samples) // chains, []
    for first in range(0, len(samples), length):
        chain = samples[first : first + length]
        for (before, earlier), (after, later) in pairwise(chain):
            difference = later.difference(earlier)
            label = f"{after} less {before}"
            steps.append(_judged(pattern, label, difference))
    return Seen(pattern, outcome_of(pattern), levels, tuple(steps))


def _label(pattern, policy, period) -> str:
    if period is None or len(pattern.periods) == 1:
        return policy
    return f"{policy}, months {period[0]} to {period[1]}"


def _sample(pattern, run, policy, period):
    """The outcome of a pattern, or the difference of two, under a policy in a period."""
    if period is None:
        samples = [of_worlds(name, run.worlds, policy) for name in _names(pattern)]
    else:
        place = [str(name) for name in run.worlds["policy"].values].index(policy)
        samples = [of_months(name, run.batches, place, period) for name in _names(pattern)]
    return samples[0].minus(samples[1]) if pattern.minus else samples[0]


def _names(pattern) -> list[str]:
    return [name for name in (pattern.outcome, pattern.minus) if name]


def _judged(pattern, label, estimate) -> Number:
    """A level or a difference, and whether its interval lies where the pattern says."""
    if estimate.low is None:
        return Number(label, estimate, holds=False)
    least, most = _allowed(pattern)
    if pattern.relation in ("alike", "steady"):
        holds = least <= estimate.low and estimate.high <= most
    else:
        holds = least < estimate.low and estimate.high < most
    overlaps = estimate.high > least and estimate.low < most
    return Number(label, estimate, bool(holds), bool(overlaps))


def _allowed(pattern) -> tuple[float, float]:
    """The bounds between which an interval must lie."""
    if pattern.relation in ("alike", "steady"):
        return -pattern.value, pattern.value
    above = pattern.relation in ("above", "rises", "grows")
    bound = pattern.value if pattern.relation in BOUNDS else 0.0
    return (bound, math.inf) if above else (-math.inf, bound)


def _same(pattern, run) -> Seen:
    """Whether worlds are the same, bit by bit, under all policies of a pattern.

    Expected values are not compared: they include what would follow after a world is lost.
    """
    first, *others = pattern.policies
    aside = {*pattern.apart_from, *FIELDS}
    steps = []
    for other in others:
        differ = np.zeros(run.worlds.sizes["world"], bool)
        for name, values in run.worlds.data_vars.items():
            if name not in aside:
                pair = [values.sel(policy=policy).values for policy in (first, other)]
                unlike = ~((pair[0] == pair[1]) | (np.isnan(pair[0]) & np.isnan(pair[1])))
                differ |= unlike.reshape(-1, differ.size).any(axis=0)
        count = int(differ.sum())
        estimate = Estimate(float(count), None, None, differ.size)
        steps.append(Number(f"worlds of {other} that differ from {first}", estimate, count == 0))
    return Seen(pattern, None, (), tuple(steps))
