"""Which assumptions, moved alone, bring P(no takeover) to the other side of the bar.

Every assumption is first moved to both ends of its range in few worlds.  What may flip is run
again in all worlds, one assumption after the other: it flips if the whole 95 % interval there lies
on the other side, and may flip if only the estimate does.  Then the value at which it flips is
bisected.  All points have the same worlds, so that two of them differ by what the assumptions do
and hardly by luck.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.explain.assumptions import Assumption
from regimesim.studies.explain.points import Points
from regimesim.studies.explain.question import Question

FLIPS, MAY_FLIP, STAYS = "flips", "may flip", "stays"
LEAST = 0.005  # a smaller change in few worlds is none
MOST = 24  # ends that are run in all worlds
ROUNDS = 5  # of bisection: a bracket is 1/32 of the way


class End(NamedTuple):
    """P(no takeover) with one assumption at one end of its range.

    Attributes
    ----------
    value : float
        The end.
    estimate : Estimate
        In as many worlds as its `n`.
    verdict : str
        "flips", "may flip" or "stays".
    kept, flipped : float, optional
        The bracket of the value at which the verdict flips: the last value that was tried on this
        side of the bar, and the first on the other.
    """

    value: float
    estimate: Estimate
    verdict: str = STAYS
    kept: float | None = None
    flipped: float | None = None

    def plain(self) -> dict:
        """Plain values and None, as in explain.json."""
        return {
            "value": self.value,
            **self.estimate._asdict(),
            "verdict": self.verdict,
            "kept": self.kept,
            "flipped": self.flipped,
        }


@dataclass(frozen=True)
class Effect:
    """What one assumption does alone.

    Attributes
    ----------
    assumption : Assumption
        The assumption, and the range in which it moves.
    low, high : End
        P(no takeover) at both ends.
    """

    assumption: Assumption
    low: End
    high: End

    @property
    def key(self) -> str:
        """The dotted name of the assumption."""
        return self.assumption.key

    @property
    def ends(self) -> tuple[End, End]:
        """Both ends."""
        return self.low, self.high

    @property
    def flips(self) -> bool:
        """Whether it flips the verdict at one end at least."""
        return any(end.verdict == FLIPS for end in self.ends)

    @property
    def may_flip(self) -> bool:
        """Whether it does not flip the verdict surely, but may."""
        return not self.flips and any(end.verdict == MAY_FLIP for end in self.ends)

    @property
    def nearest(self) -> float:
        """The least share of the range after which the verdict has flipped; infinity if none."""
        return min((self.share_of(end) for end in self.ends), default=float("inf"))

    def share_of(self, end: End) -> float:
        """The share of the range after which the verdict has flipped towards an end."""
        if end.flipped is None:
            return float("inf")
        centre = self.assumption.centre
        beyond = (end.flipped - centre) * (end.value - centre) < 0  # it has flipped at the centre
        return 0.0 if beyond else self.assumption.share(end.flipped)

    def worse(self, good: bool) -> End:
        """The end that brings P furthest to the other side: the lower one if it is `good`."""
        return min(self.ends, key=lambda end: end.estimate.estimate * (1 if good else -1))

    def plain(self) -> dict:
        """Plain values and None, as in explain.json."""
        one = self.assumption
        return {
            "value": one.value,
            "centre": one.centre,
            "whole": one.whole,
            "unit": one.unit,
            "words": one.words,
            "low": self.low.plain(),
            "high": self.high.plain(),
        }


class Bar(NamedTuple):
    """The bar, and on which side of it the number of the policy lies.

    level: the bar · base: the estimate in all worlds · base_few: the same in few worlds.
    """

    level: float
    base: Estimate
    base_few: Estimate

    @property
    def good(self) -> bool:
        """Whether the number is good enough."""
        return self.base.estimate >= self.level

    @property
    def is_clear(self) -> bool:
        """Whether the whole interval is on one side."""
        return not self.base.low < self.level <= self.base.high

    def other_side(self, estimate: float) -> bool:
        """Whether an estimate lies on the other side of the bar."""
        return (estimate >= self.level) != self.good

    def verdict(self, estimate: Estimate) -> str:
        """The verdict of an estimate in all worlds."""
        if not self.other_side(estimate.estimate):
            return STAYS
        surely = estimate.high < self.level if self.good else estimate.low >= self.level
        return FLIPS if surely else MAY_FLIP

    def perhaps(self, end: End) -> End:
        """An end in few worlds with its verdict, which is at most that it may flip."""
        beyond = self.towards(end.estimate.estimate) > max(self.distance, LEAST)
        return end._replace(verdict=MAY_FLIP if beyond else STAYS)

    def towards(self, estimate: float, few: bool = True) -> float:
        """How far an estimate lies towards the other side of the bar, from the base."""
        base = self.base_few if few else self.base
        return (base.estimate - estimate) * (1 if self.good else -1)

    @property
    def distance(self) -> float:
        """How far the base lies from the bar."""
        return abs(self.base.estimate - self.level)


def screened(
    question: Question, number: Estimate, points: Points
) -> Iterator[tuple[int, Bar, list[Effect]]]:
    """At each of some few numbers of worlds: (worlds, the bar, the effect of each assumption).

    Few worlds show that an end may flip, and no more.  Assumptions that contradict the scenario
    at an end are left out.
    """
    wanted: list[dict[str, float]] = [{}]
    for one in question.assumptions:
        wanted += [{one.key: end} for end in one.ends]
    stages = question.stages_of_ends
    for worlds, looked in zip(stages, points.look_in_stages(wanted, stages), strict=True):
        base, *seen = looked
        bar = Bar(question.good_enough, number, base or number)
        effects = []
        for one, low, high in zip(question.assumptions, seen[::2], seen[1::2], strict=True):
            if low is not None and high is not None:
                ends = (End(one.low, low), End(one.high, high))
                effects.append(Effect(one, *(bar.perhaps(end) for end in ends)))
        yield worlds, bar, effects


def near(bar: Bar, effects: list[Effect]) -> list[tuple[str, float]]:
    """The ends, by key and value, that few worlds show beyond the bar, or so near to it that their
    interval reaches it; at most MOST, those first that move P most."""
    moved = []
    for effect in effects:
        for end in effect.ends:
            middle, low, high, _ = end.estimate
            way, reach = bar.towards(middle), middle - low if bar.good else high - middle
            if way > LEAST and way + reach > bar.distance:
                moved.append((way, effect.key, end.value))
    return [(key, value) for _, key, value in sorted(moved, reverse=True)[:MOST]]


def sharpened(
    question: Question, bar: Bar, effects: list[Effect], points: Points
) -> Iterator[tuple[Effect, list[Effect], list[tuple[str, float]]]]:
    """One assumption after the other that may flip the verdict, those first that move P most: its
    effect in all worlds, with the values at which it flips; all effects; and the ends that are
    left, by key and value."""
    chosen = near(bar, effects)
    known = {one.key: one for one in effects}
    for key in dict.fromkeys(key for key, _ in chosen):
        values = [value for other, value in chosen if other == key]
        one = _confirmed(question, bar, known[key], values, points)
        known[key] = _bisected(question, bar, one, values, points)
        chosen = [end for end in chosen if end[0] != key]
        yield known[key], list(known.values()), chosen


def _confirmed(question, bar: Bar, effect: Effect, values: list[float], points: Points) -> Effect:
    """The effect, with the ends at `values` from all worlds."""
    looked = points.look([{effect.key: value} for value in values], question.scenario.worlds)
    known = dict(zip(values, looked, strict=True))

    def again(end: End) -> End:
        estimate = known.get(end.value)
        return end if estimate is None else End(end.value, estimate, bar.verdict(estimate))

    return replace(effect, low=again(effect.low), high=again(effect.high))


class _Bracket:
    """A bracket that is bisected: on this side of the bar at `kept`, on the other at `flipped`."""

    def __init__(self, name: str, assumption: Assumption, kept: float, flipped: float):
        self.name, self.assumption = name, assumption
        self.kept, self.flipped = kept, flipped

    @property
    def middle(self) -> float | None:
        """The value to be tried next, or None where nothing lies between."""
        middle = self.assumption.between(self.kept, self.flipped)
        return None if middle in (self.kept, self.flipped) else middle

    def narrow(self, middle: float, is_other_side: bool) -> None:
        """Keep the half in which the verdict flips."""
        if is_other_side:
            self.flipped = middle
        else:
            self.kept = middle


def _bisected(question, bar: Bar, effect: Effect, values: list[float], points: Points) -> Effect:
    """The effect; its ends at `values` that flip have a bracket of the value where they do."""
    brackets = list(_brackets(bar, effect, values))
    for _ in range(ROUNDS):
        open_ones = [(one, one.middle) for one in brackets if one.middle is not None]
        wanted = [{effect.key: middle} for _, middle in open_ones]
        looked = points.look(wanted, question.some)
        for (one, middle), estimate in zip(open_ones, looked, strict=True):
            if estimate is not None:
                one.narrow(middle, bar.other_side(estimate.estimate))
    for one in brackets:
        end = getattr(effect, one.name)._replace(kept=one.kept, flipped=one.flipped)
        effect = replace(effect, **{one.name: end})
    return effect


def _brackets(bar: Bar, effect: Effect, values: list[float]) -> Iterator[_Bracket]:
    """The first bracket of each end that flips: from the value of the scenario; for a
    distribution, or a value outside the range, from the other end if that does not flip as
    well."""
    one = effect.assumption
    for name, other in (("low", effect.high), ("high", effect.low)):
        end = getattr(effect, name)
        if end.verdict == STAYS or end.value not in values:
            continue
        start, within = one.centre, one.low <= one.centre <= one.high
        if not (one.is_fixed and within) and not bar.other_side(other.estimate.estimate):
            start = other.value
        if start != end.value:
            yield _Bracket(name, one, start, end.value)
