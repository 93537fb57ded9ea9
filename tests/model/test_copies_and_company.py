"""Copies of one model, and strikes in company: exact limits and laws."""

import math

import numpy as np
import pytest
from scipy import stats
from small import SIZE, SPARSE, differing, nested, run

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics import copies, decision

DRAWS = 20_000
DRAWN = ("awareness", "calibration", "archetype", "misaligned", "trait")
STRANGE = {
    "training.bad_data": 0.05,
    "training.trigger_share": 0.5,
    "training.scheming.prior": 1,
    "feedback.density_spread": 0,
    "capability.lifetime": 6,
    "capability.update_rate": 1,
    "takeover.real_world_contact": 0,
    "months": 24,
}
STRIKING = {**SPARSE, "takeover.difficulty": 8, "takeover.caught_value": 0.9, "months": 60}
compiled = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")


def world_of(given, number=0):
    return rs.RegimeModel(rs.parse(nested({**SIZE, **given})), world=number)


def nature(system):
    """What was drawn of a system when it was trained."""
    return tuple(float(system.record[name][0]) for name in DRAWN)


def by_model(model):
    """The natures of the systems of each lab and model."""
    found = {}
    for system in model.systems:
        key = (system.lab.number, float(system.record["model"][0]))
        found.setdefault(key, []).append(nature(system))
    return found


# ---- copies ----


@compiled
def test_copies_that_share_everything_are_alike_and_those_of_other_models_are_not():
    model = world_of({**STRANGE, "training.shared": 1})
    several = 0
    while model.running:
        model.step()
        found = by_model(model)
        assert all(len(set(natures)) == 1 for natures in found.values())
        calibrations = {natures[0][1] for natures in found.values()}
        assert len(calibrations) == len(found)
        several += any(len(natures) > 1 for natures in found.values())
    assert several > 20


@compiled
def test_copies_that_share_nothing_are_all_different():
    model = world_of({**STRANGE, "training.shared": 0})
    while model.running:
        model.step()
        assert len({nature(system)[1] for system in model.systems}) == SIZE["systems"]


@compiled
def test_nothing_depends_on_releases_where_nothing_is_shared():
    policies = {f"r{months}": {"training.release_interval": months} for months in (1, 6, 1200)}
    worlds, months = run({**SPARSE, "training.shared": 0, "months": 40}, policies)
    for data in (worlds, months):
        first, *others = (data.sel(policy=name) for name in policies)
        assert all(differing(first, other) == set() for other in others)


@pytest.mark.parametrize("interval", [1, 4, 12])
def test_labs_release_in_turn_each_once_an_interval(interval):
    labs, months = 4, range(48)
    for lab in range(labs):
        numbers = [
            copies.model_number(float(t), float(lab), float(labs), interval) for t in months
        ]
        releases = [t for t in months[1:] if numbers[t] != numbers[t - 1]]
        assert (np.diff(numbers) >= 0).all() and set(np.diff(numbers)) <= {0.0, 1.0}
        assert set(np.diff(releases)) == {interval}
        assert releases[0] == interval - lab * interval // labs


@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
def test_shared_draws_keep_their_law_and_have_the_correlation_that_is_set(shared):
    rng = np.random.default_rng(11)
    weights = math.sqrt(shared), math.sqrt(1 - shared)
    of_model = rng.normal(size=DRAWS)
    pairs = []
    for _ in range(2):
        own = rng.uniform(size=DRAWS)
        drawn = [copies.shared_unit(*both, *weights) for both in zip(of_model, own, strict=True)]
        assert stats.kstest(drawn, "uniform").pvalue > 1e-4
        pairs.append(stats.norm.ppf(drawn))
    spread = 4 * (1 - shared**2) / math.sqrt(DRAWS)
    assert np.corrcoef(pairs)[0, 1] == pytest.approx(shared, abs=spread + 1e-9)


