"""`sensitivity --over all` is refused for no scenario that is shipped, whatever the policy."""

from pathlib import Path

import numpy as np
import pytest

import regimesim as rs
from regimesim.scenario import load
from regimesim.studies.parameter_points import parameters_in_question
from regimesim.studies.sensitivity.agreement import agreeing, narrowed_to_rise
from regimesim.studies.sensitivity.question import ask

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MAIN = SCENARIOS / "first_critical_try.toml"
BUDGET, LEAST = "oversight.audit_budget", "oversight.adaptive.audit_min"


def corners(size):
    """Points at which every parameter is at one of its ends: all low, all high, and at random."""
    random = np.random.default_rng(1).random((4, size)) < 0.5
    return np.where(np.vstack([np.zeros((1, size), bool), ~random[:1], random]), 0.999, 0.001)


def ranges(question):
    return {one.key: (one.values.low, one.values.high) for one in question.parameters
            if one.key in (BUDGET, LEAST)}  # fmt: skip


@pytest.mark.parametrize("path", sorted(SCENARIOS.rglob("*.toml")), ids=lambda path: path.stem)
def test_all_parameters_agree_under_every_policy_of_every_scenario(path):
    scenario = load(path)
    for policy in scenario.policies:
        parameters, _ = narrowed_to_rise(parameters_in_question(scenario, policy, ["all"]))
        left, notes = agreeing(scenario, policy, parameters, corners)
        assert left == parameters and not notes


def test_ranges_of_an_audit_budget_and_its_bounds_are_cut_where_they_overlap():
    question = ask(load(MAIN), "no_takeover", ["all"], ["defence_in_depth"], indices=False)
    assert ranges(question) == {BUDGET: (0.015, 0.1), LEAST: (0.001, 0.015)}
    (note,) = question.notes
    assert note.startswith("oversight.audit_budget varies from 0.015 to 0.1 only, so that ")


def test_a_range_that_is_named_is_not_cut():
    over = [f"{BUDGET}=0.012:0.2", "all"]
    question = ask(load(MAIN), "no_takeover", over, ["defence_in_depth"], indices=False)
    assert ranges(question) == {BUDGET: (0.012, 0.2), LEAST: (0.001, 0.012)}
    most = next(one for one in question.parameters if one.key.endswith("audit_max"))
    assert (most.values.low, most.values.high) == (0.2, 0.6)
    with pytest.raises(rs.Refusal, match="stays between audit_min and audit_max"):
        ask(
            load(MAIN), "no_takeover", [f"{BUDGET}=0.001:0.2"], ["defence_in_depth"], indices=False
        )


def test_what_contradicts_others_is_left_out_with_a_sentence():
    """A tax of up to 90 % of growth and that of the monitor: they must stay below all of it."""
    scenario = load(MAIN).choose(["control"])
    question = ask(scenario, "no_takeover", ["all", "oversight.tax=0.8:0.9"], indices=False)
    (note,) = question.notes
    assert note.startswith("Left out: oversight.control.tax, because at some points")
    assert "oversight.control.tax" not in [one.key for one in question.parameters]
