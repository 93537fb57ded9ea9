"""Estimates from worlds that have weights, or that were moved: what evidence leaves.

Every number is a ratio R = Σω·y / Σω·w over worlds with weights ω.  Its standard error follows
from the sums of ω·(y − R·w) over families: worlds that come from one world of the prior.  Where
each world is a family of its own, that is the usual error of a weighted mean.  Intervals count the
effective number of worlds.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regimesim.analysis.conditional import Moments
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    UNBOUNDED,
    Estimate,
    as_estimate,
    exact_interval,
)
from regimesim.analysis.tempering import kish


@dataclass(frozen=True, eq=False)
class Weighted:
    """Worlds with weights.

    Attributes
    ----------
    weights : ndarray, shape (worlds,)
        Not negative; their scale does not matter.
    family : ndarray of int, shape (worlds,)
        From which world of the prior each comes.
    effective : float
        How many independent worlds they equal.
    """

    weights: np.ndarray
    family: np.ndarray
    effective: float

    @classmethod
    def of(cls, weights) -> "Weighted":
        """Independent worlds."""
        weights = np.asarray(weights, float)
        return cls(weights, np.arange(len(weights)), kish(weights))

    @cached_property
    def _families(self) -> np.ndarray:
        return np.unique(self.family, return_inverse=True)[1]

    def moments(self, above, below=None) -> Moments:
        """The ratio of two weighted means, with its standard error and its effective worlds; NaN
        in `above` is a world in which it does not exist. Eq. 8.13."""
        exists = ~np.isnan(above)
        below = exists.astype(float) if below is None else np.where(exists, below, 0.0)
        y, w = self.weights * np.where(exists, above, 0.0), self.weights * below
        total = float(w.sum())
        if total <= 0:
            return Moments(np.array(np.nan), np.array(np.nan), np.array(0.0))
        ratio = y.sum() / total
        sums = np.bincount(self._families, y - ratio * w)
        worlds = kish(w) * self.effective / kish(self.weights)
        square = total**2 / max(worlds, 1.0)
        return Moments.from_sums(ratio, total, square, float(np.sum(sums**2)))

    def estimate(self, values, within=UNBOUNDED, confidence: float = CONFIDENCE) -> Estimate:
        """The mean of what exists in some worlds, with its interval; `NOTHING` from too few."""
        values = np.asarray(values, float)
        there = values[~np.isnan(values) & (self.weights > 0)]
        if not there.size:
            return NOTHING
        moments = self.moments(values)
        seen = there.min(), there.max()
        middle, low, high = moments.interval(within, confidence, seen)
        return as_estimate(middle, low, high, round(float(moments.worlds)))

    def quantiles(self, values, levels) -> list[float]:
        """Quantiles of what has a value in every world; infinite values are allowed."""
        order = np.argsort(values, kind="stable")
        below = np.cumsum(self.weights[order])
        places = np.searchsorted(below, np.asarray(levels) * below[-1] * (1 - 1e-12))
        return [float(values[order[k]]) for k in np.minimum(places, len(order) - 1)]

    def median_interval(
        self, values, confidence: float = CONFIDENCE
    ) -> tuple[float, float, float]:
        """(median, low, high) of what has a value in every world."""
        worlds = max(self.effective, 1.0)
        low, high = exact_interval(worlds / 2, worlds, confidence)
        middle, least, most = self.quantiles(values, (0.5, float(low), float(high)))
        return middle, least, most

    def correlations(self, columns) -> np.ndarray:
        """The correlations of the columns of (worlds, columns)."""
        share = self.weights / self.weights.sum()
        centred = columns - share @ columns
        covariance = (centred * share[:, None]).T @ centred
        sd = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
        return covariance / np.outer(sd, sd)


def change(before: Weighted, after: Weighted, value_before, value_after, paired: bool):
    """The mean after minus that before, with a 95 % interval.

    Parameters
    ----------
    before, after : Weighted
        The worlds.
    value_before, value_after : ndarray
        The quantity in each, NaN where it does not exist.
    paired : bool
        Whether they are the same worlds with other weights, so that luck they share drops out.
    """
    from scipy.special import stdtrit

    first, last = before.moments(value_before), after.moments(value_after)
    worlds = min(first.worlds, last.worlds)
    if not worlds >= 2:
        return NOTHING
    middle = float(last.middle - first.middle)
    error = float(np.hypot(first.error, last.error))
    if paired:
        each = _contribution(after, value_after, last) - _contribution(before, value_before, first)
        error = float(np.sqrt(np.sum(each**2) * worlds / (worlds - 1)))
    half = float(stdtrit(worlds - 1, (1 + CONFIDENCE) / 2)) * error
    return Estimate(middle, middle - half, middle + half, round(float(worlds)))


def _contribution(worlds: Weighted, values, moments: Moments) -> np.ndarray:
    """What each world contributes to the error of a mean."""
    exists = ~np.isnan(values)
    w = np.where(exists, worlds.weights, 0.0)
    return w * (np.where(exists, values, 0.0) - moments.middle) / w.sum()


def ratio_of_means(above, below) -> tuple[float, float, float]:
    """(ratio, low, high) of the means of two independent samples of numbers that are not
    negative, by the normal approximation on the scale of logarithms.

    NaN stands for a ratio of 0 to 0, and infinity for one above 0 to 0; both have no interval.
    """
    from scipy.special import ndtri

    first, second = (float(np.mean(x)) if len(x) else np.nan for x in (above, below))
    if not first > 0 or not second > 0:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = float(np.divide(first, second))
        return ratio, np.nan, np.nan
    variance = sum(np.var(x, ddof=1) / len(x) / np.mean(x) ** 2 for x in (above, below))
    half = float(ndtri((1 + CONFIDENCE) / 2)) * float(np.sqrt(variance))
    return first / second, first / second * np.exp(-half), first / second * np.exp(half)
