"""Whether a pattern is seen: each comparison decided at 95 %, and all of them needed.

Where all of several comparisons must hold, each may be decided at the full confidence:
the chance that all of them hold by luck is no larger than that of the least likely one.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from regimesim.analysis.conditional import FIELDS
from regimesim.analysis.estimates import Estimate
from regimesim.studies.claims.claim import BOUNDS, OVER_TIME, Pattern
from regimesim.studies.claims.outcomes import OF_MONTHS, OF_WORLDS, Outcome, of_months, of_worlds


class Found(NamedTuple):
    """A number that was looked at: of what, with its interval, and whether it lies as it must
    (None for a level that is only told); it is open where part of the interval does."""

    label: str
    estimate: Estimate
    holds: bool | None = None
    open: bool = False


class Seen(NamedTuple):
    """A pattern in a run: its levels, the comparisons that decide, and whether all hold."""

    pattern: Pattern
    outcome: Outcome | None
    levels: tuple[Found, ...]
    steps: tuple[Found, ...]

    @property
    def holds(self) -> bool:
        """Whether the pattern is seen."""
        return all(step.holds for step in self.steps)

    @property
    def open(self) -> bool:
        """Whether more worlds might still show it: nothing in it is refuted."""
        return all(step.holds or step.open for step in self.steps)


def look(pattern: Pattern, run) -> Seen:
    """A pattern in a `Batched` run."""
    return _same(pattern, run) if pattern.relation == "same" else _lies(pattern, run)


def outcome_of(pattern: Pattern) -> Outcome:
    """What a pattern is about."""
    known = OF_MONTHS if pattern.periods else OF_WORLDS
    outcome = known[pattern.outcome]
    if not pattern.minus:
        return outcome
    return outcome._replace(words=f"{outcome.words}, less {known[pattern.minus].words}")


def _lies(pattern, run) -> Seen:
    taken = [
        (_label(pattern, policy, period), _take(pattern, run, policy, period))
        for policy in pattern.policies
        for period in pattern.periods or (None,)
    ]
    levels = tuple(Found(label, sample.level()) for label, sample in taken)
    if pattern.relation in BOUNDS:
        steps = tuple(_judged(pattern, *level[:2]) for level in levels)
        return Seen(pattern, outcome_of(pattern), levels, steps)
    in_time = pattern.relation in OVER_TIME
    chains = len(pattern.policies) if in_time else 1
    length, steps = len(taken) // chains, []
    for first in range(0, len(taken), length):
        chain = taken[first : first + length]
        for (before, least), (after, most) in pairwise(chain):
            difference = most.less(least)
            label = f"{after} less {before}"
            steps.append(_judged(pattern, label, difference))
    return Seen(pattern, outcome_of(pattern), levels, tuple(steps))


def _label(pattern, policy, period) -> str:
    if period is None or len(pattern.periods) == 1:
        return policy
    return f"{policy}, months {period[0]} to {period[1]}"


def _take(pattern, run, policy, period):
    """A pattern's outcome, or one minus another, under a policy in a period."""
    if period is None:
        taken = [of_worlds(name, run.worlds, policy) for name in _names(pattern)]
    else:
        place = [str(name) for name in run.worlds["policy"].values].index(policy)
        taken = [of_months(name, run.batches, place, period) for name in _names(pattern)]
    return taken[0].minus(taken[1]) if pattern.minus else taken[0]


def _names(pattern) -> list[str]:
    return [name for name in (pattern.outcome, pattern.minus) if name]


def _judged(pattern, label, found) -> Found:
    """A level or a difference, and whether all of its interval, or a part of it, lies where the
    pattern says."""
    if found.low is None:
        return Found(label, found, holds=False)
    least, most = _allowed(pattern)
    if pattern.relation in ("alike", "steady"):
        holds = least <= found.low and found.high <= most
    else:
        holds = least < found.low and found.high < most
    return Found(label, found, bool(holds), bool(found.high > least and found.low < most))


def _allowed(pattern) -> tuple[float, float]:
    """Where an interval must lie."""
    if pattern.relation in ("alike", "steady"):
        return -pattern.value, pattern.value
    above = pattern.relation in ("above", "rises", "grows")
    bound = pattern.value if pattern.relation in BOUNDS else 0.0
    return (bound, math.inf) if above else (-math.inf, bound)


def _same(pattern, run) -> Seen:
    """Worlds that are the same, bit by bit, under all of the policies.

    What is expected of them is left aside: it is of lives that go on after a world is lost.
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
        steps.append(Found(f"worlds of {other} that differ from {first}", estimate, count == 0))
    return Seen(pattern, None, (), tuple(steps))
