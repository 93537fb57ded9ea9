"""The verdict on each policy, in words and as the two tables that a terminal shows."""

import math
from collections.abc import Sequence

from regimesim.scenario.dates import months_later

NONE = "-"
MARK = "*"  # of a conditional estimate


def rounded(value: float, form: str) -> str:
    """A number in a format such as "+.2f"; with no sign where it is rounded to zero."""
    text = format(value, form)
    return text if text.strip("+-0.,") else text.lstrip("+-")


def percent(share: float | None) -> str:
    """A share in percent; only a share of exactly 0 or 1 is written as 0 or 100."""
    if share is None:
        return NONE
    if share in (0, 1):
        return rounded(100 * share, ".0f")
    if abs(share) < 0.0005:
        return "<0.1" if share > 0 else ">-0.1"
    if abs(share) >= 0.9995:
        return ">99.9" if share > 0 else "<-99.9"
    return f"{100 * share:.1f}"


def percent_interval(estimate: dict, dash: str = "-") -> str:
    """An estimate in percent with its interval in brackets."""
    if estimate["estimate"] is None:
        return NONE
    if estimate["low"] is None:
        return percent(estimate["estimate"])
    low, high = percent(estimate["low"]), percent(estimate["high"])
    between = " to " if "-" in low + high else dash
    return f"{percent(estimate['estimate'])} ({low}{between}{high})"


def interval(estimate: dict, digits: int) -> str:
    """An estimate that is not a share, with its interval in brackets, with `digits` decimals."""
    if estimate["estimate"] is None:
        return NONE
    middle = rounded(estimate["estimate"], f".{digits}f")
    if estimate["low"] is None:
        return middle
    low, high = (rounded(estimate[end], f".{digits}f") for end in ("low", "high"))
    return f"{middle} ({low}{' to ' if '-' in low + high else '-'}{high})"


def digits_for(largest: float) -> int:
    """How many decimals show three digits of the largest of several numbers; at most 6."""
    return min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 2


def in_unit(unit: str) -> str:
    """A unit after a number: pure numbers are shares, in percent."""
    return "in %" if unit == "1" else unit if unit.startswith("per ") else f"in {unit}"


def so_many(worlds: int) -> str:
    """A number of worlds in words."""
    return f"{worlds:,} world{'' if worlds == 1 else 's'}"


def so_many_of(worlds: int, of: int, what: str = "worlds") -> str:
    """How far a study has come in words."""
    return f"{worlds:,} of {of:,} {what}"


def narrowing(summary: dict, estimands) -> list[float]:
    """The ratio of the counted to the conditional interval of every conditional estimate of a
    summary, in ascending order."""
    reported = (
        policy.get(name) or {} for policy in summary["policies"].values() for name in estimands
    )
    return sorted(one["worth"] ** 0.5 for one in reported if one.get("worth"))


def is_conditional(estimate: dict) -> bool:
    """Whether an estimate of a summary is a conditional one."""
    return estimate.get("by") == "integration"


def met_a_critical_try(policy: dict) -> float:
    """The share of worlds with a critical try, from the summary of one policy."""
    return policy["thresholds"]["first_critical_try"]["crossed"]


def number(value: float | None) -> str:
    """A number that is no share, with one decimal; only exactly 0 is written as 0."""
    if value is None:
        return NONE
    if 0 < abs(value) < 0.05:
        return "<0.1" if value > 0 else ">-0.1"
    return rounded(value, ".1f") if value else "0"


def half_width(estimate: dict) -> float | None:
    """How far the interval of an estimate reaches from it, at most; None without one."""
    if estimate["estimate"] is None or estimate["low"] is None:
        return None
    return max(estimate["high"] - estimate["estimate"], estimate["estimate"] - estimate["low"])


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence, of which at most so many are written: "a, b and 3 more"."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def median_date(times: dict, start: str) -> str:
    """The calendar month by which half of all worlds had crossed, or "never"."""
    return "never" if times["median"] is None else months_later(start, times["median"])
