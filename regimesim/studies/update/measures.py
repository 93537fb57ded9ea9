"""What evidence changes, as numbers: estimands, thresholds, assumptions, pairs of them."""

import numpy as np

from regimesim.analysis.composition import DIFFERENCE, counted_endings, counted_outcomes
from regimesim.analysis.estimand_table import ESTIMANDS, UNCOUNTED, WITHIN
from regimesim.analysis.estimands import values
from regimesim.analysis.present_worlds import CROSSINGS, crossing
from regimesim.analysis.weighted_worlds import Weighted, change
from regimesim.ensemble.datasets import drawn_names
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.scenario import Scenario
from regimesim.studies.update.samples import Sample

COUNTED = tuple(name for name in ESTIMANDS if name not in UNCOUNTED)
SHARE = (0.0, 1.0)
ENDS = (0.05, 0.5, 0.95)
MOST_PAIRS = 10
FEWEST = 30  # effective worlds, below which luck decides what they seem to have learned
SURE = 0.05  # the probability of one false pair among all


def estimands(before: Sample, after: Sample, policy: str, paired: bool) -> dict:
    """Every estimand that is counted in worlds, before and after, and the change."""
    content = {}
    for name in COUNTED:
        ours, theirs = (values(one.present, policy, name) for one in (before, after))
        content[name] = _both(before, after, ours, theirs, WITHIN[name], paired)
    return content


def thresholds(before: Sample, after: Sample, policy: str, paired: bool) -> dict:
    """The share of worlds that cross each threshold, and the month by which half have."""
    content = {}
    for name in CROSSINGS:
        months = [crossing(one.present, policy, name) for one in (before, after)]
        crossed = [np.isfinite(one).astype(float) for one in months]
        content[name] = _both(before, after, *crossed, SHARE, paired)
        for label, sample, month in zip(("before", "after"), (before, after), months, strict=True):
            ordered = np.where(np.isnan(month), np.inf, month)
            content[name][f"half_{label}"] = _months(sample.weighted, ordered)
    return content


def parts(before: Sample, after: Sample, policy: str, paired: bool) -> dict:
    """How worlds end, and what held or lost first critical tries, before and after."""
    rows = [one.present.rows(policy) for one in (before, after)]
    content: dict[str, dict] = {}
    for name, count, within in (
        ("endings", counted_endings, SHARE),
        ("first_tries", counted_outcomes, DIFFERENCE),
    ):
        both = [count(one) for one in rows]
        content[name] = {
            part: _both(before, after, *(one[part].astype(float) for one in both), within, paired)
            for part in both[0]
        }
    return content


def _months(weighted: Weighted, months) -> dict:
    """The month by which half of all worlds have crossed; None stands for never."""
    ends = weighted.median_interval(months)
    names = ("estimate", "low", "high")
    return {
        name: None if np.isinf(month) else month for name, month in zip(names, ends, strict=True)
    }


def _both(before, after, ours, theirs, within, paired) -> dict:
    """(before, after, change) of one quantity."""
    return {
        "before": before.weighted.estimate(ours, within)._asdict(),
        "after": after.weighted.estimate(theirs, within)._asdict(),
        "change": change(before.weighted, after.weighted, ours, theirs, paired)._asdict(),
    }


def assumption_values(scenario: Scenario, sample: Sample, policy: str) -> dict[str, np.ndarray]:
    """Each drawn assumption in each world: of the policy, or else of the first that draws it."""
    columns = {}
    own = uncertain(scenario.policies[policy])
    for name in drawn_names(scenario):
        drawn_by = [policy] if name in own else []
        drawn_by += [one for one, tables in scenario.policies.items() if name in uncertain(tables)]
        columns[name] = np.asarray(
            sample.worlds[name].sel(policy=drawn_by[0]).values, dtype=np.float64
        )
    return columns


