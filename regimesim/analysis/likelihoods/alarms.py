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
    worlds, months = chances.shape
    if count > months:
        return np.full(worlds, -np.inf)
    by_count = np.zeros((worlds, count + 1))  # the probability of each count so far
    by_count[:, 0] = 1.0
    for month in range(months):
        p = chances[:, month, None]
        risen = np.concatenate([np.zeros((worlds, 1)), by_count[:, :-1] * p], axis=1)
        by_count = by_count * (1.0 - p) + risen
    with np.errstate(divide="ignore"):
        return np.log(by_count[:, count])
