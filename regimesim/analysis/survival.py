"""The months in which thresholds are crossed: shares, quantiles and survival of censored times.

A crossing is a whole number of months from the start, NaN in worlds that do not cross by the end
of the run; a run of T months observes the months 0 … T − 1.
"""

import math
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, exact_interval, wilson_interval

QUANTILES = {"p10": 0.1, "median": 0.5, "p90": 0.9}


class Curve(NamedTuple):
    """A share of worlds after each month 0 … T − 1, with the two edges of its band."""

    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


def crossed_a_month(crossing, months: int) -> np.ndarray:
    """The number of worlds that cross in each month 0 … months − 1."""
    crossing = np.asarray(crossing)
    return np.bincount(crossing[~np.isnan(crossing)].astype(np.intp), minlength=months)[:months]


def threshold_times(crossing, months: int) -> dict[str, float | None]:
    """The share of worlds that crossed, and the months by which a tenth, half and nine tenths had.

    The quantiles are over all worlds: a world that does not cross counts as later than the end,
    so a quantile is None where a smaller share has crossed.
    """
    crossing = np.asarray(crossing)
    n = crossing.size
    so_far = np.cumsum(crossed_a_month(crossing, months))
    times: dict[str, float | None] = {"crossed": float(so_far[-1] / n) if n else None}
    for name, q in QUANTILES.items():
        month = float(month_of(so_far, quantile_rank(n, q)))
        times[name] = None if math.isnan(month) else month
    return times


def month_of(so_far, rank) -> np.ndarray:
    """The month in which the world of rank 1, 2, …, from the earliest, crossed.

    Parameters
    ----------
    so_far : array_like, shape (..., months)
        Worlds that have crossed by the end of each month.
    rank : array_like, shape (...)
        Ranks; rank 0 stands for the earliest possible month.

    Returns
    -------
    ndarray, shape (...)
        Months from the start, NaN where fewer worlds have crossed.
    """
    so_far, rank = np.asarray(so_far), np.asarray(rank)
    earlier = np.count_nonzero(so_far < rank[..., None], axis=-1)
    return np.where(earlier < so_far.shape[-1], earlier, np.nan)


def quantile_rank(n, q: float) -> np.ndarray:
    """The rank of the quantile `q` of `n` worlds, the first with at least that share; arrays
    broadcast."""
    return np.maximum(np.ceil(q * np.asarray(n) * (1 - 1e-12)), 1)


def rank_interval(n, q: float, confidence: float = CONFIDENCE):
    """(low, high): ranks of the values that enclose the quantile `q`; arrays broadcast.

    The interval keeps its confidence for every distribution, because the number of worlds at or
    below the true quantile is binomial (Thompson 1936).  Rank 0 stands for the earliest possible
    value, rank n + 1 for the latest.
    """
    from scipy.stats import binom

    known, back = np.unique(n, return_inverse=True)
    tail = (1 - confidence) / 2
    low, high = binom.ppf(tail, known, q), binom.ppf(1 - tail, known, q) + 1
    return tuple(ranks[back].reshape(np.shape(n)) for ranks in (low, high))


def cumulative_share(crossing, months: int, confidence: float = CONFIDENCE) -> Curve:
    """The share of all worlds that have crossed by each month, with Wilson's band."""
    crossing = np.asarray(crossing)
    so_far = np.cumsum(crossed_a_month(crossing, months))
    n = max(crossing.size, 1)
    return Curve(so_far / n, *wilson_interval(so_far, n, confidence))


def survival(crossing, months: int, watched=None, confidence: float = CONFIDENCE) -> Curve:
    """Kaplan-Meier estimate of the share of worlds that have not crossed after each month.

    The band is pointwise, from Greenwood's variance on the scale of log(−log).  Where that has no
    band, before the first and after the last world has crossed, its edge is the exact one.

    Parameters
    ----------
    crossing : array_like, shape (worlds,)
        The month of the crossing, NaN where there is none.
    months : int
        The length of the run.
    watched : array_like, shape (worlds,), optional
        The last month in which each world is observed, by default the end of the run; a world
        that has not crossed by then is censored.
    confidence : float, default 0.95
        The confidence of the band.
    """
    crossing = np.asarray(crossing, np.float64)
    failed = crossed_a_month(crossing, months)
    censored = np.zeros_like(failed)
    if watched is not None:
        censored = crossed_a_month(np.where(np.isnan(crossing), watched, np.nan), months)
    gone = np.cumsum(failed + censored)
    at_risk = crossing.size - np.concatenate([[0], gone[:-1]])
    alive = np.maximum(at_risk, 1)
    share = np.cumprod(1 - failed / alive)
    left = np.where(at_risk > failed, at_risk - failed, 1)
    greenwood = np.cumsum(failed / (alive * left))

    from scipy.special import ndtri

    inner = (share > 0) & (share < 1)
    log_share = np.log(np.where(inner, share, 0.5))
    width = np.exp(ndtri((1 + confidence) / 2) * np.sqrt(greenwood) / -log_share)
    none_low, _ = exact_interval(alive, alive, confidence)
    _, all_high = exact_interval(0, max(crossing.size, 1), confidence)
    low = np.where(inner, np.exp(log_share * width), np.where(share == 1, none_low, 0.0))
    high = np.where(inner, np.exp(log_share / width), np.where(share == 1, 1.0, all_high))
    return Curve(share, low, high)