def assumptions(before: Sample, after: Sample, ours: dict, theirs: dict) -> dict:
    """Mean, central 90 % and the share of the variance that was learned, of each assumption.

    The variance is that of normal scores of ranks among the worlds before, so that a few extreme
    values do not decide it.  `shift` is the change of the mean of these scores in standard
    deviations; `information` that of the normal distribution with this mean and variance from the
    one before, in nats; `is_clear` whether it is more than luck would bring any assumption, which
    fewer than `FEWEST` effective worlds cannot show.
    """
    from scipy.special import chdtri

    content: dict[str, dict] = {}
    limit = float(chdtri(2, SURE / max(len(ours), 1))) / (2 * max(after.weighted.effective, 1.0))
    for name, first in ours.items():
        last = theirs[name]
        (m0, v0), (m1, v1) = (
            _moments(sample.weighted, _ranks(first, x))
            for sample, x in ((before, first), (after, last))
        )
        if not v0 > 0:
            continue
        around = after.weighted.moments((_ranks(first, last) - m1) ** 2)
        half, ratio = 1.96 * float(around.error) / v0, max(v1 / v0, 1e-12)
        information = float(0.5 * (ratio - 1 - np.log(ratio) + (m1 - m0) ** 2 / v0))
        content[name] = {
            "before": _described(before.weighted, first),
            "after": _described(after.weighted, last),
            "learned": 1 - v1 / v0,
            "learned_low": 1 - v1 / v0 - half,
            "learned_high": 1 - v1 / v0 + half,
            "ranks_before": list(ENDS),
            "ranks_after": _ranks_of(first, after.weighted.quantiles(last, ENDS)),
            "shift": float((m1 - m0) / np.sqrt(v0)),
            "information": information,
            "is_clear": information > limit and after.weighted.effective >= FEWEST,
        }
    return dict(sorted(content.items(), key=lambda item: -item[1]["information"]))


def _ranks_of(prior, values) -> list[float]:
    """The shares of worlds of the prior below some values."""
    ordered = np.sort(prior)
    low, high = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return [float(rank) for rank in (low + high) / (2 * len(ordered))]


def _moments(weighted: Weighted, x) -> tuple[float, float]:
    share = weighted.weights / weighted.weights.sum()
    mean = float(share @ x)
    return mean, float(share @ (x - mean) ** 2)


def _described(weighted: Weighted, x) -> dict:
    low, median, high = weighted.quantiles(x, ENDS)
    return {"mean": _moments(weighted, x)[0], "low": low, "median": median, "high": high}


def pairs(before: Sample, after: Sample, ours: dict, theirs: dict) -> list[dict]:
    """Pairs of assumptions whose rank correlation arose: further from that of before than luck
    would bring any pair (Bonferroni)."""
    from scipy.special import ndtri

    names = list(ours)
    if len(names) < 2 or after.weighted.effective < FEWEST:
        return []
    first = np.stack([_ranks(ours[name], ours[name]) for name in names], axis=1)
    last = np.stack([_ranks(ours[name], theirs[name]) for name in names], axis=1)
    was, now = before.weighted.correlations(first), after.weighted.correlations(last)
    count = len(names) * (len(names) - 1) / 2
    error = np.sqrt(1 / after.weighted.effective + 1 / before.weighted.effective)
    limit = float(ndtri(1 - SURE / (2 * count))) * error
    half = 1.96 / np.sqrt(after.weighted.effective)
    rows = []
    for k, j in zip(*np.triu_indices(len(names), 1), strict=True):
        if abs(now[k, j] - was[k, j]) > limit:
            ends = np.tanh(np.arctanh(np.clip(now[k, j], -0.999, 0.999)) + np.array([-half, half]))
            rows.append(
                {
                    "first": names[k],
                    "second": names[j],
                    "before": float(was[k, j]),
                    "after": float(now[k, j]),
                    "low": float(ends[0]),
                    "high": float(ends[1]),
                }
            )
    rows.sort(key=lambda row: -abs(row["after"] - row["before"]))
    return rows[:MOST_PAIRS]


def _ranks(prior, x) -> np.ndarray:
    """Normal scores of the ranks of `x` among the values of the prior."""
    from scipy.special import ndtri

    ordered = np.sort(prior)
    low = np.searchsorted(ordered, x, "left")
    high = np.searchsorted(ordered, x, "right")
    return ndtri((0.5 * (low + high) + 0.5) / (len(ordered) + 1))
