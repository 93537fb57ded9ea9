"""The yardsticks in C simulate the same worlds as the kernel, so their speeds compare."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scenarios_of_tests import ALL_ON, busy

from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.record import CHANCES
from regimesim.model.world.records import COUNTS, EXPECTED, REALS, SAFEGUARDS, THRESHOLDS, names

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import c_reference

pytestmark = [
    pytest.mark.skipif(c_reference.COMPILER is None, reason="there is no C compiler `cc`"),
    pytest.mark.skipif(INTERPRETED, reason="the yardsticks are for tiles of many columns"),
]

WHOLE = (*names(COUNTS), "crossing", "caught_by")
# What `busy` leaves out: taxes that labs shed, a trigger, dear flags, much collusion.
FURTHER = {
    "training": {"trigger_share": 0.5, "trigger_month": 20, "bad_data": 0.01},
    "paradigm": {"ladder_rate": 0.1},
    "policies": {
        "taxed": {
            "takeover": {"collusion": 1},
            "oversight": {
                **ALL_ON,
                "drop_rate": 20,
                "tax": 0.05,
                "control": {"tax": 0.2},
                "cot_monitor": {
                    "curve": "elo",
                    "guard": [0, 90, 500, 2e3],
                    "evader": [0, 100, 400, 2e3],
                },
                "correction": {"flagged_by_cot": 0.6},
            },
        },
        "certain": {"oversight": {"audit_budget": 1, "common_cause": 1, "control": {}}},
        "blind": {"oversight": {"audit_budget": 0, "common_cause": 0, "interpretability": {}}},
    },
}
# All three monitors of different curves, which labs drop, and which systems evade.
MONITORS = {
    "audit_budget": 0.06,
    "drop_rate": 10,
    "recognition": {"uniform": [0.7, 1]},
    "recognition_limit": 7,
    "control": {"tax": 0.1, "curve": "logistic", "slope": {"uniform": [0.5, 1.5]}},
    "cot_monitor": {"share": 0.5, "slope": 0.6, "evasion": 0.1, "evasion_onset": 6},
    "interpretability": {"tax": 0.02, "evasion": 0.2, "evasion_onset": 5},
    "honeypots": {"tax": 0.05, "traps": 0.4, "seen_through_limit": 8},
}
EVENTS = (
    {"when": "strikes_seen", "at_least": 1, "months": 6, "set": {"frozen": 1}, "withdraw": "lab"},
    {"when": "strikes_seen", "at_least": 2, "set": {"audit_budget": 0.2}, "withdraw": "model"},
    {"when": "story_incidents", "at_least": 3, "withdraw": "all"},
    {"when": "alarm", "at_least": 1, "months": 4, "set": {"growth": 0.5, "contact": 0.7}},
    {"when": "highest_report", "at_least": 12, "set": {"density_floor": 0.6}},
    {"when": "danger_belief", "at_least": 0.5, "months": 3, "set": {"pause": 0.9}},
    {"when": "believed_catch_rate", "at_most": 0.5, "months": 1, "set": {"audit_budget": 0.1}},
    {"on": "2029-01", "months": 24, "set": {"hold": 2}},
)
WATCHED = {"control": {}, "honeypots": {}, "evaluations": {}}
# What `busy` leaves out as well: models, company, events, and labs that differ.
TOGETHER = {
    "capability": {"initial": {"normal": [4, 1]}, "doubling_time": 5, "ceiling": 14},
    "feedback": {"density_per_doubling": -0.04},
    "training": {"shared": {"uniform": [0.2, 1]}, "release_interval": 5, "bad_data": 0.02},
    "takeover": {"collusion": 0.3, "difficulty": {"triangular": [9, 12, 16]}},
    "conduct": {"feint_rate": 0.02, "story_rate": 0.05, "coordination": {"uniform": [0, 1]}},
    "paradigm": {"ladder_rate": 0, "ladder_per_doubling": 0.3},
    "policies": {
        "evaded": {"oversight": MONITORS},
        "answered": {"events": EVENTS, "oversight": WATCHED},
        "led": {
            "adopters": 1,
            "feedback": {"density": 0.95, "density_per_doubling": 0},
            "paradigm": {"hold": 2},
            "oversight": {**MONITORS, "evaluations": {"response": "pause"}},
        },
        "lagging": {
            "adopters": 2,
            "adopters_are": "lagging",
            "events": EVENTS,
            "oversight": {**WATCHED, "tax": 0.1, "beliefs": {"alarm_evidence": 0.5}, "pause": {}},
        },
        "hidden": {
            "adopters": 2,
            "adopters_are": "any",
            "training": {"shared": 0},
            "conduct": {"coordination": 1},
            "cognition": {"audit_sight": 0.5},
            "oversight": {"control": {}, "cot_monitor": {}, "adaptive": {}},
        },
    },
}


WORKS = [
    pytest.param(scenario, number, id=policy)
    for scenario in (busy(), busy(**FURTHER), busy(**TOGETHER))
    for number, policy in enumerate(scenario.policies)
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both programs in C, by name."""
    folder = tmp_path_factory.mktemp("c")
    return {name: c_reference.Reference(name, folder) for name in ("month", "naive")}


