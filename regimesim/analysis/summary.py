"""The summary of a run: every estimand of every policy, and differences in the same worlds."""

import json
from typing import TYPE_CHECKING

from regimesim.analysis.composition import BY_LOTTERY, BY_SKILL, BY_TRAPS, outcomes
from regimesim.analysis.cost import costs
from regimesim.analysis.estimand_table import ESTIMANDS, HELD
from regimesim.analysis.estimands import reported
from regimesim.analysis.flip_values import flips_of
from regimesim.analysis.labels import attribute
from regimesim.analysis.pairs import summarise_pairs
from regimesim.analysis.present_worlds import (
    CROSSINGS,
    PresentWorlds,
    crossing,
    present_worlds,
)
from regimesim.analysis.survival import threshold_times
from regimesim.analysis.tries import by_try
from regimesim.analysis.variance_shares import shares_of

if TYPE_CHECKING:
    import xarray

HELD_BY = (BY_LOTTERY, BY_SKILL, BY_TRAPS)
MOST_TRIES = 20  # rows of `survival_against_tries`


def summarise(worlds: "xarray.Dataset") -> dict:
    """Summarise a run: the content of summary.json.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run, or any selection, mask, concatenation or merger of them; one row of
        one variable is loaded at a time.

    Returns
    -------
    dict
        Plain numbers and None.  `titles` are those of all policies of the scenario, also of
        those that were not run.  `policies` holds, for each policy that was:

        - `title`, how tables and figures write it;
        - every estimand as {"estimate", "low", "high", "n"} with its 95 % interval; `by`,
          "integration" for a conditional estimate, else "counts"; `worth`, how many counted
          worlds one world of a conditional estimate equals; and the `counted` estimate;
        - `thresholds`, the share of worlds that crossed each, and quantiles over worlds of its
          month, from the start;
        - `survival_against_tries`, the first rows of `survival_table`, which begin with the
          share held as it is reported;
        - `first_tries_held`, the shares of first critical tries that audits at random hold
          (`by_lottery`), that the skill of monitors adds (`by_skill`), and honeypots (`by_traps`);
        - `cost`, what the policy cost;
        - `variance_shares`, how much of the variance of `no_takeover` is luck and how much each
          assumption, the luck first (`regimesim.analysis.variance_shares`);
        - `flips`, which assumptions bring `no_takeover` across one half
          (`regimesim.analysis.flip_values`).

        `paired` holds, for each pair of policies "A vs B", the difference A minus B of
        `no_takeover` and of `held_first_critical_try`, and which of the two lasts longer.
        Conditional differences are those of the estimates above; counted ones of
        `held_first_critical_try` are over the worlds in which both policies met a critical try.
    """
    there = present_worlds(worlds)
    return {
        "scenario": str(attribute(there, "scenario", "worlds")),
        "seed": int(attribute(there, "seed", "worlds")),
        "worlds": there.number,
        "months": there.months,
        "titles": json.loads(there.attrs.get("titles_json", "{}")),
        "policies": {policy: _summary(there, policy) for policy in there.policies},
        "paired": summarise_pairs(there),
    }


def _summary(worlds: PresentWorlds, policy: str) -> dict:
    estimands = {name: reported(worlds, policy, name).plain() for name in ESTIMANDS}
    thresholds = {
        name: threshold_times(crossing(worlds, policy, name), worlds.months) for name in CROSSINGS
    }
    shares, held = shares_of(worlds, policy), outcomes(worlds, policy).by
    tries = by_try(worlds, policy, MOST_TRIES, reported(worlds, policy, HELD))
    return {
        "title": worlds.titles[policy],
        **estimands,
        "thresholds": thresholds,
        "survival_against_tries": tries,
        "first_tries_held": {name: held[name]._asdict() for name in HELD_BY},
        "cost": costs(worlds, policy),
        "variance_shares": [share._asdict() for share in shares],
        "flips": flips_of(worlds, policy, shares),
    }
