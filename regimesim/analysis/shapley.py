"""What each of several parts adds to a whole, fairly shared: Shapley values.

A game gives each of the 2^n subsets of n parts a value.  Bit k of a subset's place says
whether it has part k.  A part's Shapley value is what it adds to those that came before it,
averaged over all orders (Shapley 1953); the values of all parts add up to the whole minus
the empty subset.  Here a value is the mean of something over worlds, and all subsets have the
same worlds, so that a Shapley value is a mean over worlds too and has its interval.
"""

from itertools import combinations
from math import factorial, sqrt
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, NOTHING, Estimate, present

RESAMPLES = 500
DUST = 1e-12  # what rounding leaves, beside the numbers that were added up


def shapley_weights(parts: int) -> np.ndarray:
    """By what each subset's value is multiplied in each part's Shapley value, times the
    number of orders: whole numbers (parts, 2^parts)."""
    orders = np.zeros((parts, 2**parts))
    for place in range(2**parts):
        size = place.bit_count()
        before = factorial(size) * factorial(parts - size - 1) if size < parts else 0
        after = factorial(size - 1) * factorial(parts - size) if size else 0
        for k in range(parts):
            orders[k, place] = after if place >> k & 1 else -before
    return orders


def shapley(rows, parts: int) -> np.ndarray:
    """The Shapley value of each part in each world: (parts, worlds).

    `rows` are the values of the 2^parts subsets, in the order of their places, a row of
    numbers a world each.  Where these are whole, it is computed in whole numbers and
    divided once.
    """
    sums: np.ndarray | None = None
    for row, weights in zip(rows, shapley_weights(parts).T, strict=True):
        row = np.asarray(row, np.float64)
        sums = np.zeros((parts, row.size)) if sums is None else sums
        for k in range(parts):
            sums[k] += weights[k] * row
    assert sums is not None  # there are 2^parts rows
    return sums / factorial(parts)


def interaction_weights(parts: int) -> dict[tuple[int, int], np.ndarray]:
    """By what each subset's value is multiplied in the interaction index of each pair: (2^parts,).

    The index is what two parts add together beyond what each adds by itself, averaged over
    the others that came before (Grabisch and Roubens 1999).
    """
    places = np.arange(2**parts)
    found = {}
    for i, j in combinations(range(parts), 2):
        has_i, has_j = places >> i & 1, places >> j & 1
        others = np.array([int(p).bit_count() for p in places]) - has_i - has_j
        orders = [factorial(s) * factorial(parts - s - 2) for s in range(parts - 1)]
        sign = np.where(has_i == has_j, 1, -1)
        found[i, j] = sign * np.array(orders, np.float64)[others] / factorial(parts - 1)
    return found


