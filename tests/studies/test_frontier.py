"""What policies cost, how useful they leave a world, and which are not dominated."""

import numpy as np
import pytest
import small
import xarray as xr
from scipy.stats import binom
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.cost import costs, ratio
from regimesim.analysis.estimand_table import WITHIN
from regimesim.analysis.estimands import estimate, values
from regimesim.analysis.estimates import mean
from regimesim.analysis.policy_cells import COSTS
from regimesim.errors import Refusal
from regimesim.studies.contributions.frontier import (
    RECORDED,
    UNGUARDED,
    at_audit_budgets,
    frontier,
    frontiers_over_budgets,
    policy_frontiers,
    with_unguarded,
)
from regimesim.studies.contributions.usefulness import run_untroubled

# Growth by one doubling a doubling time: without premium, automation, ceiling or luck.
STEADY = {
    **small.NO_LUCK,
    "capability.doubling_time": 10,
    "capability.diffusion": 0,
    "capability.research_automation_gain": 0,
    "capability.ceiling": 100,
    "feedback.sparse_premium": 0,
    "worlds": 20,
    "months": 40,
}


def test_costs_are_what_the_worlds_paid():
    worlds, _ = make_run(
        ("lax", "strict"),
        worlds=4,
        months=120,
        growth_lost=[[0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0]],
        growth_lost_to_taxes=[[1, 2, 3, 4], [0, 0, 0, 0]],
        growth_lost_to_pauses=[[1, 0, 1, 0], [0, 0, 0, 0]],
        months_paused=[[30, 0, 60, 0], [0, 0, 0, 0]],
        audits_spent=[[6, 12, 24, 0], [0, 0, 0, 0]],
        false_alarms=[[12, 0, 0, 0], [0, 0, 0, 0]],
        crossing_takeover=[[59, 119, np.nan, 59], [np.nan] * 4],
    )
    found = costs(worlds, "lax")
    assert found["years"]["estimate"] == (5 + 10 + 10 + 5) / 4
    assert found["per_world"]["growth_lost_to_taxes"]["estimate"] == 2.5
    assert found["per_world"]["growth_lost_to_pauses"]["estimate"] == 0.5
    taxes = [1 / 5, 2 / 10, 3 / 10, 4 / 5]  # doublings a year
    assert found["per_year"]["growth_lost_to_taxes"] == pytest.approx(mean(taxes)._asdict())
    assert costs(worlds, "strict")["per_world"]["growth_lost_to_taxes"]["estimate"] == 0
    for name, each in {
        "growth_lost": [0.1, 0.2, 0.3, 0.4],
        "audited": [6 / 60, 12 / 120, 24 / 120, 0],
        "months_paused_a_year": [30 / 5, 0, 60 / 10, 0],
        "false_alarms_a_year": [12 / 5, 0, 0, 0],
    }.items():
        assert values(worlds, "lax", name).tolist() == pytest.approx(each)
        expected = mean(each, within=WITHIN[name])
        assert estimate(worlds, "lax", name)[:3] == pytest.approx(expected[:3])
    for name in ("months_paused", "false_alarms"):
        a_year = estimate(worlds, "lax", f"{name}_a_year").estimate
        assert found["per_year"][name]["estimate"] == pytest.approx(a_year)


def test_no_audits_are_spent_where_no_monitor_audits():
    given = {"worlds": 8, "months": 30, "oversight.audit_budget": 0.1}
    traps = {"oversight.evaluations": {}, "oversight.honeypots": {}}
    policies = {"none": traps, "control": {"oversight.control": {}}}
    worlds, _ = small.run({**given, "conduct.story_rate": 0}, policies)
    assert costs(worlds, "none")["per_world"]["audits_spent"]["estimate"] == 0
    assert costs(worlds, "control")["per_year"]["audits_spent"]["estimate"] == pytest.approx(1.2)


def test_the_summary_holds_the_costs():
    worlds, _ = make_run(worlds=30)
    for name, policy in rs.summarise(worlds)["policies"].items():
        assert policy["cost"] == costs(worlds, name)


def test_a_ratio_covers_the_truth():
    rng, repeats, n = np.random.default_rng(3), 1000, 50
    below = rng.gamma(4, 1, (repeats, n))
    above = 0.7 * below + rng.normal(0, 0.5, (repeats, n))
    found = [ratio(a, b) for a, b in zip(above, below, strict=True)]
    covered = sum(one.low <= 0.7 <= one.high for one in found)
    assert binom.ppf(1e-4, repeats, 0.94) <= covered <= binom.ppf(1 - 1e-4, repeats, 0.96)
    assert ratio([1.0, 3.0], [2.0, 2.0]).estimate == 1
    assert ratio([1.0, 2.0], [0.0, 0.0]).estimate is None


