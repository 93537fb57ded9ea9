"""Ours of closed forms of attempts: repeated, against a stack, and several in one month.

Each function runs its scenario of scenarios/validation, and counts worlds.
"""

import numpy as np

from regimesim.analysis.estimates import Estimate, proportion
from regimesim.ensemble.ensemble import run
from regimesim.studies.validate.published import CONFIDENCE, exactly

STRIKERS = (1, 2, 5, 10)  # systems of a lab that all strike in the first month
STACKS = {
    "third": "p = 1/3",
    "two_runs": "p = 5/9",
    "three_runs": "p = 19/27",
    "without_traps": "p = 5/9, without traps",
    "always_recognised": "p = 1/3, always recognised",
}
NOTHING_TO_LOSE = "nothing_to_lose"  # the policy under which they do


def retries(question) -> dict[str, Estimate]:
    """V12: the share of worlds in which a system gets through before an event ends its tries."""
    scenario = question.scenario_of("V12")
    lost = _lost(scenario, question.threads)
    ours = {}
    for policy, tables in scenario.policies.items():
        through = 1.0 - tables.oversight.audit_budget
        ends = tables.oversight.beliefs.attribution
        ours[f"A {through:g}, theta {ends:g}"] = lost[policy]
    return ours


def stack(question) -> dict[str, Estimate]:
    """V13: the share of worlds in which the stack catches an attempt."""
    scenario = question.scenario_of("V13")
    worlds = run(scenario, threads=question.threads).worlds
    held = worlds.held_first_critical_try
    return {
        label: proportion(held.sel(policy=policy), CONFIDENCE) for policy, label in STACKS.items()
    }


def several_attempts(question) -> dict[str, Estimate]:
    """V14: the share of worlds that are lost in a month of several attempts."""
    scenario = question.scenario_of("V14")
    striking = scenario.choose([NOTHING_TO_LOSE])
    ours, tries = {}, []
    for systems in STRIKERS:
        worlds = run(striking.override({"systems": systems}), threads=question.threads).worlds
        ours[f"{systems} attempt{'s' * (systems > 1)}"] = proportion(_is_lost(worlds), CONFIDENCE)
        tries.append(float(worlds.critical_tries.max()))
    ours["critical tries in the month, at most"] = exactly(max(tries))
    others = [policy for policy in scenario.policies if policy != NOTHING_TO_LOSE]
    lost = _lost(scenario.choose(others), question.threads)
    for policy in others:
        joins = scenario.policies[policy].conduct.coordination
        ours[f"{scenario.systems} systems, coordination {joins:g}"] = lost[policy]
    return ours


def _lost(scenario, threads) -> dict[str, Estimate]:
    """The share of worlds with a takeover under each policy."""
    worlds = run(scenario, threads=threads).worlds
    return {
        policy: proportion(_is_lost(worlds.sel(policy=policy)), CONFIDENCE)
        for policy in scenario.policies
    }


def _is_lost(worlds) -> np.ndarray:
    return np.isfinite(worlds.crossing.sel(threshold="takeover").values)
