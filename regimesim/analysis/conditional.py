"""Conditional Monte Carlo: expectations of each world in place of the outcomes of its draws.

Whether an attempt is critical, and whether it is caught, are draws with known probabilities.
Besides the outcomes of these draws, a world records their expectation, given all its other draws
(`EXPECTED` of `regimesim.model.world.records`).  By the tower property the mean of the
expectation is the mean of the quantity itself, and its variance is no larger (Rao 1945,
Blackwell 1947).

Every estimand but those of costs is a ratio R = Σy / Σw over worlds: y is its expectation in a
world, and w is 1 or the probability of a first critical try.  To first order the error of R is
Σ(y − R·w) / Σw, whose variance is estimated by m/(m − 1) · Σ(y − R·w)² / (Σw)²; m = (Σw)² / Σw²
is the effective number of worlds with a try (Kish 1965).  For w = 1, and for w in {0, 1}, that
is the variance of a mean.
"""

from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimand_table import CONDITIONAL
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    as_known,
    exact_interval,
    unseen_margin,
)
from regimesim.analysis.scores import widened
from regimesim.model.world.records import EXPECTED, names

FEWEST = 30  # effective worlds; an interval from fewer is not reliable
ALIKE = 1e-6  # values closer together than this carry no information about their spread
MOST_PLAIN = 1e9  # plain worlds; an exact interval of more is not computed
LARGEST = 1e154  # a ratio whose square is still a float
FIELDS = names(EXPECTED)


def effective(total, square) -> np.ndarray:
    """The effective number of weights (Kish), from their sum and their sum of squares."""
    return np.where(square > 0, total**2 / np.where(square > 0, square, 1.0), 0.0)


class Moments(NamedTuple):
    """What an interval is computed from; numbers or arrays, NaN where there is none.

    Attributes
    ----------
    middle : ndarray
        The ratio R.
    error : ndarray
        Its standard error.
    worlds : ndarray
        The effective number of worlds m.
    """

    middle: np.ndarray
    error: np.ndarray
    worlds: np.ndarray

    @classmethod
    def of(cls, above, below=None) -> "Moments":
        """From y and w of every world; w is 1 where there is none."""
        if below is None:
            total = square = float(len(above))
        else:
            total, square = np.sum(below), np.sum(below**2)
        middle = np.sum(above) / total if total > 0 else np.nan
        rest = above - (middle if below is None else middle * below)
        rest *= rest  # in place: there may be millions of worlds
        return cls.from_sums(middle, total, square, np.sum(rest))

    @classmethod
    def from_sums(cls, middle, total, square, spread) -> "Moments":
        """From R, Σw, Σw² and Σ(y − R·w)²; arrays broadcast, sums over no worlds are 0."""
        worlds, there = effective(total, square), np.asarray(square) > 0
        variance = spread / np.where(there, square, 1.0) / np.maximum(worlds - 1, 1.0)
        error = np.sqrt(np.maximum(variance, 0.0))
        return cls(np.where(there, middle, np.nan), np.where(there, error, np.nan), worlds)

    def interval(self, within, confidence: float = CONFIDENCE, seen=None):
        """(estimate, low, high) of an estimand in the range `within`, NaN where there is none.

        The interval of a rate is that of `_of_a_rate`, any other is Student's; both are widened
        by the `unseen_margin` of m worlds.  `seen` are the smallest and the largest value that
        was drawn, which bound a range without an end.
        """
        least, most = within
        middle = np.clip(self.middle, least, most)
        worlds = np.maximum(self.worlds, 2.0)
        alike = self.error * np.sqrt(worlds) <= ALIKE
        error = np.where(alike, 0.0, self.error)
        if (least, most) == (0.0, 1.0):
            low, high = _of_a_rate(middle, error, worlds, confidence)
            low, high = (np.where(alike, middle, end) for end in (low, high))
        else:
            half = _students(worlds, confidence) * error
            low, high = middle - half, middle + half
        seen = within if seen is None else seen
        ends = unseen_margin(middle, low, high, worlds, seen, within, confidence)
        return tuple(np.where(self.worlds >= FEWEST, value, np.nan) for value in (middle, *ends))


def _of_a_rate(middle, error, worlds, confidence):
    """(low, high) of a mean of numbers from 0 to 1 (Korn and Graubard 1998).

    It is the exact interval for the number of plain worlds that have this standard error, which
    is first widened by the ratio of Student's quantile to the normal one.
    """
    from scipy.special import ndtri

    wider = _students(worlds, confidence) / ndtri((1 + confidence) / 2)
    variance = np.maximum((error * wider) ** 2, 1e-300)
    # Worlds that are alike leave the spread to the margin, also at a mean of 0 or 1.
    plain = np.where(error == 0, MOST_PLAIN, middle * (1 - middle) / variance)
    plain = np.clip(plain, 1.0, MOST_PLAIN)
    return exact_interval(middle * plain, plain, confidence)


def _students(worlds, confidence):
    from scipy.special import stdtrit

    return stdtrit(worlds - 1, (1 + confidence) / 2)


