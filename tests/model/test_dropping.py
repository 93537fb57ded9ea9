"""Safeguards that are dropped under competition: who lags, and pays for them, gives them up."""

import numpy as np
import pytest
from scenarios_of_tests import ALL_ON, busy
from small import FIRST_PART, NO_LUCK, SPARSE, differing, run, scenario, stepped
from test_twin import live_together

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.trace.compute import trace

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

TAXED = {
    **SPARSE,
    "oversight.control": {"tax": 0.1},
    "oversight.cot_monitor": {"tax": 0.1},
    "oversight.interpretability": {},
    "takeover.caught_value": 0.9,
    "conduct.story_rate": 0.1,
}
# Nobody grows, so a lag stays what it was at the founding.
STILL = {
    "capability.noise": 0,
    "capability.diffusion": 0,
    "paradigm.ladder_rate": 0,
    "oversight.pause": {"pause_threshold": 0, "pause_strength": 1},
    "takeover.real_world_contact": 0,
}
DROPS = {"kept": {}, "dropped": {"oversight.drop_rate": 2}}


def test_the_compiled_world_is_that_of_the_twin():
    taxed = {
        **ALL_ON,
        "drop_rate": 1,
        "control": {"tax": 0.1},
        "interpretability": {"tax": -0.05},
        "cot_monitor": {"tax": 0.05, "curve": "logistic"},
    }
    given = busy(months=80, policies={"all": {"oversight": taxed}})
    lived = [live_together(given, "all", world) for world in range(8)]
    states = {lab.dropped for twin in lived for lab in twin.labs}
    assert states == {True, False}
    assert any(twin.feints for twin in lived)


@pytest.mark.parametrize(
    "neutral",
    [
        {"oversight.control.tax": 0, "oversight.cot_monitor.tax": 0},
        {"oversight.control.tax": -0.1, "oversight.cot_monitor.tax": -0.2},
        {"labs": 1},
        {"capability.lab_spread": 0, "capability.noise": 0, "feedback.density_spread": 0}
        | {"paradigm.ladder_rate": 0, "paradigm.ladder_per_doubling": 0},
        {"oversight.control": False, "oversight.cot_monitor": False, "oversight.tax": 0.3},
    ],
    ids=["no tax", "taxes that help", "alone", "no lag", "no taxed safeguard"],
)
def test_without_a_tax_or_a_lag_nothing_is_dropped(neutral):
    given = {**TAXED, **neutral}
    if given["oversight.control"]:  # its keys are set one by one
        for name in ("control", "cot_monitor"):
            given.setdefault(f"oversight.{name}.tax", given[f"oversight.{name}"]["tax"])
            del given[f"oversight.{name}"]
    for result in run(given, DROPS):
        assert not differing(*(result.sel(policy=name) for name in DROPS))


def test_with_a_tax_and_a_lag_something_is():
    worlds, months = run(TAXED, DROPS)
    kept, dropped = (months.sel(policy=name) for name in DROPS)
    assert (kept.dropped.dropna("month") == 0.0).all() and dropped.dropped.max() > 0.2
    assert (dropped.dropped.diff("month").dropna("month") >= -0.2).all()
    lost = worlds.growth_lost_to_taxes
    assert (lost.sel(policy="dropped") <= lost.sel(policy="kept") + 1e-9).all()


def test_the_leader_keeps_its_safeguards_and_what_is_dropped_stays_dropped():
    for world in range(4):
        before = {}
        for model in stepped({**TAXED, "oversight.drop_rate": 3}, world):
            for lab in model.labs:
                assert lab.dropped >= before.get(lab.number, 0.0)
                before[lab.number] = lab.dropped
        assert 0 < sum(before.values())


def test_labs_drop_at_the_rate_of_their_tax_and_their_lag():
    months, rate, tax, labs = 24, 0.5, 0.2, 4
    given = {**STILL, "oversight.control": {"tax": 0.15}, "oversight.cot_monitor": {"tax": 0.05}}
    given |= {"capability.lab_spread": 1, "oversight.drop_rate": rate}
    source = scenario({**given, "months": months, "labs": labs, "systems": 4})
    expected, variance, dropped = 0.0, 0.0, 0.0
    for world in range(80):
        model = rs.RegimeModel(source, world=world)
        frontiers = np.array([lab.frontier for lab in model.labs])
        lags = frontiers.max() - frontiers
        model.run_model()
        assert [lab.frontier for lab in model.labs] == pytest.approx(frontiers, abs=1e-12)
        chance = -np.expm1(-rate * tax * lags * months)
        expected, variance = expected + chance.sum(), variance + (chance * (1 - chance)).sum()
        dropped += sum(lab.dropped for lab in model.labs)
        assert model.labs[int(np.argmin(lags))].dropped == 0.0
    assert 100 < expected < 220
    assert dropped == pytest.approx(expected, abs=4 * np.sqrt(variance))


