"""What is expected of a world over the draws that decide attempts: closed forms, no bias,
and nothing else that it touches."""

import numpy as np
import pytest
import small
from scenarios_of_tests import busy

import regimesim as rs
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.dynamics.expectation import (
    CONTINUATION_RATE,
    brier,
    continuation_chance,
    log_score,
    weight_factor,
)
from regimesim.model.world.records import EXPECTED, names

ALWAYS = 1e12  # every lost world is carried on
SIGMAS = 4.0
ATTEMPTS = {  # one system, which tells a story every month; nothing grows, drifts or is learned
    **small.NO_LUCK,
    "months": 12,
    "labs": 1,
    "systems": 1,
    "worlds": 2000,
    "capability.initial": 8,
    "capability.ceiling": 8,
    "takeover.difficulty": 8.5,
    "takeover.success_slope": 1.0,
    "takeover.automation_bonus": 0,
    "cognition.awareness_midpoint": 100,
    "conduct.story_rate": 10,
    "training.trigger_share": 1,
    "training.trigger_month": 0,
    "training.trigger_shift": 0,
    "training.emergent_story_factor": 10,
    "conduct.story_handicap": 0,
    "paradigm.safety_research": 0,
    "oversight.control": {"auroc": 0.8},
    "oversight.trajectories": 2,
    "oversight.audit_budget": 0.2,
}


def lived(given, continuation_rate, policy=None, worlds=None):
    """(outcomes, monthly sums) of worlds of a policy of a scenario."""
    scenario = given if isinstance(given, rs.Scenario) else small.scenario(given)
    tables = scenario.policies[policy or next(iter(scenario.policies))]
    share = Share(0, 0, worlds or scenario.worlds)
    return run_share(scenario, tables, None, share, np.zeros(1, np.int64), continuation_rate)[:2]


def drawn(outcomes):
    """What the same estimands are where everything is drawn."""
    tried = (outcomes["crossing"][:, 4] >= 0).astype(float)
    held = (outcomes["held_first_critical_try"] == 1).astype(float)
    believed = np.where(tried > 0, outcomes["believed_catch_rate"], 0.0)
    true = np.where(tried > 0, outcomes["foreseeable_catch_rate"], 0.0)
    given = np.where(held > 0, believed, 1.0 - believed)
    truly = np.where(held > 0, true, 1.0 - true)
    return {
        "expected_first_try": tried,
        "expected_held": held,
        "expected_takeover": outcomes["crossing"][:, 5] >= 0,
        "expected_critical_tries": outcomes["critical_tries"],
        "expected_critical_tries_held": outcomes["critical_tries_held"],
        "expected_tries_survived": outcomes["tries_survived"],
        "expected_attempts": np.maximum(outcomes["attempts_in_first_try"], 0),
        "expected_story": outcomes["first_try_was_story"] == 1,
        "expected_believed": believed,
        "expected_warning_shots": tried * outcomes["warning_shots_before_first_try"],
        "expected_brier_score": tried * (believed - held) ** 2,
        "expected_log_score": -tried * np.log(np.maximum(given, 1e-6)),
        "expected_brier_score_of_true_rate": tried * (true - held) ** 2,
        "expected_log_score_of_true_rate": -tried * np.log(np.maximum(truly, 1e-6)),
    }


@pytest.mark.parametrize("continuation_rate", [0.0, CONTINUATION_RATE, ALWAYS])
@pytest.mark.parametrize("policy", ["none", "control", "all", "untrusted"])
def test_what_is_expected_is_what_is_drawn_on_average(policy, continuation_rate):
    outcomes, _ = lived(busy(worlds=3000, months=60), continuation_rate, policy)
    for name, values in drawn(outcomes).items():
        difference = outcomes[name] - np.asarray(values, float)
        error = difference.std(ddof=1) / np.sqrt(difference.size)
        assert abs(difference.mean()) <= SIGMAS * error + 1e-15, (name, difference.mean(), error)


@pytest.mark.parametrize("policy", ["none", "all"])
def test_carrying_on_changes_nothing_that_is_drawn(policy):
    rates = (0.0, CONTINUATION_RATE, ALWAYS)
    kept = {rate: lived(busy(worlds=200), rate, policy) for rate in rates}
    outcomes, monthly = kept[0.0]
    for name in outcomes.dtype.names:
        same = [np.array_equal(outcomes[name], o[name], equal_nan=True) for o, _ in kept.values()]
        assert all(same) or name in names(EXPECTED), name
    assert len({o["expected_takeover"].tobytes() for o, _ in kept.values()}) == 3
    for _, other in kept.values():
        assert np.array_equal(monthly[:, :-2], other[:, :-2])


