"""Assumptions that are moved together: the worst pair, and the nearest opposite verdict."""

from collections.abc import Sequence
from itertools import combinations
from math import hypot, isfinite
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.explain.assumptions import Assumption
from regimesim.studies.explain.flips import FLIPS, STAYS, Bar, Effect
from regimesim.studies.explain.points import Points
from regimesim.studies.explain.question import Question

STRONGEST = 6  # assumptions that do not flip alone, of which pairs are made
MOST_FLIPPING = 6  # assumptions that do, of which pairs are made
BEST = 3  # pairs that are run in all worlds
MOST_MOVED = 4  # assumptions of the nearest scenario
NEAREST = 0.01  # share of a range: a smaller one is not distinguished
WEAK = 0.25  # of the greatest rate: an assumption below it is not moved
GRID = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)  # ways along a line, 1 is the expected one
HALVINGS = 4
FURTHER = (1.0, 1.05, 1.1, 1.2, 1.4, 1.7)  # ways tried in all worlds, until the verdict is sure


class Move(NamedTuple):
    """One assumption that is moved, from its centre in the scenario to a value."""

    assumption: Assumption
    value: float

    @property
    def share(self) -> float:
        """The share of its range by which it is moved."""
        return self.assumption.share(self.value)

    def plain(self) -> dict:
        """Plain values, as in explain.json."""
        return {"from": self.assumption.value, "to": self.value, "share": self.share}


class Together(NamedTuple):
    """P(no takeover) with several assumptions moved, in all worlds.

    Attributes
    ----------
    moves : tuple of Move
        The assumptions that are moved.
    estimate : Estimate
        P(no takeover) there.
    verdict : str
        "flips", "may flip" or "stays".
    """

    moves: tuple[Move, ...]
    estimate: Estimate
    verdict: str

    @property
    def distance(self) -> float:
        """The root of the sum of squared shares of ranges."""
        return hypot(*(one.share for one in self.moves))

    def plain(self) -> dict:
        """Plain values, as in explain.json."""
        return {
            "moves": {one.assumption.key: one.plain() for one in self.moves},
            "distance": self.distance,
            **self.estimate._asdict(),
            "verdict": self.verdict,
        }


def worst_pair(
    question: Question, bar: Bar, effects: Sequence[Effect], points: Points
) -> Together | None:
    """The pair of plausible ends that moves P furthest to the other side of the bar.

    Each assumption is at the end that moves P further to that side by itself.  Pairs are compared
    in few worlds, and the best of them in all.
    """
    chosen = _strongest(bar, effects)
    worse = [Move(one.assumption, one.worse(bar.good).value) for one in chosen]
    pairs = list(combinations(worse, 2))
    few = points.look([_values(pair) for pair in pairs], question.few)
    ranked = [
        (bar.towards(estimate.estimate), pair)
        for estimate, pair in zip(few, pairs, strict=True)
        if estimate is not None
    ]
    ranked.sort(key=lambda one: -one[0])
    best = [pair for _, pair in ranked[:BEST]]
    looked = points.look([_values(pair) for pair in best], question.scenario.worlds)
    known = [(pair, estimate) for pair, estimate in zip(best, looked, strict=True) if estimate]
    if not known:
        return None
    pair, estimate = max(known, key=lambda one: bar.towards(one[1].estimate, few=False))
    return Together(pair, estimate, bar.verdict(estimate))


def _strongest(bar: Bar, effects: Sequence[Effect]) -> list[Effect]:
    """The assumptions that flip the verdict most easily, and those that do not flip it and move P
    most."""
    flipping = [one for one in effects if isfinite(one.nearest)]
    flipping.sort(key=lambda one: one.nearest)
    others = [one for one in effects if not isfinite(one.nearest) and _progress(bar, one) > 0]
    others.sort(key=lambda one: -_progress(bar, one))
    return [*flipping[:MOST_FLIPPING], *others[:STRONGEST]]


def _progress(bar: Bar, effect: Effect) -> float:
    """How far the worse end brings P towards the other side, from the base."""
    estimate = effect.worse(bar.good).estimate
    few = estimate.n == bar.base_few.n
    return bar.towards(estimate.estimate, few)