def test_usefulness_is_growth_kept_times_what_is_not_audited():
    policies = {
        "taxed": {"oversight.tax": 0.2},
        "watched": {"oversight.control": {"tax": 0.1}, "oversight.audit_budget": 0.05},
    }
    found = next(policy_frontiers(small.scenario(STEADY, policies)))
    assert found["taxed"]["growth_kept"]["estimate"] == pytest.approx(0.8, rel=1e-4)
    assert found["taxed"]["audited"]["estimate"] == 0
    assert found["taxed"]["usefulness"]["estimate"] == pytest.approx(0.8, rel=1e-4)
    assert found["watched"]["growth_kept"]["estimate"] == pytest.approx(0.9, rel=1e-4)
    assert found["watched"]["usefulness"]["estimate"] == pytest.approx(0.9 * 0.95, rel=1e-4)


def test_growth_is_that_of_every_month_of_worlds_that_go_on():
    given = {**small.SPARSE, "capability.initial": 8, "capability.lab_spread": 0, "worlds": 40}
    policies = {"none": {}, "paused": {"oversight.evaluations": {"response": "pause"}}}
    calm = next(run_untroubled(small.scenario(given, policies), threads=2))
    idle = {**given, "takeover.real_world_contact": 0}
    worlds, months = small.run(idle, policies)
    assert worlds.critical_tries.sum() == 0
    expected = months.leader.mean("month") - 8
    np.testing.assert_allclose(calm.doublings.mean("world"), expected, atol=1e-4)
    assert float(calm.doublings.sel(policy="paused").mean()) < 0.9 * float(expected[0])


def test_worlds_in_which_nothing_is_tried_do_not_depend_on_threads(monkeypatch):
    from regimesim.studies.contributions import usefulness

    scenario = small.scenario({"worlds": 37, "months": 20}, {"one": {"oversight.control": {}}})
    whole = next(run_untroubled(scenario, threads=1))
    monkeypatch.setattr(usefulness, "SHARE", usefulness.WIDTH)
    xr.testing.assert_identical(next(run_untroubled(scenario, threads=3)), whole)
    few = next(run_untroubled(small.scenario({"worlds": 5, "months": 20}, {"one": {}})))
    np.testing.assert_array_equal(few.doublings[0], whole.doublings[0, :5])


def made_up(safe, useful, n=200, seed=4):
    """Worlds and untroubled worlds of policies with these shares, in the same worlds."""
    rng = np.random.default_rng(seed)
    luck, noise = rng.random(n), rng.normal(0, 0.02, n)
    names = list(safe)
    lost = np.array([np.where(luck < safe[name], np.nan, 3.0) for name in names])
    kept = np.array([[useful[name]] for name in names])
    worlds = xr.Dataset(
        {
            "crossing": (("threshold", "policy", "world"), lost[None]),
            "strikes": (("policy", "world"), np.ones(lost.shape, int)),
            **{name: (("policy", "world"), np.zeros(lost.shape)) for name in RECORDED},
            "growth_lost": (("policy", "world"), 1 - kept - noise),
        },
        {"policy": names, "threshold": ["takeover"], "world": np.arange(n)},
        {"months": 180},
    )
    useful = {**useful, UNGUARDED: 1.0}
    doublings = np.array([10 * useful[name] + noise for name in [*names, UNGUARDED]])
    calm = xr.Dataset(
        {
            "doublings": (("policy", "world"), doublings),
            "audited": (("policy", "world"), np.zeros_like(doublings)),
        },
        {"policy": [*names, UNGUARDED], "world": np.arange(n)},
    )
    return worlds, calm


def dominated(safe, useful):
    """By growth lost and by usefulness, which agree where growth alone is lost."""
    made = made_up(safe, useful)
    by_cost, by_use = (frontier(*made, cost) for cost in ("growth_lost", "usefulness"))
    lost = {name: 1 - point["growth_lost"]["estimate"] for name, point in by_cost.items()}
    assert lost == pytest.approx(useful, abs=0.01)
    found = {name: point["dominated_by"] for name, point in by_cost.items()}
    assert found == {name: point["dominated_by"] for name, point in by_use.items()}
    return found


@pytest.mark.parametrize("cost", ["audited", "months_paused_a_year", "false_alarms_a_year"])
def test_policies_that_cost_the_same_are_compared_by_safety_alone(cost):
    made = made_up({"weak": 0.3, "strong": 0.9}, {"weak": 0.9, "strong": 0.2})
    found = frontier(*made, cost)
    assert found["weak"]["dominated_by"] == ["strong"] and not found["strong"]["dominated_by"]
    assert frontier(*made)["weak"]["dominated_by"] == []


