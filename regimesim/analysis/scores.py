"""Scores of a catch rate as a forecast that the first critical try is held."""

import math
from functools import reduce

import numpy as np

from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    exact_interval,
    mean,
    told,
)
from regimesim.model.dynamics.expectation import LEAST

ANY = (-math.inf, math.inf)


def brier(rate, held) -> np.ndarray:
    """(rate − held)² of each forecast: 0 is perfect, always saying one half has 0.25."""
    return (np.asarray(rate) - held) ** 2


def log_score(rate, held) -> np.ndarray:
    """−ln of the probability given to what happened, in nats: 0 is perfect, always saying
    one half has 0.69.

    A forecast of 0 or 1 that comes true scores 0; one that does not would score infinity,
    and is scored as if it had left one chance in a million (13.8 nats).
    """
    given = np.where(np.asarray(held) == 1, rate, 1 - np.asarray(rate))
    return -np.log(np.maximum(given, LEAST))


SCORES = {"brier": brier, "log": log_score}


def mean_score(scored, held, confidence: float = CONFIDENCE, within=ANY) -> Estimate:
    """The mean score of forecasts over the worlds in which there is an outcome.

    scored: gives the score of every world's forecast, were its outcome the argument.  The
    interval is Student's or, to each side, the wider one that the exact interval of the
    share held implies: overseers who hold n of n tries have not shown that they would hold
    the next, so a rare loss counts with the score that it would bring.
    """
    held = np.asarray(held, np.float64)
    there = ~np.isnan(held)
    if not np.any(there):
        return NOTHING
    found = mean(scored(held)[there], confidence, within)
    shares = exact_interval(np.count_nonzero(held[there]), found.n, confidence)
    low, high = widened(found, either(scored, held), shares)
    return told(found.estimate, low, high, found.n)


def either(scored, held) -> tuple[float, float]:
    """The mean score of a try that was lost, and of one that was held: over the worlds with
    that outcome, or, where there are none, as it would score in all that have one."""
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


def widened(found, scores, shares):
    """(low, high) of the interval of a mean score; arrays broadcast.

    found: (estimate, low, high, …) of the mean score, an end NaN or None where there is none ·
    scores: those of a try that was lost, and of one that was held · shares: the ends of the
    interval of the share held.
    """
    lost, kept = scores
    ends = [lost + (kept - lost) * share for share in shares]
    ends += [np.asarray(end, np.float64) for end in found[:3]]
    return reduce(np.fmin, ends), reduce(np.fmax, ends)
