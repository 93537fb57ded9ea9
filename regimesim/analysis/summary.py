"""The summary of a run: every estimand of every policy, and differences in the same worlds."""

from typing import TYPE_CHECKING

from regimesim.analysis.cost import costs
from regimesim.analysis.estimands import ESTIMANDS, reported
from regimesim.analysis.pairs import summarise_pairs
from regimesim.analysis.survival import threshold_times
from regimesim.analysis.tries import by_try

if TYPE_CHECKING:
    import xarray

MOST_TRIES = 20  # rows of `survival_against_tries`


def summarise(worlds: "xarray.Dataset") -> dict:
    """The content of summary.json, plain numbers and None, from the dataset of the worlds.

    Every estimand is {"estimate", "low", "high", "n"} with its 95 % interval, `by` integration
    over the draws that decide attempts or by counts, how many plain worlds each world is `worth`
    where it is integrated, and what was `counted`.  Times are in months from the start.
    `survival_against_tries` begins the table of survival over critical tries.  `paired` holds,
    for each pair of policies "A vs B", A minus B: of `no_takeover` over all worlds, of
    `held_first_critical_try` over the worlds in which both policies met a critical try; and
    which of them lasts longer.  One row of one variable is loaded at a time.
    """
    months = int(worlds.attrs["months"])
    return {
        "scenario": str(worlds.attrs["scenario"]),
        "seed": int(worlds.attrs["seed"]),
        "worlds": int(worlds.sizes["world"]),
        "months": months,
        "policies": {
            policy: _summary(worlds, policy, months)
            for policy in map(str, worlds["policy"].values)
        },
        "paired": summarise_pairs(worlds),
    }


def _summary(worlds, policy: str, months: int) -> dict:
    estimands = {name: reported(worlds, policy, name).plain() for name in ESTIMANDS}
    thresholds = {
        str(name): threshold_times(
            worlds["crossing"].sel(threshold=name, policy=policy).values, months
        )
        for name in worlds["threshold"].values
    }
    tries = by_try(worlds, policy, MOST_TRIES)
    return {
        **estimands,
        "thresholds": thresholds,
        "survival_against_tries": tries,
        "cost": costs(worlds, policy),
    }
