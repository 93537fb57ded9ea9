"""Integrated estimates: what is expected of each world, in place of what was drawn in it.

Whether an attempt is critical, and whether it is caught, are draws of known chances.  A
world leaves, beside what they made of it, what is expected over them, given everything
else it drew (`EXPECTED` of `regimesim.model.world.records`).  By the tower property the mean of
an expectation is the mean of what it is the expectation of; what is drawn no more adds no
spread (Rao 1945, Blackwell 1947).

Every estimand is one ratio, R = Σy / Σw over worlds: y is expected of it in a world, w is 1,
or the probability of a first critical try.  To first order R is off by Σ(y − R·w) / Σw,
whose variance is estimated by m/(m − 1) · Σ(y − R·w)² / (Σw)²; m = (Σw)² / Σw² is the
number of worlds with a try that would tell as much (Kish 1965).  With w = 1, or 0 and 1,
that is the variance of a plain mean.
"""

from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, Estimate, exact_interval, room
from regimesim.analysis.scores import ANY, widened
from regimesim.model.world.records import EXPECTED, names

TRIES = "expected_first_try"
FEWEST = 30  # worlds, effectively; an interval from fewer is not to be relied on
ALIKE = 1e-6  # values that lie within this of each other say nothing of their spread
MOST_PLAIN = 1e9  # plain worlds; an exact interval of more is not computed
FIELDS = names(EXPECTED)


class Ratio(NamedTuple):
    """An estimand as a ratio of sums over worlds.

    y is the sum of the fields `plus` (1 where there is none) less `minus`; w is `over`, or 1.
    """

    plus: str | None = None
    minus: str | None = None
    over: str | None = TRIES

    def above(self, rows) -> np.ndarray:
        """y of every world, from its rows by name."""
        plus = 1.0 if self.plus is None else rows[self.plus]
        return np.asarray(plus if self.minus is None else plus - rows[self.minus])

    def below(self, rows) -> np.ndarray:
        """w of every world."""
        return np.ones_like(rows[TRIES]) if self.over is None else rows[self.over]


INTEGRATED = {
    "held_first_critical_try": Ratio("expected_held"),
    "no_takeover": Ratio(minus="expected_takeover", over=None),
    "evidence_gap": Ratio("expected_believed", "expected_held"),
    "believed_catch_rate": Ratio("expected_believed"),
    "true_catch_rate": Ratio("expected_held"),
    "critical_tries": Ratio("expected_critical_tries", over=None),
    "critical_tries_held": Ratio("expected_critical_tries_held", over=None),
    "warning_shots_before_first_try": Ratio("expected_warning_shots"),
    "first_try_was_story": Ratio("expected_story"),
    "tries_survived": Ratio("expected_tries_survived"),
    "brier_score": Ratio("expected_brier_score"),
    "log_score": Ratio("expected_log_score"),
    "brier_score_of_true_rate": Ratio("expected_brier_score_of_true_rate"),
    "log_score_of_true_rate": Ratio("expected_log_score_of_true_rate"),
    "brier_excess": Ratio("expected_brier_score", "expected_brier_score_of_true_rate"),
    "log_excess": Ratio("expected_log_score", "expected_log_score_of_true_rate"),
}


def effective(total, square) -> np.ndarray:
    """How many equal weights would tell as much as weights of this sum and sum of squares."""
    return np.where(square > 0, total**2 / np.where(square > 0, square, 1.0), 0.0)


class Moments(NamedTuple):
    """What an interval is made from: the ratio R, its standard error, and how many worlds m
    would tell as much; numbers or arrays, NaN where there is none."""

    middle: np.ndarray
    error: np.ndarray
    worlds: np.ndarray

    @classmethod
    def of(cls, above, below) -> "Moments":
        """Of y and w of every world."""
        total, square = np.sum(below), np.sum(below**2)
        middle = np.sum(above) / total if total > 0 else np.nan
        return cls.from_sums(middle, total, square, np.sum((above - middle * below) ** 2))

    @classmethod
    def from_sums(cls, middle, total, square, spread) -> "Moments":
        """Of R, Σw, Σw² and Σ(y − R·w)²; arrays broadcast, sums of no worlds are 0."""
        worlds, there = effective(total, square), np.asarray(square) > 0
        variance = spread / np.where(there, square, 1.0) / np.maximum(worlds - 1, 1.0)
        error = np.sqrt(np.maximum(variance, 0.0))
        return cls(np.where(there, middle, np.nan), np.where(there, error, np.nan), worlds)

    def interval(self, within, confidence: float = CONFIDENCE):
        """(estimate, low, high) of an estimand in the range `within`, NaN where there is none.

        That of `_of_a_rate` where the range is 0 to 1, else Student's, with the `room` that m
        worlds leave.
        """
        least, most = within
        middle = np.clip(self.middle, least, most)
        worlds = np.maximum(self.worlds, 2.0)
        alike = self.error * np.sqrt(worlds) <= ALIKE
        error = np.where(alike, 0.0, self.error)
        if (least, most) == (0.0, 1.0):
            low, high = _of_a_rate(middle, error, worlds, confidence)
        else:
            half = _students(worlds, confidence) * error
            low, high = middle - half, middle + half
        found = middle, *room(middle, low, high, alike, worlds, within, confidence)
        return tuple(np.where(self.worlds >= FEWEST, value, np.nan) for value in found)

    def if_met(self, worlds) -> "Moments":
        """The same where effectively so many worlds had any of what is counted, and they are
        enough: the mean of a count, which has no upper bound, is not known from fewer."""
        return self._replace(worlds=np.where(worlds >= FEWEST, self.worlds, 0.0))


