"""Checks of the numbers of a problem."""

from numbers import Integral, Real

from regimesim.errors import Refusal, shown


def refuse_outside(**values: tuple[float, float, float]) -> None:
    """Refuse values outside their range.

    Each argument is (value, low, high).  Raises Refusal with a sentence for each value that is
    not a number from low to high.
    """
    lines = [
        f"{name}: found {shown(value)}; allowed is {low:g} to {high:g}"
        for name, (value, low, high) in values.items()
        if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high
    ]
    if lines:
        raise Refusal(lines)


def refuse_fractions(**values: float) -> None:
    """Raise Refusal with a sentence for each value that is not a whole number."""
    lines = [
        f"{name}: found {shown(value)}; allowed is a whole number"
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, Integral)
    ]
    if lines:
        raise Refusal(lines)
