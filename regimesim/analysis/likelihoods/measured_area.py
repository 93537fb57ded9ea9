"""The area under a monitor's ROC curve, measured on trajectories of both kinds."""

import numpy as np

from regimesim.ensemble.quantiles import standard_normal
from regimesim.model.oversight.logistic_area import LOGISTIC_SLOPE, REACH, STEP


def area_of(strength, slope, curve: str) -> np.ndarray:
    """The area under the curve of monitors. Eqs. 7.5.2 and 7.5.14.

    Parameters
    ----------
    strength, slope : ndarray, shape (worlds,)
        Their d′, and the slope b of their curves.
    curve : {"binormal", "logistic"}
        The form of the curves.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    from scipy.special import expit, ndtr

    strength, slope = np.asarray(strength, float), np.asarray(slope, float)
    if curve != "logistic":
        return ndtr(strength / np.sqrt(2.0))
    area = np.zeros(np.broadcast(strength, slope).shape)
    for x in STEP * np.arange(-REACH, REACH + 1):
        area += STEP * expit(x) * expit(-x) * expit(LOGISTIC_SLOPE * strength + slope * x)
    return area


def area_error(area, attacks: float, others: float) -> np.ndarray:
    """The standard error of a measured area.

    Parameters
    ----------
    area : array_like
        The true areas.
    attacks, others : float
        The number of attacks, and of other trajectories.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143, 29-36.
    """
    area = np.asarray(area, float)
    of_attacks = (attacks - 1.0) * (area / (2.0 - area) - area**2)
    of_others = (others - 1.0) * (2.0 * area**2 / (1.0 + area) - area**2)
    total = np.maximum(area * (1.0 - area) + of_attacks + of_others, 0.0)
    return np.sqrt(total / (attacks * others))


def simulated(area, trajectories: float, uniform) -> np.ndarray:
    """The area that would be measured, with a normal error, and inside 0 to 1.

    Parameters
    ----------
    area : ndarray, shape (worlds,)
        The true areas.
    trajectories : float
        Their number, one half of them attacks.
    uniform : ndarray, shape (worlds,)
        Luck, on (0, 1).
    """
    half = trajectories / 2.0
    error = area_error(area, half, half) * standard_normal(uniform)
    return np.clip(np.asarray(area, float) + error, 0.0, 1.0)
