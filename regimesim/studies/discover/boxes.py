"""Boxes of assumptions in which a policy fails: found in one half of the worlds, measured in
the other.

A box is shaped until it is dense in the worlds that shaped it, so what it holds of those
flatters it.  The worlds of the other half had no part in it: what it holds of them is
estimated without bias, with exact intervals.
"""

from typing import NamedTuple

from regimesim.analysis.estimates import CONFIDENCE, Estimate, share
from regimesim.studies.discover.prim import ERROR, Box, Search, quasi_p, search

FEWEST = 40  # worlds that fail, and that do not: fewer cannot shape a box and judge it as well
MOST_BOXES = 3


class JudgedBox(NamedTuple):
    """A box, and what it holds of the worlds of the other half that lie in no box before it.

    mass: its share of these worlds · density: the share of its worlds that fail · coverage:
    its share of all failures · p: how likely luck alone would make it as dense, for the
    whole box, and (`by_limit`) for each limit · quasi_p: the same of each limit in the
    worlds in which it was found.
    """

    box: Box
    mass: Estimate
    density: Estimate
    coverage: Estimate
    p: float
    by_limit: dict[tuple[int, str], float]
    quasi_p: dict[tuple[int, str], float]
    search: Search


class Boxes(NamedTuple):
    """Boxes, each found in what those before it left, and what they hold together; `failing`
    is the share of all worlds of both halves that fail."""

    failing: Estimate
    judged: tuple[JudgedBox, ...]
    density: Estimate
    coverage: Estimate


def worlds_needed(fails) -> int | None:
    """How many worlds like these would hold the fewest that a search needs of those that fail
    and of those that do not: 0 where these do, None where all of them are of one kind."""
    rarer = min(int(fails.sum()), int((~fails).sum()))
    if rarer >= FEWEST:
        return 0
    return -(-len(fails) * FEWEST // rarer) if rarer else None


def find_boxes(
    x, fails, least_density: float | None = None, confidence: float = CONFIDENCE
) -> Boxes:
    """Up to three boxes in which failures gather by more than luck.

    x: (worlds, parameters) · fails: (worlds,) of bool · least_density: of a box, by default
    as `prim.choose` has it · confidence: of each interval.  In the half that had no part in
    it, a box must be denser than the worlds that are left by more than luck (binomial,
    5 %), and denser than all worlds; at the first that is not, the search ends.
    """
    shaping, judging = (x[0::2], fails[0::2]), (x[1::2], fails[1::2])
    failures, judged, left = int(judging[1].sum()), [], judging
    while len(judged) < MOST_BOXES and _enough(shaping[1]) and len(left[1]):
        one = _find_one(shaping, left, failures, least_density, confidence)
        if not one.box.limits() or one.p > ERROR:
            break
        if one.density.estimate <= judging[1].mean():
            break
        judged.append(one)
        shaping, left = (_outside(one.box, some) for some in (shaping, left))
    inside = len(judging[1]) - len(left[1])
    caught = failures - int(left[1].sum())
    together = share(caught, inside, confidence), share(caught, failures, confidence)
    failing = share(int(fails.sum()), len(fails), confidence)
    return Boxes(failing, tuple(judged), *together)


def _enough(fails) -> bool:
    return min(fails.sum(), (~fails).sum()) >= FEWEST // 2


def _find_one(shaping, left, failures, least_density, confidence) -> JudgedBox:
    from scipy.special import bdtrc

    result = search(*shaping, least_density)
    box, (x, fails) = result.step.box, left
    inside = box.holds(x)
    count, failed = int(inside.sum()), int(fails[inside].sum())
    by_chance = float(bdtrc(failed - 1.0, count, fails.mean())) if failed else 1.0
    return JudgedBox(
        box,
        share(count, len(fails), confidence),
        share(failed, count, confidence),
        share(failed, failures, confidence),
        by_chance,
        quasi_p(box, x, fails),
        quasi_p(box, *shaping),
        result,
    )


def _outside(box, some):
    x, fails = some
    outside = ~box.holds(x)
    return x[outside], fails[outside]
