"""Whether an estimate is known well enough to be given as a number.

A number whose interval spans half of what is possible says nothing, however many digits it has.
It is left out, and a sentence says how many points or worlds it would take.
"""

import math
from collections.abc import Iterable, Mapping

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


def known_share(share: Estimate) -> Estimate:
    """A share, or its interval alone where `says_something` is False."""
    return share if says_something(share) else share._replace(estimate=None)


def effect_says_something(effect: Estimate, largest: float = 1.0) -> bool:
    """Whether the interval of an effect says whether it raises or lowers, or that it is small.

    Parameters
    ----------
    effect : Estimate
        With an interval; without one it says what it can.
    largest : float
        The size of the largest effect: 1 for a difference of shares, and the largest estimate
        among its rivals where nothing bounds an effect; if that is 0, none is ranked, and all say
        something.

    Returns
    -------
    bool
        False where the interval contains 0 and is wider than half of the range from -`largest` to
        `largest`.  An effect whose sign is known says something, however wide its interval.
    """
    if effect.low is None or effect.high is None or largest == 0:
        return True
    return effect.low > 0 or effect.high < 0 or effect.high - effect.low <= largest


def sign_is_known(effect: Mapping) -> bool:
    """Whether the interval of a plain effect leaves out 0; False where there is none."""
    low, high = effect["low"], effect["high"]
    return low is not None and (low > 0 or high < 0)


def known_effect(effect: Estimate, largest: float = 1.0) -> Estimate:
    """An effect, or its interval alone where `effect_says_something` is False."""
    return effect if effect_says_something(effect, largest) else effect._replace(estimate=None)


def withheld(estimates: Iterable[Mapping]) -> list[Estimate]:
    """Those of plain estimates that have an interval and no number."""
    plain = ({name: one[name] for name in Estimate._fields} for one in estimates)
    return [Estimate(**one) for one in plain if one["estimate"] is None and one["low"] is not None]


def effects_need(vague: Iterable[Estimate], worlds: int, largest: float = 1.0) -> list[str]:
    """The sentence that explains the dashes of effects that say nothing; none without any."""
    vague = list(vague)
    if not vague:
        return []
    needed = worlds * times_as_many(vague, (-largest, largest))
    return [
        "An effect with a dash may be of either sign, and its 95 % interval is too wide to say "
        f"more. About {needed:,} worlds (--worlds) would be enough."
    ]


def times_as_many(estimates: Iterable[Estimate], within: tuple[float, float] = (0.0, 1.0)) -> int:
    """How many times as many points or worlds the estimates need to say something, at least 2.

    The width of an interval is taken to fall with the square root of their number.
    """
    range_ = within[1] - within[0]
    ends = ((one.low, one.high) for one in estimates)
    widest = max(high - low for low, high in ends if low is not None and high is not None)
    return max(2, math.ceil((widest / (WIDEST * range_)) ** 2))