def test_attempts_of_constant_chances_in_closed_form():
    outcomes, _ = lived(ATTEMPTS, ALWAYS)
    model = rs.RegimeModel(small.scenario(ATTEMPTS))
    model.step()
    system = model.tile.systems[0]
    critical, miss, months = float(system["success"][0]), float(system["miss"][0]), 12
    assert 0.2 < critical < 0.8 and 0.2 < miss < 0.8
    survival = 1.0 - critical * miss
    alive = survival ** np.arange(months)
    told = {name: outcomes[name] for name in names(EXPECTED)}
    exact = {
        "expected_takeover": 1.0 - survival**months,
        "expected_critical_tries": critical * alive.sum(),
        "expected_critical_tries_held": critical * (1.0 - miss) * alive.sum(),
        "expected_tries_survived": critical * (1.0 - miss) * alive.sum(),
    }
    for name, value in exact.items():
        np.testing.assert_allclose(told[name], value, rtol=1e-12, err_msg=name)
    tried = 1.0 - (1.0 - critical) ** months
    mean = {
        "expected_first_try": tried,
        "expected_held": tried * (1.0 - miss),
        "expected_story": tried,
        "expected_brier_score_of_true_rate": tried * miss * (1.0 - miss),
    }
    for name, value in mean.items():
        error = told[name].std(ddof=1) / np.sqrt(told[name].size)
        assert told[name].mean() == pytest.approx(value, abs=SIGMAS * error), name


def test_a_try_that_nothing_stops_is_certain():
    certain = {**ATTEMPTS, "takeover.success_slope": 1000, "capability.initial": 20}
    certain |= {"capability.ceiling": 30}
    certain = {k: v for k, v in certain.items() if not k.startswith("oversight")}
    outcomes, _ = lived(certain, ALWAYS, worlds=16)
    for name in ("expected_takeover", "expected_first_try", "expected_critical_tries"):
        np.testing.assert_allclose(outcomes[name], 1.0, rtol=1e-15, err_msg=name)
    assert (outcomes["expected_held"] == 0.0).all()


@pytest.mark.parametrize("continuation_rate", [0.0, CONTINUATION_RATE])
def test_months_add_up_to_what_worlds_expect(continuation_rate):
    outcomes, monthly = lived(busy(worlds=300), continuation_rate, "all")
    grains = 0.5 * outcomes.size * len(monthly)  # of rounding, at most
    for column, name in ((-2, "expected_first_try"), (-1, "expected_takeover")):
        total = monthly[:, column].sum() * 2.0**-40
        assert total == pytest.approx(outcomes[name].sum(), abs=grains * 2.0**-40)
    assert monthly[:, -2:].sum() > 0


def test_the_months_of_a_run_tell_the_chances_of_all_worlds():
    worlds, months = rs.run(busy(worlds=100), threads=2)
    for chance, expected in (
        ("first_try_chance", "expected_first_try"),
        ("takeover_chance", "expected_takeover"),
    ):
        np.testing.assert_allclose(
            months[chance].sum("month"), worlds[expected].mean("world"), atol=1e-9
        )


@pytest.mark.parametrize("survival", [0.0, 1e-9, 0.3, 1.0])
@pytest.mark.parametrize("continuation_rate", [0.0, 0.5, CONTINUATION_RATE])
def test_the_weight_that_goes_on_is_the_probability_of_survival(survival, continuation_rate):
    hazard, continuation = 1.0 - survival, continuation_chance(0.8, survival, continuation_rate)
    assert 0.0 <= continuation <= 1.0
    factor = weight_factor(survival, hazard, continuation)
    assert survival * factor + hazard * continuation * factor == pytest.approx(survival)


def test_expected_scores_are_those_of_both_outcomes():
    for rate, miss in ((0.3, 0.2), (0.9, 1.0), (0.5, 0.0)):
        both = (1 - miss) * (1 - rate) ** 2 + miss * rate**2
        assert brier(rate, 1 - miss, miss) == pytest.approx(both)
        both = -(1 - miss) * np.log(rate) - miss * np.log(1 - rate)
        assert log_score(rate, 1 - miss, miss) == pytest.approx(both)
    assert log_score(1.0, 0.0, 1.0) == pytest.approx(-np.log(1e-6))  # as a forecast is scored
