"""How long a policy lasts, against months and against critical tries.

A critical try is a month with critical attempts, however many: attempts of one month are
simultaneous, and one that is missed suffices.  A world ends at its first critical try that is
not held.  Counted in tries, a world in which
this is the k-th critical try failed at try k; a world that reaches the end after m held tries is
censored at m, and is at risk at the tries 1 … m.  As in any such estimate, censoring is assumed
to be independent of failure: worlds that run out of months would do no better or worse at the
next try than those that meet it.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, Estimate, product
from regimesim.analysis.present_worlds import confidence, present_worlds
from regimesim.analysis.survival import survival

if TYPE_CHECKING:
    import pandas
    import xarray

AGAINST = ("months", "tries")
_ENDS = ("survived", "low", "high")


class Span(NamedTuple):
    """How long each world was watched, in months or in critical tries.

    Attributes
    ----------
    last : ndarray of int, shape (worlds,)
        The month or try, from 0, at which the world was last at risk; −1 where it never was.
    failed : ndarray of bool, shape (worlds,)
        Whether it failed there.
    """

    last: np.ndarray
    failed: np.ndarray


def survived(rows) -> np.ndarray:
    """Critical tries that each world survived before its first failure or the end (float64).

    NaN in worlds without a critical try.  `rows` are the rows of a policy by name.
    """
    first = rows["held_first_critical_try"]
    return np.where(np.isnan(first), np.nan, rows["tries_survived"])


def span(worlds, policy: str, against: str = "tries") -> Span:
    """How long each world of a policy was watched, and whether it failed there."""
    if against not in AGAINST:
        raise ValueError(f"against is 'months' or 'tries', not {against!r}")
    worlds = present_worlds(worlds)
    rows = worlds.rows(policy)
    takeover = rows["takeover"]
    failed = ~np.isnan(takeover)
    if against == "months":
        last = np.where(failed, takeover, worlds.months - 1)
    else:
        last = np.nan_to_num(survived(rows)) + failed - 1
    return Span(last.astype(np.int32), failed)


def counts(watched: Span, length: int) -> tuple[np.ndarray, np.ndarray]:
    """(at risk, failed): numbers of worlds at each of `length` months or tries, from 0."""
    there = watched.last >= 0
    ended = np.bincount(watched.last[there], minlength=length)
    failed = np.bincount(watched.last[there & watched.failed], minlength=length)
    return np.cumsum(ended[::-1])[::-1], failed


def survival_table(
    worlds: "xarray.Dataset",
    policy: str,
    against: str = "tries",
) -> "pandas.DataFrame":
    """Survival of a policy against critical tries or months.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    policy : str
        The name of a policy.
    against : {"tries", "months"}
        What survival is measured in.

    Returns
    -------
    pandas.DataFrame
        One row for each critical try 1, 2, … or month 0, 1, ….  Columns: `try` or `month`;
        `at_risk`, `failed` and `ended` (censored), numbers of worlds; `survived`, the
        Kaplan-Meier estimate after it, with `low` and `high`, its pointwise 95 % band.  Worlds
        without a critical try are not at risk in tries.

    Raises
    ------
    ValueError
        Where `against` is neither.

    References
    ----------
    Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.
    """
    import pandas

    return pandas.DataFrame(_table(span(worlds, policy, against), against, confidence(worlds)))


def by_try(worlds, policy: str, most: int, held) -> list[dict]:
    """The first `most` rows of the survival table against tries, as plain numbers.

    Where `held`, the share of first critical tries that were held as it is reported, is a
    conditional estimate, the share that survives the tries 1 to k is `held` times the
    Kaplan-Meier estimate for the tries 2 to k; `counted` is the Kaplan-Meier estimate for all.
    """
    watched, level = span(worlds, policy), confidence(worlds)
    table = _table(watched, "tries", level)
    columns = [column[:most].tolist() for column in table.values()]
    rows = [dict(zip(table, values, strict=True)) for values in zip(*columns, strict=True)]
    if held.by == "counts":
        return [{**row, "by": "counts"} for row in rows]
    # Tries from the second one on, of the worlds that made a second one.
    later = _table(Span(watched.last - 1, watched.failed), "tries", level)
    shares = [held.interval_estimate]
    for k in range(len(rows) - 1):
        middle, low, high = (float(later[end][k]) for end in _ENDS)
        shares.append(product(held.interval_estimate, Estimate(middle, low, high, held.n)))
    return [
        {
            **row,
            **dict(zip(_ENDS, share[:3], strict=True)),
            "by": "integration",
            "counted": dict(zip(Estimate._fields, (row[end] for end in _ENDS), strict=False)),
        }
        for row, share in zip(rows, shares, strict=True)
    ]


def _table(watched: Span, against: str, level: float = CONFIDENCE) -> dict[str, np.ndarray]:
    there = watched.last >= 0
    last, failed = watched.last[there], watched.failed[there]
    length = int(last.max(initial=-1)) + 1
    at_risk, failures = counts(watched, length)
    curve = survival(np.where(failed, last, np.nan), length, last, level)
    tries = against == "tries"
    return {
        "try" if tries else "month": np.arange(length) + tries,
        "at_risk": at_risk,
        "failed": failures,
        "ended": at_risk - failures - np.append(at_risk[1:], 0)[:length],
        "survived": curve.share,
        "low": curve.low,
        "high": curve.high,
    }
