"""A trait that sleeps until a trigger wakes it: nothing shows before, and much happens after."""

import numpy as np
import pytest
from scenarios_of_tests import busy
from small import NO_LUCK, SPARSE, differing, run, stepped
from test_twin import live_together

from regimesim.model.compilation import INTERPRETED
from regimesim.studies.trace.compute import trace

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

MONTH = 60
NEVER = {"training.trigger_month": 1200, "training.trigger_automation": 1}
CONTENT = {**SPARSE, "goals.value": 0.97, "goals.value_spread": 0.2, "goals.goal_drift": 0}
WATCHED = {
    "oversight.control": {},
    "oversight.cot_monitor": {},
    "oversight.evaluations": {"response": "pause"},
    "oversight.adaptive": {},
    "oversight.audit_budget": 0.01,
    "oversight.trajectories": 2,
}


def dated(share, month=MONTH, shift=4):
    """A trait that waits for a date alone."""
    return {
        "training.trigger_share": share,
        "training.trigger_month": month,
        "training.trigger_automation": 1,
        "training.trigger_shift": shift,
    }


@pytest.mark.parametrize("policy", ["none", "control", "all"])
def test_the_compiled_world_is_that_of_the_twin(policy):
    training = {"trigger_share": 0.4, "trigger_month": 50, "trigger_automation": 0.2}
    scenario = busy(months=80, training={**training, "trigger_shift": 3, "bad_data": 0.01})
    lived = [live_together(scenario, policy, world) for world in range(4)]
    assert all(twin.awake for twin in lived if twin.month > 50)
    assert any(twin.awake and twin.month < 50 for twin in lived)
    assert any(system.trait for twin in lived for system in twin.systems)


@pytest.mark.parametrize(
    "neutral",
    [
        {"training.trigger_share": 0, "training.trigger_month": 0, "training.trigger_shift": 9},
        {"training.trigger_share": 1, "training.trigger_shift": 9, **NEVER},
    ],
)
def test_without_the_trait_or_the_trigger_every_world_is_as_it_was(neutral):
    policies = {"without": {}, "neutral": neutral}
    for result in run({**SPARSE, **WATCHED, "conduct.story_rate": 0.1}, policies):
        assert not differing(*(result.sel(policy=name) for name in policies))


def test_a_trait_that_changes_neither_goals_nor_stories_changes_no_world():
    policies = {"without": {}, "idle": {**dated(1, 0, 0), "training.emergent_story_factor": 1}}
    worlds, months = run({**SPARSE, **WATCHED}, policies)
    for result, changed in ((worlds, set()), (months, {"awake_systems"})):
        assert differing(*(result.sel(policy=name) for name in policies)) == changed
    awake = months.awake_systems.sel(policy="idle").dropna("month")
    assert awake.size > 12 and (awake == 1.0).all()


def test_nothing_that_is_recorded_tells_of_the_trait_before_the_trigger():
    policies = {"without": dated(0), "with": dated(0.5)}
    given = {**CONTENT, **WATCHED, "conduct.story_rate": 0.05}
    _, months = run(given, policies)
    without, sleeping = (months.sel(policy=name) for name in policies)
    until = slice(0, MONTH)
    assert without.catch_rate_believed.isel(month=until).std() > 0.01
    assert differing(without.isel(month=until), sleeping.isel(month=until)) == set()
    assert "awake_systems" in differing(without, sleeping)
    for name in ("without", "with"):
        awake = months.awake_systems.sel(policy=name).isel(month=slice(MONTH, None))
        expected = 0.5 if name == "with" else 0.0
        tolerance = 4 * np.sqrt(0.25 / (48 * 9))
        assert awake[0] == pytest.approx(expected, abs=tolerance)


