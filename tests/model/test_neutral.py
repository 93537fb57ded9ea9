"""What must change nothing, what must change one thing alone, and what moves one way only."""

import numpy as np
import pytest
from small import ALL_RECOGNISED, FIRST_PART, NO_LUCK, SPARSE, crossing, differing, run, stepped

from regimesim.ensemble.datasets import AGAIN
from regimesim.model.compilation import INTERPRETED
from regimesim.model.world.records import EXPECTED, names

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

# Watched, but so little, and with so little to lose, that systems strike all the same.
LEAKY = {
    **FIRST_PART,
    **SPARSE,
    "oversight.control": {},
    "oversight.cot_monitor": {"evasion": 0},
    "oversight.interpretability": {"evasion": 0},
    "oversight.audit_budget": 0.03,
    "oversight.trajectories": 2,
    "takeover.caught_value": 0.9,
}
QUIET = {"takeover.real_world_contact": 0, "conduct.story_rate": 0}
STEADY = {"capability.noise": 0, "capability.diffusion": 0, "paradigm.race": 0}
BELIEFS = {
    "believed_catch_rate",
    *("expected_believed", "expected_brier_score", "expected_log_score"),
}


def outcomes_that_differ(given, policies):
    """Names of the world variables in which the second policy differs from the first."""
    worlds, _ = run(given, policies)
    first, second = (worlds.sel(policy=name) for name in policies)
    assert worlds.critical_tries.sum() > 20
    return differing(first, second)


def drawn(found):
    """Those of these names that are no expectations."""
    return found - set(names(EXPECTED)) - {AGAIN}


# ---- evaluations warn ----


@pytest.mark.parametrize("response", ["warn", "pause", "restrict"])
def test_evaluations_that_only_warn_leave_every_outcome_as_it_was(response):
    policies = {"none": {}, "tested": {"oversight.evaluations": {"response": response}}}
    changed = outcomes_that_differ(LEAKY, policies)
    assert (changed == {"alarms", "false_alarms"}) == (response == "warn")
    _, months = run({**LEAKY, "oversight.pause": {}}, policies)
    assert months.alarm.sel(policy="none").max() == 0.0
    assert months.alarm.sel(policy="tested").max() > 0.1


# ---- corrective training ----


def test_correction_that_misses_goals_removes_stories_and_moves_no_threshold():
    harmless = {**SPARSE, "conduct.story_rate": 0.2, "conduct.story_handicap": 50}
    policies = {
        "none": {},
        "missing": {"oversight.correction": {"desire_targeting": 0, "correction_strength": 0.2}},
        "reaching": {"oversight.correction": {"desire_targeting": 1, "correction_strength": 0.2}},
    }
    worlds, months = run(harmless, policies)
    none, missing, reaching = (worlds.sel(policy=name) for name in policies)
    assert worlds.critical_tries.sum() > 20
    assert drawn(differing(none, missing)) == {"story_incidents"}
    for name in names(EXPECTED):  # a story succeeds once in 10^20 times
        np.testing.assert_allclose(none[name], missing[name], atol=1e-12)
    assert missing.story_incidents.sum() < 0.5 * none.story_incidents.sum()
    assert {"crossing", "strikes"} <= differing(none, reaching)
    none, missing = (months.strikes.sel(policy=name) for name in ("none", "missing"))
    assert np.array_equal(none, missing, equal_nan=True)


def test_erosion_is_what_misses_goals_month_after_month():
    def eroded(targeting):
        table = {"desire_targeting": targeting, "probe_erosion": 0.02}
        _, months = run({**QUIET, "oversight.correction": table})
        return months.erosion.values.ravel()

    used = np.arange(1, 121)  # as it stands at the end of each month
    for targeting in (0.0, 0.25, 1.0):
        assert eroded(targeting) == pytest.approx(0.02 * (1 - targeting) * used, abs=1e-8)


# ---- feints and the budget that follows belief ----

FEINTS = {"without": {"conduct.feint_rate": 0}, "with": {"conduct.feint_rate": 0.5}}


def test_without_adaptation_the_budget_stays_and_feints_fool_nobody_into_anything():
    # What a retired system is replaced by is just like it, so that a feint costs nothing.
    alike = {**NO_LUCK, "capability.noise": 0.15, "capability.lab_spread": 0.5}
    given = {**LEAKY, **alike, "oversight.red_team.red_team": 5}
    still = {**given, "oversight.adaptive": {"adaptation": 0}}
    moving = {**given, "oversight.adaptive": {"adaptation": 0.2}}
    _, months = run(still, FEINTS)
    assert months.feints.sel(policy="with").max() > 1.0
    assert np.nanmin(months.audit_budget) == np.nanmax(months.audit_budget)
    believed = months.catch_rate_believed
    gained = believed.sel(policy="with") - believed.sel(policy="without")
    assert gained.min() == 0.0 and gained.max() > 0.02
    assert outcomes_that_differ(still, FEINTS) == BELIEFS | {"feints"}
    assert {"crossing", "critical_tries_held"} <= outcomes_that_differ(moving, FEINTS)


