"""Lines of growth that measured horizons allow, drawn."""

import math

import numpy as np

from regimesim.ensemble.quantiles import student, student_below
from regimesim.errors import Refusal
from regimesim.scenario.calibration import DAYS_A_MONTH, Growth

LEAST_MASS = 1e-6  # less of the fit than this in the allowed range: the data contradict it


def draw_growth(growth: Growth, doubling, level, start, low: float = 0.0, high: float = math.inf):
    """Draw lines that the measurements allow. Eqs. 6.1 and 6.2.

    The spread of the residuals is itself an estimate, so slope and level follow Student's t and
    not the normal: with flat priors on the line and on the log of the spread they are jointly t
    with ν = n − 2 degrees of freedom.  A normal would make the 95 % interval 8 % too short at
    n = 17 and 24 % at n = 7.  Given a slope that is t standard errors off, the level is t with
    ν + 1 degrees of freedom and scale √((ν + t²)/(ν + 1)), so that two draws suffice.  The slope
    is truncated (not clipped) to doubling times from `low` to `high` months.  It is the trend
    that is drawn, without the scatter of single models about it.

    Parameters
    ----------
    growth : Growth
        The fitted line.
    doubling, level : array_like of one shape
        Independent uniforms on (0, 1), one for the slope and one for the level at that slope;
        each pair gives one line, and larger numbers give faster growth and a higher level.
    start : str or datetime.date
        The day at which the level is wanted.
    low, high : float
        The range of the doubling time, in months.

    Returns
    -------
    level : ndarray
        The levels of the lines at `start`, in log2 hours.
    doubling_time : ndarray
        Their doubling times, in months.

    Raises
    ------
    Refusal
        Where hardly any line that the measurements allow doubles that fast.
    """
    nu = growth.n - 2
    slowest = 1 / (high * DAYS_A_MONTH)
    fastest = math.inf if low == 0 else 1 / (low * DAYS_A_MONTH)
    ends = np.array([slowest, fastest])
    least, most = student_below((ends - growth.slope) / growth.slope_se, nu)
    if not most - least >= LEAST_MASS:
        raise Refusal(
            f"a fit of {growth.n} measured horizons has a doubling time of "
            f"{growth.doubling_months:.3g} months; allowed is {low:g} to {high:g} months"
        )
    t_slope = student(least + (most - least) * np.asarray(doubling, float), nu)
    slope = np.clip(growth.slope + growth.slope_se * t_slope, slowest, fastest)
    scale = growth.middle_level_se * np.sqrt((nu + t_slope**2) / (nu + 1))
    t_level = student(level, nu + 1)
    levels = growth.middle_level + slope * growth.since_middle(start) + scale * t_level
    return levels, np.clip(1 / (slope * DAYS_A_MONTH), low, high)