def test_a_lab_that_has_dropped_catches_with_what_is_free_and_pays_for_nothing_else():
    given = {**STILL, **NO_LUCK, "capability.lab_spread": 3, "oversight.drop_rate": 1000}
    given |= {"oversight.control": {"tax": 0.2}, "oversight.interpretability": {"tax": -0.1}}
    given |= {"oversight.cot_monitor": {"tax": 0}, "oversight.tax": 0.05, "months": 3}
    given |= {"oversight.pause": False, "oversight.common_cause": 0}
    for model in stepped(given):
        for lab in model.labs:
            for system in lab.systems:
                by_control, by_cot, by_probe = system.record["log_miss"][:, 0]
                assert (by_control == 0.0) == bool(lab.dropped)
                assert by_cot < 0.0 and by_probe < 0.0
    paid = {lab.dropped: lab.growth for lab in model.labs}
    alike = scenario({**given, "oversight.drop_rate": 0, "oversight.control": {"tax": 0}})
    free = rs.RegimeModel(alike)
    free.run_model()
    for lab, other in zip(model.labs, free.labs, strict=True):
        if lab.dropped:
            assert lab.growth == pytest.approx(other.growth, rel=1e-2)
    assert set(paid) == {0.0, 1.0}


def test_who_has_dropped_everything_has_nobody_to_fool():
    given = {**STILL, "capability.initial": 20, "takeover.difficulty": 60}
    given |= {"conduct.feint_rate": 5, "oversight.drop_rate": 1000, "capability.lab_spread": 3}
    given |= {"oversight.control": {"tax": 0.5}, "months": 12, "oversight.red_team.red_team": 0}
    for model in stepped(given):
        for system in model.systems:
            if system.lab.dropped:
                assert system.conduct != "feint"
    conducts = {(system.lab.dropped, system.conduct) for system in model.systems}
    assert (0.0, "feint") in conducts and (1.0, "complies") in conducts


def held(rate, tax):
    """Share of first tries held, and its variance, where labs drop at a rate what costs a tax."""
    taxed = {"control": {"tax": tax}, "cot_monitor": {"tax": tax, "evasion": 0}}
    oversight = {**taxed, "drop_rate": rate, "audit_budget": 0.06}
    size = {"systems": 18, "worlds": 300, "months": 180}
    worlds, _ = run({**size, "oversight": oversight, **FIRST_PART})
    tries = worlds.held_first_critical_try
    share, number = float(tries.mean()), int(tries.count())
    assert number > 200
    return share, share * (1 - share) / number


def test_the_more_readily_labs_drop_the_fewer_first_tries_are_held():
    shares, variances = zip(*(held(rate, 0.1) for rate in (0, 0.03, 0.3)), strict=True)
    for k in range(2):
        spread = np.sqrt(variances[k] + variances[k + 1])
        assert shares[k] - shares[k + 1] > 4 * spread


def test_a_higher_tax_makes_fewer_tries_held_only_where_labs_drop_what_it_pays_for():
    for rate in (0, 0.1):
        (low, low_variance), (high, high_variance) = held(rate, 0.01), held(rate, 0.2)
        fall = (low - high) / np.sqrt(low_variance + high_variance)
        assert fall > 4 if rate else fall < 2


def test_diffusion_that_keeps_labs_together_keeps_safeguards():
    policies = {f"d{k}": {"capability.diffusion": rate} for k, rate in enumerate((0, 0.2, 1))}
    given = {**TAXED, "takeover.real_world_contact": 0, "oversight.drop_rate": 0.3}
    _, months = run(given, policies)
    assert (months.dropped.isel(month=50).diff("policy") < -0.05).all()


def test_dropping_is_shown():
    taxed = {"drop_rate": 2, "control": {"tax": 0.2}}
    given = busy(policies={"raced": {"oversight": taxed}})
    for world in range(3):
        found = trace(given, world, policies="raced")
        told = [event for event in found.events if event.kind == "dropped"]
        rises = np.diff(found.months["dropped"], prepend=0.0)
        assert {event.month for event in told} == set(np.flatnonzero(rises > 1e-6))
        assert len(told) == pytest.approx(3 * found.months["dropped"].iloc[-1], abs=1e-6)