def test_without_a_catching_safeguard_there_is_nobody_to_fool():
    assert outcomes_that_differ(SPARSE, FEINTS) == set()


# ---- what overseers believe ----


@pytest.mark.parametrize("world", range(4))
def test_belief_that_forgets_nothing_is_the_plain_posterior_month_by_month(world):
    given = {
        **LEAKY,
        "oversight.red_team.memory": 1,
        "oversight.red_team.red_team": 3,
        "months": 80,
    }
    caught = total = 0
    for model in stepped(given, world):
        if not model.lost:  # nobody learns from the month of a takeover
            seen = model.tile.worlds[0]
            strikes_caught = model.measured("strikes_caught")
            caught += seen["exercises_caught"][0] + strikes_caught
            total += 3 + strikes_caught + seen["month_strikes_discovered"][0]
        posterior = (1 + caught) / (2 + total)
        assert model.beliefs["catch_rate"] == pytest.approx(posterior, rel=1e-12)
    assert 0 < caught < total


@pytest.mark.parametrize("budget", [0, 1])
def test_belief_in_a_certain_catch_rate_has_its_closed_form(budget):
    given = {**LEAKY, **QUIET, "oversight.red_team.memory": 1, "oversight.audit_budget": budget}
    given |= {f"oversight.{name}": {"share": 0} for name in ("cot_monitor", "interpretability")}
    _, months = run(given)
    exercises = 10 * np.arange(1, 121)
    posterior = (1 + budget * exercises) / (2 + exercises)
    assert months.catch_rate_believed.values.ravel() == pytest.approx(posterior, abs=1e-8)
    assert (months.catch_rate_exercises == budget).all()


def test_honest_exercises_show_the_true_catch_rate():
    gaps = {"honest": {}, "flattering": {"oversight.red_team.elicitation_gap": 0.8}}
    _, months = run({**LEAKY, **QUIET, "oversight.red_team.elicitation_gap": 0}, gaps)
    honest, flattering = (months.sel(policy=name) for name in gaps)
    assert np.array_equal(honest.catch_rate, honest.catch_rate_exercises)
    assert (flattering.catch_rate_exercises >= flattering.catch_rate).all()
    assert flattering.catch_rate_exercises.mean() > flattering.catch_rate.mean() + 0.05


@pytest.mark.parametrize("curve", ["binormal", "logistic", "elo"])
def test_exercises_flatter_by_aware_systems_alone(curve):
    def flattery(awareness):
        lines = {"guard": [0, 50, 500, 3000], "evader": [0, 50, 600, 3000]}
        control = {"curve": curve, **(lines if curve == "elo" else {})}
        given = {
            **ALL_RECOGNISED,
            **QUIET,
            "oversight.control": control,
            "cognition.awareness_midpoint": awareness,
        }
        _, months = run(given)
        return (months.catch_rate_exercises - months.catch_rate).values

    assert (flattery(100) == 0.0).all() and (flattery(-10) > 0.0).any()


def test_the_gap_closes_where_exercises_are_honest_and_all_systems_are_watched_alike():
    """A monitor of thought, on one rung, catches every system with the same chance, always:
    who tries is no more elusive than who is exercised with, and no belief is out of date."""
    gaps = {"honest": {}, "flattering": {"oversight.red_team.elicitation_gap": 0.8}}
    monitor = {"oversight.cot_monitor": {"strength": 0.5, "evasion": 0}}
    alike = {**FIRST_PART, **monitor, "paradigm.hold": 1, "worlds": 300}
    memory, exercises = 0.9, 10
    base = {**alike, "oversight.red_team.elicitation_gap": 0, "oversight.red_team.memory": memory}
    worlds, months = run({**FIRST_PART, **SPARSE, **base, "conduct.story_rate": 0}, gaps)
    alone = worlds.attempts_in_first_try == 1  # several at once are harder to hold than one
    believed, true = (worlds[f"{name}_catch_rate"].where(alone) for name in ("believed", "true"))
    at_first = months.catch_rate.sel(policy="honest")
    assert at_first.max() - at_first.min() < 1e-6
    gap = (believed - true).sel(policy="honest")
    tries, rate = int(gap.count()), float(true.mean())
    assert tries > 150
    # the belief counts n exercises, of which one month's fade to `memory` in the next, and
    # two made up, one caught and one missed
    counted = exercises / (1 - memory)
    mean = (1 - 2 * rate) / (counted + 2)
    sd = np.sqrt(rate * (1 - rate) * exercises / (1 - memory**2)) / (counted + 2)
    assert float(gap.mean()) == pytest.approx(mean, abs=0.005 + 4 * sd / np.sqrt(tries))
    assert float((believed - true).sel(policy="flattering").mean()) > 0.05