def nearest_opposite(
    question: Question, bar: Bar, effects: Sequence[Effect], points: Points
) -> Together | None:
    """The nearest scenario with the opposite verdict: few assumptions, moved as little as may be.

    The strongest assumptions are moved together along a line, each in proportion to how much of
    the way to the bar a share of its range brings, which is the direction of steepest change; the
    way is bisected.  Then each is moved back if the verdict is the opposite without it, and the
    way is bisected again.  An assumption that flips the verdict alone, at a smaller distance, is
    preferred.
    """
    rates = sorted(_rates(bar, effects), key=lambda one: -one[0])[:MOST_MOVED]
    rates = [one for one in rates if one[0] >= WEAK * rates[0][0]]
    lines = [[one] for one in rates if isfinite(one[2].nearest)][:1]
    lines += [rates] if len(rates) > 1 else []
    answers = [_along(question, bar, points, line) for line in lines]
    there = [one for one in answers if one is not None and one.verdict != STAYS]
    return min(there, key=lambda one: (one.verdict != FLIPS, one.distance), default=None)


Rated = tuple[float, float, Effect]  # progress per share of its range, its worse end, its effect


def _rates(bar: Bar, effects: Sequence[Effect]) -> list[Rated]:
    """How much of the way to the bar each assumption brings, per share of its range."""
    rates = []
    for one in effects:
        end = min(one.ends, key=one.share_of) if isfinite(one.nearest) else one.worse(bar.good)
        if isfinite(one.nearest):
            rate = 1 / max(one.nearest, NEAREST)
        else:
            share = max(one.assumption.share(end.value), NEAREST)
            rate = _progress(bar, one) / max(bar.distance, 1e-3) / share
        if rate > 0 and one.assumption.share(end.value) > 0:
            rates.append((rate, end.value, one))
    return rates


def _along(question: Question, bar: Bar, points: Points, line: Sequence[Rated]) -> Together | None:
    """The nearest opposite verdict along a line, with as few assumptions as suffice."""
    search = _Search(question, bar, points)
    way = search.first(line)
    if way is None:
        return None
    whole = line
    for one in sorted(whole, key=lambda one: one[0]):  # the weakest first
        fewer = [other for other in line if other is not one]
        if fewer and search.opposite([_at(fewer, way, whole)])[0]:
            line = fewer
    return search.sure(line, search.first(line) or way)


def _at(line: Sequence[Rated], way: float, whole: Sequence[Rated] = ()) -> tuple[Move, ...]:
    """The moves at a way along a line, or along the `whole` line of which it is a part; 1 would
    reach the bar if all changes of the line added up."""
    total = sum(rate**2 for rate, *_ in whole or line)
    return tuple(
        Move(one.assumption, one.assumption.at_share(way * rate / total, end))
        for rate, end, one in line
    )


class _Search:
    """A search along a line, in some worlds first and then in all."""

    def __init__(self, question: Question, bar: Bar, points: Points):
        self._question, self._bar, self._points = question, bar, points

    def opposite(self, many: Sequence[tuple[Move, ...]]) -> list[bool]:
        """Whether the verdict is the opposite, after each of many moves."""
        looked = self._points.look([_values(moves) for moves in many], self._question.some)
        return [one is not None and self._bar.other_side(one.estimate) for one in looked]

    def first(self, line: Sequence[Rated]) -> float | None:
        """The first way along a line at which the verdict is the opposite."""
        answers = self.opposite([_at(line, way) for way in GRID])
        place = next((k for k, opposite in enumerate(answers) if opposite), None)
        if place is None:
            return None
        kept, flipped = (0.0, *GRID)[place], GRID[place]
        for _ in range(HALVINGS):
            middle = (kept + flipped) / 2
            if self.opposite([_at(line, middle)])[0]:
                flipped = middle
            else:
                kept = middle
        return flipped

    def sure(self, line: Sequence[Rated], way: float) -> Together | None:
        """The first way, from one on, at which all worlds make the verdict sure; or the last."""
        answer = None
        for further in FURTHER:
            moves = _at(line, way * further)
            (estimate,) = self._points.look([_values(moves)], self._question.scenario.worlds)
            if estimate is not None:
                answer = Together(moves, estimate, self._bar.verdict(estimate))
                if answer.verdict == FLIPS:
                    break
        return answer


def _values(moves: Sequence[Move]) -> dict[str, float]:
    return {one.assumption.key: one.value for one in moves}
