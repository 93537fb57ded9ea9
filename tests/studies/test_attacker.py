"""The attacker: what it may choose under a policy, that each choice matters, and refusals."""

import numpy as np
import pytest

import regimesim as rs
from regimesim.errors import Refusal
from regimesim.scenario.parameters import declared_by_key
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.attacker import (
    EVADED,
    EVENLY,
    NOBODY,
    OF_ATTEMPTS,
    OVERSEERS,
    OWN,
    TARGET,
    attacker_space,
    overseers,
    why,
)

# Every choice acts: all safeguards, evaluations, a budget that moves, schemers near a takeover.
ALL_ACT = {
    "worlds": 96,
    "months": 120,
    "systems": 12,
    "seed": 5,
    "takeover": {"difficulty": 10},
    "feedback": {"density_per_doubling": 0},
    "paradigm": {"hold": 2},
    "training": {"scheming": {"prior": 1}},
    "oversight": {
        "audit_budget": 0.03,
        "control": {"monitor": "untrusted", "monitor_collusion": 0.2},
        "cot_monitor": {},
        "interpretability": {},
        "honeypots": {},
        "evaluations": {"response": "pause"},
        "adaptive": {"risk_tolerance": 1e-4, "audit_max": 0.6, "adaptation": 1},
    },
}


@pytest.fixture(scope="module")
def everything():
    return rs.parse(ALL_ACT)


def space_of(scenario, over=()):
    return attacker_space(scenario, scenario.policies, over)


def outcomes(scenario, settings):
    changed = scenario.override(settings) if settings else scenario
    worlds = rs.run(changed, threads=2).worlds
    return np.concatenate(
        [worlds.crossing.values.ravel(), worlds.expected_takeover.values.ravel()]
    )


def test_every_choice_of_the_attacker_acts_where_all_can(everything):
    space = space_of(everything)
    assert [one.key for one in space.varied] == list(OWN)
    assert not space.left_out
    assert space.targets == (NOBODY, *EVADED, EVENLY)
    assert space.names == (*OWN, TARGET)


@pytest.mark.parametrize("key", OWN)
def test_each_parameter_of_the_attacker_matters(everything, key):
    low, high = plausible(key)[:2]
    assert not np.array_equal(
        outcomes(everything, {key: low}), outcomes(everything, {key: high}), equal_nan=True
    )


@pytest.mark.parametrize("target", [*EVADED, EVENLY])
def test_each_target_matters(everything, target):
    tables = everything.policies["scenario"]
    settings = space_of(everything).settings(tables, {TARGET: target})
    own, there = outcomes(everything, {}), outcomes(everything, settings)
    assert not np.array_equal(own, there, equal_nan=True)


def test_one_effort_is_divided_evenly_or_goes_to_one_safeguard(everything):
    space, tables = space_of(everything), everything.policies["scenario"]
    assert space.evaded(tables, NOBODY) == {}
    assert space.evaded(tables, "cot_monitor") == {"oversight.cot_monitor.evasion": 0.3}
    assert space.evaded(tables, "honeypots") == {"oversight.honeypots.seen_through_limit": 4}
    assert space.evaded(tables, EVENLY) == pytest.approx(
        {
            "oversight.control.monitor_collusion": 0.2 + 0.8 / 4,
            "oversight.cot_monitor.evasion": 0.05 + 0.25 / 4,
            "oversight.interpretability.evasion": 0.05 + 0.25 / 4,
            "oversight.honeypots.seen_through_limit": 10 - 6 / 4,
        }
    )


def test_choices_that_would_change_nothing_are_left_out_with_a_reason():
    scenario = rs.parse({"oversight": {"control": {}}})
    space = space_of(scenario)
    assert set(space.left_out) == {"cognition.sandbagging", "cognition.audit_sight", TARGET}
    assert "an audit budget that never changes" in space.left_out["cognition.audit_sight"]
    assert not space.targets and TARGET not in space.names


def test_an_event_that_sets_the_budget_lets_the_attacker_watch_it():
    event = {"when": "strikes_seen", "at_least": 1, "set": {"audit_budget": 0.3}}
    scenario = rs.parse({"oversight": {"control": {}}, "events": [event]})
    assert "cognition.audit_sight" not in space_of(scenario).left_out


