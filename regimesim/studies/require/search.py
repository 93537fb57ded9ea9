"""How much is enough: the smallest value of a parameter that reaches a target.

Every value is tried in the same worlds, so what is estimated at two of them differs by
what the parameter does and hardly by luck: the curve is nearly monotone, and its root can
be bracketed.  The search brackets three crossings of the target: that of the curve (made
monotone by isotonic regression) and those of the two edges of its 95 % band.  The last two
are the ends of the interval for the answer.  It looks next where a straight line through the
ends of a bracket crosses, until each bracket is a small part of the interval between the outer
two: the rest of that interval is luck, which no further value makes smaller.

Why this interval: let the true curve rise and cross the target at x.  The band covers the
target at x with probability 95 %, and whenever it does, x lies between the crossings of
its upper and its lower edge.  So the interval holds x at least as often as the band, which
is exact for shares (Clopper and Pearson), also where none or all of the worlds fail, where
resampling worlds would find no uncertainty at all.  Edges are made monotone outwards, and
an end is the evaluated value beyond the crossing, which can only widen it.  Of several
targets all must hold; the risk of 5 % is divided among them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import listed
from regimesim.studies.require.line import Line
from regimesim.studies.targets import Target

GRID = 7  # evenly spaced values that are tried first
PART = 1 / 40  # of the interval of the answer, which brackets need not be narrower than
MIDDLE = 3  # every so many looks are in the middle of a bracket, whatever a line through it says
MOST = 30  # values that are tried in all
FALSE_ALARM = 0.01  # probability that luck alone makes a monotone curve look otherwise

REACHED, EVERYWHERE, NOWHERE = "found", "everywhere", "nowhere"
NOT_MONOTONE, UNTESTED, UNKNOWN = "not monotone", "untested", "unknown"

Evaluate = Callable[[tuple[float, ...]], list[tuple[np.ndarray, Estimate]]]


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
    """

    place: float
    values: tuple[float, ...]
    estimates: tuple[Estimate, ...]
    slack: float
    low: float
    high: float

    @property
    def reached(self) -> bool:
        """Whether every target is reached, by the estimate."""
        return self.slack >= 0


@dataclass(frozen=True)
class Requirement:
    """What one policy needs to reach the targets.

    Attributes
    ----------
    policy : str
        The name of the policy.
    kind : str
        "found", "everywhere" (the whole range reaches the targets), "nowhere", "not monotone",
        "untested" or "unknown" (the interval of the answer is the whole range).
    rising : bool
        Whether the targets need high values, so that the answer is the least that reaches them,
        or low ones, so that it is the greatest.
    answer : tuple of float, optional
        The value of each parameter that varies, in its unit.
    low, high : tuple of float, optional
        The ends of the 95 % interval of the answer; None where the range ends before it.
    tried : tuple of Tried
        Every value that was tried, in the order of the line.
    notes : tuple of str
        Sentences that qualify the answer.
    needed_worlds : int, optional
        About how many worlds would bound an answer of the kind "unknown" on one side.
    costs : mapping, optional
        What the policy costs at the values that were tried: estimates by name of the estimand, by
        values.
    title : str
        How sentences write the policy.
    """

    policy: str
    targets: tuple[Target, ...]
    line: Line
    worlds: int
    kind: str
    rising: bool
    answer: tuple[float, ...] | None = None
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    tried: tuple[Tried, ...] = ()
    notes: tuple[str, ...] = field(default=())
    needed_worlds: int | None = None
    costs: Mapping[tuple[float, ...], Mapping[str, Estimate]] = field(default_factory=dict)
    title: str = ""

    @property
    def reached_at(self) -> tuple[float, ...] | None:
        """The values that an answer names as reaching the targets; None where it names none."""
        if self.kind != EVERYWHERE:
            return self.answer
        tested = [one for one in self.tried if one.slack == one.slack]
        return tested[0 if self.rising else -1].values