def score_interval(
    score: Moments, held: Moments, scores, within, confidence: float = CONFIDENCE, seen=None
):
    """(estimate, low, high) of a mean score.

    The interval is that of `Moments.interval`, widened by the uncertainty of the share held
    (`regimesim.analysis.scores.widened`).

    Parameters
    ----------
    score, held : Moments
        Of the score, and of the share held.
    scores : tuple
        Mean score of a lost try, and of a held one.
    within : tuple of float
        The range of the score.
    confidence : float, default 0.95
        The confidence of the interval.
    seen : tuple of array_like, optional
        The smallest and the largest score that was drawn.
    """
    plain = score.interval(within, confidence, seen)
    _, *shares = held.interval((0.0, 1.0), confidence)
    ends = widened(plain, scores, shares)
    return plain[0], *(np.clip(end, *within) for end in ends)


class Linear(NamedTuple):
    """A ratio estimate as a mean over worlds.

    Attributes
    ----------
    each : ndarray, shape (worlds,)
        R + (y − R·w)·n/Σw, whose mean over the n worlds is R and whose spread is its error.
    worlds : float
        The effective number of worlds m.
    """

    each: np.ndarray
    worlds: float

    @classmethod
    def of(cls, above, below=None) -> "Linear":
        """From y and w of every world; without weight all is NaN, and w is 1 where there is
        none."""
        below = np.ones_like(above) if below is None else below
        total = np.sum(below)
        if total == 0:
            return cls(np.full(len(below), np.nan, np.float32), 0.0)
        middle = np.sum(above) / total
        each = middle + (above - middle * below) * (len(below) / total)
        return cls(each.astype(np.float32), float(effective(total, np.sum(below**2))))


def difference(first: Linear, second: Linear, confidence: float = CONFIDENCE):
    """(estimate, low, high) of the difference between two policies, in the same worlds.

    Parameters
    ----------
    first, second : Linear
        The estimate under each policy.
    confidence : float, default 0.95
        The confidence of the interval.
    """
    within = np.subtract(first.each, second.each, dtype=np.float64)
    plain = Moments.of(within)
    return plain._replace(worlds=np.minimum(first.worlds, second.worlds)).interval(
        (-1.0, 1.0), confidence
    )


def moments(rows, estimand: str) -> Moments:
    """The conditional moments of an estimand, from the rows of worlds by name."""
    ratio = CONDITIONAL[estimand]
    return Moments.of(ratio.above(rows), ratio.below(rows))


def is_there(variables) -> bool:
    """Whether worlds with these variables have conditional estimates; older ones have none."""
    return set(FIELDS) <= set(variables)


def equivalent_worlds(counted, conditional) -> np.ndarray:
    """How many counted worlds one world of the conditional estimate equals.

    It is the squared ratio of the widths of two intervals (estimate, low, high, …), and NaN where
    one of them does not exist or the second has no width: no number of worlds gives certainty.
    """
    (low, high), (least, most) = (
        np.asarray(estimate[1:3], np.float64) for estimate in (counted, conditional)
    )
    wide, narrow = high - low, most - least
    with np.errstate(invalid="ignore"):
        there = narrow > 0
    with np.errstate(over="ignore"):
        times = np.minimum(wide / np.where(there, narrow, 1.0), LARGEST)
    return np.where(there, times**2, np.nan)


def is_narrower(counted, conditional) -> np.ndarray:
    """Whether the conditional interval is the narrower one of two (estimate, low, high, …)."""
    return equivalent_worlds(counted, conditional) > 1


class Reported(NamedTuple):
    """An estimate as it is reported.

    Attributes
    ----------
    estimate, low, high : float or None
        The estimate and its interval.
    n : int
        The number of worlds in which the quantity exists.
    by : str
        "integration" where the estimate is conditional, else "counts".
    equivalent_worlds : float or None
        How many counted worlds one world equals, where the estimate is conditional and both
        intervals exist.
    counted : Estimate
        The estimate by counts.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    by: str
    equivalent_worlds: float | None
    counted: Estimate

    @classmethod
    def of(cls, counted: Estimate, conditional=None) -> "Reported":
        """The conditional (estimate, low, high) where there is one, else `counted`."""
        if conditional is not None and not np.isnan(conditional[1]):
            estimate, low, high = map(float, conditional)
            times = as_known(float(equivalent_worlds(counted, conditional)))
            return cls(estimate, low, high, counted.n, "integration", times, counted)
        return cls(*counted, "counts", None, counted)

    @classmethod
    def uncounted(cls, conditional, n: int) -> "Reported":
        """The conditional (estimate, low, high) of an estimand without a counted form, from
        worlds of which `n` had a critical try."""
        if np.isnan(conditional[0]):
            return cls(*NOTHING, "counts", None, NOTHING)
        estimate, low, high = map(float, conditional)
        return cls(estimate, low, high, n, "integration", None, NOTHING)

    @property
    def interval_estimate(self) -> Estimate:
        """The estimate with its interval alone."""
        return Estimate(*self[:4])

    def plain(self) -> dict:
        """The content of summary.json."""
        return {
            **self.interval_estimate._asdict(),
            "by": self.by,
            "worth": self.equivalent_worlds,
            "counted": self.counted._asdict(),
        }
