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


def area_error(area, trajectories: float) -> np.ndarray:
    """The standard error of a measured area.

    Parameters
    ----------
    area : ndarray
        The true areas.
    trajectories : float
        Their number, one half of them attacks.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143, 29-36.
    """
    area, n = np.asarray(area, float), trajectories / 2.0
    of_attacks, of_others = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    both = of_attacks + of_others - 2.0 * area**2
    return np.sqrt(np.maximum(area * (1.0 - area) + (n - 1.0) * both, 0.0)) / n


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
    error = area_error(area, trajectories) * standard_normal(uniform)
    return np.clip(np.asarray(area, float) + error, 0.0, 1.0)
