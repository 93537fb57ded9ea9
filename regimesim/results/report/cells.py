"""Cells of the tables: estimates and numbers, written for a page."""

from regimesim.analysis.formatting import is_conditional, rounded
from regimesim.results.report.blocks import Cell

NOTHING = "–"
MINUS = "\u2212"


def estimate(summary: dict | None, write) -> Cell:
    """An estimate with its interval below it; below a conditional one stands what was counted.

    Parameters
    ----------
    summary : dict or None
        The estimate as it stands in summary.json; None where there is none.
    write : callable
        Writes a number as text.
    """
    if summary is None or summary["estimate"] is None:
        return Cell(NOTHING)
    text = _with_minus(write(summary["estimate"]))
    if summary["low"] is None:
        return Cell(text)
    interval = _interval(summary, write)
    if not is_conditional(summary):
        return Cell(text, (interval,))
    counted = summary["counted"]
    if counted["estimate"] is None:
        return Cell(text, (interval,), marked=True)
    below = _with_minus(f"counted {write(counted['estimate'])}"), _interval(counted, write)
    return Cell(text, (interval, *below), marked=True)


def _interval(summary, write) -> str:
    return _with_minus(f"{write(summary['low'])} to {write(summary['high'])}")


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return _with_minus(rounded(100 * share, "+.1f"))


def number(value: float) -> str:
    """A number with two decimals."""
    return _with_minus(rounded(value, ",.2f"))


def score(value: float) -> str:
    """A number with three decimals."""
    return _with_minus(rounded(value, ".3f"))


def _with_minus(text: str) -> str:
    """A number with a true minus sign."""
    return text.replace("-", MINUS)


def p_value(p: float | None) -> str:
    """A p value."""
    if p is None:
        return NOTHING
    return "<0.001" if p < 0.001 else "1" if p == 1 else f"{p:.3f}"