def search(
    evaluate: Evaluate, targets, line: Line, policy: str = "", report: Callable | None = None
) -> Requirement:
    """Find the crossing of the targets along a line.

    evaluate: returns (array, Estimate) for each target, from the values of the parameters; the
    array has a number for each world, always of the same worlds, NaN where there is none ·
    report: called with each Tried.
    """
    rows, tried = {}, {}

    def look(place):
        at = line.at(place)
        if at in rows:
            return False
        answers = evaluate(at)
        # half the memory, and exact for shares
        rows[at] = [np.asarray(row, np.float32) for row, _ in answers]
        estimates = tuple(estimate for _, estimate in answers)
        tried[at] = _judge(line.place(at, place), at, estimates, targets)
        if report:
            report(tried[at])
        return True

    for place in np.linspace(0, 1, GRID):
        look(float(place))
    closed = set()
    while len(tried) < MOST:
        brackets = _brackets(_in_order(tried))
        enough = max(line.fine, PART * _interval(brackets))
        widest = max(set(brackets) - closed, key=Bracket.width, default=None)
        if widest is None or widest.width() < enough:
            break
        middle = widest.middle()
        place = middle if len(tried) % MIDDLE == 0 else widest.beyond_the_line(enough)
        if not (look(place) or look(middle)):
            closed.add(widest)
    return _answer(_in_order(tried), rows, targets, line, policy)


def _judge(place, at, estimates, targets) -> Tried:
    slacks = np.full((3, len(targets)), np.nan)
    for k, (estimate, target) in enumerate(zip(estimates, targets, strict=True)):
        if estimate.n:
            slacks[0, k] = target.slack(estimate.estimate)
        if estimate.low is not None:
            slacks[1:, k] = sorted(map(target.slack, (estimate.low, estimate.high)))
    slack = slacks[0].min()  # NaN where one target is untested
    low, high = map(float, np.fmin.reduce(slacks[1:], axis=1))
    return Tried(place, at, estimates, float(slack), low, high)


def _in_order(tried) -> list[Tried]:
    return sorted(tried.values(), key=lambda one: one.place)


def _rises(tested: list[Tried]) -> bool:
    """Whether the targets need high values, by the ends."""
    return tested[-1].slack >= tested[0].slack


def _monotone(tested: list[Tried]) -> np.ndarray:
    """Curve and lower and upper edge (3, places), made monotone; the worst place first."""
    from scipy.optimize import isotonic_regression

    slack, low, high = np.array([one[3:] for one in tested]).T
    return np.array(
        [
            isotonic_regression(slack).x,
            np.fmin.accumulate(low[::-1])[::-1],  # an edge that is not known says nothing
            np.fmax.accumulate(high),
        ]
    )


def _tested(tried: list[Tried]) -> list[Tried]:
    """The places where something was tested, the worst end first."""
    tested = [one for one in tried if not np.isnan(one.slack)]
    return tested if not tested or _rises(tested) else tested[::-1]


def _crossings(tested: list[Tried]) -> list[int]:
    """The first place at which the curve, its lower and its upper edge reach the targets;
    the number of places where none does."""
    reached = _monotone(tested) >= 0
    return [int(np.argmax(row)) if row.any() else len(tested) for row in reached]


def _brackets(tried: list[Tried]) -> list["Bracket"]:
    """The neighbouring places between which the three crossings lie, or may lie: beyond the best
    place that was tested there may be places where nothing was."""
    tested = _tested(tried)
    if not tested:
        return []
    ahead = tried if tested[0].place <= tested[-1].place else tried[::-1]
    untested = ahead[ahead.index(tested[-1]) + 1 :]
    way = [one.place for one in [*tested, *untested[:1]]]
    brackets = []
    for k, edge in zip(_crossings(tested), _monotone(tested), strict=True):
        if 0 < k < len(way):
            best = edge[k] if k < len(edge) else np.nan
            brackets.append(Bracket(way[k - 1], way[k], float(edge[k - 1]), float(best)))
    return brackets


class Bracket(NamedTuple):
    """Two places between which the slack of a target rises from `below`, which does not reach it,
    to `above`, which does; NaN where it is not known."""

    worse: float
    better: float
    below: float
    above: float

    def width(self) -> float:
        return abs(self.better - self.worse)

    def middle(self) -> float:
        return (self.worse + self.better) / 2

    def beyond_the_line(self, enough: float) -> float:
        """Half of `enough` beyond the place where the straight line through both ends crosses, on
        the longer side: where the line is right, two such looks leave a bracket of `enough`."""
        rise = self.above - self.below
        if not (np.isfinite(rise) and rise > 0):
            return self.middle()
        way = self.better - self.worse
        crossing = self.worse - self.below / rise * way
        longer = self.better if 2 * abs(crossing - self.worse) < abs(way) else self.worse
        step = min(enough, abs(longer - crossing)) / 2
        return crossing + step * np.sign(longer - crossing)


