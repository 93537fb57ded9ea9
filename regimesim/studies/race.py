"""A race: candidates run in the same worlds, and those that are clearly worse drop out.

At each look, every candidate that is left has run in as many worlds.  It drops out where it
clearly misses a target (where nobody is likely to reach all of them, by more than the nearest may
miss one), and where a leader clearly beats it: by the interval of their difference within worlds.
The error of 5 % is divided among looks (1/2, 1/6, 1/12, … of it, so that it does not matter how
many there will be), and equally among candidates and comparisons (Bonferroni).  So in at least
95 % of races no comparison that decided is wrong, as far as Student's intervals hold, and the best
candidate that reaches the targets has not dropped out.

With one aim a candidate also drops out where it cannot be better than a leader by more than half
the `precision`, and the race ends where nobody can be better than the best by more than all of it,
those that dropped out included: by the worlds that they share with the best, or by what they were
at most better than the leader that put them out, and that leader than the best.  With several aims
a candidate drops out where another one is clearly as good in each and better in one; all must be
clear at once, and the error is then divided among looks alone, so that of a whole front a few may
be missing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from regimesim.analysis.conditional import Linear, Moments
from regimesim.analysis.estimand_table import WITHIN
from regimesim.analysis.estimates import CONFIDENCE, UNBOUNDED, unseen_margin
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.targets import Aim, Target

ERROR = 0.05  # of the whole race
FEWEST = 32  # worlds at the first look
GROWTH = 2  # how many times more worlds the next look has
MISSES, BEATEN, CLOSE = "misses a target", "is beaten", "is no better"


class Ends(NamedTuple):
    """An estimate and the ends of its interval; NaN where there is none."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Look:
    """How a race stands.

    Attributes
    ----------
    worlds : int
        The worlds that every candidate that is left has run in.
    left : tuple of Candidate
        Those that are left, the best first.
    front : tuple of Candidate
        Those of them that no other is as good as in every aim, by the estimates; with one aim the
        best alone.
    safe : frozenset of Candidate
        Those of them whose 95 % intervals reach every target.
    reached : bool
        Whether the front reaches every target by the estimates.
    settled : bool
        Whether further worlds would change nothing that the precision asks for.
    dropped : mapping of Candidate to tuple
        The reason, and the number of worlds, for each that dropped out.
    bound : float or None
        With one aim: no candidate that may reach the targets is better than the best by more than
        this, at the confidence of the race.
    """

    worlds: int
    left: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    safe: frozenset[Candidate]
    reached: bool
    settled: bool
    dropped: Mapping[Candidate, tuple[str, int]] = field(default_factory=dict, repr=False)
    bound: float | None = None

    @property
    def best(self) -> Candidate:
        """The best of the front."""
        return self.front[0]


def looks_at(worlds: int, first: int = FEWEST) -> tuple[int, ...]:
    """The numbers of worlds at the looks of a race: each twice that before, in the end all."""
    numbers, number = [], first
    while 3 * number <= 2 * worlds:  # a look at nearly all worlds says nothing new
        numbers.append(number)
        number *= GROWTH
    return (*numbers, worlds)


def race(
    worlds: CommonWorlds,
    candidates: Iterable[Candidate],
    aims: Sequence[Aim],
    targets: Sequence[Target] = (),
    looks: Sequence[int] = (),
    precision: float = 0.0,
    show: Callable[[Look], object] | None = None,
) -> Iterator[Look]:
    """Run a race, and yield how it stands at each look.

    Parameters
    ----------
    worlds : CommonWorlds
        The worlds, perhaps with some that were run already.
    candidates : iterable of Candidate
        Those that take part.
    aims : sequence of Aim
        What is to be as large, or as small, as can be.
    targets : sequence of Target
        What must hold.
    looks : sequence of int
        Rising numbers of worlds, by default `looks_at` those of the scenario.
    precision : float
        With one aim, what counts as no better, in the unit of the estimand.
    show : callable, optional
        Called with each Look.

    Yields
    ------
    Look
        The last one is settled, or at the last number of worlds.
    """
    looks = tuple(looks) or looks_at(worlds.scenario.worlds)
    left = list(dict.fromkeys(candidates))
    judge = _Judge(worlds, aims, targets, precision, len(left))
    everyone, dropped = list(left), {}
    for place, number in enumerate(looks, 1):
        worlds.run(left, number)
        judge.begin(place)
        left, out = judge.sift(left, number)
        dropped |= {one: (reason, number) for one, reason in out.items()}
        if back := judge.nearer(left, dropped, number):
            worlds.run(back, number)
            left, out = judge.sift([*left, *back], number)
            dropped = {one: how for one, how in dropped.items() if one not in back}
            dropped |= {one: (reason, number) for one, reason in out.items()}
        look = judge.stand(left, everyone, dropped, number)
        if show:
            show(look)
        yield look
        if look.settled:
            return


