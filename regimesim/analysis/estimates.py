"""Estimates with their intervals: proportions, means, and differences in the same worlds.

Values are arrays with one number for each world, NaN where the quantity does not exist.
"""

import math
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95
UNBOUNDED = (-math.inf, math.inf)


class Estimate(NamedTuple):
    """An estimate with the ends of its interval.

    Attributes
    ----------
    estimate, low, high : float or None
        The estimate and its interval, in the unit of the quantity; None where there is none.
    n : int
        The number of worlds in which the quantity exists.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int


NOTHING = Estimate(None, None, None, 0)


def present(values) -> np.ndarray:
    """The values that are not NaN, as float64; not a copy where all are there."""
    values = np.asarray(values, np.float64).ravel()
    absent = np.isnan(values)
    return values[~absent] if absent.any() else values


def proportion(values, confidence: float = CONFIDENCE) -> Estimate:
    """Share of ones among the zeros and ones in `values`, with its exact interval.

    Parameters
    ----------
    values : array_like, shape (worlds,)
        0, 1 or NaN in each world.
    confidence : float, default 0.95
        The confidence of the interval.

    Returns
    -------
    Estimate
        With the interval of `share`.
    """
    values = present(values)
    return share(int(np.count_nonzero(values)), values.size, confidence)


def share(count: int, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """Share `count` / `n` with the exact interval of Clopper and Pearson.

    The interval keeps its confidence for every n and every share; for 0 of n it begins at 0, and
    for n of n it ends at 1.

    Parameters
    ----------
    count, n : int
        Worlds with the event, and all worlds.
    confidence : float, default 0.95
        The confidence of the interval.

    Returns
    -------
    Estimate
        `NOTHING` for `n` = 0.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413.
    """
    if n == 0:
        return NOTHING
    low, high = exact_interval(count, n, confidence)
    return Estimate(count / n, float(low), float(high), n)


def exact_interval(count, n, confidence: float = CONFIDENCE):
    """Clopper-Pearson interval of `count` of `n`.

    Parameters
    ----------
    count, n : array_like
        Counts, `n` at least 1; arrays broadcast.  They need not be whole numbers: of a weighted
        mean they are the effective numbers (Korn and Graubard 1998).
    confidence : float, default 0.95
        The confidence of the interval.

    Returns
    -------
    low, high : ndarray
        The ends of the interval.
    """
    from scipy.special import betaincinv

    count, n = np.broadcast_arrays(count, n)
    tail = (1 - confidence) / 2
    some, all_but = np.where(count > 0, count, 1), np.where(count < n, count, n - 1)
    low = np.where(count == 0, 0.0, betaincinv(some, n - some + 1, tail))
    high = np.where(count == n, 1.0, betaincinv(all_but + 1, n - all_but, 1 - tail))
    return low, high


def wilson_interval(count, n, confidence: float = CONFIDENCE):
    """Score interval of Wilson (1927) of `count` of `n`, for figures.

    It is shorter than the exact interval, and its coverage is right on average over the shares.

    Parameters
    ----------
    count, n : array_like
        Counts, `n` at least 1; arrays broadcast.
    confidence : float, default 0.95
        The confidence of the interval.

    Returns
    -------
    low, high : ndarray
        The ends of the interval.
    """
    z = _normal_quantile(confidence)
    count = np.asarray(count, np.float64)
    middle = (count + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(count * (n - count) / n + z**2 / 4)
    # At 0 and n the ends are 0 and 1; rounding must not move them.
    low = np.where(count == 0, 0.0, np.clip(middle - half, 0, 1))
    high = np.where(count == n, 1.0, np.clip(middle + half, 0, 1))
    return low, high


def jackknife_half(without, level: float = CONFIDENCE) -> float:
    """Half of the jackknife's interval of a statistic.

    Parameters
    ----------
    without : ndarray, shape (blocks,)
        The statistic without each block of the worlds.
    level : float
        The confidence of the interval.
    """
    from scipy.special import stdtrit

    blocks = len(without)
    error = np.sqrt((blocks - 1) / blocks * np.sum((without - without.mean()) ** 2))
    return float(stdtrit(blocks - 1, (1 + level) / 2) * error)


def mean(values, confidence: float = CONFIDENCE, within=None) -> Estimate:
    """Mean of `values` with Student's t interval, clipped to the range `within`.

    In a range with a bound the interval is widened by `unseen_margin`, because Student's misses
    values that are rare and far from the mean.  Equal values carry no information about their
    spread: the margin is then the whole interval, and there is none where nothing bounds the
    values.

    Parameters
    ----------
    values : array_like, shape (worlds,)
        One value for each world; NaN is left out.
    confidence : float, default 0.95
        The confidence of the interval.
    within : tuple of float, optional
        The range of the values.

    Returns
    -------
    Estimate
        `NOTHING` where no value exists.
    """
    values = present(values)
    if values.size == 0:
        return NOTHING
    n, middle = values.size, values.mean()
    alike = bool(np.all(values == values[0]))
    deviation = 0.0 if alike else values.std(ddof=1)
    seen = values.min(), values.max()
    low, high = mean_interval(n, middle, deviation, seen, confidence, within)
    return as_estimate(middle, low, high, n)


def mean_interval(n, middle, deviation, seen, confidence: float = CONFIDENCE, within=None):
    """Interval of `mean` from sufficient statistics.

    Parameters
    ----------
    n : array_like
        The number of values, at least 1; arrays broadcast.
    middle, deviation : array_like
        Their mean and standard deviation.
    seen : tuple of array_like
        The smallest and the largest value.
    confidence : float, default 0.95
        The confidence of the interval.
    within : tuple of float, optional
        The range that the values may have.

    Returns
    -------
    low, high : ndarray
        The ends of the interval, NaN where there is none.
    """
    from scipy.special import stdtrit

    half = stdtrit(np.maximum(n - 1, 1), (1 + confidence) / 2) * deviation / np.sqrt(n)
    within = UNBOUNDED if within is None else tuple(within)
    return unseen_margin(middle, middle - half, middle + half, n, seen, within, confidence)


def unseen_margin(middle, low, high, n, seen, within, confidence: float = CONFIDENCE):
    """Widen the interval of a mean of `n` worlds by the effect of worlds of an unseen kind.

    The share of worlds of a kind that did not occur among `n` is at most the upper end of the
    exact interval of 0 of `n`.  Such worlds may lie at either end of the range `within`, or,
    where that has no end, at that end of the values that were `seen`; a count that was the same
    in all worlds may be one more.  Their effect on the mean is added to the half-width in
    squares.  Without any bound there is no such margin, and no interval where all values are
    alike.  Arrays broadcast.

    Returns
    -------
    low, high : ndarray
        The ends of the interval, clipped to `within`.
    """
    alike = np.asarray(seen[0]) >= seen[1]
    if within == UNBOUNDED:
        return tuple(np.where(alike, np.nan, end) for end in (low, high))
    least = np.where(np.isinf(within[0]), seen[0], within[0])
    most = np.where(np.isinf(within[1]), np.where(alike, seen[1] + 1, seen[1]), within[1])
    unmet = exact_interval(0.0, n, confidence)[1]
    low = middle - np.hypot(middle - low, unmet * np.maximum(middle - least, 0.0))
    high = middle + np.hypot(high - middle, unmet * np.maximum(most - middle, 0.0))
    return np.maximum(low, within[0]), np.minimum(high, within[1])


def as_estimate(estimate, low, high, n) -> Estimate:
    """An Estimate from numbers, of which NaN becomes None."""
    return Estimate(as_known(estimate), as_known(low), as_known(high), int(n))


def as_known(value) -> float | None:
    """A number, of which NaN becomes None."""
    return None if np.isnan(value) else float(value)


def product(first: Estimate, second: Estimate) -> Estimate:
    """The product of two independent shares, with the number of worlds of the first.

    The distances of the ends are those of both shares, added in squares (Zou and Donner 2008).

    Parameters
    ----------
    first, second : Estimate
        Such as the share of tries that were held, and the share of these that one safeguard
        caught.

    Returns
    -------
    Estimate
        `NOTHING` where one of them does not exist.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.
    """
    if None in first or None in second:
        return NOTHING
    (a, *ends), (b, *others) = (
        tuple(float(number or 0.0) for number in share[:3]) for share in (first, second)
    )
    middle = a * b
    low, high = (
        math.hypot(b * (end - a), a * (other - b)) for end, other in zip(ends, others, strict=True)
    )
    return Estimate(middle, max(0.0, middle - low), min(1.0, middle + high), first.n)


def proportion_difference(ours, theirs, confidence: float = CONFIDENCE) -> Estimate:
    """Share of ones in `ours` minus that in `theirs`, over the worlds in which both exist.

    Only worlds in which the two differ carry information.  The adjusted Wald interval adds one
    world to each kind of difference: its coverage stays near its confidence for few worlds, and
    its length is not zero where no world differs.

    Parameters
    ----------
    ours, theirs : array_like, shape (worlds,)
        0, 1 or NaN in each world.
    confidence : float, default 0.95
        The confidence of the interval.

    Returns
    -------
    Estimate
        The difference, with the number of worlds in which both exist.

    References
    ----------
    Bonett and Price (2012), Journal of Educational and Behavioral Statistics 37, 479-488.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    both = ~(np.isnan(ours) | np.isnan(theirs))
    n = int(np.count_nonzero(both))
    if n == 0:
        return NOTHING
    only_ours = int(np.count_nonzero(both & (ours > theirs)))
    only_theirs = int(np.count_nonzero(both & (ours < theirs)))
    gained, lost = (only_ours + 1) / (n + 2), (only_theirs + 1) / (n + 2)
    variance = (gained + lost - (gained - lost) ** 2) / (n + 2)
    half = _normal_quantile(confidence) * math.sqrt(variance)
    low, high = max(-1.0, gained - lost - half), min(1.0, gained - lost + half)
    return Estimate((only_ours - only_theirs) / n, low, high, n)


def _normal_quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))