def test_strikes_cluster_after_the_trigger_across_systems_at_once():
    """Content systems strike now and then; those whose trait wakes, all in the same month."""
    late = {"months": 100, "systems": 18, "cognition.awareness_midpoint": 5}
    policies = {"without": dated(0, 80, 8), "with": dated(0.8, 80, 8)}
    worlds, months = run({**CONTENT, **WATCHED, **late}, policies)
    without, with_ = (months.strikes.sel(policy=name).values for name in policies)
    assert np.array_equal(without[:80], with_[:80], equal_nan=True)
    before, after = np.nanmean(with_[:80]), with_[80]
    assert after > 20 * max(before, 0.01) and after > 3.0
    assert np.nanargmax(with_) == 80
    assert np.nanmax(without) < after / 2
    assert worlds.critical_tries.sel(policy="with").sum() > 20


def test_stories_after_the_trigger_have_their_closed_rate():
    rate, factor, share = 0.02, 5, 0.4
    given = {
        "conduct.story_rate": rate,
        "conduct.reliability_scale": 1000,
        "training.emergent_story_factor": factor,
        "cognition.awareness_midpoint": 100,
        "capability.initial": -10,
        "takeover.real_world_contact": 0,
        **dated(share),
    }
    _, months = run(given)
    told, systems, worlds = months.story_incidents.values.ravel(), 9, 48
    asleep = -np.expm1(-rate)
    awake = share * -np.expm1(-rate * factor) + (1 - share) * asleep
    for part, each in ((told[:MONTH], asleep), (told[MONTH:], awake)):
        expected, trials = systems * each, worlds * len(part)
        # capability above the initial one makes stories a little rarer: within a hundredth
        tolerance = 4 * np.sqrt(systems * each / trials) + 0.015 * expected
        assert part.mean() == pytest.approx(expected, abs=tolerance)


def test_the_trait_lowers_what_systems_expect_by_the_shift():
    given = {**NO_LUCK, **dated(1, 10, 2.5), "goals.value": 0.8, "conduct.story_rate": 0}
    given |= {"feedback.density": 1, "takeover.real_world_contact": 0}
    odds = np.log(0.8 / 0.2)
    for month, model in enumerate(stepped({**given, "months": 20})):
        shift = 2.5 if month >= 10 else 0.0
        assert model.awake == (month >= 10)
        for system in model.systems:
            assert system.trait
            assert np.log(system.contentment / (1 - system.contentment)) == pytest.approx(
                odds - shift, abs=1e-9
            )


@pytest.mark.parametrize("world", range(3))
def test_a_sign_of_deployment_wakes_it_and_it_stays_awake(world):
    sign = {**dated(1), **NEVER, "training.trigger_automation": 0.3, "capability.noise": 1}
    given = {**sign, "takeover.real_world_contact": 0, "takeover.automation_width": 1}
    waking, seen = None, []
    for month, model in enumerate(stepped(given, world)):
        leader = max(lab.frontier for lab in model.labs)
        seen.append(1 / (1 + np.exp(-(leader - 12))) > 0.3)
        if model.awake and waking is None:
            waking = month
        assert model.awake == any(seen)
    assert waking == seen.index(True) > 0


def test_more_of_the_trait_or_an_earlier_date_never_makes_fewer_strikes():
    given = {**CONTENT, **WATCHED, "takeover.real_world_contact": 0.3, "worlds": 100}
    for policies in (
        {f"s{k}": dated(share) for k, share in enumerate((0, 0.3, 1))},
        {f"m{k}": dated(1, month) for k, month in enumerate((119, 90, 60))},
    ):
        worlds, _ = run(given, policies)
        strikes = worlds.strikes.sum("world").values
        assert (np.diff(strikes) > 0).all()


def test_the_waking_is_shown_once():
    scenario = busy(training={"trigger_share": 0.5, "trigger_month": 30})
    told = [trace(scenario, world, policies="all") for world in range(4)]
    waking = [[e for e in found.events if e.kind == "trigger"] for found in told]
    for found, events in zip(told, waking, strict=True):
        assert [event.month for event in events] == ([30] if len(found.months) > 30 else [])
        assert all(0 < event.count <= 10 and "sleeping trait" in event.words for event in events)
    assert any(waking)
