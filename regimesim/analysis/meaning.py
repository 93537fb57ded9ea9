"""Whether an estimate is known well enough to be given as a number.

A number whose interval spans half of what is possible says nothing, however many digits it has.
It is left out, and a sentence says how many points or worlds it would take.
"""

import math
from collections.abc import Iterable

from regimesim.analysis.estimates import Estimate

WIDEST = 0.5  # of the range of the quantity
BEYOND = 0.2  # of that range: how far an interval may reach over either end


def says_something(estimate: Estimate, within: tuple[float, float] = (0.0, 1.0)) -> bool:
    """Whether the interval of an estimate is narrow enough for the range of the quantity.

    Parameters
    ----------
    estimate : Estimate
        With an interval; without one it says what it can.
    within : tuple of float
        The range of the quantity, such as 0 to 1 for a share of the variance.

    Returns
    -------
    bool
        False where the interval is wider than half of the range, or reaches beyond either end of
        it by more than a fifth.
    """
    if estimate.low is None or estimate.high is None:
        return True
    least, most = within
    margin, width = BEYOND * (most - least), estimate.high - estimate.low
    inside = estimate.low >= least - margin and estimate.high <= most + margin
    return inside and width <= WIDEST * (most - least)


def times_as_many(estimates: Iterable[Estimate], within: tuple[float, float] = (0.0, 1.0)) -> int:
    """How many times as many points or worlds the estimates need to say something, at least 2.

    The width of an interval is taken to fall with the square root of their number.
    """
    range_ = within[1] - within[0]
    ends = ((one.low, one.high) for one in estimates)
    widest = max(high - low for low, high in ends if low is not None and high is not None)
    return max(2, math.ceil((widest / (WIDEST * range_)) ** 2))
