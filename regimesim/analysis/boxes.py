"""Boxes of assumptions in which a policy fails: one half of the worlds shapes a box, the other
half measures it.

A search makes a box dense in the worlds that shape it, so its density there is biased upwards.
The worlds of the other half take no part in the search, so they measure the box without bias,
with exact intervals.
"""

from typing import NamedTuple

from regimesim.analysis.estimates import CONFIDENCE, Estimate, share
from regimesim.analysis.prim import ERROR, Box, Search, quasi_p, search

FEWEST = 40  # worlds that fail, and worlds that do not: fewer cannot both shape and measure a box
MOST_BOXES = 3


class JudgedBox(NamedTuple):
    """A box, measured in the worlds of the other half that lie in no earlier box.

    mass: its share of these worlds · density: the share of its worlds that fail · coverage:
    its share of all failures · p: how likely luck alone would make it as dense, for the
    whole box, and (`by_limit`) for each limit · quasi_p: the same for each limit, in the
    worlds that shaped the box.
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
    """Boxes, each from the worlds outside the earlier ones, and their joint density and coverage;
    `failing` is the share of all worlds of both halves that fail."""

    failing: Estimate
    judged: tuple[JudgedBox, ...]
    density: Estimate
    coverage: Estimate


def worlds_needed(fails) -> int | None:
    """How many worlds a search needs, so that enough of them fail and enough do not.

    0 where these worlds are enough; None where all of them fail, or none does.
    """
    rarer = min(int(fails.sum()), int((~fails).sum()))
    if rarer >= FEWEST:
        return 0
    return -(-len(fails) * FEWEST // rarer) if rarer else None


def find_boxes(
    x, fails, least_density: float | None = None, confidence: float = CONFIDENCE
) -> Boxes:
    """Up to three boxes in which failures gather by more than luck.

    x: (worlds, parameters) · fails: (worlds,) of bool · least_density: of a box, with the
    default of `prim.choose` · confidence: of each interval.  In the half that measures it, a
    box must be denser than the remaining worlds by more than luck (binomial test, 5 %), and
    denser than all worlds.  The search ends at the first box that is not.
    """
    shaping, judging = (x[0::2], fails[0::2]), (x[1::2], fails[1::2])
    judged: list[JudgedBox] = []
    failures, left = int(judging[1].sum()), judging
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

    result = search(shaping[0], shaping[1], least_density)
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


def limits_of(box: Box, keys) -> dict[str, dict[str, dict]]:
    """The limits of a box: {"feedback.density": {"low": {"value": 0.3}}}."""
    limits: dict[str, dict[str, dict]] = {}
    for dimension, side in box.limits():
        value = float(getattr(box, side)[dimension])
        limits.setdefault(keys[dimension], {})[side] = {"value": value}
    return limits


def condition(limits: dict) -> str:
    """The limits of a box in words: "0.2 < feedback.density < 0.6 and goals.value > 0.1"."""
    return " and ".join(bounds(key, sides) for key, sides in limits.items())


def bounds(key: str, sides: dict) -> str:
    """The limits of one parameter in words."""
    low, high = (
        f"{sides[side]['value']:.15g}" if side in sides else None for side in ("low", "high")
    )
    if low and high:
        return f"{low} < {key} < {high}"
    return f"{key} > {low}" if low else f"{key} < {high}"
