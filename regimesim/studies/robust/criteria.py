"""Criteria for a choice between policies over futures, with intervals that allow for luck.

A future is a set of assumptions; what a policy is worth in it, m, is the mean over all luck, of
which only a few worlds are known.  A criterion such as the mean of the worst tenth looks for
extremes, and luck makes some of few worlds extreme: its error falls with the number L of worlds
of a future as 1/L.  So every criterion is computed from all L worlds, T, and from each half
of them, T' and T'', and is reported as 2T - (T' + T'')/2, which removes that error (Gordy and
Juneja 2010).  Intervals are those of the jackknife over blocks of futures, which vary with both
assumptions and luck.  The largest regret of all futures is not among the criteria: it is mostly
luck, and grows with the number of futures; the mean of the tenth with most is, and the largest
regret of a few views.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import UNBOUNDED, Estimate, exact_interval, jackknife_half

BLOCKS = 20
CONFIDENCE = 0.95
WORST, HIGH = 0.1, 0.9  # the share of futures that are worst, and a quantile


class Pool(NamedTuple):
    """Futures of all views.

    means: (policies, futures) the value of each policy · weights: (futures,) add up to 1, with the
    same sum for each view · by_view: (policies, views) means of the views.
    """

    means: np.ndarray
    weights: np.ndarray
    by_view: np.ndarray

    @classmethod
    def of(cls, views: Sequence[np.ndarray]) -> "Pool":
        """From the values of each view: (policies, futures)."""
        each = 1.0 / len(views)
        weights = np.concatenate([np.full(v.shape[1], each / v.shape[1]) for v in views])
        by_view = np.stack([v.mean(axis=1) for v in views], axis=1)
        return cls(np.concatenate(views, axis=1), weights, by_view)

    @property
    def regret(self) -> np.ndarray:
        """How far each policy is behind the best one in each future: (policies, futures)."""
        return self.means.max(axis=0) - self.means


def lowest(rows: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
    """The mean of the lowest `share` of the weight of each row."""
    order = np.argsort(rows, axis=1, kind="stable")
    placed = weights[order]
    before = np.cumsum(placed, axis=1) - placed
    kept = np.clip(share - before, 0.0, placed)
    return (kept * np.take_along_axis(rows, order, axis=1)).sum(axis=1) / kept.sum(axis=1)


def quantile(rows: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
    """The quantile of each row, between the middles of the weights of its values."""
    order = np.argsort(rows, axis=1, kind="stable")
    placed = weights[order]
    middles = np.cumsum(placed, axis=1) - placed / 2.0
    sorted_rows = np.take_along_axis(rows, order, axis=1)
    return np.array(
        [np.interp(share, at, row) for at, row in zip(middles, sorted_rows, strict=True)]
    )


class Criterion(NamedTuple):
    """A criterion.

    name: as in robust.json · words: as in tables · sign: 1 where more is better, -1 where less is
    · of: from a pool and the value that is good enough to a number for each policy · over: what it
    needs more than one of, "futures" or "views", or nothing.
    """

    name: str
    words: str
    sign: int
    of: Callable[[Pool, float | None], np.ndarray]
    over: str = ""


def _worst_view(pool: Pool, good: float | None) -> np.ndarray:
    return pool.by_view.min(axis=1)


def _regret_in_views(pool: Pool, good: float | None) -> np.ndarray:
    return (pool.by_view.max(axis=0) - pool.by_view).max(axis=1)


def _good_enough(pool: Pool, good: float | None) -> np.ndarray:
    return (pool.means >= good) @ pool.weights


GOOD_ENOUGH = "good_enough"
CRITERIA = (
    Criterion("mean", "mean", 1, lambda pool, _: pool.means @ pool.weights),
    Criterion(
        "worst_tenth",
        "worst tenth",
        1,
        lambda pool, _: lowest(pool.means, pool.weights, WORST),
        "futures",
    ),
    Criterion(GOOD_ENOUGH, "good enough", 1, _good_enough),
    Criterion(
        "high_regret",
        "high regret",
        -1,
        lambda pool, _: quantile(pool.regret, pool.weights, HIGH),
        "futures",
    ),
    Criterion(
        "most_regret",
        "most regret",
        -1,
        lambda pool, _: -lowest(-pool.regret, pool.weights, WORST),
        "futures",
    ),
    Criterion("worst_view", "worst view", 1, _worst_view, "views"),
    Criterion("regret_in_views", "regret in views", -1, _regret_in_views, "views"),
)


class Judged(NamedTuple):
    """Policies by one criterion.

    Attributes
    ----------
    criterion : Criterion
        The criterion.
    estimates : dict of str to Estimate
        By policy, with 95 % intervals.
    chosen : str
        The policy that is best.
    behind : dict of str to Estimate
        How far each other policy is behind, in the unit of the criterion.
    is_clear : bool
        Whether luck does not explain the choice: the interval of each difference lies above 0 at a
        confidence of 95 % for all pairs of policies together (Bonferroni).
    correction : float
        How far the correction for luck has moved the number of a policy, at most.
    """

    criterion: Criterion
    estimates: dict[str, Estimate]
    chosen: str
    behind: dict[str, Estimate]
    is_clear: bool
    correction: float

    def plain(self) -> dict:
        """Plain values, as in robust.json."""
        return {
            "words": self.criterion.words,
            "more_is_better": self.criterion.sign > 0,
            "policies": {name: one._asdict() for name, one in self.estimates.items()},
            "chosen": self.chosen,
            "behind": {name: one._asdict() for name, one in self.behind.items()},
            "is_clear": self.is_clear,
            "corrected_by": self.correction,
        }


def judge(
    views: Sequence[np.ndarray], policies: Sequence[str], good_enough: float | None = None
) -> tuple[Judged, ...]:
    """Judge policies by every criterion that applies.

    Parameters
    ----------
    views : sequence of ndarray, shape (policies, repeats, futures)
        Of each view, the value of each policy in each world.
    policies : sequence of str
        Their names.
    good_enough : float, optional
        The mean value in a future from which on a policy is good enough in it.

    Returns
    -------
    tuple of Judged

    References
    ----------
    Gordy and Juneja (2010), Management Science 56, 1833-1848, for the correction; McPhail et al.
    (2018), Earth's Future 6, 169-191, for the criteria.
    """
    whole = _pools(views)
    without = [_pools([_without(v, block) for v in views]) for block in range(BLOCKS)]
    futures = whole[0].weights.size
    drawn = futures > len(views)
    judged = []
    for one in CRITERIA:
        if not _applies(one, views, good_enough):
            continue
        each = np.array([_corrected(one, pools, good_enough) for pools in (whole, *without)])
        plain = one.of(whole[0], good_enough)
        judged.append(_judged(one, policies, each, plain, futures, drawn))
    return tuple(judged)


def _applies(one: Criterion, views, good_enough) -> bool:
    if one.name == GOOD_ENOUGH and good_enough is None:
        return False
    if one.over == "futures":
        return any(view.shape[2] > 1 for view in views)
    return one.over != "views" or len(views) > 1


def _pools(views) -> tuple[Pool, Pool, Pool]:
    """The futures with all of their worlds, and with each half of them."""
    every, halves = slice(None), (slice(0, None, 2), slice(1, None, 2))
    parts = ([view[:, some].mean(axis=1) for view in views] for some in (every, *halves))
    whole, first, second = (Pool.of(part) for part in parts)
    return whole, first, second


def _without(view: np.ndarray, block: int) -> np.ndarray:
    """A view without a block of its futures; of a single future, without one of its worlds."""
    axis = 2 if view.shape[2] > 1 else 1
    size = view.shape[axis]
    return np.compress(np.arange(size) * BLOCKS // size != block, view, axis=axis)


def _corrected(one: Criterion, pools, good) -> np.ndarray:
    whole, *halves = (one.of(pool, good) for pool in pools)
    return 2.0 * whole - (halves[0] + halves[1]) / 2.0


def _judged(one: Criterion, policies, each, plain, futures, drawn) -> Judged:
    """A criterion from its numbers (1 + BLOCKS, policies): of all futures, and without each
    block."""
    share = one.name == GOOD_ENOUGH
    within = (0.0, 1.0) if share else (0.0, np.inf) if one.sign < 0 else (-np.inf, np.inf)
    estimates = {
        name: _estimate(column, futures, within, unseen=share and drawn)
        for name, column in zip(policies, each.T, strict=True)
    }
    best = int(np.argmax(one.sign * np.clip(each[0], *within)))
    others = [k for k in range(len(policies)) if k != best]
    ahead = {policies[k]: one.sign * (each[:, best] - each[:, k]) for k in others}
    behind = {name: _estimate(column, futures) for name, column in ahead.items()}
    pairs = len(policies) * (len(policies) - 1) / 2
    level = 1.0 - (1.0 - CONFIDENCE) / pairs
    clear = all(column[0] - jackknife_half(column[1:], level) > 0.0 for column in ahead.values())
    correction = float(np.abs(each[0] - plain).max())
    return Judged(one, estimates, policies[best], behind, bool(clear), correction)


def _estimate(column, futures: int, within=UNBOUNDED, unseen=False) -> Estimate:
    """The first of the numbers with its interval, in a range; with a margin for kinds of futures
    that have not occurred where there may be `unseen` ones."""
    middle, half = float(np.clip(column[0], *within)), jackknife_half(column[1:], CONFIDENCE)
    low, high = column[0] - half, column[0] + half
    if unseen:
        unmet = float(exact_interval(0.0, futures, CONFIDENCE)[1])
        low = middle - np.hypot(middle - low, unmet * middle)
        high = middle + np.hypot(high - middle, unmet * (1.0 - middle))
    low, high = (float(np.clip(end, *within)) for end in (low, high))
    return Estimate(middle, low, high, futures)
