"""Correction fed by what a chain-of-thought monitor flags: it sees while thought is legible."""

import numpy as np
import pytest
from scenarios_of_tests import ALL_ON, busy
from scipy.stats import norm
from small import FIRST_PART, NO_LUCK, SPARSE, differing, run
from test_twin import live_together

from regimesim.model.compilation import INTERPRETED

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

LEAKY = {
    **FIRST_PART,
    **SPARSE,
    "oversight.control": {},
    "oversight.audit_budget": 0.02,
    "oversight.trajectories": 2,
    "takeover.caught_value": 0.9,
    "conduct.story_rate": 0.1,
    "oversight.interpretability": {},
}
CORRECTED = {
    "oversight.correction.correction_strength": 0.05,
    "oversight.correction.desire_targeting": 0.5,
}
QUIET = {"takeover.real_world_contact": 0}


def flagged(share):
    return {**CORRECTED, "oversight.correction.flagged_by_cot": share}


@pytest.mark.parametrize("curve", ["binormal", "logistic", "elo"])
def test_the_compiled_world_is_that_of_the_twin(curve):
    lines = {"guard": [500, 100, 300, 3000], "evader": [500, 90, 400, 3000]}
    monitor = {"curve": curve, "tax": 0.1, **(lines if curve == "elo" else {})}
    oversight = {
        **ALL_ON,
        "drop_rate": 0.5,
        "cot_monitor": monitor,
        "correction": {"desire_targeting": 0.5, "flagged_by_cot": 0.7},
    }
    scenario = busy(months=60, policies={"all": {"oversight": oversight}})
    lived = [live_together(scenario, "all", world) for world in range(4)]
    assert all(twin.suppression > 0.1 for twin in lived)


def test_correction_that_needs_no_flags_does_not_mind_the_monitor():
    """With nothing to catch, a monitor alone moves no goal: correction works by itself."""
    never = {"oversight.audit_budget": 0, **QUIET}
    policies = {"blind": {}, "read": {"oversight.cot_monitor": {}}}
    for result in run({**LEAKY, **never, **flagged(0)}, policies):
        assert not differing(*(result.sel(policy=name) for name in policies))


@pytest.mark.parametrize("reading", [{}, {"oversight.cot_monitor": {}}])
def test_correction_that_needs_flags_is_none_without_them(reading):
    """No monitor, or one that audits nothing."""
    unseen = {**LEAKY, **reading, **({"oversight.audit_budget": 0} if reading else {})}
    policies = {"none": {}, "unfed": flagged(1)}
    for result in run(unseen, policies):
        assert not differing(*(result.sel(policy=name) for name in policies))


def test_where_everything_is_flagged_correction_is_what_it_was():
    idle = {"oversight.control": {"share": 0}, "oversight.interpretability": {"share": 0}}
    seen = {**LEAKY, **idle, "oversight.cot_monitor": {}, "oversight.audit_budget": 1}
    policies = {"itself": flagged(0), "fed": flagged(1)}
    worlds, months = run(seen, policies)
    assert (months.correction == 1.0).all()
    for result in (worlds, months):
        assert not differing(*(result.sel(policy=name) for name in policies))


@pytest.mark.parametrize("paradigm", [1, 2, 3, 4])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_erosion_and_suppression_have_their_closed_forms(paradigm, share):
    """With one paradigm and a fixed budget the monitor catches an attempt with one chance."""
    given = {**FIRST_PART, **NO_LUCK, **QUIET, **flagged(share)}
    given |= {"oversight.cot_monitor": {"evasion": 0}}
    given |= {"paradigm.initial": paradigm, "conduct.story_rate": 0.05, "months": 60}
    given |= {"conduct.reliability_scale": 1000, "cognition.awareness_midpoint": 100}
    _, months = run({**given, "oversight.correction.desire_targeting": 0, "worlds": 400})
    strength = 2 * (0.6, 0.8, 0.35, 0)[paradigm - 1]
    missed = norm.cdf(norm.isf(0.03) - strength) ** 10
    fed = 1 - share * missed
    used = np.arange(1, 61)
    assert months.correction.values.ravel() == pytest.approx(fed, abs=1e-8)
    assert months.erosion.values.ravel() == pytest.approx(0.02 * fed * used, abs=1e-8)
    left = (1 - 0.05 * fed) ** (used - 1)
    expected = 9 * 0.05 * left.mean()
    told = months.story_incidents.values.mean()
    # capability above the initial one makes stories a little rarer: within a hundredth
    assert told == pytest.approx(expected, rel=0.015, abs=4 * np.sqrt(expected / 24000))


def test_goals_move_by_what_is_flagged_of_each_system():
    given = {**FIRST_PART, **NO_LUCK, **QUIET, "months": 30}
    given |= {"oversight.cot_monitor": {"evasion": 0}}
    given |= {"cognition.awareness_midpoint": -10, "oversight.correction.desire_targeting": 1}
    given |= {"capability.lifetime": 1e6, "paradigm.initial": 3}
    _, months = run({**given, "oversight.correction.flagged_by_cot": 1, "worlds": 4})
    caught = 1 - norm.cdf(norm.isf(0.03) - 2 * 0.35) ** 10
    shift = 0.05 * caught * np.arange(30)  # each month's takes effect in the next
    expected = 1 / (1 + np.exp(-shift))
    # training pulls goals back only as far as feedback is dense: here it is not
    sparse = {**given, "feedback.density": 0, "oversight.correction.flagged_by_cot": 1}
    _, months = run({**sparse, "worlds": 4})
    assert months.value.values.ravel() == pytest.approx(expected, abs=1e-6)


def test_holding_at_legible_thought_keeps_correction_seeing():
    ladder = {"paradigm.initial": 2, "paradigm.ladder_rate": 0.1}
    ladder |= {"oversight.cot_monitor": {"evasion": 0}}
    policies = {"held": {"paradigm.hold": 2}, "climbed": {"paradigm.hold": 4}}
    seen = {"oversight.trajectories": 1, "cognition.awareness_midpoint": 100}
    seen |= {"oversight.audit_budget": 0.06}
    seen |= {"conduct.reliability_scale": 1000, "oversight.correction.correction_strength": 0.02}
    worlds, months = run({**LEAKY, **QUIET, **ladder, **flagged(1), **seen}, policies)
    held, climbed = (months.correction.sel(policy=name) for name in policies)
    assert (held.diff("month") == 0.0).all()
    assert float(climbed[-1]) < 0.5 * float(held[-1])
    stories = worlds.story_incidents.sum("world")
    assert stories.sel(policy="climbed") > 1.2 * stories.sel(policy="held")
    _, months = run({**LEAKY, **QUIET, **ladder, **flagged(0)}, policies)
    assert (months.correction == 1.0).all()


def test_the_more_correction_needs_flags_the_less_it_does():
    policies = {f"f{k}": {**flagged(share)} for k, share in enumerate((0, 0.5, 1))}
    given = {**LEAKY, **QUIET, "oversight.cot_monitor": {"strength": 0.2}}
    _, months = run(given, policies)
    assert (months.correction.diff("policy") < 0.0).all()
    assert (months.erosion.diff("policy") < 0.0).all()
    assert (months.story_incidents.mean("month").diff("policy") > 0.0).all()