class _Judge:
    """Compares candidates in the same worlds."""

    def __init__(self, worlds, aims, targets, precision, candidates: int):
        self._worlds, self.aims, self.targets = worlds, tuple(aims), tuple(targets)
        self._precision = precision if len(self.aims) == 1 else 0.0
        self._parts = (candidates if len(self.aims) == 1 else 1) * (1 + len(self.targets))
        self.confidence = CONFIDENCE
        self._kept: dict[tuple, Linear] = {}
        self._put_out: dict[Candidate, tuple[Candidate, float]] = {}

    def begin(self, look: int) -> None:
        """Begin a look, the first of which is 1."""
        self._kept.clear()
        # an end of an interval misses in half of the cases in which the interval does
        self.confidence = 1 - 2 * ERROR / (look * (look + 1)) / self._parts

    def linear(self, one: Candidate, estimand: str, number: int) -> Linear:
        """An estimand of a candidate as a mean over the first worlds."""
        key = (one.key, estimand, number)
        if key not in self._kept:
            self._kept[key] = self._worlds.linear(one, estimand, number)
        return self._kept[key]

    def gain(self, one: Candidate, other: Candidate, aim: Aim, number: int) -> Ends:
        """How much better `one` is than `other` in an aim."""
        pair = (self.linear(c, aim.estimand, number) for c in (one, other))
        return _turned(difference(*pair, aim.estimand, self.confidence), aim.sign)

    def slack(self, one: Candidate, target: Target, number: int, confidence=None) -> Ends:
        """How far a candidate lies on the good side of a target."""
        linear = self.linear(one, target.estimand, number)
        ends = interval(linear, target.estimand, confidence or self.confidence)
        sign = 1 if target.sense == ">=" else -1
        return _turned(Ends(*(end - target.value for end in ends)), sign)

    def ahead(self, one: Candidate, other: Candidate, target: Target, number: int) -> Ends:
        """How much nearer the good side of a target `one` is than `other`."""
        pair = (self.linear(c, target.estimand, number) for c in (one, other))
        sign = 1 if target.sense == ">=" else -1
        return _turned(difference(*pair, target.estimand, self.confidence), sign)

    def sift(self, left: list[Candidate], number: int) -> tuple[list, dict[Candidate, str]]:
        """Those that stay, and the reasons of those that drop out."""
        slacks = {one: [self.slack(one, t, number) for t in self.targets] for one in left}
        out = dict.fromkeys(self._missing(left, slacks), MISSES)
        stay = [one for one in left if one not in out]
        for leader in self._leaders(stay, slacks, number):
            if leader in out:
                continue
            for one in stay:
                if one != leader and one not in out:
                    if reason := self._beats(leader, one, slacks, number):
                        out[one] = reason
        return [one for one in left if one not in out], out

    def _missing(self, left, slacks) -> list[Candidate]:
        """Those that clearly miss a target; where nobody is likely to reach all of them, those
        alone that clearly miss one by more than the nearest may: the nearest is the answer."""
        missing = [one for one in left if any(end.high < 0 for end in slacks[one])]
        if any(_likely(slacks[one]) for one in left):
            return missing
        most = self._most(left, slacks)
        return [one for one in missing if _at_least(slacks[one]) > most]

    def _most(self, left, slacks) -> float:
        """What the nearest may miss a target by, at most."""
        nearest = min(left, key=lambda one: (self._shortfall(slacks[one]), one.key))
        return max(-end.low for end in slacks[nearest])

    def nearer(self, left: list[Candidate], dropped, number: int) -> list[Candidate]:
        """Those that dropped out because they missed a target, and may be nearer than who is left
        now that nobody is likely to reach all of them."""
        slacks = {one: [self.slack(one, t, number) for t in self.targets] for one in left}
        if any(_likely(slacks[one]) for one in left):
            return []
        most = self._most(left, slacks)
        return [
            one
            for one, (reason, then) in dropped.items()
            if reason == MISSES
            and _at_least([self.slack(one, t, then) for t in self.targets]) <= most
        ]

    def _leaders(self, stay, slacks, number) -> list[Candidate]:
        """Those that others are compared with: good ones by the estimates."""
        sure = [one for one in stay if _sure(slacks[one])]
        likely = [one for one in stay if _likely(slacks[one])]
        if len(self.aims) > 1:
            fronts = self._front(sure, number), self._front(likely, number)
            return list(dict.fromkeys(one for front in fronts for one in front))
        least = sorted(stay, key=lambda one: self._shortfall(slacks[one]))
        firsts = [self._ordered(group, number)[:1] for group in (sure, likely)]
        return list(dict.fromkeys([*(one for group in firsts for one in group), *least[:1]]))

    def _beats(self, leader, one, slacks, number) -> str | None:
        """Why `leader` puts a candidate out, or None."""
        for target, own in zip(self.targets, slacks[leader], strict=True):
            if not own.low >= 0 and not self.ahead(leader, one, target, number).low >= 0:
                return None
        gains = [self.gain(leader, one, aim, number) for aim in self.aims]
        if len(gains) == 1:
            (gain,) = gains
            close = self._precision and gain.low >= -self._precision / 2
            if gain.low > 0 or close:
                self._put_out[one] = leader, -gain.low
            return BEATEN if gain.low > 0 else CLOSE if close else None
        better = all(g.low >= 0 for g in gains) and any(g.low > 0 for g in gains)
        return BEATEN if better else None

    def _is_safe(self, one, number) -> bool:
        """Whether the 95 % intervals of a candidate reach every target."""
        return _sure([self.slack(one, t, number, CONFIDENCE) for t in self.targets])

    def _shortfall(self, slacks) -> float:
        return max((-end.estimate for end in slacks), default=0.0)

    def _values(self, one, number) -> tuple[float, ...]:
        """What a candidate has in each aim; more is better."""
        values = (aim.sign * _middle(self.linear(one, aim.estimand, number)) for aim in self.aims)
        return tuple(-np.inf if np.isnan(value) else value for value in values)

    def _ordered(self, group, number) -> list[Candidate]:
        return sorted(group, key=lambda one: (*(-v for v in self._values(one, number)), one.key))

    def _front(self, group, number) -> list[Candidate]:
        """Those that no other is as good as in every aim, by the estimates, in order."""
        ordered = self._ordered(group, number)
        if len(self.aims) == 1:
            return ordered[:1]
        kept: list[Candidate] = []
        values: list[tuple[float, ...]] = []
        for one in ordered:
            own = self._values(one, number)
            if not any(all(a >= b for a, b in zip(v, own, strict=True)) for v in values):
                kept.append(one)
                values.append(own)
        return kept

    def stand(self, left, everyone, dropped, number) -> Look:
        """How the race stands."""
        slacks = {one: [self.slack(one, t, number) for t in self.targets] for one in left}
        safe = [one for one in left if self._is_safe(one, number)]
        group = safe or [one for one in left if _likely(slacks[one])]
        if group:
            front = self._front(group, number)
        else:
            front = sorted(left, key=lambda one: (self._shortfall(slacks[one]), one.key))[:1]
        firsts = [*front, *(one for one in self._ordered(group, number) if one not in front)]
        rest = [one for one in self._ordered(left, number) if one not in firsts]
        bound = None
        if group and len(self.aims) == 1:
            bound = self._bound(front[0], everyone, dropped, number)
        close = bound is not None and front[0] in safe and bound <= self._precision
        return Look(
            worlds=number,
            left=(*firsts, *rest),
            front=tuple(front),
            safe=frozenset(safe),
            reached=bool(group),
            settled=len(left) == 1 or bool(self._precision and close),
            dropped=dict(dropped),
            bound=bound,
        )

    def _bound(self, best, everyone, dropped, look: int) -> float | None:
        """By how much another candidate may be better, at a look at so many worlds."""
        bounds = {best: 0.0}
        for one in sorted(everyone, key=lambda one: -dropped.get(one, (None, np.inf))[1]):
            reason, number = dropped.get(one, (None, look))
            if one == best or reason == MISSES:
                continue
            bounds[one] = self._better(one, best, number)
            leader, high = self._put_out.get(one, (one, 0.0))
            if leader in bounds:  # those that stayed longer have their bounds already
                bounds[one] = min(bounds[one], high + bounds[leader])
        most = max(0.0, *bounds.values())
        return float(most) if np.isfinite(most) else None

    def _better(self, one, best, number) -> float:
        """By how much a candidate may be better, in the worlds that both have run in."""
        high = self.gain(one, best, self.aims[0], number).high
        return np.inf if np.isnan(high) else high


