"""What a policy costs, and what safety it buys with that.

`costs` reads the worlds of a run.  `frontier` sets safety against usefulness, which is
measured in worlds in which nothing is tried (`regimesim.experiment.usefulness`):

    usefulness = growth kept × share of actions not audited,

growth kept being the doublings that the leading frontier has gained, on average over the
months of the run, over those without any oversight; a delay costs even where the same
ceiling is reached in the end.  Without oversight usefulness is 1.  Both factors are told
apart as well.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from regimesim.analysis.contributions import outcomes
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    mean,
    proportion,
    proportion_difference,
)
from regimesim.analysis.first_try import values
from regimesim.analysis.rows import confidence, crossing
from regimesim.experiment.contributions import first_tries, unguarded
from regimesim.experiment.usefulness import run_untroubled
from regimesim.scenario import Scenario
from regimesim.world.records import SAFEGUARDS

COSTS = {
    "growth_lost": "doublings of growth lost to taxes and pauses, mean over labs",
    "growth_lost_to_taxes": "doublings of growth lost to taxes",
    "growth_lost_to_pauses": "doublings of growth lost to pauses",
    "audits_spent": "audit budget, summed over months; 0 where no safeguard watches",
    "alarms": "months in which an evaluation crossed the red line",
    "false_alarms": "such months while takeover was favourable for no system",
}
UNGUARDED = "unguarded"


def costs(worlds, policy: str) -> dict:
    """What a policy cost in the worlds of a run: each of COSTS with its 95 % interval.

    `per_world` is until the world was lost or the run ended: a world that is lost pays
    nothing more, so policies that lose early look cheap.  `per_year` is over the years
    that the worlds lived, which makes policies comparable.  `years` are those a world.
    """
    rows = {name: _cost(worlds, policy, name) for name in COSTS}
    end, months = crossing(worlds, policy, "takeover"), int(worlds.attrs["months"])
    level = confidence(worlds)
    years = np.where(np.isnan(end), months, end + 1.0) / 12
    return {
        "per_world": {name: mean(row, level)._asdict() for name, row in rows.items()},
        "per_year": {name: ratio(row, years, level)._asdict() for name, row in rows.items()},
        "years": mean(years, level, (0.0, months / 12))._asdict(),
    }


def _cost(worlds, policy, name) -> np.ndarray:
    if name == "growth_lost":
        parts = ("growth_lost_to_taxes", "growth_lost_to_pauses")
        return sum(values(worlds, policy, part) for part in parts)
    row = values(worlds, policy, name)
    return np.zeros_like(row) if name == "audits_spent" and not _watched(worlds, policy) else row


def _watched(worlds, policy) -> bool:
    """Whether a safeguard of the policy audits anything: without one no budget is spent."""
    tables = json.loads(worlds.attrs["scenario_json"])["policies"][policy]
    return any(tables["oversight"][name] is not False for name in SAFEGUARDS)


def ratio(above, below, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of `above` over the mean of `below`, of the same worlds, by the delta method.

    Without an interval where it is the same in every world.
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    both = ~(np.isnan(above) | np.isnan(below))
    above, below = above[both], below[both]
    if below.size == 0 or below.mean() == 0:
        return NOTHING
    found = float(above.mean() / below.mean())
    spread = mean(found + (above - found * below) / below.mean(), confidence)
    return spread._replace(estimate=found)


def untroubled(scenario: Scenario, threads=None, progress=None):
    """The dataset of `run_untroubled` for a scenario's policies and for no oversight at all,
    which is called "unguarded"."""
    policies = {**scenario.policies, UNGUARDED: unguarded(scenario)}
    return run_untroubled(replace(scenario, policies=policies), threads, progress)


def frontier(worlds, calm) -> dict[str, dict]:
    """Safety against usefulness of every policy, and which policies are not dominated.

    worlds: of a run or of `first_tries` · calm: of `untroubled`, the same worlds.  Each
    policy has `no_takeover`, `usefulness`, `growth_kept`, `audited` and `dominated_by`: the
    policies that are better in safety and in usefulness, or better in one and the same
    in every single world in the other.  Better is where the 95 % interval of the
    difference within worlds lies above zero, or, of usefulness, in every single world.
    """
    policies = [str(name) for name in worlds["policy"].values]
    free = calm["doublings"].sel(policy=UNGUARDED).values
    safe = {name: outcomes(worlds, name, "no_takeover") for name in policies}
    grown = {name: calm["doublings"].sel(policy=name).values for name in policies}
    audited = {name: calm["audited"].sel(policy=name).values for name in policies}
    useful = {name: grown[name] * (1 - audited[name]) for name in policies}

    def beats(ours, theirs):
        gained = useful[ours] - useful[theirs]
        safer = _above_zero(proportion_difference(safe[ours], safe[theirs]))
        more_useful = bool(np.all(gained > 0)) or _above_zero(ratio(gained, free))
        as_safe = safer or np.array_equal(safe[ours], safe[theirs])
        as_useful = more_useful or not gained.any()
        return (safer or more_useful) and as_safe and as_useful

    return {
        name: {
            "no_takeover": proportion(safe[name])._asdict(),
            "usefulness": ratio(useful[name], free)._asdict(),
            "growth_kept": ratio(grown[name], free)._asdict(),
            "audited": mean(audited[name])._asdict(),
            "dominated_by": [other for other in policies if other != name and beats(other, name)],
        }
        for name in policies
    }


def _above_zero(difference: Estimate) -> bool:
    return difference.low is not None and difference.low > 0


def policy_frontier(scenario: Scenario, threads=None, progress=None) -> dict[str, dict]:
    """The frontier of a scenario's policies, run in the same worlds; see `frontier`."""
    worlds = first_tries(scenario, threads, progress)
    return frontier(worlds, untroubled(scenario, threads, progress))


def at_audit_budgets(scenario: Scenario, policy: str, budgets: Iterable[float]) -> Scenario:
    """The scenario whose policies are one policy at several audit budgets, in rising order;
    each is named by its budget.

    Under the `adaptive` response the budget is the one that the policy begins with.
    Raises Refusal for an unknown policy and for a budget that is not allowed.
    """
    alone, key = scenario.choose([policy]), f"policies.{policy}.oversight.audit_budget"
    named = {
        repr(float(budget)): alone.override({key: budget}).policies[policy]
        for budget in sorted(set(budgets))
    }
    return replace(scenario, policies=named)


def over_audit_budgets(budgeted: Scenario, threads=None, progress=None) -> list[dict]:
    """The frontier of one policy over audit budgets, in the same worlds.

    `budgeted` is of `at_audit_budgets`.  Each point has its `audit_budget` and what `frontier`
    tells, with budgets in `dominated_by`.
    """
    found = policy_frontier(budgeted, threads, progress)
    return [
        {
            "audit_budget": float(name),
            **point,
            "dominated_by": [float(other) for other in point["dominated_by"]],
        }
        for name, point in found.items()
    ]
