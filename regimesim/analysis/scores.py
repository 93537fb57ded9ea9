"""Scores of a catch rate as a forecast that the first critical try is held."""

from functools import reduce

import numpy as np

from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    UNBOUNDED,
    Estimate,
    as_estimate,
    exact_interval,
    mean,
)
from regimesim.model.dynamics.expectation import LEAST


def brier(rate, held) -> np.ndarray:
    """Brier score (rate − held)² of each forecast: 0 is perfect, a constant one half has 0.25."""
    return (np.asarray(rate) - held) ** 2


def log_score(rate, held) -> np.ndarray:
    """−ln of the probability of the outcome, in nats: 0 is perfect, a constant one half has 0.69.

    A forecast of 0 or 1 that comes true scores 0.  One that does not would score infinity, and
    is scored as if the outcome had a probability of one in a million (13.8 nats).
    """
    probability = np.where(np.asarray(held) == 1, rate, 1 - np.asarray(rate))
    return -np.log(np.maximum(probability, LEAST))


SCORES = {"brier": brier, "log": log_score}


def mean_score(scored, held, confidence: float = CONFIDENCE, within=UNBOUNDED) -> Estimate:
    """Mean score of forecasts over the worlds in which there is an outcome.

    The interval is Student's or, on each side, the wider one that the exact interval of the
    share held implies: overseers who held n of n tries have not shown that they would hold the
    next, so a rare loss counts with the score that it would have.

    Parameters
    ----------
    scored : callable
        Takes outcomes, shape (worlds,), and returns the score of the forecast of each world.
    held : array_like, shape (worlds,)
        The outcomes: 1 held, 0 lost, NaN without a critical try.
    confidence : float, default 0.95
        The confidence of the interval.
    within : tuple of float
        The range of the scores.
    """
    held = np.asarray(held, np.float64)
    there = ~np.isnan(held)
    if not np.any(there):
        return NOTHING
    plain = mean(scored(held)[there], confidence, within)
    shares = exact_interval(np.count_nonzero(held[there]), plain.n, confidence)
    low, high = widened(plain, either(scored, held), shares)
    return as_estimate(plain.estimate, low, high, plain.n)


def either(scored, held) -> tuple[float, float]:
    """Mean score of a lost try, and of a held one.

    Each is over the worlds with that outcome or, where there are none, the score that the
    outcome would have in all worlds with a try.
    """
    there = ~np.isnan(held)
    lost, kept = (
        np.mean(
            scored(held)[held == outcome]
            if np.any(held == outcome)
            else scored(np.full(held.size, outcome))[there]
        )
        for outcome in (0.0, 1.0)
    )
    return lost, kept


def widened(plain, scores, shares):
    """Interval of a mean score; arrays broadcast.

    Parameters
    ----------
    plain : tuple
        (estimate, low, high, …) of the mean score; an end is NaN or None where there is none.
    scores : tuple
        Mean score of a lost try, and of a held one.
    shares : tuple
        The ends of the interval of the share held.

    Returns
    -------
    low, high : ndarray
        The ends of the interval.
    """
    lost, kept = scores
    ends = [lost + (kept - lost) * share for share in shares]
    ends += [np.asarray(end, np.float64) for end in plain[:3]]
    return reduce(np.fmin, ends), reduce(np.fmax, ends)
