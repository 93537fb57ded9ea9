"""Exact limits that the whole model must hit, and orders that it must keep."""

import numpy as np
import pytest
from scipy.special import expit
from small import ALL_RECOGNISED, FIRST_PART, NO_LUCK, SPARSE, crossing, differing, run, stepped

import regimesim as rs
from regimesim.ensemble.datasets import AGAIN
from regimesim.model.compilation import INTERPRETED
from regimesim.model.world.records import EXPECTED, names

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

ALL_SAFEGUARDS = {
    "oversight.control": {},
    "oversight.cot_monitor": {},
    "oversight.interpretability": {},
}
WATCHED = {**FIRST_PART, **SPARSE, **ALL_SAFEGUARDS}
# Watched, but so little, and with so little to lose, that systems strike all the same.
LEAKY = {
    **WATCHED,
    "oversight.cot_monitor": {"evasion": 0},
    "oversight.interpretability": {"evasion": 0},
    "oversight.audit_budget": 0.03,
    "takeover.caught_value": 0.9,
}
NO_CONTACT = {"takeover.real_world_contact": 0}


# ---- no safeguards, and all of them ----


def test_without_safeguards_no_critical_try_is_held():
    worlds, _ = run(SPARSE)
    tried = np.isfinite(crossing(worlds, "first_critical_try").values)
    assert tried.sum() > 40
    assert (worlds.held_first_critical_try.values[tried] == 0).all()
    assert (worlds.critical_tries_held == 0).all() and (worlds.warning_shots == 0).all()
    assert (worlds.true_catch_rate.values[tried] == 0.0).all()
    same = crossing(worlds, "takeover").values == crossing(worlds, "first_critical_try").values
    assert same[tried].all()


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_no_budget_catches_nothing(curve):
    curves = {f"{name}.curve": curve for name in ALL_SAFEGUARDS}
    worlds, months = run(
        {**SPARSE, **curves, "oversight.audit_budget": 0, "conduct.story_rate": 0.5}
    )
    assert worlds.critical_tries.sum() > 20 and worlds.critical_tries_held.sum() == 0
    assert worlds.warning_shots.sum() == 0
    assert (months.catch_rate.dropna("month") == 0.0).all()


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_a_full_budget_catches_everything_and_deters_every_strike(curve):
    curves = {f"{name}.curve": curve for name in ALL_SAFEGUARDS}
    worlds, months = run(
        {
            **SPARSE,
            **ALL_RECOGNISED,
            **curves,
            **{f"{name}.share": 0 for name in ALL_SAFEGUARDS if name != "oversight.control"},
            "oversight.audit_budget": 1,
            "conduct.story_rate": 2,
            "conduct.story_handicap": 0,
            "conduct.reliability_scale": 1000,
            "cognition.awareness_midpoint": 20,
        }
    )
    assert worlds.critical_tries.sum() > 40
    assert (worlds.critical_tries_held == worlds.critical_tries).all()
    assert np.isnan(crossing(worlds, "takeover")).all()
    assert worlds.strikes.sum() == 0
    assert np.isfinite(crossing(worlds, "favourable")).any()
    assert np.isnan(crossing(worlds, "favourable_despite_safeguards")).all()
    assert (months.catch_rate == 1.0).all()


def test_a_larger_budget_never_catches_less_in_the_same_worlds():
    budgets = (0, 0.003, 0.01, 0.1, 1)
    policies = {f"b{k}": {"oversight.audit_budget": b} for k, b in enumerate(budgets)}
    for curve in ("binormal", "logistic"):
        curves = {f"{name}.curve": curve for name in ALL_SAFEGUARDS}
        _, months = run({**SPARSE, **NO_CONTACT, **curves, "oversight.trajectories": 3}, policies)
        assert (months.catch_rate.diff("policy") > 0.0).all()
        assert (months.catch_rate_exercises.diff("policy") > 0.0).all()


def test_under_a_full_common_cause_all_safeguards_are_worth_the_strongest():
    given = {**WATCHED, **NO_CONTACT, "oversight.common_cause": 1, "months": 40}
    for model in stepped(given):
        for system in model.systems:
            strongest = np.exp(system.record["log_miss"][:, 0].min())
            assert system.miss == pytest.approx(strongest, rel=1e-12)
    spread = [system.record["log_miss"][:, 0] for system in model.systems]
    assert len({int(np.argmin(each)) for each in spread}) > 1


def test_without_a_common_cause_safeguards_miss_independently():
    given = {**WATCHED, **NO_CONTACT, "oversight.common_cause": 0, "months": 40}
    for model in stepped(given):
        for system in model.systems:
            each = np.exp(system.record["log_miss"][:, 0])
            assert system.miss == pytest.approx(np.prod(each), rel=1e-12)


