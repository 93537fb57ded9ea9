"""Where a search looks next, from what was run and from what fewer worlds showed."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from regimesim.studies.require.curve import (
    CURVE,
    UPPER,
    Bracket,
    Tried,
    between,
    crossings,
    expected,
    monotone,
    tested,
)
from regimesim.studies.require.line import Line, Values

PART = 1 / 20  # of the interval of the answer: an end, or the answer, so far from its crossing
STRAIGHT = 1 / 4  # of that interval: a bracket so wide is taken to be crossed in a straight line
MIDDLE = 3  # every so many late looks are in the middle of a bracket, whatever its line says
EARLY = 7  # looks before these
PATIENCE = 9  # looks after which what fewer worlds showed between them is left aside
DOUBT = 1 / 2  # of the width of a band: a place so near to the targets is in doubt

Run = Mapping[Values, Tried]


def next_look(run: Run, few: Iterable[Tried], line: Line) -> float | None:
    """The place where a look in all worlds says most; None where the answer needs no more.

    run: what was run in all worlds, by values · few: what was run in fewer worlds.
    """
    if len(run) >= PATIENCE:
        at = [one.place for one in run.values()]
        few = [one for one in few if not min(at) <= one.place <= max(at)]
    every = expected(list(run.values()), few)
    known = between(tested(every), run)
    if not known:
        return None
    brackets, ends = _brackets(known, every, run)
    if ends:
        return ends[0]
    interval = _interval(brackets)
    wanted = [
        (bracket.width(), place)
        for row, bracket in brackets.items()
        if (place := _within(row, bracket, known, run, interval, line)) is not None
        and line.at(place) not in run
    ]
    if wanted:
        return max(wanted)[1]
    return next(_doubtful(every, run, brackets, interval), None)


def _brackets(known, every, run: Run) -> tuple[dict[int, Bracket], list[float]]:
    """The bracket of each row that crosses the targets, by row; and the ends of the range that
    are to be run, where a row crosses nowhere.

    Beyond the best place that was tested there may be places where nothing was.
    """
    ahead = every if known[0].place <= known[-1].place else every[::-1]
    untested = ahead[[one.place for one in ahead].index(known[-1].place) + 1 :]
    way = [one.place for one in [*known, *untested[:1]]]
    brackets, ends = {}, []
    for row, (k, edge) in enumerate(zip(crossings(known), monotone(known), strict=True)):
        if not run and row != CURVE:
            continue  # in fewer worlds the band is wider
        if 0 < k < len(way):
            best = edge[k] if k < len(edge) else float("nan")
            brackets[row] = Bracket(way[k - 1], way[k], float(edge[k - 1]), float(best))
            continue
        end = known[0 if k == 0 else -1]
        if end.values not in run:
            ends.append(end.place)
    return brackets, ends


def _interval(brackets: Mapping[int, Bracket]) -> float:
    """The length of the interval of the answer; where it is open, to the answer."""
    ends = [one.worse if row == UPPER else one.better for row, one in brackets.items()]
    return max(ends) - min(ends) if ends else 0.0


def _within(row, bracket: Bracket, known, run: Run, interval: float, line: Line) -> float | None:
    """Where to look in the bracket of a row; None where the end that counts is near enough."""
    enough = max(line.fine, PART * interval)
    ends = bracket.worse, bracket.better
    outer, inner = ends if row == UPPER else ends[::-1]
    outer_run, inner_run = (line.at(end) in run for end in (outer, inner))
    crossing = _crossing(bracket, known, run, interval, line)
    far = abs(outer - crossing)
    narrow = bracket.width() <= enough and inner_run
    if outer_run and (narrow or (far <= enough and bracket.width() <= STRAIGHT * interval)):
        return None
    if not outer_run and far <= enough:
        return outer
    if not min(ends) <= crossing <= max(ends):
        place = _beyond(crossing, outer if inner_run else inner, run)
        return place if line.at(place) not in run else bracket.middle()
    step = min(enough, far) / 2
    place = crossing + (step if outer > crossing else -step)
    late = len(run) > EARLY and len(run) % MIDDLE == 0
    for one in (bracket.middle(), place) if late else (place, bracket.middle()):
        if line.at(one) not in run:
            return one
    return None if outer_run else outer


def _beyond(crossing: float, end: float, run: Run) -> float:
    """Where to look if the targets are crossed beyond an end of a bracket, at which something else
    was expected: at the crossing, but not beyond what was run."""
    places = [one.place for one in run.values() if (one.place > end) == (crossing > end)]
    if not places:
        return end
    last = min(places, key=lambda place: abs(place - end))
    return crossing if abs(crossing - end) < abs(last - end) else (end + last) / 2


def _crossing(bracket: Bracket, known, run: Run, interval: float, line: Line) -> float:
    """Where a row is expected to cross the targets: as far from the better known end of its
    bracket as the slope of the curve there says, even beyond an end that was not run; else by the
    line through both ends."""
    both = [(bracket.worse, bracket.below), (bracket.better, bracket.above)]
    ends = [end for end in both if line.at(end[0]) in run]
    if not ends:
        return bracket.crossing()
    place, slack = min(ends, key=lambda end: abs(end[1]))
    slope = _slope(known, place, interval)
    crossing = place - slack / slope if slope else float("nan")
    low, high = sorted((bracket.worse, bracket.better))
    if len(ends) == 1:
        low, high = (low, np.inf) if place == low else (-np.inf, high)
    return crossing if low < crossing < high else bracket.crossing()


def _slope(known, place: float, interval: float) -> float:
    """How steep the curve is around a place: of the straight line that fits it best there."""
    places, slack = np.array([(one.place, one.slack) for one in known]).T
    weights = np.exp(-(((places - place) / max(interval, 1e-9)) ** 2))
    places, slack = (row - np.average(row, weights=weights) for row in (places, slack))
    spread = float(weights @ places**2)
    return float(weights @ (places * slack)) / spread if spread > 0 else 0.0


def _doubtful(every, run: Run, brackets, interval: float) -> Iterator[float]:
    """Places far from the answer at which it is open on which side of the targets they lie."""
    ends = [end for one in brackets.values() for end in (one.worse, one.better)]
    for one in every:
        beyond = min((abs(one.place - end) for end in ends), default=0.0)
        within = ends and min(ends) <= one.place <= max(ends)
        if not (within or one.values in run) and beyond > interval:
            if abs(one.slack) < DOUBT * (one.high - one.low):
                yield one.place
