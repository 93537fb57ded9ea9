"""Pairs of policies, compared in the same worlds, so that each world is its own control."""

import math
from functools import cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.conditional import Linear, Reported, difference
from regimesim.analysis.estimand_table import CONDITIONAL
from regimesim.analysis.estimands import reported, values
from regimesim.analysis.estimates import CONFIDENCE, Estimate, proportion_difference
from regimesim.analysis.present_worlds import PresentWorlds, confidence, looks, present_worlds
from regimesim.analysis.tries import AGAINST, Span, counts, span

if TYPE_CHECKING:
    import pandas
    import xarray

PAIRED = ("no_takeover", "held_first_critical_try")


class Pair(NamedTuple):
    """The share of worlds in which `first` held minus that of `second`, in the same worlds.

    Attributes
    ----------
    estimate, low, high : float or None
        The difference and its interval.
    n : int
        The number of worlds in which both exist.
    only_first, only_second : int
        Worlds in which only one of the two held.
    mcnemar_p : float or None
        Exact p value of the hypothesis that both are equally likely.
    variance_ratio : float or None
        Variance of the same difference between independent worlds over its variance in the same
        worlds; None where no world differs.
    by, equivalent_worlds, counted
        As in `regimesim.analysis.conditional.Reported`; the four fields above are by counts.
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
    equivalent_worlds: float | None
    counted: Estimate

    def plain(self) -> dict:
        """The content of summary.json, by the names in `COLUMNS`."""
        return dict(zip(COLUMNS, (*self[:-1], self.counted._asdict()), strict=True))


COLUMNS = (
    *("estimate", "low", "high", "n", "only_first", "only_second", "mcnemar_p"),
    *("variance_ratio", "by", "worth", "counted"),
)


class Lasting(NamedTuple):
    """Which of two policies lasts longer.

    Attributes
    ----------
    first_longer, second_longer : int
        Worlds in which the other policy failed first.
    sign_p : float or None
        p value of the hypothesis that both are equally likely, for the same worlds.
    logrank, logrank_p : float or None
        Statistic and p value of the log-rank test for independent worlds; the statistic is
        positive where the first policy fails more often than expected if both were alike.
    """

    first_longer: int
    second_longer: int
    sign_p: float | None
    logrank: float | None
    logrank_p: float | None


def compare(first, second, confidence: float = CONFIDENCE, conditional=None) -> Pair:
    """Compare two policies in the same worlds.

    Parameters
    ----------
    first, second : array_like, shape (worlds,)
        1 held, 0 failed, NaN where the outcome does not exist.
    confidence : float, default 0.95
        The confidence of the interval.
    conditional : tuple, optional
        (estimate, low, high) of the conditional difference.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    both = ~(np.isnan(first) | np.isnan(second))
    ours, theirs = first[both] > 0, second[both] > 0
    only_first = int(np.count_nonzero(ours & ~theirs))
    only_second = int(np.count_nonzero(theirs & ~ours))
    counted = proportion_difference(first, second, confidence)
    difference = Reported.of(counted, conditional)
    return Pair(
        *difference.interval_estimate,
        only_first,
        only_second,
        mcnemar(only_first, only_second) if ours.size else None,
        _variance_ratio(ours, theirs),
        difference.by,
        difference.equivalent_worlds,
        difference.counted,
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p value of McNemar (1947): worlds that differ do so either way equally."""
    from scipy.special import bdtr

    fewer = min(only_first, only_second)
    return min(1.0, 2 * float(bdtr(fewer, only_first + only_second, 0.5)))


def _variance_ratio(ours, theirs) -> float | None:
    paired = np.var(ours.astype(np.float64) - theirs) if ours.size else 0.0
    return float((np.var(ours) + np.var(theirs)) / paired) if paired > 0 else None


def lasts(first: Span, second: Span) -> Lasting:
    """Which of two policies lasts longer, world by world and by the log-rank test.

    A world carries information where one policy fails at a month or try at which the other is at
    risk and does not fail.  The sign test over these worlds is the exact form of a log-rank test
    that is stratified by world: within a stratum of two, each such failure differs from its
    expectation by one half, with variance 1/4, and all others contribute nothing.
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
    """(statistic, two-sided p) of the log-rank test; None where no world fails.

    The test is that of scipy.stats.logrank, computed from counts in floating point: integers
    overflow there from some hundred thousand worlds on.
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
    """Differences between all pairs of policies in the same worlds.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.

    Returns
    -------
    pandas.DataFrame
        One row for each pair and estimand (`no_takeover`, `held_first_critical_try`; the counted
        difference of the latter is over the worlds in which both policies met one).  Columns:
        `first`, `second`, `estimand`; `estimate`, `low`, `high`, the share under the first policy
        minus that under the second with its 95 % interval; `n`, the worlds in which both exist;
        `only_first`, `only_second`, worlds in which only one of them held; `mcnemar_p`;
        `variance_ratio`, the variance between independent worlds over that in the same worlds;
        `by`, `worth` and the `counted_` columns as in `estimates`.  A p value is for a single
        comparison: of many pairs, some differ by chance.

    References
    ----------
    McNemar (1947), Psychometrika 12, 153-157; Bonett and Price (2012), Journal of Educational and
    Behavioral Statistics 37, 479-488.
    """
    import pandas

    rows, by_counts = [], [f"counted_{name}" for name in Estimate._fields]
    for first, second, estimand, pair in _compared(worlds, PAIRED):
        counted = dict(zip(by_counts, pair["counted"].values(), strict=True))
        rows.append({"first": first, "second": second, "estimand": estimand, **pair, **counted})
    columns = ["first", "second", "estimand", *COLUMNS[:-1], *by_counts]
    return pandas.DataFrame(rows, columns=columns)


def lasting(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """Which policy of each pair lasts longer, in the same worlds.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.

    Returns
    -------
    pandas.DataFrame
        One row for each pair and `against`, "months" or (critical) "tries".  Columns: `first`,
        `second`, `against`; `first_longer`, `second_longer`, the worlds in which the other policy
        failed first; `sign_p`, the exact p value of the sign test over these; `logrank` and
        `logrank_p`, statistic and p value of the log-rank test.

    References
    ----------
    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170.
    """
    import pandas

    rows = [
        {"first": first, "second": second, "against": against, **comparison}
        for first, second, against, comparison in _compared(worlds, AGAINST)
    ]
    return pandas.DataFrame(rows, columns=["first", "second", "against", *Lasting._fields])


def summarise_pairs(worlds) -> dict[str, dict]:
    """The comparisons of each pair, "A vs B", by estimand, and of survival in months and tries."""
    paired: dict[str, dict] = {}
    for first, second, what, content in _compared(worlds, (*PAIRED, *AGAINST)):
        name = f"survival_against_{what}" if what in AGAINST else what
        paired.setdefault(f"{first} vs {second}", {})[name] = content
    return paired


def _compared(worlds, wanted):
    """(first, second, what, comparison as a dict) of all pairs.

    Each pair is compared in the worlds that are there under both.  One row of each policy is in
    memory at a time, for every set of such worlds.
    """
    there = present_worlds(worlds)
    level, times = confidence(there), looks(there)
    chosen = list(combinations(there.policies, 2))
    together = {pair: there.common(pair) for pair in chosen}
    for what in wanted:
        compared = _lasting if what in AGAINST else _shares
        row = cache(partial(_span if what in AGAINST else _share, what))
        for first, second in chosen:
            both = together[first, second]
            comparison = compared(row(both, first), row(both, second), level)
            yield first, second, what, _corrected(comparison, times)


def _span(what, worlds: PresentWorlds, policy: str) -> Span:
    return span(worlds, policy, what)


def _lasting(first: Span, second: Span, level: float) -> dict:
    return lasts(first, second)._asdict()


class _Share(NamedTuple):
    """An estimand in each world as it was counted, and its conditional estimate where that is the
    one reported."""

    counted: np.ndarray
    conditional: Linear | None

    @property
    def reported(self) -> Linear:
        """The reported estimate as a mean over worlds."""
        if self.conditional is not None:
            return self.conditional
        there = ~np.isnan(self.counted)
        drawn = np.where(there, self.counted, 0.0).astype(np.float64)
        return Linear.of(drawn, there.astype(np.float64))


def _share(what, worlds: PresentWorlds, policy: str) -> _Share:
    # Half precision holds 0, 1 and NaN, and many policies fit in memory.
    counted = values(worlds, policy, what).astype(np.float16)
    if reported(worlds, policy, what).by == "counts":
        return _Share(counted, None)
    rows, ratio = worlds.rows(policy), CONDITIONAL[what]
    return _Share(counted, Linear.of(ratio.above(rows), ratio.below(rows)))


def _shares(first: _Share, second: _Share, level: float) -> dict:
    """Compare two policies; where one estimate is conditional, by what is reported of both."""
    conditional = None
    if first.conditional is not None or second.conditional is not None:
        conditional = difference(first.reported, second.reported, level)
    return compare(first.counted, second.counted, level, conditional).plain()


def _corrected(comparison: dict, times: int) -> dict:
    """The comparison with p values corrected for the looks at which the run could have stopped
    (Bonferroni)."""
    return {
        name: min(1.0, times * value) if name.endswith("_p") and value is not None else value
        for name, value in comparison.items()
    }