# ---- the ladder ----


@pytest.mark.parametrize(
    ("initial", "hold", "highest"), [(1, 1, 1), (1, 2, 2), (3, 2, 3), (1, 4, 4)]
)
def test_no_lab_climbs_beyond_the_hold(initial, hold, highest):
    ladder = {"initial": initial, "hold": hold, "ladder_rate": 1}
    _, months = run({**QUIET, "paradigm": ladder})
    rungs = np.array([months[f"paradigm_{rung}"].values.ravel() for rung in (1, 2, 3, 4)])
    assert (rungs[highest:] == 0.0).all() and rungs[highest - 1, -1] == 1.0
    assert rungs.sum(axis=0) == pytest.approx(1.0, abs=1e-8)


# ---- growth ----


def test_taxes_slow_growth_every_month_and_what_they_cost_adds_up():
    taxes = (-0.3, 0.0, 0.2, 0.5)
    policies = {f"t{k}": {"oversight.tax": tax} for k, tax in enumerate(taxes)}
    _, months = run({**QUIET}, policies)
    assert (months.leader.diff("policy") < 0.0).all()
    given = {**QUIET, **STEADY, "capability.lab_spread": 0, "capability.initial": 2}
    worlds, months = run(given, policies)
    for name, tax in zip(policies, taxes, strict=True):
        grown = float(months.frontier.sel(policy=name)[-1]) - 2
        lost = worlds.growth_lost_to_taxes.sel(policy=name).mean()
        assert float(lost) == pytest.approx(grown * tax / (1 - tax), abs=1e-6)
    assert (worlds.growth_lost_to_pauses == 0.0).all()


def test_the_tax_of_a_safeguard_is_a_tax_while_it_is_active():
    safeguards = ("control", "cot_monitor", "interpretability")
    policies = {"plain": {"oversight.tax": 0.3}, "none": {}} | {
        name: {f"oversight.{name}": {"tax": 0.3}} for name in safeguards
    }
    _, months = run(QUIET, policies)
    plain = months.frontier.sel(policy="plain")
    assert not np.array_equal(plain, months.frontier.sel(policy="none"))
    for name in safeguards:
        assert np.array_equal(plain, months.frontier.sel(policy=name))


def test_a_standing_pause_costs_its_share_of_growth():
    given = {**QUIET, **STEADY, "capability.lab_spread": 0, "capability.initial": 2}
    table = {"pause_threshold": 0, "pause_strength": 0.75}
    worlds, months = run({**given, "oversight.pause": table})
    grown = float(months.frontier.values.ravel()[-1]) - 2
    assert (months.pause == 0.75).all()
    assert float(worlds.growth_lost_to_pauses.mean()) == pytest.approx(3 * grown, abs=1e-6)
    worlds, months = run({**given, "oversight.pause": {**table, "pause_compliance": 0}})
    assert (months.pause == 0.0).all() and (worlds.growth_lost_to_pauses == 0.0).all()


def test_growth_without_luck_or_premium_is_a_doubling_a_doubling_time():
    given = {
        **NO_LUCK,
        **QUIET,
        "capability.initial": -10,
        "capability.doubling_time": 12,
        "capability.research_automation_gain": 0,
        "feedback.sparse_premium": 0,
    }
    _, months = run(given)
    expected = -10 + np.arange(1, 121) / 12
    for name in ("frontier", "leader", "capability"):
        assert months[name].values.ravel() == pytest.approx(expected, abs=1e-7)


def test_easier_takeovers_are_never_crossed_later():
    levels = {f"d{level}": {"takeover.difficulty": level} for level in (10, 13, 16)}
    worlds, _ = run(QUIET, levels)
    months = np.nan_to_num(crossing(worlds, "capable").values, nan=np.inf)
    assert np.isfinite(months[:2]).all() and (np.diff(months[:2], axis=0) > 0).all()
    assert (months[2] >= months[1]).all()
