"""The yardsticks in C simulate the same worlds as the kernel, so their speeds compare."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scenarios_of_tests import ALL_ON, busy

from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.record import CHANCES
from regimesim.model.world.records import COUNTS, EXPECTED, REALS, names

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


WORKS = [
    pytest.param(scenario, number, id=policy)
    for scenario in (busy(), busy(**FURTHER))
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


@pytest.mark.parametrize("scenario, policy", WORKS)
def test_naive_c_gives_the_same_worlds(built, scenario, policy):
    work = c_reference.make_work(scenario, policy)
    theirs, ours = built["naive"].run(work), c_reference.run_in_kernel(work)
    for name in WHOLE:
        assert np.array_equal(ours.outcomes[name], theirs.outcomes[name]), name
    for name in names(REALS):
        np.testing.assert_allclose(theirs.outcomes[name], ours.outcomes[name], 1e-7, 1e-9)


def test_every_event_happens_in_these_scenarios():
    counted = {}
    for parameter in WORKS:
        outcomes = c_reference.run_in_kernel(c_reference.make_work(*parameter.values)).outcomes
        for name in names(COUNTS):
            counted[name] = counted.get(name, 0) + np.maximum(outcomes[name], 0).sum()
    assert {name for name, count in counted.items() if count == 0} == set()


def test_worlds_do_not_depend_on_how_they_are_cut(built):
    work = c_reference.make_work(busy())
    whole = built["month"].run(work)
    parts = [built["month"].run(work, *cut) for cut in ((0, 7), (7, None))]
    assert np.concatenate([part.outcomes for part in parts]).tobytes() == whole.outcomes.tobytes()
    assert np.array_equal(sum(part.monthly for part in parts), whole.monthly)