def test_a_policy_that_costs_more_in_some_world_and_less_in_none_is_not_cheaper():
    worlds, calm = made_up({"a": 0.5, "b": 0.9}, {"a": 0.8, "b": 0.8})
    assert frontier(worlds, calm)["a"]["dominated_by"] == ["b"]
    worlds["growth_lost"].loc["a", 3] += 0.001  # too little for an interval above 0
    assert frontier(worlds, calm)["a"]["dominated_by"] == ["b"]
    worlds["growth_lost"].loc["a", 3] -= 0.002
    assert frontier(worlds, calm)["a"]["dominated_by"] == []


def test_costs_of_the_frontier_are_those_of_a_run():
    given = {**small.SPARSE, "capability.initial": 8, "worlds": 40, "months": 60}
    policies = {
        "watched": {"oversight.control": {"tax": 0.1}, "oversight.audit_budget": 0.05},
        "paused": {"oversight.evaluations": {"response": "pause"}},
    }
    scenario = small.scenario(given, policies)
    worlds, _ = rs.run(scenario)
    for name, point in next(policy_frontiers(scenario)).items():
        for cost in COSTS:
            assert tuple(point[cost].values()) == pytest.approx(estimate(worlds, name, cost))


def test_a_policy_is_dominated_by_one_that_is_better_in_both():
    safe = {"weak": 0.3, "strong": 0.9, "dear": 0.95}
    useful = {"weak": 0.6, "strong": 0.8, "dear": 0.5}
    assert dominated(safe, useful) == {"weak": ["strong"], "strong": [], "dear": []}


def test_worlds_of_both_datasets_are_compared_whatever_their_order():
    worlds, calm = made_up({"a": 0.5, "b": 0.9}, {"a": 0.6, "b": 0.8})
    kept = np.arange(10, 150, 3)
    expected = frontier(worlds.isel(world=kept), calm.isel(world=kept))
    back = slice(None, None, -1)
    assert frontier(worlds.isel(world=kept), calm.isel(world=back)) == expected
    assert frontier(worlds.where(worlds.world.isin(kept)), calm) == expected
    one_less = worlds.where((worlds.policy == "a") | worlds.world.isin(kept))
    assert frontier(one_less, calm) == expected


def test_a_difference_that_may_be_luck_dominates_nothing():
    # Two more worlds of 200 are no evidence; the same in every world is a tie.
    assert dominated({"a": 0.5, "b": 0.51}, {"a": 0.6, "b": 0.8}) == {"a": [], "b": []}
    assert dominated({"a": 0.5, "b": 0.5}, {"a": 0.6, "b": 0.8}) == {"a": ["b"], "b": []}
    assert dominated({"a": 0.5, "b": 0.5}, {"a": 0.6, "b": 0.6}) == {"a": [], "b": []}


def test_audit_budgets_run_in_the_same_worlds_in_rising_order():
    given = {**small.FIRST_PART, **small.SPARSE, "goals.value": 0.1, "months": 60}
    given["capability.initial"] = 8
    scenario = small.scenario(given, {"none": {}, "watched": {"oversight.control": {}}})
    line = next(frontiers_over_budgets(at_audit_budgets(scenario, "watched", [0.9, 0.03, 0.3])))
    assert [point["audit_budget"] for point in line] == [0.03, 0.3, 0.9]
    audited = [point["audited"]["estimate"] for point in line]
    assert audited == pytest.approx([0.03, 0.3, 0.9])
    safe = [point["no_takeover"]["estimate"] for point in line]
    assert safe == sorted(safe) and safe[-1] > safe[0]
    worlds, _ = rs.run(scenario.choose(["watched"]))
    survived = float(worlds.crossing.sel(threshold="takeover").isnull().mean())
    assert safe[0] == pytest.approx(survived)


def test_an_audit_budget_that_is_not_allowed_is_refused():
    scenario = small.scenario({}, {"watched": {"oversight.control": {}}})
    with pytest.raises(Refusal, match=r"found 1\.5; allowed is 0 to 1"):
        at_audit_budgets(scenario, "watched", [0.1, 1.5])


def test_without_any_oversight_usefulness_is_one():
    calm = next(
        run_untroubled(with_unguarded(small.scenario({"worlds": 20, "months": 30}, {"none": {}})))
    )
    np.testing.assert_array_equal(*(calm.doublings.sel(policy=p) for p in ("none", UNGUARDED)))
