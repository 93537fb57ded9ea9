"""What each of several parts adds to a whole, fairly shared: Shapley values.

A game gives each of the 2^n subsets of n parts a value.  Bit k of a subset's place says
whether it has part k.  A part's Shapley value is what it adds to those that came before it,
averaged over all orders (Shapley 1953); the values of all parts add up to the whole minus
the empty subset.  Here a value is the mean of something over worlds, and all subsets have the
same worlds, so that a Shapley value is a mean over worlds too and has its interval.
"""

from itertools import combinations
from math import factorial, isinf, sqrt
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, NOTHING, Estimate, mean, present

RESAMPLES = 500


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
    sums = None
    for row, weights in zip(rows, shapley_weights(parts).T, strict=True):
        row = np.asarray(row, np.float64)
        sums = np.zeros((parts, row.size)) if sums is None else sums
        for k in range(parts):
            sums[k] += weights[k] * row
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


class MeanGame(NamedTuple):
    """Values that are means over worlds, and what each world adds to them.

    values: (subsets,) · around: (subsets, worlds), by how much each world moves the value,
    zero on average · width: of the range of values · heavy: how much more than one world the
    weightiest counts, where a value is a mean over some worlds only.
    """

    values: np.ndarray
    around: np.ndarray
    width: float
    heavy: float

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
            heavy = float(np.max(1 / share))
        return cls(values[:, 0], around, within[1] - within[0], heavy)

    def combined(self, weights) -> Estimate:
        """A weighted sum of the values, with its interval.

        In a bounded range it is that of `mean_of_differences`, the two worlds that are added
        as weighty as the weightiest; else Student's.
        """
        weights = np.asarray(weights, np.float64)
        middle = float(weights @ self.values)
        each = middle + weights @ self.around
        if isinf(self.width):
            return mean(each)._replace(estimate=middle)
        most = self.width * weights[weights > 0].sum()
        _, low, high, n = mean_of_differences(each / (most * self.heavy))
        low, high = (float(np.clip(most * self.heavy * end, -most, most)) for end in (low, high))
        return Estimate(middle, low, high, n)


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
        return Estimate(float(weights @ self.values[used]), low, high, self.worlds)
