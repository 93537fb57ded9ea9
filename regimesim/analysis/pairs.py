"""Policies in pairs: all of them run in the same worlds, so each world is its own control."""

import math
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.columns import confidence, looks, rows_of
from regimesim.analysis.conditional import INTEGRATED, Reported, difference
from regimesim.analysis.estimands import reported, values
from regimesim.analysis.estimates import CONFIDENCE, Estimate, proportion_difference
from regimesim.analysis.tries import AGAINST, Span, counts, span

if TYPE_CHECKING:
    import pandas
    import xarray

PAIRED = ("no_takeover", "held_first_critical_try")


class Pair(NamedTuple):
    """The share of worlds in which `first` held minus that of `second`, in the same worlds.

    estimate, low, high: of the difference, in the `n` worlds in which both exist ·
    only_first, only_second: worlds in which one held and the other failed · mcnemar_p:
    exact, of both being equally likely · variance_ratio: variance of the same difference
    between independent worlds, over its variance in the same worlds; None where there is
    none, since no world differs; these four are by counts · by, worth, counted: as
    of any estimate that is reported (`regimesim.analysis.conditional.Reported`).
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    only_first: int
    only_second: int
    mcnemar_p: float | None
    variance_ratio: float | None
    by: str
    worth: float | None
    counted: Estimate


class Lasting(NamedTuple):
    """Which of two policies lasts longer.

    first_longer, second_longer: worlds in which one failed while the other still stood ·
    sign_p: of both being equally likely, which is right in the same worlds · logrank,
    logrank_p: the log-rank test, as between independent worlds; positive where the first
    fails more often than it would if both were alike.
    """

    first_longer: int
    second_longer: int
    sign_p: float | None
    logrank: float | None
    logrank_p: float | None


def compare(first, second, confidence: float = CONFIDENCE, integrated=None) -> Pair:
    """Two policies by one number a world each: 1 held, 0 failed, NaN where there was nothing.

    integrated: (estimate, low, high) of the difference by integration, where there is one.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    both = ~(np.isnan(first) | np.isnan(second))
    ours, theirs = first[both] > 0, second[both] > 0
    only_first = int(np.count_nonzero(ours & ~theirs))
    only_second = int(np.count_nonzero(theirs & ~ours))
    counted = proportion_difference(first, second, confidence)
    found = Reported.of(counted, integrated)
    return Pair(
        *found.found,
        only_first,
        only_second,
        mcnemar(only_first, only_second) if ours.size else None,
        _variance_ratio(ours, theirs),
        *(found.by, found.worth, found.counted),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p of McNemar (1947): the worlds that differ fall either way alike."""
    from scipy.special import bdtr

    fewer = min(only_first, only_second)
    return min(1.0, 2 * float(bdtr(fewer, only_first + only_second, 0.5)))


def _variance_ratio(ours, theirs) -> float | None:
    paired = np.var(ours.astype(np.float64) - theirs) if ours.size else 0.0
    return float((np.var(ours) + np.var(theirs)) / paired) if paired > 0 else None


def lasts(first: Span, second: Span) -> Lasting:
    """Which of two policies lasts longer, world by world and by the log-rank test.

    A world counts where one policy fails at a month or try at which the other is at risk
    and does not fail.  The sign test over these worlds is the exact form of a log-rank
    test that is stratified by world: within a stratum of two, each such failure is one
    half more or less than expected, with variance 1/4, and all others add nothing.
    """
    second_longer = int(np.count_nonzero(_falls_first(first, second)))
    first_longer = int(np.count_nonzero(_falls_first(second, first)))
    differ = first_longer + second_longer
    return Lasting(
        first_longer,
        second_longer,
        mcnemar(first_longer, second_longer) if differ else None,
        *logrank(first, second),
    )


def _falls_first(one: Span, other: Span):
    still = (other.last > one.last) | ((other.last == one.last) & ~other.failed)
    return one.failed & still


def logrank(first: Span, second: Span) -> tuple[float | None, float | None]:
    """(statistic, two-sided p) of the log-rank test; None where nothing ever fails.

    The same as scipy.stats.logrank, from counts in floating point: whole numbers overflow
    there from some hundred thousand worlds on.
    """
    from scipy.special import ndtr

    length = int(max(first.last.max(initial=-1), second.last.max(initial=-1))) + 1
    ours, failed = (column.astype(np.float64) for column in counts(first, length))
    theirs, theirs_failed = (column.astype(np.float64) for column in counts(second, length))
    both, all_failed = ours + theirs, failed + theirs_failed
    expected = ours * all_failed / both
    left = np.where(both > 1, (both - all_failed) / np.maximum(both - 1, 1), 0.0)
    variance = float(np.sum(expected * (theirs / both) * left))
    if variance == 0:
        return None, None
    statistic = float(np.sum(failed - expected)) / math.sqrt(variance)
    return statistic, 2 * float(ndtr(-abs(statistic)))


def pairs(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Every pair of policies: a row a pair and estimand, with the columns of `Pair` behind
    `first`, `second` and `estimand`.

    Intervals are 95 % and p values are for one comparison: of many pairs, some look
    different by luck.
    """
    import pandas

    rows, by_counts = [], [f"counted_{name}" for name in Estimate._fields]
    for first, second, estimand, pair in _compared(worlds, PAIRED):
        counted = dict(zip(by_counts, pair["counted"].values(), strict=True))
        rows.append({"first": first, "second": second, "estimand": estimand, **pair, **counted})
    columns = ["first", "second", "estimand", *Pair._fields[:-1], *by_counts]
    return pandas.DataFrame(rows, columns=columns)


def lasting(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Which policy of each pair lasts longer: a row a pair and `against` (months or tries),
    with the columns of `Lasting`."""
    import pandas

    rows = [
        {"first": first, "second": second, "against": against, **found}
        for first, second, against, found in _compared(worlds, AGAINST)
    ]
    return pandas.DataFrame(rows, columns=["first", "second", "against", *Lasting._fields])


def summarise_pairs(worlds) -> dict[str, dict]:
    """For each pair "A vs B" a dict by estimand, and survival by `months` and by `tries`."""
    found: dict[str, dict] = {}
    for first, second, what, content in _compared(worlds, (*PAIRED, *AGAINST)):
        name = f"survival_against_{what}" if what in AGAINST else what
        found.setdefault(f"{first} vs {second}", {})[name] = content
    return found


def _compared(worlds, wanted):
    """(first, second, what, its comparison as a dict) of all pairs, one row of each policy in
    memory at a time."""
    policies = [str(name) for name in worlds["policy"].values]
    level, times = confidence(worlds), looks(worlds)
    for what in wanted if len(policies) > 1 else ():
        if what in AGAINST:
            rows = {policy: span(worlds, policy, what) for policy in policies}
        else:
            # Half precision holds 0, 1 and NaN, and many policies fit in memory.
            rows = {p: values(worlds, p, what).astype(np.float16) for p in policies}
        expected = _expected(worlds, policies, what)
        for first, second in combinations(policies, 2):
            if what in AGAINST:
                found = lasts(rows[first], rows[second])._asdict()
            else:
                integrated = expected and difference(expected[first], expected[second], level)
                found = compare(rows[first], rows[second], level, integrated)._asdict()
                found["counted"] = found["counted"]._asdict()
            yield first, second, what, _corrected(found, times)


def _expected(worlds, policies, what):
    """A number a world under each policy, of an estimand over all worlds: what is expected where
    the estimand is reported by integration, else what was counted; None where all is counted.

    Which worlds have a first critical try under both policies is not integrated over: each
    world leaves what is expected under a policy, not under two at once.
    """
    ratio = INTEGRATED.get(what)
    if ratio is None or ratio.over is not None:
        return None
    by = {policy: reported(worlds, policy, what).by for policy in policies}
    if set(by.values()) == {"counts"}:
        return None
    return {
        policy: np.asarray(
            values(worlds, policy, what)
            if how == "counts"
            else ratio.above(rows_of(worlds, policy)),
            np.float32,
        )
        for policy, how in by.items()
    }


def _corrected(found: dict, times: int) -> dict:
    """p values of a run that might have been ended at any of so many looks (Bonferroni)."""
    return {
        name: min(1.0, times * value) if name.endswith("_p") and value is not None else value
        for name, value in found.items()
    }
