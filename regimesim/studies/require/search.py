"""How much is enough: the smallest value of a parameter that reaches a target.

Every value is tried in the same worlds, so what is estimated at two of them differs by
what the parameter does and hardly by luck: the curve is nearly monotone, and its root can
be bracketed.  The search brackets three crossings of the target: that of the curve (made
monotone by isotonic regression) and those of the two edges of its 95 % band.  The last two
are the ends of the interval for the answer.  It looks next where a straight line through the
ends of a bracket crosses, until the end that counts lies within a small part of the interval
from there: the rest of that interval is luck, which no further value makes smaller.

A pilot, the answer in fewer of the worlds, says where to look: what more worlds change is nearly
the same at all values, so after one look the pilot's curve is moved to where it belongs
(`regimesim.studies.require.curve.expected`).  Values far from the answer then have the pilot's
worlds alone.  All that an answer rests on was run in all worlds: its value, both ends of its
interval, and an end of the range beyond which an interval is open.  Where a pilot can hide
something, the search begins with values across the range, as without one.

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

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import listed
from regimesim.studies.require.curve import (
    Tried,
    between,
    crossings,
    expected,
    judged,
    monotone,
    tested,
)
from regimesim.studies.require.falls import falls
from regimesim.studies.require.line import Line
from regimesim.studies.require.looks import next_look
from regimesim.studies.targets import Target

GRID = 7  # evenly spaced values that are tried first
MOST = 30  # values that are tried in all

REACHED, EVERYWHERE, NOWHERE = "found", "everywhere", "nowhere"
NOT_MONOTONE, UNTESTED, UNKNOWN = "not monotone", "untested", "unknown"

Evaluate = Callable[[tuple[float, ...]], list[tuple[np.ndarray, Estimate]]]


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
        The values that were tried, in the order of the line; between two that were tried in all
        worlds only such values.
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
    curve: tuple[Tried, ...] = field(default=(), repr=False)
    steady: bool = True

    @property
    def reached_at(self) -> tuple[float, ...] | None:
        """The values that an answer names as reaching the targets; None where it names none."""
        if self.kind != EVERYWHERE:
            return self.answer
        tested = [one for one in self.tried if one.slack == one.slack]
        return tested[0 if self.rising else -1].values


def search(
    evaluate: Evaluate,
    targets,
    line: Line,
    policy: str = "",
    report: Callable | None = None,
    pilot: Requirement | None = None,
) -> Requirement:
    """Find the crossing of the targets along a line.

    evaluate: returns (array, Estimate) for each target, from the values of the parameters; the
    array has a number for each world, always of the same worlds, NaN where there is none ·
    report: called with each Tried · pilot: the answer in the first of these worlds.
    """
    rows: dict[tuple[float, ...], list[np.ndarray]] = {}
    run: dict[tuple[float, ...], Tried] = {}

    def look(place):
        at = line.at(place)
        answers = evaluate(at)
        # half the memory, and exact for shares
        rows[at] = [np.asarray(row, np.float32) for row, _ in answers]
        estimates = [estimate for _, estimate in answers]
        worlds = len(rows[at][0])
        run[at] = judged(line.place(at, place), at, estimates, targets, worlds)
        if report:
            report(run[at])

    few = pilot.curve if pilot and _guides(pilot) else ()
    if not few:
        for place in map(float, np.linspace(0, 1, GRID)):
            if line.at(place) not in run:
                look(place)
    while len(run) < MOST:
        place = next_look(run, few, line)
        if place is None or line.at(place) in run:
            break
        look(place)
    beside = pilot.tried if few and pilot else ()
    return _answer(list(run.values()), few, beside, rows, targets, line, policy)


def _guides(pilot: Requirement) -> bool:
    """Whether a pilot says enough of the whole curve to look near the answer alone."""
    everywhere = all(one.slack == one.slack for one in pilot.tried)
    return pilot.steady and everywhere and pilot.kind not in (NOT_MONOTONE, UNTESTED)


def _answer(full, few, beside, rows, targets, line, policy) -> Requirement:
    """The answer from the places that were run in all worlds.

    few: the curve of the pilot · beside: what was tried in fewer worlds, which shows where the
    targets are reached elsewhere.
    """
    worlds = full[0].worlds
    every = expected(full, few)
    known = tested(every)
    about = {"policy": policy, "targets": targets, "line": line, "worlds": worlds}
    if not known:
        return Requirement(kind=UNTESTED, rising=True, tried=tuple(every), **about)
    rising = known[0].place <= known[-1].place
    run = [one for one in known if one.values in rows]
    curve = tuple(one._replace(worlds=worlds) for one in between(known, rows))
    notes = _notes(run, every, rows, targets, line)
    fallen, steady = falls(run, rows, targets)
    about |= {"rising": rising, "notes": (*notes, *fallen), "steady": steady, "curve": curve}
    middle, lower, upper = crossings(run)
    # beyond the crossing: the last place at which the upper edge does not reach the targets
    first = run[upper - 1] if upper else None
    last = run[lower] if lower < len(run) else None
    kind = EVERYWHERE if middle == 0 else NOWHERE if middle == len(run) else REACHED
    answer = run[middle] if kind == REACHED else None
    about["tried"] = _shown(full, beside)
    pattern = [one.reached for one in tested(about["tried"])]
    if fallen and pattern != sorted(pattern):
        return Requirement(kind=NOT_MONOTONE, **about)
    if kind == REACHED and first is None and last is None:
        needed = _worlds_needed(run, worlds)
        return Requirement(kind=UNKNOWN, needed_worlds=needed, **about)
    ends = [one and one.values for one in (first, last)]
    low, high = ends if rising else reversed(ends)
    return Requirement(kind=kind, answer=answer and answer.values, low=low, high=high, **about)


def _shown(full, beside) -> tuple[Tried, ...]:
    """All places in all worlds and, except between two of them, those in fewer."""
    run = [one.place for one in full]
    apart = [one for one in beside if not min(run) <= one.place <= max(run)]
    return tuple(sorted((*full, *apart), key=lambda one: one.place))


def _notes(run, every, rows, targets, line):
    """Sentences on values without an estimate, and on a parameter that changes nothing."""
    names = listed([target.estimand for target in targets])
    untested = sum(one.slack != one.slack for one in every)
    if untested:
        yield (f"At {untested} of the {len(every)} values tried, no world has a value of {names}.")
    if len(run) > 1 and _changes_nothing(rows):
        verb = "makes" if len(line.varied) == 1 else "make"
        keys = listed([one.key for one in line.varied])
        yield (
            f"In each world, {names} is the same at all values tried: {keys} {verb} no difference "
            "here."
        )


def _worlds_needed(run: list[Tried], worlds: int) -> int | None:
    """About how many worlds would bound the answer on one side, where its interval is the whole
    range.

    At one end of the range, the band must no longer contain the targets.  Its width is taken to
    fall with the square root of the number of worlds.
    """
    curve, lower, upper = monotone(run)
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