@pytest.mark.parametrize("scenario, policy", WORKS)
def test_c_written_for_speed_gives_the_same_bits(built, scenario, policy):
    work = c_reference.make_work(scenario, policy)
    theirs, ours = built["month"].run(work), c_reference.run_in_kernel(work)
    assert ours.outcomes["story_incidents"].sum() > 0  # something happens at all
    for name in set(ours.outcomes.dtype.names) - set(names(EXPECTED)):  # C has no expectations
        assert ours.outcomes[name].tobytes() == theirs.outcomes[name].tobytes(), name
    assert np.array_equal(ours.monthly[:, :CHANCES], theirs.monthly[:, :CHANCES])


@pytest.mark.skipif(c_reference.CLANG is None, reason="clang is not installed")
@pytest.mark.parametrize("bits", c_reference.BITS)
def test_clang_gives_the_same_bits(tmp_path, bits):
    flags = c_reference.wide(bits)
    program = c_reference.Reference("month", tmp_path, flags, c_reference.CLANG)
    for parameter in WORKS:
        work = c_reference.make_work(*parameter.values)
        theirs, ours = program.run(work), c_reference.run_in_kernel(work)
        assert np.array_equal(ours.outcomes["crossing"], theirs.outcomes["crossing"])
        assert np.array_equal(ours.monthly[:, :CHANCES], theirs.monthly[:, :CHANCES])


@pytest.mark.parametrize(
    "installed, found",
    [
        ({"clang", "clang-16", "clang-9"}, "clang-16"),
        ({"clang"}, "clang"),
        ({"cc"}, None),
    ],
)
def test_the_newest_clang_is_taken(monkeypatch, installed, found):
    monkeypatch.setattr(c_reference.shutil, "which", lambda name: name in installed or None)
    assert c_reference.find_clang() == found


@pytest.mark.parametrize("scenario, policy", WORKS)
def test_naive_c_gives_the_same_worlds(built, scenario, policy):
    work = c_reference.make_work(scenario, policy)
    theirs, ours = built["naive"].run(work), c_reference.run_in_kernel(work)
    for name in WHOLE:
        assert np.array_equal(ours.outcomes[name], theirs.outcomes[name]), name
    for name in names(REALS):
        np.testing.assert_allclose(theirs.outcomes[name], ours.outcomes[name], 1e-7, 1e-9)


def test_every_event_happens_in_these_scenarios():
    counted = dict.fromkeys((*names(COUNTS), *SAFEGUARDS, *names(THRESHOLDS)), 0)
    for parameter in WORKS:
        outcomes = c_reference.run_in_kernel(c_reference.make_work(*parameter.values)).outcomes
        for name in names(COUNTS):
            counted[name] += np.maximum(outcomes[name], 0).sum()
        for place, name in enumerate(SAFEGUARDS):
            counted[name] += (outcomes["caught_by"][:, place] == 1).sum()
        for place, name in enumerate(names(THRESHOLDS)):
            counted[name] += (outcomes["crossing"][:, place] >= 0).sum()
    assert {name for name, count in counted.items() if count == 0} == set()


@pytest.mark.parametrize("scenario, policy", [(busy(), 0), (busy(**TOGETHER), 1)])
def test_worlds_do_not_depend_on_how_they_are_cut(built, scenario, policy):
    work = c_reference.make_work(scenario, policy)
    whole = built["month"].run(work)
    parts = [built["month"].run(work, *cut) for cut in ((0, 7), (7, None))]
    assert np.concatenate([part.outcomes for part in parts]).tobytes() == whole.outcomes.tobytes()
    assert np.array_equal(sum(part.monthly for part in parts), whole.monthly)
