"""Lines of growth that measured horizons allow, drawn."""

import math

import numpy as np

from regimesim.ensemble.quantiles import student, student_below
from regimesim.errors import Refusal
from regimesim.scenario.dates import first_day
from regimesim.scenario.growth import DAYS_A_MONTH, AnyGrowth, IndexGrowth, Line

LEAST_MASS = 1e-6  # less of the fit than this in the allowed range: the data contradict it


def draw_growth(
    growth: AnyGrowth, doubling, level, start, low: float = 0.0, high: float = math.inf, link=None
):
    """Draw lines that the measurements allow. Eqs. 6.1 to 6.5.

    The spread of the residuals is itself an estimate, so slope and level follow Student's t and
    not the normal: with flat priors on the line and on the log of the spread they are jointly t
    with ν = n − 2 degrees of freedom.  A normal would make the 95 % interval 8 % too short at
    n = 17 and 24 % at n = 7.  Given a slope that is t standard errors off, the level is t with
    ν + 1 degrees of freedom and scale √((ν + t²)/(ν + 1)), so that two draws suffice.  The slope
    is truncated (not clipped) to doubling times from `low` to `high` months.  It is the trend
    that is drawn, without the scatter of single models about it.

    Growth of an index is drawn likewise, in points of the index.  The line that links the index
    to horizons is drawn first, from its own posterior of the same form, with a slope above 0; the
    slope of the index is truncated to what gives an allowed doubling time with that link.

    Parameters
    ----------
    growth : Growth or IndexGrowth
        The fitted line, or the two of an index.
    doubling, level : array_like of one shape
        Independent uniforms on (0, 1), one for the slope and one for the level at that slope;
        each pair gives one line, and larger numbers give faster growth and a higher level.
    start : str or datetime.date
        The day at which the level is wanted.
    low, high : float
        The range of the doubling time, in months.
    link : pair of array_like, optional
        Two more uniforms, for slope and level of the link of an index, which needs them.

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
    line, day = growth.line, first_day(start).toordinal()
    slowest = 1 / (high * DAYS_A_MONTH)
    fastest = math.inf if low == 0 else 1 / (low * DAYS_A_MONTH)
    if not isinstance(growth, IndexGrowth):
        _refuse_beyond(growth, line, slowest, fastest, low, high)
        levels, slope = draw_line(line, doubling, level, day, slowest, fastest)
        return levels, np.clip(1 / (slope * DAYS_A_MONTH), low, high)
    if link is None:
        raise TypeError("growth of an index needs two more uniforms, for its link")
    of_slope, of_level = link
    middle = growth.link.slope
    _refuse_beyond(growth, line, slowest / middle, fastest / middle, low, high)
    at_middle, rise = draw_line(growth.link, of_slope, of_level, growth.link.middle, 0.0)
    rise = np.maximum(rise, LEAST_MASS * middle)  # 0 would allow no slope of the index
    index, slope = draw_line(line, doubling, level, day, slowest / rise, fastest / rise)
    levels = at_middle + rise * (index - growth.link.middle)
    return levels, np.clip(1 / (slope * rise * DAYS_A_MONTH), low, high)


def _refuse_beyond(growth, line, slowest, fastest, low, high):
    """Refuse growth that has hardly any probability between two slopes of its line."""
    ends = (np.array([slowest, fastest]) - line.slope) / line.slope_se
    least, most = student_below(ends, line.n - 2)
    if not most - least >= LEAST_MASS:
        raise Refusal(
            f"a fit of {growth.n} measured horizons has a doubling time of "
            f"{growth.doubling_months:.3g} months; allowed is {low:g} to {high:g} months"
        )


def draw_line(line: Line, of_slope, of_level, x: float, lowest=-math.inf, highest=math.inf):
    """Draw lines from the posterior of a fitted one. Eqs. 6.1 and 6.2.

    Parameters
    ----------
    line : Line
        The fitted line.
    of_slope, of_level : array_like of one shape
        Independent uniforms on (0, 1), for the slope and for the level at that slope.
    x : float
        Where the level is wanted.
    lowest, highest : array_like
        The range of slopes, one for all draws or one for each.

    Returns
    -------
    level, slope : ndarray
    """
    nu = line.n - 2
    least = student_below((lowest - line.slope) / line.slope_se, nu)
    most = student_below((highest - line.slope) / line.slope_se, nu)
    t_slope = student(least + (most - least) * np.asarray(of_slope, float), nu)
    slope = np.clip(line.slope + line.slope_se * t_slope, lowest, highest)
    scale = line.middle_level_se * np.sqrt((nu + t_slope**2) / (nu + 1))
    t_level = student(of_level, nu + 1)
    return line.middle_level + slope * (x - line.middle) + scale * t_level, slope


def even_uniforms(count: int, dimensions: int) -> np.ndarray:
    """Points that fill the unit cube evenly, the same each time: (dimensions, count).

    Multiples of the powers of 1/g, where g is the root above 1 of g^(dimensions + 1) = g + 1
    (Roberts' additive sequence); with one dimension, g is the golden ratio.
    """
    g = 2.0
    for _ in range(60):
        g = (1 + g) ** (1 / (dimensions + 1))
    powers = g ** -np.arange(1.0, dimensions + 1)
    return (0.5 + powers[:, None] * np.arange(count)) % 1
