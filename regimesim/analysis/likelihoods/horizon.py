"""A time horizon that was measured, with a normal error in doublings."""

import math

import numpy as np

from regimesim.ensemble.quantiles import standard_normal


def log_likelihood(hours: float, error: float, leader) -> np.ndarray:
    """ln of the density of the measured log2 horizon. Eq. 8.19.

    Parameters
    ----------
    hours, error : float
        The measured horizon, and its standard error in doublings.
    leader : ndarray, shape (worlds,)
        The capability of the leading lab, log2 h.
    """
    z = (math.log2(hours) - np.asarray(leader, float)) / error
    return -0.5 * z * z - math.log(error * math.sqrt(2 * math.pi))


def simulated(error: float, leader, uniform) -> np.ndarray:
    """What would be measured, log2 h. Eq. 8.19.

    Parameters
    ----------
    error : float
        The standard error in doublings.
    leader : ndarray, shape (worlds,)
        The capability of the leading lab, log2 h.
    uniform : ndarray, shape (worlds,)
        Luck, on (0, 1).
    """
    return np.asarray(leader, float) + error * standard_normal(uniform)
