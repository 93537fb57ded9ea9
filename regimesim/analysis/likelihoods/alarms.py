"""Months with an alarm: a count of independent events with a probability each."""

import numpy as np


def log_likelihood(count: int, chances) -> np.ndarray:
    """ln of the probability that `count` of the months have an alarm. Eq. 8.22.

    Parameters
    ----------
    count : int
        The months with an alarm.
    chances : ndarray, shape (worlds, months)
        The probability of an alarm in each month.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    chances = np.asarray(chances, float)
    if count > chances.shape[1]:
        return np.full(len(chances), -np.inf)
    with np.errstate(divide="ignore"):
        return np.log(_by_count(chances, count)[:, count])


def simulated(chances, uniform) -> np.ndarray:
    """How many months would have an alarm. Eq. 8.22.

    Parameters
    ----------
    chances : ndarray, shape (worlds, months)
        The probability of an alarm in each month.
    uniform : ndarray, shape (worlds,)
        Luck, on (0, 1).
    """
    chances = np.asarray(chances, float)
    below = np.cumsum(_by_count(chances, chances.shape[1]), axis=1)[:, :-1]
    return (np.asarray(uniform)[:, None] > below).sum(axis=1).astype(float)


def _by_count(chances, most: int) -> np.ndarray:
    """The probability of each number of alarms up to `most`, (worlds, most + 1)."""
    by_count = np.zeros((len(chances), most + 1))
    by_count[:, 0] = 1.0
    for p in chances.T[:, :, None]:
        risen = np.concatenate([np.zeros((len(chances), 1)), by_count[:, :-1] * p], axis=1)
        by_count = by_count * (1.0 - p) + risen
    return by_count
