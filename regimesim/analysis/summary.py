"""The summary of a run: every estimand of every policy, and differences in the same worlds."""

from itertools import combinations

import numpy as np

from regimesim.analysis.estimates import proportion_difference
from regimesim.analysis.first_try import ESTIMANDS, estimate, values
from regimesim.analysis.survival import threshold_times

PAIRED = ("no_takeover", "held_first_critical_try")


def summarise(worlds) -> dict:
    """The content of summary.json, plain numbers and None, from the dataset of the worlds.

    Every estimand is {"estimate", "low", "high", "n"} with its 95 % interval; times are in
    months from the start.  `paired` holds, for each pair of policies "A vs B", A minus B:
    of `no_takeover` over all worlds, of `held_first_critical_try` over the worlds in
    which both policies met a critical try.  One row of one variable is loaded at a time.
    """
    policies = [str(name) for name in worlds["policy"].values]
    months = int(worlds.attrs["months"])
    return {
        "scenario": str(worlds.attrs["scenario"]),
        "seed": int(worlds.attrs["seed"]),
        "worlds": int(worlds.sizes["world"]),
        "months": months,
        "policies": {policy: _summary(worlds, policy, months) for policy in policies},
        "paired": _differences(worlds, policies),
    }


def _summary(worlds, policy: str, months: int) -> dict:
    estimands = {name: estimate(worlds, policy, name)._asdict() for name in ESTIMANDS}
    thresholds = {
        str(name): threshold_times(
            worlds["crossing"].sel(threshold=name, policy=policy).values, months
        )
        for name in worlds["threshold"].values
    }
    return {**estimands, "thresholds": thresholds}


def _differences(worlds, policies: list[str]) -> dict:
    pairs = list(combinations(policies, 2))
    paired: dict[str, dict] = {f"{ours} vs {theirs}": {} for ours, theirs in pairs}
    for estimand in PAIRED if pairs else ():
        # Half precision holds 0, 1 and NaN, and many policies fit in memory.
        rows = {p: values(worlds, p, estimand).astype(np.float16) for p in policies}
        for ours, theirs in pairs:
            difference = proportion_difference(rows[ours], rows[theirs])
            paired[f"{ours} vs {theirs}"][estimand] = difference._asdict()
    return paired