def _of_a_rate(middle, error, worlds, confidence):
    """(low, high) of a mean of numbers from 0 to 1: exact for as many plain worlds as have
    that standard error, made larger as Student's spread is (Korn and Graubard 1998)."""
    from scipy.special import ndtri

    wider = _students(worlds, confidence) / ndtri((1 + confidence) / 2)
    variance = np.maximum((error * wider) ** 2, 1e-300)
    plain = np.clip(middle * (1 - middle) / variance, 1.0, MOST_PLAIN)
    return exact_interval(middle * plain, plain, confidence)


def _students(worlds, confidence):
    from scipy.special import stdtrit

    return stdtrit(worlds - 1, (1 + confidence) / 2)


def score_interval(found: Moments, held: Moments, scores, within, confidence: float = CONFIDENCE):
    """(estimate, low, high) of a mean score: Student's, and no narrower than what the interval
    of the share held leaves open (`regimesim.analysis.scores.widened`).

    scores: mean score of a try that was lost, and of one that was held.
    """
    plain = found.interval(ANY, confidence)
    _, *shares = held.interval((0.0, 1.0), confidence)
    ends = widened(plain, scores, shares)
    return plain[0], *(np.clip(end, *within) for end in ends)


def difference(first, second, confidence: float = CONFIDENCE):
    """(estimate, low, high) of a share of all worlds under one policy minus that under another,
    from y of the same worlds."""
    within = np.subtract(first, second, dtype=np.float64)
    return Moments.of(within, np.ones_like(within)).interval((-1.0, 1.0), confidence)


def moments(rows, estimand: str) -> Moments:
    """What there is to an estimand by integration, from the rows of worlds by name."""
    ratio = INTEGRATED[estimand]
    return Moments.of(ratio.above(rows), ratio.below(rows))


def is_there(variables) -> bool:
    """Whether worlds that left these variables can be integrated over; older ones cannot."""
    return set(FIELDS) <= set(variables)


def worth(counted, integrated) -> np.ndarray:
    """How many plain worlds each world is worth, the ratio of the widths squared, where the
    second of two (estimate, low, high, …) has the narrower interval; else NaN."""
    (low, high), (least, most) = (
        np.asarray(found[1:3], np.float64) for found in (counted, integrated)
    )
    with np.errstate(invalid="ignore"):
        gained = ((high - low) / np.maximum(most - least, 1e-300)) ** 2
    return np.where(gained > 1, gained, np.nan)


class Reported(NamedTuple):
    """An estimate as it is reported, from `n` worlds in which it exists.

    by: "integration" where that interval is the narrower one, else "counts" · worth: how many
    plain worlds each world then is, else None · counted: what the draws themselves give.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    by: str
    worth: float | None
    counted: Estimate

    @classmethod
    def of(cls, counted: Estimate, integrated=None) -> "Reported":
        """The narrower of what was counted and (estimate, low, high) from integration."""
        gained = np.nan
        if integrated is not None and counted.low is not None:
            gained = float(worth(counted, integrated))
        if np.isnan(gained):
            return cls(*counted, "counts", None, counted)
        middle, low, high = map(float, integrated)
        return cls(middle, low, high, counted.n, "integration", gained, counted)

    @property
    def found(self) -> Estimate:
        """The estimate with its interval, alone."""
        return Estimate(*self[:4])

    def plain(self) -> dict:
        """As it stands in summary.json."""
        return {**self._asdict(), "counted": self.counted._asdict()}
