"""Safety against cost: the policies that no other one dominates."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.cost import ratio
from regimesim.analysis.estimand_table import WITHIN
from regimesim.analysis.estimands import values
from regimesim.analysis.estimates import (
    UNBOUNDED,
    Estimate,
    mean,
    proportion,
    proportion_difference,
)
from regimesim.analysis.labels import labels_of, located
from regimesim.analysis.policy_cells import COSTS
from regimesim.analysis.present_worlds import PresentWorlds, present_worlds
from regimesim.ensemble.first_tries import KEPT, first_tries_in_stages
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.contributions.runs import RECORDED, Rules
from regimesim.studies.contributions.shares import outcomes
from regimesim.studies.contributions.subsets import unguarded
from regimesim.studies.contributions.usefulness import run_untroubled

if TYPE_CHECKING:
    import xarray

UNGUARDED = "no oversight"  # which no policy can be called
USEFULNESS, DEFAULT_COST = "usefulness", "growth_lost"
OF_BUDGETS = "audited"  # the cost over audit budgets, which cost no growth
COSTS_OF_FRONTIER = (*COSTS, USEFULNESS)


def with_unguarded(scenario: Scenario) -> Scenario:
    """The scenario with one more policy, UNGUARDED: no oversight at all."""
    return replace(scenario, policies={**scenario.policies, UNGUARDED: unguarded(scenario)})


def frontier(
    worlds: "xarray.Dataset",
    calm: "xarray.Dataset",
    cost: str = DEFAULT_COST,
) -> dict[str, dict]:
    """Safety against cost of every policy, and which policies are not dominated.

    Parameters
    ----------
    worlds : Dataset
        Of a run, or of `first_tries` with the variables RECORDED.
    calm : Dataset
        Of `run_untroubled` with the policy UNGUARDED, the same worlds; only worlds of both
        datasets, under all policies, are used.
    cost : str
        One of COSTS_OF_FRONTIER, by which policies are compared; of usefulness, more is better.

    Returns
    -------
    dict
        For each policy `no_takeover`, the estimands that are costs, and `usefulness` and
        `growth_kept`, with their 95 % intervals; and `dominated_by`: the policies that are better
        in both safety and cost, or better in one and as good in every world in the other.  A
        policy is better if the interval of the difference within worlds lies on that side of
        zero, or if it costs less in every world; as good is also what costs no more in any.
    """
    there = present_worlds(worlds)
    policies, common = there.policies, there.common(there.policies)
    at, at_calm = _same_worlds(common, calm)
    safe = {name: outcomes(common, name, "no_takeover")[at] for name in policies}
    paid = {name: {one: values(common, name, one)[at] for one in COSTS} for name in policies}

    def measured(variable, policy):
        return located(calm, variable, {"policy": policy}, ("world",), "calm")[at_calm]

    free = measured("doublings", UNGUARDED)
    grown = {name: measured("doublings", name) for name in policies}
    useful = {name: grown[name] * (1 - measured("audited", name)) for name in policies}

    def saves(ours, theirs):
        """What one policy saves in each world over another, and the estimate of it."""
        if cost == USEFULNESS:
            gained = useful[ours] - useful[theirs]
            return gained, ratio(gained, free)
        saved = paid[theirs][cost] - paid[ours][cost]
        return saved, mean(saved, within=UNBOUNDED)

    return {
        name: {
            "no_takeover": proportion(safe[name])._asdict(),
            **{one: mean(row, within=WITHIN[one])._asdict() for one, row in paid[name].items()},
            "usefulness": ratio(useful[name], free)._asdict(),
            "growth_kept": ratio(grown[name], free)._asdict(),
            "dominated_by": [
                other
                for other in policies
                if other != name and _beats(safe[other], safe[name], *saves(other, name))
            ],
        }
        for name in policies
    }


def _beats(ours: np.ndarray, theirs: np.ndarray, saved: np.ndarray, saving: Estimate) -> bool:
    """Whether a policy is better in safety or cost, and not worse in the other.

    ours, theirs: no takeover, in the same worlds · saved, saving: what the first saves there.
    """
    safer = _above_zero(proportion_difference(ours, theirs))
    cheaper = bool(np.all(saved > 0)) or _above_zero(saving)
    as_safe = safer or np.array_equal(ours, theirs)
    as_cheap = cheaper or bool(np.all(saved >= 0))
    return (safer or cheaper) and as_safe and as_cheap


def _same_worlds(worlds: PresentWorlds, calm) -> tuple[np.ndarray, np.ndarray]:
    """The places of the same worlds among those of a run and in the dataset of calm ones."""
    labels_of(calm, "world", "calm")
    numbers, known = worlds.labels(worlds.policies[0]), np.atleast_1d(calm["world"].values)
    return np.intersect1d(numbers, known, return_indices=True)[1:]


def _above_zero(difference: Estimate) -> bool:
    return difference.low is not None and difference.low > 0


def policy_frontiers(
    scenario: Scenario,
    stages: Sequence[int] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rules: Rules = MappingProxyType({}),
    cost: str = DEFAULT_COST,
    worlds: "Iterable[xarray.Dataset] | None" = None,
) -> Iterator[dict[str, dict]]:
    """The frontier of a scenario's policies, run in the same worlds, at the end of each stage.

    Parameters
    ----------
    scenario : Scenario
        The scenario to run.
    stages : sequence of int
        Rising numbers of worlds, by default all at once.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    rules : mapping of str to Policy
        The policies that are written in Python, by name.
    cost : str
        As of `frontier`.
    worlds : iterable of Dataset
        Those of the policies at the end of each stage; by default they are run.

    Yields
    ------
    dict
        What `frontier` returns.
    """
    stages = stages or (scenario.worlds,)
    run = {"threads": threads, "progress": progress, "rules": rules}
    if worlds is None:
        worlds = first_tries_in_stages(scenario, stages, kept=(*KEPT, *RECORDED), **run)
    calm = run_untroubled(with_unguarded(scenario), stages, **run)
    for some, some_calm in zip(worlds, calm, strict=True):
        yield frontier(some, some_calm, cost)


def at_audit_budgets(scenario: Scenario, policy: str, budgets: Iterable[float]) -> Scenario:
    """The scenario whose policies are one policy at several audit budgets, in rising order.

    Parameters
    ----------
    scenario : Scenario
        The scenario of the policy.
    policy : str
        The policy.  Its `adaptive` response, if any, begins with the budget.
    budgets : iterable of float
        Shares of trajectories, 0 to 1.

    Returns
    -------
    Scenario
        Each of its policies is named by its budget.

    Raises
    ------
    Refusal
        For an unknown policy and for a budget that is not allowed.
    """
    alone, key = scenario.choose([policy]), f"policies.{policy}.oversight.audit_budget"
    named = {
        repr(float(budget)): alone.override({key: budget}).policies[policy]
        for budget in sorted(set(budgets))
    }
    return replace(scenario, policies=named)


def frontiers_over_budgets(
    budgeted: Scenario,
    stages: Sequence[int] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rule: Policy | None = None,
    cost: str = OF_BUDGETS,
    worlds: "Iterable[xarray.Dataset] | None" = None,
) -> Iterator[list[dict]]:
    """The frontier of one policy over audit budgets, in the same worlds, by stage.

    Parameters
    ----------
    budgeted : Scenario
        Of `at_audit_budgets`.
    stages, threads, progress
        As of `policy_frontiers`.
    rule : Policy, optional
        The policy, where it is written in Python.
    cost, worlds
        As of `policy_frontiers`.

    Yields
    ------
    list of dict
        For each budget, in rising order, `audit_budget` (a share of trajectories) and what
        `frontier` returns of a policy, with budgets in `dominated_by`.
    """
    rules = dict.fromkeys(budgeted.policies, rule)
    for points in policy_frontiers(budgeted, stages, threads, progress, rules, cost, worlds):
        yield [
            {
                "audit_budget": float(name),
                **point,
                "dominated_by": [float(other) for other in point["dominated_by"]],
            }
            for name, point in points.items()
        ]