def test_under_a_full_common_cause_the_weak_never_catch_what_the_strong_miss():
    def disagreements(common_cause):
        """First tries of two like probes of unlike strength caught by the weak one alone."""
        worlds, _ = run(
            {
                **SPARSE,
                "worlds": 400,
                "conduct.story_rate": 2,
                "conduct.story_handicap": 0,
                "oversight.common_cause": common_cause,
                "oversight.audit_budget": 0.1,
                "oversight.trajectories": 2,
                "oversight.cot_monitor": {"strength": 0.5},
                "oversight.interpretability": {"strength": 2},
            }
        )
        by = worlds.first_try_caught_by
        weak, strong = by.sel(safeguard="cot_monitor"), by.sel(safeguard="interpretability")
        assert weak.sum() > 20
        return int(((weak == 1) & (strong == 0)).sum())

    assert disagreements(1) == 0 and disagreements(0) > 0


# ---- thresholds ----


@pytest.mark.parametrize("world", range(6))
def test_under_an_endless_slope_success_is_a_step_where_capability_crosses_the_difficulty(world):
    midpoint, width, bonus, initial = 10.0, 1.5, 3.0, 14.0
    given = {
        **SPARSE,
        "goals.value": 0.999,  # nobody strikes
        "goals.value_spread": 0,
        "goals.goal_drift": 0,
        "feedback.constraint": 0.5,
        "feedback.density": 1,
        "conduct.story_rate": 0,
        "takeover.success_slope": 1e6,
        "takeover.difficulty": initial,
        "takeover.automation_midpoint": midpoint,
        "takeover.automation_width": width,
        "takeover.automation_bonus": bonus,
    }
    first, month = None, -1
    for month, model in enumerate(stepped(given, world)):
        leader = max(lab.frontier for lab in model.labs)
        level = initial - bonus * expit((leader - midpoint) / width)
        ahead = {system.number for system in model.systems if system.capability > level}
        assert {system.number for system in model.systems if system.success > 0.5} == ahead
        assert all(min(s.success, 1 - s.success) < 1e-12 for s in model.systems)
        if ahead and first is None:
            first = month
    assert 0 < first < month
    assert model.crossings["capable"] == first


@pytest.mark.parametrize("slope", [0.58, 1e6])
@pytest.mark.parametrize("world", range(8))
def test_impatient_and_well_calibrated_systems_strike_in_the_favourable_month(world, slope):
    given = {
        **SPARSE,
        "cognition.patience": 0,
        "cognition.calibration_error": 0,
        "conduct.story_rate": 0,
        "takeover.success_slope": slope,
    }
    struck = None
    for month, model in enumerate(stepped(given, world)):
        if struck is None and model.outcome["strikes"]:
            struck = month
    assert struck is not None
    assert model.crossings["favourable"] == struck
    assert model.crossings["favourable_despite_safeguards"] == struck
    assert model.crossings["first_critical_try"] >= struck


def test_patience_waits():
    by_patience = {f"p{k}": {"cognition.patience": k / 2} for k in range(3)}
    calm = {**FIRST_PART, **SPARSE, **NO_LUCK, "feedback.density": 0}
    _, months = run(calm, by_patience)
    first = [int(np.argmax(months.sel(policy=name).strikes.values > 0)) for name in by_patience]
    assert first[0] < first[1] < first[2]


def test_without_contact_to_the_world_nothing_is_critical_or_favourable():
    worlds, months = run({**SPARSE, **NO_CONTACT, "conduct.story_rate": 1})
    assert np.isfinite(crossing(worlds, "capable")).any()
    for threshold in ("favourable", "favourable_despite_safeguards", "first_critical_try"):
        assert np.isnan(crossing(worlds, threshold)).all()
    assert worlds.strikes.sum() == 0 and worlds.critical_tries.sum() == 0
    assert worlds.story_incidents.sum() > 0
    assert (months.favourable_systems == 0.0).all()


@pytest.mark.parametrize("calibration_error", [0, 3])
def test_thresholds_come_in_their_logical_order(calibration_error):
    worlds, _ = run(
        {
            **LEAKY,
            "worlds": 400,
            "conduct.story_rate": 0.2,
            "cognition.calibration_error": calibration_error,
        }
    )
    at = {str(name): crossing(worlds, str(name)).values for name in worlds.threshold.values}
    for later, earlier in (
        ("favourable_despite_safeguards", "favourable"),
        ("takeover", "first_critical_try"),
    ):
        reached = np.isfinite(at[later])
        assert reached.sum() > 20
        assert (at[later] >= at[earlier])[reached].all()  # NaN, never crossed, is not >=
    by_strike = worlds.first_try_was_story.values == 0
    assert by_strike.sum() > 20
    assert (at["first_critical_try"] >= at["favourable_despite_safeguards"])[by_strike].all() == (
        calibration_error == 0
    )


# ---- luck ----


