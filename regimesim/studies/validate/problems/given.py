"""Numbers given to a problem: in their range, or refused."""

from numbers import Integral, Real

from regimesim.errors import Refusal, shown


def refuse_outside(**given: tuple[float, float, float]) -> None:
    """Raise Refusal with a sentence for each name whose (value, low, high) is no number from
    low to high."""
    lines = [
        f"{name}: found {shown(value)}; allowed is {low:g} to {high:g}"
        for name, (value, low, high) in given.items()
        if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high
    ]
    if lines:
        raise Refusal(lines)


def refuse_fractions(**given: float) -> None:
    """Raise Refusal with a sentence for each name whose value is no whole number."""
    lines = [
        f"{name}: found {shown(value)}; allowed is a whole number"
        for name, value in given.items()
        if isinstance(value, bool) or not isinstance(value, Integral)
    ]
    if lines:
        raise Refusal(lines)
