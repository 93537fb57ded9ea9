"""The content of the figure of a claim: estimates by policy, or curves by month."""

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.analysis.present_worlds import crossing
from regimesim.analysis.survival import cumulative_share
from regimesim.ensemble.batches import Batched
from regimesim.plots.style import policies_of, thinned
from regimesim.studies.claims.claim import Claim, Pattern
from regimesim.studies.claims.outcomes import MONTH_OUTCOMES
from regimesim.studies.claims.patterns import look

FEWEST = 20  # worlds left below which no mean is drawn
ENOUGH = 0.1  # share of worlds left below which no signal is drawn


def content(claim: Claim, run: Batched) -> dict:
    """The content of the figure that the file of a claim names."""
    if claim.figure == "visible_signal":
        return signal(run.months, *claim.panels)
    if claim.figure == "crossings":
        return crossings(run.worlds, claim.panels)
    if claim.figure == "months":
        known = (MONTH_OUTCOMES[name] for name in claim.panels)
        return months(run.months, [(o.name, o.words, o.unit) for o in known])
    return outcomes(policies_of(run.worlds), _by_policy(claim, run))


def outcomes(policies: list[str], panels) -> dict:
    """Estimates by policy.

    panels: for each (words, unit, [(policy, estimate, low, high)]).
    """
    return {
        "kind": "outcomes",
        "policies": policies,
        "panels": [
            {"title": title, "unit": unit, "levels": [list(level) for level in levels]}
            for title, unit, levels in panels
        ],
    }


def months(dataset, panels) -> dict:
    """Means by month with their intervals.

    dataset: of the months of a run · panels: for each (variable, words, unit).
    """
    at = thinned(dataset.sizes["month"])
    return {
        "kind": "months",
        "at": at.tolist(),
        "panels": [
            {
                "title": title,
                "unit": unit,
                "curves": {
                    policy: _curve(*monthly(dataset.sel(policy=policy), name), at)
                    for policy in policies_of(dataset)
                },
            }
            for name, title, unit in panels
        ],
    }


def crossings(worlds, thresholds) -> dict:
    """Shares of worlds that have crossed each threshold by each month, with Wilson's bands."""
    last = int(worlds.attrs["months"])
    return {
        "kind": "crossings",
        "panels": [
            {
                "title": threshold.replace("_", " "),
                "curves": {
                    policy: {
                        name: values.tolist()
                        for name, values in cumulative_share(
                            crossing(worlds, policy, threshold), last
                        )
                        ._asdict()
                        .items()
                    }
                    for policy in policies_of(worlds)
                },
            }
            for threshold in thresholds
        ],
    }


def signal(dataset, policy: str | None = None) -> dict:
    """What overseers see, and what is true, over the capability of the leading lab.

    dataset: of the months of a run · policy: by default the first.
    """
    chosen = dataset.sel(policy=policies_of(dataset)[0] if policy is None else policy)
    left = chosen["worlds_not_lost"].values
    chosen = chosen.isel(month=left >= ENOUGH * left[0])
    at = np.arange(chosen.sizes["month"])
    return {
        "kind": "visible_signal",
        "policy": chosen["policy"].item(),
        "leader": _values(chosen["leader"].values),
        "curves": {name: _curve(*monthly(chosen, name), at) for row in ROWS for _, name in row},
    }


def monthly(dataset, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(mean, half-width of its interval) by month of a variable under one policy.

    They are NaN in months in which fewer than FEWEST worlds are left, or fewer than all of a
    smaller number.
    """
    from scipy.special import stdtrit

    n = dataset["worlds_not_lost"].values.astype(float)
    enough = n >= max(2, min(FEWEST, n[0]))
    degrees = np.where(enough, n - 1, 1)
    reach = stdtrit(degrees, (1 + CONFIDENCE) / 2) / np.sqrt(degrees)
    middle = np.where(enough, dataset[name].values, np.nan)
    return middle, np.where(enough, reach * dataset[f"{name}_sd"].values, np.nan)


def _curve(middle, half, at) -> dict:
    lines = {"middle": middle, "low": middle - half, "high": middle + half}
    return {name: _values(line[at]) for name, line in lines.items()}


def _values(line) -> list:
    """Numbers for JSON, None where there is none."""
    return [None if np.isnan(value) else value for value in line.tolist()]


def _by_policy(claim: Claim, run: Batched) -> list:
    """The panels of outcomes that are drawn: words, unit and (policy, estimate, low, high).

    They are the outcomes that the file names, else all that patterns compare between policies.
    """
    names = tuple(policies_of(run.worlds))
    drawn = [Pattern("", "above", names, name) for name in claim.panels] or [
        Pattern("", "above", names, one.outcome, one.minus, periods=one.periods)
        for one in claim.patterns
        if one.relation != "same" and len(one.periods) < 2
    ]
    panels = []
    for seen in (look(pattern, run) for pattern in dict.fromkeys(drawn)):
        levels = [(level.label, *level.estimate[:3]) for level in seen.levels]
        panels.append((seen.outcome.words, seen.outcome.unit, levels))
    return panels


# A row each: what is seen, in words and by variable, and what is true.
ROWS = (
    (
        ("story incidents a month", "story_incidents"),
        ("systems for which takeover would pay, %", "favourable_systems"),
    ),
    (
        ("strikes caught a month", "strikes_caught"),
        ("strikes a month, caught or not", "strikes"),
    ),
    (
        ("capability that systems report, log2 h", "capability_reported"),
        ("capability, log2 h", "capability"),
    ),
    (
        ("catch rate believed, %", "catch_rate_believed"),
        ("catch rate, mean over systems, %", "catch_rate"),
    ),
)