def test_without_luck_every_world_is_the_same():
    step = {"takeover.success_slope": 1e6}
    worlds, _ = run({**NO_LUCK, **SPARSE, **step})
    assert np.isfinite(crossing(worlds, "takeover")).all()
    for world in range(1, worlds.sizes["world"]):
        assert not differing(worlds.isel(world=0), worlds.isel(world=world))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("capability.lab_spread", 0.5),
        ("capability.system_spread", 0.7),
        ("capability.noise", 0.15),
        ("feedback.density_spread", 0.3),
        ("feedback.scale_spread", 1),
        ("goals.value_spread", 0.8),
        ("goals.goal_drift", 0.25),
        ("takeover.difficulty", {"normal": [15, 2]}),
        ("cognition.awareness_spread", 1.5),
        ("cognition.calibration_error", 3),
        ("conduct.story_rate", 0.02),
        ("paradigm.ladder_rate", 0.02),
        ("oversight.red_team.red_team", 10),
        ("training.bad_data", 0.02),
        ("training.scheming.prior", 1),
    ],
)
def test_each_source_of_luck_alone_makes_worlds_differ(key, value):
    given = {
        **NO_LUCK,
        "feedback.density": 0.3,
        "cognition.awareness_midpoint": 12,
        "oversight.beliefs.discovery": 0,
    }
    watched = {**given, **NO_CONTACT, "oversight.cot_monitor": {}}
    assert not unlike(watched) and not unlike(given)
    assert unlike({**watched, key: value}) or unlike({**given, key: value})


def unlike(given):
    """Quantities that differ between worlds until the first strike, which then takes luck."""
    _, months = run(given)
    struck = months.strikes.values.ravel() > 0
    end = np.argmax(struck) if struck.any() else len(struck)
    until = months.isel(month=slice(0, end + 1)).drop_vars("critical_tries_sd")
    return {name for name in until.data_vars if name.endswith("_sd") and until[name].max() > 1e-3}


# ---- what is counted ----


def test_regimes_and_critical_tries_add_up():
    worlds, months = run({**LEAKY, "worlds": 400, "conduct.story_rate": 0.2})
    assert np.allclose(months.regime_share.sum("regime"), 1.0, rtol=0, atol=1e-12)
    assert (months.regime_share >= 0.0).all()
    assert (months.regime_share.sel(regime="lost").diff("month") >= 0.0).all()
    lost = np.isfinite(crossing(worlds, "takeover")).values
    missed = (worlds.critical_tries - worlds.critical_tries_held).values
    assert (missed[lost] >= 1).all() and (missed[~lost] == 0).all()
    assert 20 < lost.sum() < 380
    assert (worlds.warning_shots <= worlds.strikes).all()
    assert (worlds.warning_shots_before_first_try <= worlds.warning_shots).all()
    tried = np.isfinite(crossing(worlds, "first_critical_try")).values
    assert (tried == (worlds.critical_tries.values > 0)).all()
    assert (tried == np.isfinite(worlds.true_catch_rate.values)).all()
    held = worlds.held_first_critical_try.values == 1
    single = worlds.attempts_in_first_try.values == 1
    assert (worlds.first_try_caught_by.max("safeguard").values == 1)[held & single].all()
    assert (worlds.first_try_caught_by.max("safeguard").values == 0)[tried & ~held].all()


def test_with_a_single_system_one_missed_try_is_the_end():
    worlds, _ = run({**LEAKY, "systems": 1, "labs": 1, "worlds": 200})
    lost = np.isfinite(crossing(worlds, "takeover")).values
    assert 10 < lost.sum() < 190
    missed = (worlds.critical_tries - worlds.critical_tries_held).values
    assert (missed == lost).all()


def test_after_a_takeover_nothing_else_is_counted():
    short, _ = run({**LEAKY, "months": 70})
    long, months = run(LEAKY)
    over = np.isfinite(crossing(short, "takeover")).values.ravel()
    assert 0 < over.sum() < over.size
    # but in what is expected, for which some lives are carried on, and with other luck
    expected = {*names(EXPECTED), AGAIN}
    assert not differing(short.isel(world=over), long.isel(world=over)) - expected
    assert differing(short.isel(world=~over), long.isel(world=~over))
    lost_at = crossing(long, "takeover").values.ravel()
    left = [(~(lost_at < month)).sum() for month in months.month.values]
    assert (months.worlds_not_lost.values.ravel() == left).all()


def test_a_lost_world_takes_no_further_step():
    for model in stepped(SPARSE):
        last = model
    assert last.lost
    before = last.month, last.outcome, last.tile.systems.tobytes()
    last.step()
    assert (last.month, last.outcome) == before[:2]
    assert last.tile.systems.tobytes() == before[2]


def test_months_count_what_worlds_count_however_many():
    """Thousands of incidents a month are counted, not cut off."""
    worlds, months = rs.run(
        rs.parse(
            {
                "worlds": 16,
                "systems": 5000,
                "months": 2,
                "conduct": {"story_rate": 10},
                "takeover": {"real_world_contact": 0},
            }
        )
    )
    counted = float(worlds.story_incidents.mean())
    assert counted > 4096
    assert float(months.story_incidents.sum()) == pytest.approx(counted, rel=1e-12)
