"""Estimates with their intervals: proportions, means, and differences in the same worlds.

Values come as arrays with one number a world, NaN where the quantity does not exist.
"""

import math
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """An estimate from `n` worlds and the ends of its interval; None where there is none."""

    estimate: float | None
    low: float | None
    high: float | None
    n: int


NOTHING = Estimate(None, None, None, 0)


def present(values) -> np.ndarray:
    """The values that are not NaN, as float64."""
    values = np.asarray(values, np.float64).ravel()
    return values[~np.isnan(values)]


def proportion(values, confidence: float = CONFIDENCE) -> Estimate:
    """The share of ones among the zeros and ones in `values`, with its exact interval."""
    values = present(values)
    return share(int(np.count_nonzero(values)), values.size, confidence)


def share(count: int, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """`count` of `n` with the exact interval of Clopper and Pearson (1934).

    It holds its confidence for every n and every share; for 0 of n and n of n it
    ends at 0 or at 1.
    """
    if n == 0:
        return NOTHING
    low, high = exact_interval(count, n, confidence)
    return Estimate(count / n, float(low), float(high), n)


def exact_interval(count, n, confidence: float = CONFIDENCE):
    """(low, high) of the Clopper–Pearson interval of `count` of `n` >= 1; arrays broadcast.

    Neither need be whole: they may be those that would tell as much (Korn and Graubard 1998).
    """
    from scipy.special import betaincinv

    count, n = np.broadcast_arrays(count, n)
    tail = (1 - confidence) / 2
    some, all_but = np.where(count > 0, count, 1), np.where(count < n, count, n - 1)
    low = np.where(count == 0, 0.0, betaincinv(some, n - some + 1, tail))
    high = np.where(count == n, 1.0, betaincinv(all_but + 1, n - all_but, 1 - tail))
    return low, high


def wilson_interval(count, n, confidence: float = CONFIDENCE):
    """(low, high) of the score interval of Wilson (1927) of `count` of `n` >= 1, for figures.

    Shorter than the exact interval, and right on average over the shares.
    """
    z = _normal_quantile(confidence)
    count = np.asarray(count, np.float64)
    middle = (count + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(count * (n - count) / n + z**2 / 4)
    # At 0 and n the ends are 0 and 1; rounding must not move them.
    low = np.where(count == 0, 0.0, np.clip(middle - half, 0, 1))
    high = np.where(count == n, 1.0, np.clip(middle + half, 0, 1))
    return low, high


def mean(values, confidence: float = CONFIDENCE, within=None) -> Estimate:
    """The mean of `values` with Student's t interval, cut to the range `within`.

    Of rates, from 0 to 1, it has `room`, as Student's misses values that are rare and far off.
    Where all values are alike they say nothing of their spread: in a bounded range the room is
    then the whole interval; without bounds there is none.
    """
    values = present(values)
    if values.size == 0:
        return NOTHING
    n, middle = values.size, values.mean()
    alike = bool(np.all(values == values[0]))
    deviation = 0.0 if alike else values.std(ddof=1)
    low, high = mean_interval(n, middle, deviation, alike, confidence, within)
    return told(middle, low, high, n)


def mean_interval(n, middle, deviation, alike, confidence: float = CONFIDENCE, within=None):
    """(low, high) of the interval of `mean`, NaN where there is none; arrays broadcast.

    middle, deviation: mean and standard deviation of `n` >= 1 values · alike: whether all
    of them are.
    """
    from scipy.special import stdtrit

    half = stdtrit(np.maximum(n - 1, 1), (1 + confidence) / 2) * deviation / np.sqrt(n)
    within = (-math.inf, math.inf) if within is None else tuple(within)
    ends = middle - half, middle + half
    roomy = room(middle, *ends, alike, n, within, confidence)
    if within == (0.0, 1.0):
        return roomy
    return tuple(
        np.where(alike, wide, np.clip(end, *within)) for wide, end in zip(roomy, ends, strict=True)
    )


def room(middle, low, high, alike, n, within, confidence: float = CONFIDENCE):
    """(low, high) of a mean of `n` worlds with the room that they leave to worlds like none of
    them, cut to the range `within`; arrays broadcast.

    At most a share of worlds, known as for 0 of n, is of a kind that was not met, and may lie
    at either end of the range: that is added in squares.  Without bounds there is no such room,
    and no interval of what is `alike` everywhere.
    """
    least, most = within
    if math.isinf(least) or math.isinf(most):
        low, high = (np.where(alike, np.nan, end) for end in (low, high))
    else:
        unmet = exact_interval(0.0, n, confidence)[1]
        low = middle - np.hypot(middle - low, unmet * (middle - least))
        high = middle + np.hypot(high - middle, unmet * (most - middle))
    return np.maximum(low, least), np.minimum(high, most)


def told(estimate, low, high, n) -> Estimate:
    """Numbers as an Estimate: NaN is None."""
    known = [None if np.isnan(value) else float(value) for value in (estimate, low, high)]
    return Estimate(known[0], known[1], known[2], int(n))


def proportion_difference(ours, theirs, confidence: float = CONFIDENCE) -> Estimate:
    """The share of ones in `ours` minus that in `theirs`, over the worlds in which both exist.

    Only the worlds in which the two differ count.  The interval is the adjusted Wald
    interval of Bonett and Price (2012), which adds one world to each kind of
    difference: it keeps near its confidence for few worlds, and is not empty where no
    world differs.
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