def mean_of_differences(differences, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of values within −1 to 1, one a world, with its interval.

    The interval is the normal one after a world with 1 and a world with −1 are added,
    which keeps it near its confidence for few worlds and open where no world differs.
    For differences of zeros and ones it is that of Bonett and Price (2012).
    """
    differences = present(differences)
    n = differences.size
    if n == 0:
        return NOTHING
    from scipy.special import ndtri

    middle = float(differences.sum()) / (n + 2)
    variance = (float(np.square(differences).sum()) + 2) / (n + 2) - middle**2
    half = float(ndtri((1 + confidence) / 2)) * sqrt(variance / (n + 2))
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    return Estimate(float(differences.mean()), low, high, n)


def settled(sums, added):
    """Sums, where they are no more than what rounding leaves of the numbers `added` up, as 0."""
    least = DUST * max(float(np.max(np.abs(added))), 1.0)
    clean = np.where(np.abs(sums) <= least, 0.0, sums)
    return float(clean) if np.ndim(sums) == 0 else clean


class MeanGame(NamedTuple):
    """Values that are means over worlds, and what each world adds to them.

    values: (subsets,) · around: (subsets, worlds), by how much each world moves the value,
    zero on average · worlds: (subsets,), in how many there is something to take the mean of ·
    width: of the range of values · shares: whether all that is averaged is 0 or 1.
    """

    values: np.ndarray
    around: np.ndarray
    worlds: np.ndarray
    width: float
    shares: bool

    @classmethod
    def of(cls, rows, within: tuple[float, float]) -> "MeanGame":
        """The game whose values are means of `rows` (subsets, worlds) over the worlds that are
        not NaN, in the range `within`; a value is NaN where there is none.

        A mean over some worlds is a ratio, and what a world adds is its linear part.
        """
        rows = np.asarray(rows, np.float64)
        there = ~np.isnan(rows)
        share = there.mean(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.where(there, rows, 0).mean(axis=1, keepdims=True) / share
            around = np.where(there, rows - values, 0) / share
        shares = tuple(within) == (0, 1) and bool(np.isin(rows[there], (0, 1)).all())
        return cls(values[:, 0], around, there.sum(axis=1), within[1] - within[0], shares)

    def combined(self, weights) -> Estimate:
        """A weighted sum of the values, with its interval and the fewest worlds behind a value.

        That of shares is the interval of `mean_of_differences`, the two worlds that are added
        as weighty as those of each value; else it is Student's, of the linear parts.
        """
        weights = np.asarray(weights, np.float64)
        used = np.flatnonzero(weights)
        weights, worlds = weights[used], self.worlds[used]
        middle = settled(float(weights @ self.values[used]), self.values[used])
        ends = (self._of_shares if self.shares else self._of_numbers)(used, weights, middle)
        if ends is None:
            return Estimate(middle, None, None, int(worlds.min()))
        most = self.width * max(weights.clip(0).sum(), -weights.clip(None, 0).sum())
        low, high = (float(np.clip(end, -most, most)) for end in ends)
        return Estimate(middle, low, high, int(worlds.min()))

    def _of_shares(self, used, weights, middle):
        around = self.around[used]
        heavy = around.shape[1] / self.worlds[used]
        scale = self.width * (np.abs(weights) @ heavy) / 2
        each = settled(middle + weights @ around, self.values[used])
        _, low, high, _ = mean_of_differences(each / scale)
        return scale * low, scale * high

    def _of_numbers(self, used, weights, middle):
        from scipy.special import stdtrit

        worlds = self.worlds[used]
        if worlds.min() < 2:
            return None
        parts = (weights * np.sqrt(worlds / (worlds - 1))) @ self.around[used]
        parts = settled(parts, self.values[used])
        if not parts.any():
            return None
        error = sqrt(np.square(parts).sum()) / parts.size
        half = float(stdtrit(int(worlds.min()) - 1, (1 + CONFIDENCE) / 2)) * error
        return middle - half, middle + half


class QuantileGame(NamedTuple):
    """Values that are quantiles over worlds, and the same when worlds are drawn anew.

    values: (subsets,) · again: (resamples, subsets); NaN where there is none · worlds: their
    number.
    """

    values: np.ndarray
    again: np.ndarray
    worlds: int

    @classmethod
    def of(cls, rows, quantile: float, seed: int) -> "QuantileGame":
        """The game of the least months of `rows` (subsets, worlds) by which that share of the
        worlds has got there; infinite months never come.

        Worlds are drawn with replacement, with `seed`, the same for all subsets.
        """
        rows = np.asarray(rows, np.float64)
        order = np.argsort(rows, axis=1)
        months, worlds = np.take_along_axis(rows, order, axis=1), rows.shape[1]
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(worlds, np.full(worlds, 1 / worlds), RESAMPLES)

        def found(times):
            reached = times[order].cumsum(axis=1) >= quantile * worlds * (1 - 1e-12)
            first = np.argmax(reached, axis=1)[:, None]
            found = np.take_along_axis(months, first, axis=1)[:, 0]
            return np.where(np.isinf(found), np.nan, found)

        once = found(np.ones(worlds, np.int64))
        return cls(once, np.array([found(times) for times in drawn]), worlds)

    def combined(self, weights) -> Estimate:
        """A weighted sum of the values with its bootstrap interval, of percentiles; none where
        a value does not exist in some resample."""
        used = np.flatnonzero(weights)
        weights = np.asarray(weights, np.float64)[used]
        again = self.again[:, used] @ weights
        tail = 100 * (1 - CONFIDENCE) / 2
        ends = np.percentile(again, [tail, 100 - tail])
        low, high = (None, None) if np.isnan(ends).any() else map(float, ends)
        middle = settled(float(weights @ self.values[used]), self.values[used])
        return Estimate(middle, low, high, self.worlds)
