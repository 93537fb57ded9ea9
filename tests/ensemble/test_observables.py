"""Observables of worlds, held against a run and against the same worlds as Mesa models."""

from pathlib import Path

import numpy as np
import pytest
from scenarios_of_tests import responding

import regimesim as rs
from regimesim.ensemble.moved_draws import Draws, own_draws
from regimesim.ensemble.observables import observe
from regimesim.ensemble.parameter_sampling import columns, draw_parameters

MONTHS = 18
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
EVERY = {
    name: set(range(MONTHS))
    for name in (
        *("strikes_seen", "story_rate", "leader", "exercise_catch_rate", "trap_rate"),
        *("alarm_chance", "paradigms"),
    )
}


@pytest.fixture(scope="module")
def scenario():
    return responding(worlds=600, months=40)


@pytest.fixture(scope="module")
def policy(scenario):
    return next(iter(scenario.policies))


@pytest.fixture(scope="module")
def seen(scenario, policy):
    return observe(scenario, policy, own_draws(scenario), EVERY, MONTHS)


@pytest.fixture(scope="module")
def run(scenario, policy):
    return rs.run(scenario.choose([policy]))


def test_worlds_are_lost_in_the_same_months_as_in_a_run(scenario, policy, seen, run):
    months = run.worlds.crossing.sel(threshold="takeover", policy=policy).values
    assert np.array_equal(np.where(months < MONTHS, months, np.nan), seen.lost, equal_nan=True)
    assert np.isfinite(seen.lost).any() and np.isnan(seen.lost).any()


def test_monthly_means_are_those_of_a_run(policy, seen, run):
    months = run.months.sel(policy=policy).isel(month=slice(MONTHS))
    means = {name: np.nanmean(values, axis=0) for name, values in seen.values.items()}
    assert means["leader"] == pytest.approx(months["leader"].values, abs=1e-4)
    rate = months["catch_rate_exercises"].values
    assert means["exercise_catch_rate"] == pytest.approx(rate, abs=1e-4)
    shares = [months[f"paradigm_{k}"].values for k in range(1, 5)]
    labs = means["paradigms"].sum(axis=1)[0]
    assert means["paradigms"] == pytest.approx(labs * np.array(shares).T, abs=1e-4)


@pytest.mark.parametrize(
    ("expected", "drawn"), [("story_rate", "story_incidents"), ("alarm_chance", "alarm")]
)
def test_what_is_expected_is_the_mean_of_what_happens(policy, seen, run, expected, drawn):
    months = run.months.sel(policy=policy).isel(month=slice(MONTHS))
    rates = seen.values[expected].astype(float)
    n = np.sum(np.isfinite(rates), axis=0)
    noise = np.sqrt(np.sum(np.nanmean(rates, axis=0) / n))  # of a sum of counts, at most Poisson
    total = float(months[drawn].values.sum())
    assert total > 0.05
    assert float(np.nanmean(rates, axis=0).sum()) == pytest.approx(total, abs=4 * noise)


def test_a_world_shows_what_its_mesa_model_shows(scenario, policy, seen):
    model = rs.RegimeModel(scenario, policy, world=3)
    for month in range(MONTHS):
        if not model.running:
            break
        model.step()
        world = model.tile.worlds[0]
        strikes = world["month_strikes_caught"][0] + world["month_strikes_discovered"][0]
        assert seen.values["strikes_seen"][3, month] == strikes
        frontier = max(lab.frontier for lab in model.labs)
        assert seen.values["leader"][3, month] == np.float32(frontier)


def test_quantities_of_few_months_stay_small(scenario, policy):
    few = observe(scenario, policy, own_draws(scenario), {"leader": {4, 9}}, 10)
    assert few.values["leader"].shape == (600, 2) and list(few.months) == [4, 9]


def test_moved_draws_are_those_of_other_worlds(scenario, policy):
    """The uniforms and the number of another world are that world."""
    own = own_draws(scenario, 40)
    back = Draws(own.numbers[::-1].copy(), own.cube[::-1].copy(), own.coordinates)
    first, last = (
        observe(scenario, policy, draws, {"leader": {12}}, 13, threads=1) for draws in (own, back)
    )
    assert np.array_equal(first.values["leader"], last.values["leader"][::-1], equal_nan=True)
    for name in columns(scenario.policies[policy]):
        assert np.array_equal(first.parameters[name], last.parameters[name][::-1])


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_parameters_follow_from_uniforms_alone(path):
    """Whatever a scenario draws, it draws from the uniforms, and from no seed or number."""
    scenario = rs.load(path)
    own, nothing = own_draws(scenario, 8), np.zeros(8, np.int64)
    seeds = np.full(8, scenario.seed, np.int64)
    for tables in scenario.policies.values():
        keyed = draw_parameters(tables, scenario.start, seeds, own.numbers)
        moved = draw_parameters(tables, scenario.start, nothing, nothing, own.unit)
        assert np.array_equal(keyed, moved, equal_nan=True)


def test_a_policy_in_python_is_observed(scenario):
    @rs.policy(settings={"oversight.control": {}})
    def vigilant(seen, levers):
        return levers.set(audit_budget=0.9 if seen.month >= 3 else 0.0)

    whole = scenario.with_policy("vigilant", vigilant.settings)
    wanted = {"exercise_catch_rate": {1, 6}}
    seen = observe(
        whole, "vigilant", own_draws(whole, 32), wanted, 7, rule=prepared(whole, vigilant)
    )
    before, after = np.nanmean(seen.values["exercise_catch_rate"], axis=0)
    assert before < 0.1 < 0.5 < after


def prepared(scenario, rule):
    rule.prepare(scenario.policies["vigilant"])
    return rule
