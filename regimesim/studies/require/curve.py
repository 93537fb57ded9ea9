"""The curve of a requirement: what was tried along the line, and where it crosses the targets.

What is asked of a curve is asked of three rows: the curve itself (made monotone by isotonic
regression) and the lower and the upper edge of its 95 % band (made monotone outwards).
"""

from collections.abc import Container, Iterable
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.studies.require.line import Values
from regimesim.studies.targets import Target

CURVE, LOWER, UPPER = range(3)  # of the rows


class Tried(NamedTuple):
    """The result at one place of the line.

    Attributes
    ----------
    place : float
        The place, 0 to 1.
    values : tuple of float
        The values of the parameters, in their units.
    estimates : tuple of Estimate
        One for each target.
    slack, low, high : float
        How far the worst of the targets is exceeded, and the band of it; NaN where no target was
        tested.
    worlds : int
        The number of worlds that were run there.
    """

    place: float
    values: tuple[float, ...]
    estimates: tuple[Estimate, ...]
    slack: float
    low: float
    high: float
    worlds: int

    @property
    def reached(self) -> bool:
        """Whether every target is reached, by the estimate."""
        return self.slack >= 0


def judged(
    place: float, values, estimates: Iterable[Estimate], targets: Iterable[Target], worlds: int
) -> Tried:
    """The result at a place, by the target that is furthest from being reached."""
    pairs = list(zip(estimates, targets, strict=True))
    slacks = np.full((3, len(pairs)), np.nan)
    for k, (estimate, target) in enumerate(pairs):
        if estimate.n:
            slacks[0, k] = target.slack(estimate.estimate)
        if estimate.low is not None:
            slacks[1:, k] = sorted(map(target.slack, (estimate.low, estimate.high)))
    slack = slacks[0].min()  # NaN where one target is untested
    low, high = map(float, np.fmin.reduce(slacks[1:], axis=1))
    return Tried(place, values, tuple(estimates), float(slack), low, high, worlds)


def tested(tried: Iterable[Tried]) -> list[Tried]:
    """The places where something was tested, the worst end first."""
    known = [one for one in tried if not np.isnan(one.slack)]
    rises = not known or known[-1].slack >= known[0].slack
    return known if rises else known[::-1]


def monotone(known: list[Tried]) -> np.ndarray:
    """The three rows (3, places) of places that were tested, the worst one first."""
    from scipy.optimize import isotonic_regression

    slack, low, high = np.array([(one.slack, one.low, one.high) for one in known]).T
    return np.array(
        [
            isotonic_regression(slack).x,
            np.fmin.accumulate(low[::-1])[::-1],  # an edge that is not known says nothing
            np.fmax.accumulate(high),
        ]
    )


def crossings(known: list[Tried]) -> list[int]:
    """The first place at which each row reaches the targets; the number of places where none
    does."""
    reached = monotone(known) >= 0
    return [int(np.argmax(row)) if row.any() else len(known) for row in reached]


def expected(full: list[Tried], pilot: Iterable[Tried]) -> list[Tried]:
    """What all worlds show, or are expected to show, at each place that was tried: in order.

    Parameters
    ----------
    full : list of Tried
        The places that were run in all worlds.
    pilot : iterable of Tried
        Places in fewer worlds, which are the first of the same ones.  Luck thus moves the curve as
        a whole: what is expected at a place is what fewer worlds showed there, plus the difference
        that more worlds made at the nearest places in `full`.
    """
    known = [one for one in full if not np.isnan(one.slack)]
    run = {one.values for one in full}
    few = [one for one in pilot if one.values not in run]
    if not (few and known):
        return sorted((*full, *few), key=lambda one: one.place)
    before = sorted(pilot, key=lambda one: one.place)
    places = [one.place for one in before]
    rows = np.array([_shrunk(one, known[0].worlds) for one in before]).T
    at = [one.place for one in known]
    ours = np.array([(one.slack, one.low, one.high) for one in known]).T
    guess = []
    for one in few:
        numbers = []
        for row, our in zip(rows, ours, strict=True):
            shift = np.interp(one.place, at, our - np.interp(at, places, row))
            numbers.append(float(np.interp(one.place, places, row) + shift))
        guess.append(one._replace(slack=numbers[0], low=numbers[1], high=numbers[2]))
    return sorted((*full, *guess), key=lambda one: one.place)


def between(known: list[Tried], run: Container[Values]) -> list[Tried]:
    """The same places, the worst one first, with what is only expected at some of them no worse
    than what was run before them, and no better than what was run after them."""
    rows = np.array([(one.slack, one.low, one.high) for one in known]).reshape(-1, 3)
    there = np.array([one.values in run for one in known], bool)
    places = np.flatnonzero(there)
    if not len(places):
        return known
    clipped = []
    for k, one in enumerate(known):
        before, after = places[places < k], places[places > k]
        numbers = rows[k]
        if not there[k] and len(before):
            numbers = np.fmax(numbers, rows[before[-1]])
        if not there[k] and len(after):
            numbers = np.fmin(numbers, rows[after[0]])
        slack, low, high = map(float, numbers)
        clipped.append(one._replace(slack=slack, low=low, high=high))
    return clipped


def _shrunk(one: Tried, worlds: int) -> tuple[float, float, float]:
    """Slack and band of a place, as narrow as so many worlds would make it."""
    narrow = (one.worlds / worlds) ** 0.5
    return (
        one.slack,
        one.slack + (one.low - one.slack) * narrow,
        one.slack + (one.high - one.slack) * narrow,
    )


class Bracket(NamedTuple):
    """Two places between which the slack of a target rises from `below`, which does not reach it,
    to `above`, which does; NaN where it is not known."""

    worse: float
    better: float
    below: float
    above: float

    def width(self) -> float:
        """The distance between both places."""
        return abs(self.better - self.worse)

    def middle(self) -> float:
        """The place in the middle."""
        return (self.worse + self.better) / 2

    def crossing(self) -> float:
        """Where the straight line through both ends crosses; the middle where there is none."""
        rise = self.above - self.below
        if not (np.isfinite(rise) and rise > 0):
            return self.middle()
        return self.worse - self.below / rise * (self.better - self.worse)
