"""Safety against usefulness: the policies that no other one dominates."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.cost import ratio
from regimesim.analysis.estimates import (
    Estimate,
    mean,
    proportion,
    proportion_difference,
)
from regimesim.analysis.labels import labels_of, located
from regimesim.analysis.present_worlds import PresentWorlds, present_worlds
from regimesim.ensemble.first_tries import first_tries_in_stages
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.contributions.shares import outcomes
from regimesim.studies.contributions.subsets import unguarded
from regimesim.studies.contributions.usefulness import run_untroubled, run_untroubled_in_stages

if TYPE_CHECKING:
    import xarray

Rules = Mapping[str, Policy | None]
UNGUARDED = "no oversight"  # which no policy can be called


def untroubled(
    scenario: Scenario,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rules: Rules = MappingProxyType({}),
) -> "xarray.Dataset":
    """The dataset of `run_untroubled` for a scenario's policies and for no oversight at all,
    which is called UNGUARDED."""
    return run_untroubled(_with_unguarded(scenario), threads, progress, rules)


def _with_unguarded(scenario: Scenario) -> Scenario:
    return replace(scenario, policies={**scenario.policies, UNGUARDED: unguarded(scenario)})


def frontier(
    worlds: "xarray.Dataset",
    calm: "xarray.Dataset",
) -> dict[str, dict]:
    """Safety against usefulness of every policy, and which policies are not dominated.

    Parameters
    ----------
    worlds : Dataset
        Of a run, or of `first_tries`.
    calm : Dataset
        Of `untroubled`, the same worlds; only worlds of both datasets, under all policies, are
        used.

    Returns
    -------
    dict
        For each policy `no_takeover`, `usefulness`, `growth_kept` and `audited`, shares with
        their 95 % intervals, and `dominated_by`: the policies that are better in both safety
        and usefulness, or better in one and equal in every world in the other.  A policy is
        better if the interval of the difference within worlds lies above zero, or if its
        usefulness is greater in every world.
    """
    there = present_worlds(worlds)
    policies, common = there.policies, there.common(there.policies)
    at, at_calm = _same_worlds(common, calm)
    safe = {name: outcomes(common, name, "no_takeover")[at] for name in policies}

    def measured(variable, policy):
        return located(calm, variable, {"policy": policy}, ("world",), "calm")[at_calm]

    free = measured("doublings", UNGUARDED)
    grown = {name: measured("doublings", name) for name in policies}
    audited = {name: measured("audited", name) for name in policies}
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


def _same_worlds(worlds: PresentWorlds, calm) -> tuple[np.ndarray, np.ndarray]:
    """The places of the same worlds among those of a run and in the dataset of calm ones."""
    labels_of(calm, "world", "calm")
    numbers, known = worlds.labels(worlds.policies[0]), np.atleast_1d(calm["world"].values)
    return np.intersect1d(numbers, known, return_indices=True)[1:]


def _above_zero(difference: Estimate) -> bool:
    return difference.low is not None and difference.low > 0


def policy_frontier(
    scenario: Scenario,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rules: Rules = MappingProxyType({}),
) -> dict[str, dict]:
    """The frontier of a scenario's policies, run in the same worlds; see `frontier`.

    Parameters
    ----------
    scenario : Scenario
        The scenario to run.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    rules : mapping of str to Policy
        The policies that are written in Python, by name.

    Returns
    -------
    dict
        What `frontier` returns.
    """
    stages = (scenario.worlds,)
    (points,) = policy_frontier_in_stages(scenario, stages, threads, progress, rules)
    return points


def policy_frontier_in_stages(
    scenario: Scenario,
    stages: Sequence[int],
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rules: Rules = MappingProxyType({}),
) -> Iterator[dict[str, dict]]:
    """What `policy_frontier` returns at each of several rising numbers of worlds, `stages`."""
    run = {"threads": threads, "progress": progress, "rules": rules}
    worlds = first_tries_in_stages(scenario, stages, **run)
    calm = run_untroubled_in_stages(_with_unguarded(scenario), stages, **run)
    yield from map(frontier, worlds, calm)


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


def over_audit_budgets(
    budgeted: Scenario,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rule: Policy | None = None,
) -> list[dict]:
    """The frontier of one policy over audit budgets, in the same worlds.

    Parameters
    ----------
    budgeted : Scenario
        Of `at_audit_budgets`.
    threads, progress
        As of `policy_frontier`.
    rule : Policy, optional
        The policy, where it is written in Python.

    Returns
    -------
    list of dict
        For each budget, in rising order, `audit_budget` (a share of trajectories) and what
        `frontier` returns of a policy, with budgets in `dominated_by`.
    """
    (points,) = over_audit_budgets_in_stages(
        budgeted, (budgeted.worlds,), threads, progress, rule
    )
    return points


def over_audit_budgets_in_stages(
    budgeted: Scenario,
    stages: Sequence[int],
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rule: Policy | None = None,
) -> Iterator[list[dict]]:
    """What `over_audit_budgets` returns at each of several rising numbers of worlds, `stages`."""
    rules = dict.fromkeys(budgeted.policies, rule)
    yield from map(
        _by_budget, policy_frontier_in_stages(budgeted, stages, threads, progress, rules)
    )


def _by_budget(points: dict[str, dict]) -> list[dict]:
    return [
        {
            "audit_budget": float(name),
            **point,
            "dominated_by": [float(other) for other in point["dominated_by"]],
        }
        for name, point in points.items()
    ]
