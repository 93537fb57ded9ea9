"""Shapley values: the contribution of each of several parts to a whole.

A game assigns a value to each of the 2^n subsets of n parts.  Bit k of the index of a subset says
whether it has part k.  The Shapley value of a part is what it adds to the parts before it,
averaged over all orders (Shapley 1953); the values of all parts sum to the value of the whole
minus that of the empty subset.  Here a value is a mean over worlds, and all subsets have the same
worlds, so a Shapley value is a mean over worlds too and has an interval.
"""

from itertools import combinations
from math import factorial, sqrt
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, NOTHING, Estimate, present

RESAMPLES = 500
DUST = 1e-12  # relative size of rounding errors in a sum


def shapley_weights(parts: int) -> np.ndarray:
    """The weight of each subset in each Shapley value, times the number of orders.

    Returns
    -------
    ndarray, shape (parts, 2**parts)
        Whole numbers.
    """
    orders = np.zeros((parts, 2**parts))
    for place in range(2**parts):
        size = place.bit_count()
        before = factorial(size) * factorial(parts - size - 1) if size < parts else 0
        after = factorial(size - 1) * factorial(parts - size) if size else 0
        for k in range(parts):
            orders[k, place] = after if place >> k & 1 else -before
    return orders


def shapley(rows, parts: int) -> np.ndarray:
    """The Shapley value of each part in each world.

    Parameters
    ----------
    rows : iterable of array_like, shape (worlds,)
        The values of the 2**parts subsets, in the order of their indices.
    parts : int
        The number of parts.

    Returns
    -------
    ndarray, shape (parts, worlds)
        Whole numbers are summed as such and divided once, so equal values cancel exactly.
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
    """The weight of each subset in the interaction index of each pair of parts.

    The index is what two parts add together beyond what each adds by itself, averaged over the
    sets of parts before them (Grabisch and Roubens 1999).

    Returns
    -------
    dict of ndarray, shape (2**parts,)
        By pair of parts.
    """
    places = np.arange(2**parts)
    weights = {}
    for i, j in combinations(range(parts), 2):
        has_i, has_j = places >> i & 1, places >> j & 1
        others = np.array([int(p).bit_count() for p in places]) - has_i - has_j
        orders = [factorial(s) * factorial(parts - s - 2) for s in range(parts - 1)]
        sign = np.where(has_i == has_j, 1, -1)
        weights[i, j] = sign * np.array(orders, np.float64)[others] / factorial(parts - 1)
    return weights


def mean_of_differences(differences, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of differences in −1 to 1 with its interval.

    The interval is the normal one after a world with 1 and a world with −1 are added, so that its
    coverage stays near its confidence for few worlds, and its length is not zero where no world
    differs.  For differences of zeros and ones it is that of Bonett and Price (2012).

    Parameters
    ----------
    differences : array_like, shape (worlds,)
        One difference for each world; NaN is left out.
    confidence : float, default 0.95
        The confidence of the interval.
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
    """The sums, with 0 where they are within the rounding error of the numbers `added`."""
    least = DUST * max(float(np.max(np.abs(added))), 1.0)
    clean = np.where(np.abs(sums) <= least, 0.0, sums)
    return float(clean) if np.ndim(sums) == 0 else clean


class MeanGame(NamedTuple):
    """A game whose values are means over worlds.

    Attributes
    ----------
    values : ndarray, shape (subsets,)
        The values.
    around : ndarray, shape (subsets, worlds)
        The deviation that each world contributes to the value, zero on average.
    worlds : ndarray, shape (subsets,)
        The number of worlds in which the averaged quantity exists.
    width : float
        The width of the range of values.
    shares : bool
        Whether the averaged quantity is 0 or 1 everywhere.
    """

    values: np.ndarray
    around: np.ndarray
    worlds: np.ndarray
    width: float
    shares: bool

    @classmethod
    def of(cls, rows, within: tuple[float, float]) -> "MeanGame":
        """The game whose values are means of `rows` over the worlds that are not NaN.

        A mean over some of the worlds is a ratio; the deviation of a world is its linear part.

        Parameters
        ----------
        rows : array_like, shape (subsets, worlds)
            The averaged quantity.
        within : tuple of float
            Its range.
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
        """A weighted sum of the values, with its interval and the smallest number of worlds of a
        value.

        For shares the interval is that of `mean_of_differences`, with two added worlds of the
        same weight as those of each value; else it is Student's, of the linear parts.
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
    """A game whose values are quantiles over worlds.

    Attributes
    ----------
    values : ndarray, shape (subsets,)
        The values, NaN where there is none.
    resampled : ndarray, shape (resamples, subsets)
        The values of bootstrap samples of the worlds.
    worlds : int
        The number of worlds.
    """

    values: np.ndarray
    resampled: np.ndarray
    worlds: int

    @classmethod
    def of(cls, rows, quantile: float, seed: int) -> "QuantileGame":
        """The game of the first months by which the share `quantile` of the worlds has crossed.

        Bootstrap samples are drawn with `seed`, the same for all subsets.

        Parameters
        ----------
        rows : array_like, shape (subsets, worlds)
            The month of each world, infinite where it never comes.
        quantile : float
            The quantile.
        seed : int
            The seed of the bootstrap.
        """
        rows = np.asarray(rows, np.float64)
        order = np.argsort(rows, axis=1)
        months, worlds = np.take_along_axis(rows, order, axis=1), rows.shape[1]
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(worlds, np.full(worlds, 1 / worlds), RESAMPLES)

        def quantiles(times):
            reached = times[order].cumsum(axis=1) >= quantile * worlds * (1 - 1e-12)
            first = np.argmax(reached, axis=1)[:, None]
            month = np.take_along_axis(months, first, axis=1)[:, 0]
            return np.where(np.isinf(month), np.nan, month)

        values = quantiles(np.ones(worlds, np.int64))
        return cls(values, np.array([quantiles(times) for times in drawn]), worlds)

    def combined(self, weights) -> Estimate:
        """A weighted sum of the values with its percentile bootstrap interval, which does not
        exist where a value does not exist in some bootstrap sample."""
        used = np.flatnonzero(weights)
        weights = np.asarray(weights, np.float64)[used]
        resampled = self.resampled[:, used] @ weights
        tail = 100 * (1 - CONFIDENCE) / 2
        ends = np.percentile(resampled, [tail, 100 - tail])
        low, high = (None, None) if np.isnan(ends).any() else map(float, ends)
        middle = settled(float(weights @ self.values[used]), self.values[used])
        return Estimate(middle, low, high, self.worlds)
