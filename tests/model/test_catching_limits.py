"""Traps, recognition and the strength of a logistic monitor: exact limits."""

import math

import numpy as np
import pytest
from scipy import integrate
from scipy.special import expit
from small import SPARSE, run, stepped

from regimesim.model.compilation import INTERPRETED
from regimesim.model.oversight import control
from regimesim.model.world.records import SAFEGUARDS

MONITORS = {
    "oversight.control": {},
    "oversight.cot_monitor": {},
    "oversight.interpretability": {},
}
TEMPTED = {
    **SPARSE,
    "conduct.story_rate": 2,
    "conduct.story_handicap": 0,
    "conduct.reliability_scale": 1000,
    "cognition.awareness_midpoint": 20,
}
ALL_TRAPS = {"traps": 1, "seen_through_limit": 99}
compiled = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")


# ---- traps ----


@compiled
def test_traps_alone_that_nobody_sees_through_hold_every_attempt():
    worlds, months = run({**TEMPTED, "oversight.honeypots": ALL_TRAPS})
    assert worlds.critical_tries.sum() > 40
    assert (worlds.critical_tries_held == worlds.critical_tries).all()
    assert (worlds.expected_takeover == 0).all() and (months.catch_rate == 1.0).all()
    tried = worlds.held_first_critical_try == 1
    by = worlds.first_try_caught_by.where(tried).sum("world").squeeze("policy")
    tries = int(tried.sum())
    assert by.to_series().to_dict() == {name: tries * (name == "honeypots") for name in SAFEGUARDS}
    assert (worlds.expected_by_traps == worlds.expected_held).all()
    assert (worlds.expected_by_skill == 0).all() and (worlds.expected_by_lottery == 0).all()


@compiled
def test_without_traps_honeypots_hold_nothing():
    worlds, months = run({**TEMPTED, "oversight.honeypots": {"traps": 0}})
    assert worlds.critical_tries.sum() > 40 and worlds.critical_tries_held.sum() == 0
    assert (months.catch_rate.dropna("month") == 0.0).all()


@compiled
def test_a_trap_is_seen_through_by_halves_beyond_its_limit():
    traps = {"traps": 0.8, "seen_through_limit": 3, "seen_through_scale": 2}
    for model in stepped({**SPARSE, "oversight.honeypots": traps, "months": 30}):
        for system in model.systems:
            share = 0.8 * 0.5 ** (max(0, system.capability - 3) / 2)
            assert system.miss == pytest.approx(1 - share, rel=1e-12)


# ---- recognition ----


@compiled
def test_what_nobody_recognises_no_monitor_catches_under_any_budget():
    blind = {"oversight.control": {}, "oversight.recognition": 0, "oversight.audit_budget": 1}
    worlds, months = run({**TEMPTED, **blind})
    assert worlds.critical_tries.sum() > 40 and worlds.critical_tries_held.sum() == 0
    assert (worlds.true_catch_rate.fillna(0) == 0).all()
    assert (months.catch_rate.dropna("month") == 0.0).all()
    assert np.allclose(worlds.expected_lost_to_recognition, worlds.expected_first_try, atol=1e-12)


@compiled
def test_traps_need_no_recognition():
    both = {**TEMPTED, **MONITORS, "oversight.recognition": 0, "oversight.honeypots": ALL_TRAPS}
    worlds, _ = run(both)
    assert worlds.critical_tries.sum() > 40
    assert (worlds.critical_tries_held == worlds.critical_tries).all()


@compiled
def test_with_the_whole_budget_attempts_are_missed_only_where_they_are_not_recognised():
    given = {"oversight.control": {}, "oversight.recognition": 0.7, "oversight.audit_budget": 1}
    fading = {"oversight.recognition_limit": 4, "oversight.recognition_scale": 3}
    for model in stepped({**SPARSE, **given, **fading, "months": 30}):
        for system in model.systems:
            seen = 0.7 * 0.5 ** (max(0, system.capability - 4) / 3)
            assert system.miss == pytest.approx(1 - seen, rel=1e-12)


# ---- the area under a logistic curve ----


@pytest.mark.parametrize("auroc", [0.5001, 0.6, 0.87, 0.99, 0.9999])
def test_the_strength_of_a_logistic_monitor_solves_the_closed_form_at_slope_1(auroc):
    k = math.exp(1.6 * control.parity_strength(auroc, 1.0, True))
    assert k / (k - 1) - k * math.log(k) / (k - 1) ** 2 == pytest.approx(auroc, abs=1e-9)


def test_the_usual_monitor_has_this_strength():
    assert control.parity_strength(0.87, 1.0, True) == pytest.approx(1.737, abs=5e-4)
    for slope in (0.3, 1.0, 3.0):
        assert control.parity_strength(0.5, slope, True) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("slope", [0.1, 0.6, 1.4, 3.0])
@pytest.mark.parametrize("auroc", [0.6, 0.87, 0.99])
def test_the_area_under_a_logistic_curve_is_the_auroc_for_every_slope(auroc, slope):
    strength = control.parity_strength(auroc, slope, True)

    def caught(x):  # over x = logit α, where the integrand is smooth
        return expit(1.6 * strength + slope * x) * expit(x) * expit(-x)

    area = integrate.quad(caught, -60, 0)[0] + integrate.quad(caught, 0, 60)[0]
    assert area == pytest.approx(auroc, abs=1e-7)