def interval(linear: Linear, estimand: str, confidence: float) -> Ends:
    """An estimand of one candidate with its interval."""
    each = np.asarray(linear.each, np.float64)
    plain = Moments.of(each)._replace(worlds=np.asarray(linear.worlds))
    return Ends(*map(float, plain.interval(WITHIN[estimand], confidence)))


def difference(first: Linear, second: Linear, estimand: str, confidence: float) -> Ends:
    """What two candidates differ by in the same worlds, with its interval.

    It is Student's at this confidence, widened by the effect of worlds of an unseen kind at 95 %:
    at the confidence of a whole race that margin alone would keep everybody in for long.
    """
    within = np.subtract(first.each, second.each, dtype=np.float64)
    plain = Moments.of(within)
    plain = plain._replace(worlds=np.minimum(first.worlds, second.worlds))
    middle, low, high = plain.interval(UNBOUNDED, confidence)
    least, most = WITHIN[estimand]
    if np.isfinite([least, most, middle, low]).all():
        ends = (least - most, most - least)
        low, high = unseen_margin(middle, low, high, plain.worlds, ends, ends)
    return Ends(*map(float, (middle, low, high)))


def _turned(ends: Ends, sign: int) -> Ends:
    return ends if sign > 0 else Ends(-ends.estimate, -ends.high, -ends.low)


def _middle(linear: Linear) -> float:
    return float(np.mean(linear.each, dtype=np.float64))


def _sure(slacks) -> bool:
    return all(end.low >= 0 for end in slacks)


def _at_least(slacks) -> float:
    """What a candidate misses a target by at least."""
    return max(-end.high for end in slacks)


def _likely(slacks) -> bool:
    return all(end.estimate >= 0 for end in slacks)