def _interval(brackets: list["Bracket"]) -> float:
    """The distance between the outer ends of the brackets."""
    ends = [place for one in brackets for place in (one.worse, one.better)]
    return max(ends) - min(ends) if len(brackets) > 1 else 0.0


def _answer(tried, rows, targets, line, policy) -> Requirement:
    tested = _tested(tried)
    worlds = len(next(iter(rows.values()))[0])
    about = {"policy": policy, "targets": targets, "line": line, "worlds": worlds}
    about["tried"] = tuple(tried)
    if not tested:
        return Requirement(kind=UNTESTED, rising=True, **about)
    notes, names = [], listed([target.estimand for target in targets])
    if len(tested) < len(tried):
        notes.append(
            f"At {len(tried) - len(tested)} of the {len(tried)} values tried, no world has a "
            f"value of {names}."
        )
    if _changes_nothing(rows):
        verb = "makes" if len(line.varied) == 1 else "make"
        keys = listed([one.key for one in line.varied])
        notes.append(
            f"In each world, {names} is the same at all values tried: {keys} {verb} no difference "
            "here."
        )
    curve, lower, upper = _crossings(tested)
    pattern = [one.reached for one in tested]
    falls = list(_falls(tested, rows, targets))
    about |= {"rising": tested[0].place <= tested[-1].place, "notes": (*notes, *falls)}
    if falls and pattern != sorted(pattern):
        return Requirement(kind=NOT_MONOTONE, **about)
    # beyond the crossing: the last place at which the upper edge does not reach the targets
    first = tested[upper - 1].values if upper else None
    last = tested[lower].values if lower < len(tested) else None
    low, high = (first, last) if about["rising"] else (last, first)
    kind = EVERYWHERE if curve == 0 else NOWHERE if curve == len(tested) else REACHED
    if kind == REACHED and low is None and high is None:
        needed = _worlds_needed(tested, worlds)
        return Requirement(kind=UNKNOWN, needed_worlds=needed, **about)
    answer = tested[curve].values if kind == REACHED else None
    return Requirement(kind=kind, answer=answer, low=low, high=high, **about)


def _worlds_needed(tested: list[Tried], worlds: int) -> int | None:
    """About how many worlds would bound the answer on one side, where its interval is the whole
    range.

    At one end of the range, the band must no longer contain the targets.  Its width is taken to
    fall with the square root of the number of worlds.
    """
    curve, lower, upper = _monotone(tested)
    ends = ((curve[0], upper[0]), (curve[-1], lower[-1]))
    times = [((slack - edge) / slack) ** 2 for slack, edge in ends if slack and edge == edge]
    return int(np.ceil(worlds * max(2.0, min(times)))) if times else None


def _changes_nothing(rows) -> bool:
    first, *others = rows.values()
    return all(
        np.array_equal(one, same, equal_nan=True)
        for other in others
        for one, same in zip(other, first, strict=True)
    )


def _falls(tested, rows, targets):
    """A sentence for each target that gets worse towards the better end, by more than luck.

    It names the clearest fall, by the variance of differences in the same worlds.
    """
    from scipy.special import ndtri

    count = len(tested)
    later = np.triu(np.ones((count, count), bool), 1)
    limit = -ndtri(FALSE_ALARM / max(later.sum() * len(targets), 1))
    for k, target in enumerate(targets):
        share, spread = [], []
        for one in tested:
            row = rows[one.values][k].astype(np.float64)
            there = ~np.isnan(row)
            share.append(row[there].mean())
            # what each world adds to the estimate, less its mean (a ratio's linear part)
            spread.append(np.where(there, row - share[-1], 0) / there.sum())
        together = np.array(spread) @ np.array(spread).T
        own = np.diag(together)
        deviation = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * together, 0))
        slack = np.array([target.slack(one) for one in share])
        fall = slack[:, None] - slack[None, :]
        z = np.where(later & (fall > 0), fall / np.maximum(deviation, 1e-300), 0)
        i, j = np.unravel_index(np.argmax(z), z.shape)
        if z[i, j] > limit:
            yield (
                f"{target.estimand} does not move in one direction only: it is {share[i]:.4g} at "
                f"{_shown(tested[i])} and {share[j]:.4g} at {_shown(tested[j])}, which luck does "
                "not explain."
            )


def _shown(one: Tried) -> str:
    return " and ".join(f"{value:g}" for value in one.values)