def test_over_names_choices_and_narrows_them(everything):
    one = space_of(everything, ["conduct.coordination=0:0.5"])
    assert [tuple(v)[:3] for v in one.varied] == [("conduct.coordination", 0, 0.5)]
    assert not one.targets
    every = space_of(everything, ["all", "conduct.coordination=0:0.5"])
    assert every.names == (*OWN, TARGET)
    assert {v.key: v.high for v in every.varied}["conduct.coordination"] == 0.5
    assert space_of(everything, ["target"]).names == (TARGET,)


def test_a_parameter_of_evasion_by_its_name_is_no_target(everything):
    space = space_of(everything, ["all", "oversight.cot_monitor.evasion=0:0.1"])
    assert "cot_monitor" not in space.targets and "honeypots" in space.targets
    assert space.varied[-1].key == "oversight.cot_monitor.evasion"
    assert "effort" in why("oversight.cot_monitor.evasion")


def test_what_is_neither_sides_choice_may_be_added(everything):
    space = space_of(everything, ["conduct.story_rate"])
    assert space.names == ("conduct.story_rate",) and why("conduct.story_rate").startswith("named")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ("oversight.audit_budget", "belongs to the overseer; the nearest of the attacker's own"),
        ("feedback.density=0:1", "belongs to the overseer"),
        ("paradigm.hold=1:2", "belongs to the overseer"),
        ("outside.drop", "belongs to the overseer"),
        ("conduct.coordinatio", "the nearest is 'conduct.coordination'"),
        ("conduct.coordination=0:2", "allowed is 0 to 1"),
        ("conduct.coordination=1:0", "the wrong way round"),
        ("target=0:1", "takes no range"),
        ("worlds=1:2", "setting of the run"),
        ("=", "KEY, KEY=LOW:HIGH, target or all"),
    ],
)
def test_what_the_attacker_cannot_choose_is_refused_with_a_sentence(everything, over, sentence):
    with pytest.raises(Refusal) as refused:
        space_of(everything, [over])
    (line,) = refused.value.lines
    assert line.startswith("--over: ") and sentence in line


def test_a_choice_that_would_change_nothing_is_refused_by_its_name():
    scenario = rs.parse({"oversight": {"control": {}}})
    for over in ("cognition.sandbagging", "target", "oversight.cot_monitor.evasion"):
        with pytest.raises(Refusal, match=f"--over: {over}: "):
            space_of(scenario, [over])


def test_no_parameter_belongs_to_both_sides():
    for key in declared_by_key():
        is_own = key in OWN or key in OF_ATTEMPTS
        assert not (is_own and overseers(key)), key
        assert is_own or key.startswith(OVERSEERS) == bool(overseers(key))


def test_an_attacker_is_laid_over_the_parameters_of_a_policy_and_nothing_else(everything):
    space, tables = space_of(everything), everything.policies["scenario"]
    choices = {"conduct.coordination": 1, TARGET: "honeypots"}
    settings = {"conduct.coordination": 1, "oversight.honeypots.seen_through_limit": 4}
    wanted = everything.override(settings).policies["scenario"]
    assert space.attacked(tables, choices) == wanted != tables


def test_evasion_of_a_safeguard_that_a_policy_does_not_have_means_nothing(everything):
    space = space_of(everything)
    bare = rs.parse({"oversight": {"control": {}}}).policies["scenario"]
    choices = {TARGET: "cot_monitor", "conduct.coordination": 1}
    assert space.settings(bare, choices) == {"conduct.coordination": 1}
    assert space.attacked(bare, {TARGET: EVENLY}) == bare


def test_the_space_of_several_policies_has_what_acts_under_any_of_them(everything):
    bare = rs.parse({"oversight": {"control": {}}}).policies["scenario"]
    both = attacker_space(everything, {"bare": bare, **everything.policies})
    assert both.names == space_of(everything).names
    with pytest.raises(Refusal, match=r"under any of the policies; 'a' has no oversight"):
        attacker_space(everything, {"a": bare, "b": bare}, ["oversight.cot_monitor.evasion"])
