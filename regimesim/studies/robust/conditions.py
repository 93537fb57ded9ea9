"""When to choose another policy: the box of assumptions in which it is better.

The policy that is chosen by the mean may be the wrong one in futures that can be described.  The
best alternative is the policy that adds most where it is better; it is picked by one half of the
luck and judged by the other, so that luck adds nothing.  A box of assumptions in which it is
better is shaped by one half of the futures, and the other half measures what it adds there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regimesim.analysis.boxes import (
    Boxes,
    condition,
    find_boxes,
    limits_of,
    worlds_needed,
)
from regimesim.analysis.estimates import UNBOUNDED, Estimate, mean
from regimesim.analysis.prim import Box
from regimesim.studies.robust.futures import Futures


class Instead(NamedTuple):
    """When to choose another policy than the one that is best by the mean, in one view.

    Attributes
    ----------
    view : str
        The name of the scenario.
    policy : str
        The best alternative.
    share : float
        The share of futures in which it is better, by the mean of their worlds.
    limits : dict
        The limits of the box by dotted name, each with `low`, `high` or both; empty without a box.
    condition : str
        The limits in words.
    mass : Estimate or None
        The share of futures in the box.
    gain : Estimate or None
        How much more value the alternative has there.
    why_none : str
        Why there is no box, or nothing.
    """

    view: str
    policy: str
    share: float
    limits: dict
    condition: str
    mass: Estimate | None
    gain: Estimate | None
    why_none: str = ""

    def plain(self) -> dict:
        """Plain values, as in robust.json."""
        there = {"mass": self.mass, "gain": self.gain}
        return {**self._asdict(), **{key: one and one._asdict() for key, one in there.items()}}


NO_BOX = "no limits of assumptions gather such futures by more than luck"


def when_instead(futures: Futures, policies: Sequence[str], chosen: str) -> Instead | None:
    """When to choose another policy than `chosen`.

    Parameters
    ----------
    futures : Futures
        Of one view.
    policies : sequence of str
        Their names.
    chosen : str
        The policy that is best by the mean.

    Returns
    -------
    Instead or None
        None where the view is a single future, or no other policy is better in any.
    """
    at = list(policies).index(chosen)
    if futures.number == 1 or (other := _alternative(futures.values, at)) is None:
        return None
    means = futures.values.mean(axis=1)
    ahead = means[other] - means[at]
    better = ahead > 0.0
    begin = futures.scenario.name, policies[other], float(better.mean())
    needed = worlds_needed(better)
    if needed != 0:
        return Instead(*begin, {}, "", None, None, _too_few(needed))
    keys, x = list(futures.drawn), np.column_stack(list(futures.drawn.values()))
    gaining = _gaining(find_boxes(x, better), x[1::2], ahead[1::2])
    if gaining is None:
        return Instead(*begin, {}, "", None, None, NO_BOX)
    box, mass, gain = gaining
    limits = limits_of(box, keys)
    return Instead(*begin, limits, condition(limits), mass, gain)


def _alternative(values: np.ndarray, at: int) -> int | None:
    """The place of the policy that adds most to the one at a place where it is better; None where
    none adds anything."""
    halves = values[:, 0::2].mean(axis=1), values[:, 1::2].mean(axis=1)
    added = np.zeros(len(values))
    for picking, judging in (halves, halves[::-1]):
        picked = picking > picking[at]
        added += np.where(picked, judging - judging[at], 0.0).mean(axis=1)
    best = int(np.argmax(added))
    return best if added[best] > 0.0 else None


def _too_few(needed: int | None) -> str:
    if needed is None:
        return "nothing distinguishes these futures"
    return f"about {needed:,} futures (--worlds) would be enough to look for limits of assumptions"


def _gaining(boxes: Boxes, x, ahead) -> tuple[Box, Estimate, Estimate] | None:
    """The first box in which the alternative clearly gains value, in futures that did not shape
    it."""
    for one in boxes.judged:
        gain = mean(ahead[one.box.holds(x)], within=UNBOUNDED)
        if gain.low is not None and gain.low > 0.0:
            return one.box, one.mass, gain
    return None