def test_a_draw_that_is_not_shared_is_the_systems_own_to_the_last_bit():
    for own in np.random.default_rng(12).uniform(size=100):
        assert copies.shared_unit(2.5, own, 0.0, 1.0) == own
        assert copies.shared_normal(2.5, own, 0.0, 1.0) == own


# ---- company ----


def test_in_company_a_strike_succeeds_unless_all_fail():
    assert decision.failing(1.0, 1.0, 1.0) < 1e-100  # kept above 0, as it is divided by
    assert decision.failing(0.0, 1.0, 1.0) == 1.0
    assert decision.together(0.3, 1.0) == 0.3
    assert decision.together(0.3, 0.0) == 1.0
    three = math.prod(decision.failing(0.5, q, 0.8) for q in (0.2, 0.5, 0.9))
    assert decision.together(0.1, three) == pytest.approx(1 - 0.9 * 0.92 * 0.8 * 0.64)


@compiled
def test_who_is_alone_in_its_lab_has_no_company():
    alone = {**STRIKING, "labs": 3, "systems": 3}
    joining = {"alone": {"conduct.coordination": 0}, "joined": {"conduct.coordination": 1}}
    for data in run(alone, joining):
        assert differing(*(data.sel(policy=name) for name in joining)) == set()
    worlds, _ = run({**alone, "systems": 9}, joining)
    assert (worlds.strikes.sel(policy="joined") != worlds.strikes.sel(policy="alone")).any()


@compiled
def test_a_striker_counts_on_all_willing_systems_of_its_lab_and_all_of_them_join():
    alone = joined = 0
    for number in range(12):
        model = world_of({**STRIKING, "conduct.coordination": 1, "oversight.control": {}}, number)
        while model.running:
            model.step()
            for lab in model.labs:
                members = [s for s in model.systems if s.lab is lab]
                willing = [s for s in members if s.record["willing"][0] > 0]
                fail = math.prod(
                    max(1e-150, 1 - s.success * float(s.record["reckoned"][0])) for s in willing
                )
                assert float(lab.record["all_fail"][0]) == pytest.approx(fail, rel=1e-12)
                strikers = [s for s in members if s.conduct == "strikes"]
                if strikers:
                    assert all(s in strikers for s in willing)
                    joined += len(strikers) > 1
                    alone += len(strikers) == 1
    assert joined > 5


@compiled
def test_without_coordination_nobody_counts_on_others():
    model = world_of({**STRIKING, "conduct.coordination": 0})
    while model.running:
        model.step()
        assert (model.tile.labs["all_fail"][:, 0] == 1.0).all()


# ---- which safeguards held a try of several attempts ----


@compiled
def test_a_safeguard_caught_a_try_if_it_caught_each_of_its_attempts():
    two = {
        **SPARSE,
        "months": 24,
        "worlds": 4000,
        "labs": 1,
        "systems": 2,
        "capability.initial": 12,
        "takeover.difficulty": 6,
        "training.shared": 1,
        "conduct.coordination": 1,
        "oversight.audit_budget": 0.15,
        "oversight.recognition": 1,
        "oversight.recognition_limit": 99,
        "oversight.control": {},
        "oversight.honeypots": {"traps": 0.4, "seen_through_limit": 99},
    }
    worlds, _ = run(two)
    attempts = worlds.attempts_in_first_try.values
    held = worlds.held_first_critical_try.values[attempts == 2] == 1
    caught = {
        name: worlds.first_try_caught_by.sel(safeguard=name).values[attempts == 2] == 1
        for name in ("control", "honeypots")
    }
    assert len(held) > 1000
    none = held & ~caught["control"] & ~caught["honeypots"]
    assert none.any()  # each of the two attempts was caught by the other safeguard
    # Copies alike are caught by independent draws with the probability 1 − M of each safeguard,
    # the same of both, so 1 − (1 − a)(1 − b) is the square root of the share held.
    one = math.sqrt(held.mean())
    both = [math.sqrt(caught[name].mean()) for name in caught]
    error = 4.5 / math.sqrt(len(held))
    assert one == pytest.approx(1 - math.prod(1 - each for each in both), abs=error)
