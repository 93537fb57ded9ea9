"""When to choose another policy: the box of assumptions in which it is better.

The policy that is chosen by the mean may be the wrong one in futures that can be described.  The
best alternative is the policy that adds most where it is better; it is picked by one half of the
luck and judged by the other, so that luck adds nothing.  A box of assumptions in which it is
better is shaped by one half of the futures, from the assumptions that clearly go with its lead in
that half, and the other half measures what it adds there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regimesim.analysis.assumptions import ranks_of
from regimesim.analysis.boxes import condition, find_boxes, limits_of, worlds_needed
from regimesim.analysis.estimates import CONFIDENCE, UNBOUNDED, Estimate, mean
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
    density : Estimate or None
        The share of these in which the alternative is better.
    gain : Estimate or None
        How much more value the alternative has there, on average; without a box in the whole view,
        where the alternative is clearly better on average.
    why_none : str
        Why there is no box, or nothing.
    """

    view: str
    policy: str
    share: float
    limits: dict
    condition: str
    mass: Estimate | None
    density: Estimate | None
    gain: Estimate | None
    why_none: str = ""

    def plain(self) -> dict:
        """Plain values, as in robust.json."""
        there = {"mass": self.mass, "density": self.density, "gain": self.gain}
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
    if _is_better_throughout(ahead, len(policies) - 1):
        return Instead(*begin, {}, "", None, None, mean(ahead, within=UNBOUNDED))
    needed = worlds_needed(better)
    if needed != 0:
        return Instead(*begin, {}, "", None, None, None, _too_few(needed))
    keys, x = list(futures.drawn), np.column_stack(list(futures.drawn.values()))
    kept = _related(x[0::2], ahead[0::2])
    boxes = find_boxes(x[:, kept], better).judged
    if not boxes:
        return Instead(*begin, {}, "", None, None, None, NO_BOX)
    one = boxes[0]
    limits = limits_of(one.box, [keys[k] for k in kept])
    gain = mean(ahead[1::2][one.box.holds(x[1::2][:, kept])], within=UNBOUNDED)
    return Instead(*begin, limits, condition(limits), one.mass, one.density, gain)


def _is_better_throughout(ahead: np.ndarray, alternatives: int) -> bool:
    """Whether the mean lead over all futures clearly is above 0, at a confidence of 95 % for all
    alternatives together, of which one was picked (Bonferroni)."""
    low = mean(ahead, 1.0 - (1.0 - CONFIDENCE) / alternatives, UNBOUNDED).low
    return low is not None and low > 0.0


def _related(x: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """The places of the parameters whose ranks clearly go with those of the lead `ahead`, at a
    confidence of 95 % for all together (Bonferroni); all, where none does.

    A search over many parameters that do nothing peels all of them, and finds nothing.
    """
    from scipy.special import ndtri

    own = ranks_of(ahead)
    linked = np.array([np.corrcoef(ranks_of(column), own)[0, 1] for column in x.T])
    bar = -ndtri((1.0 - CONFIDENCE) / 2.0 / len(linked)) / np.sqrt(len(own))
    kept = np.flatnonzero(np.abs(linked) > bar)
    return kept if kept.size else np.arange(len(linked))


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
