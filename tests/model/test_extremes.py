"""What must hold at the ends of every range: no number that is none, orders, invariance."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from any_scenario import any_scenario
from scenarios_of_tests import busy
from small import ALL_RECOGNISED, SIZE, nested, run
from twin import Twin
from twin_pairs import Pairs
from what_must_hold import check

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.month import PROCEED, simulate

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

SCENARIOS = 8
ALL = {f"oversight.{name}": {} for name in ("control", "cot_monitor", "interpretability")}


def test_every_world_of_every_scenario_keeps_what_must_hold():
    lived = 0
    for number in range(SCENARIOS):
        scenario = any_scenario(Random(f"held.{number}"), months=20, systems=8, worlds=16)
        try:
            lived += check(scenario)
        except AssertionError as error:
            told = {item.key: str(item.value) for item in scenario.differences()}
            raise AssertionError(f"{error}\n{told}") from None
    assert lived > 30 * SCENARIOS


# ---- more of it never makes a safeguard weaker ----

RISING = {
    "oversight.audit_budget": (0, 1e-6, 0.01, 0.2, 0.9, 1),
    "oversight.trajectories": (1, 2, 50, 1e4),
    "oversight.control.auroc": (0.5, 0.7, 0.99, 0.9999),
    "oversight.control.trusted_cap": (-10, 3, 8, 100),
    "oversight.cot_monitor.strength": (0, 1, 5, 20),
    "oversight.interpretability.strength": (0, 1, 5, 20),
}
FALLING = {
    "oversight.common_cause": (0, 0.01, 0.3, 0.99, 1),
    "oversight.control.monitor_lag": (0, 1, 10, 60),
}


def missed(key, value, curve):
    """M of every system in the first month, in 16 worlds."""
    given = {"oversight.audit_budget": 0.05, key: value, "months": 1}
    for name in ALL:
        given[f"{name}.curve"] = curve
    pairs = Pairs(rs.parse(nested({**SIZE, **given})), worlds=16)
    simulate(pairs.tile, pairs.stack, pairs.batch, PROCEED, 1)
    return pairs.tile.systems["miss"][:, :16].copy()  # a tile may have more columns


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
@pytest.mark.parametrize("key", [*RISING, *FALLING])
def test_a_better_safeguard_never_misses_more(key, curve):
    values = RISING.get(key) or FALLING[key][::-1]
    rows = [missed(key, value, curve) for value in values]
    for less, more in pairwise(rows):
        assert (more <= less * (1 + 1e-12)).all()
    assert (rows[-1] < rows[0]).any()


def test_a_larger_budget_holds_the_same_attempt_and_more():
    """Story incidents of the first month are the same under every budget, and so is their luck:
    what a smaller budget catches, a larger one catches too."""
    same = {
        **ALL,
        **ALL_RECOGNISED,
        "months": 1,
        "worlds": 400,
        "conduct.story_rate": 2,
        "conduct.story_handicap": 0,
        "takeover.difficulty": 3,
        "cognition.awareness_midpoint": 100,
    }
    budgets = (0, 1e-4, 1e-3, 0.01, 0.1, 0.5, 1)
    policies = {f"p{k}": {"oversight.audit_budget": b} for k, b in enumerate(budgets)}
    worlds, _ = run(same, policies)
    tries, held = worlds.critical_tries.values, worlds.critical_tries_held.values
    assert (tries == tries[0]).all() and tries.sum() > 1000
    assert (np.diff(held, axis=0) >= 0).all()
    assert held[0].sum() == 0 and (held[-1] == tries[-1]).all()
    rate = worlds.true_catch_rate.values
    assert (np.diff(rate, axis=0)[:, tries[0] > 0] >= 0).all()


# ---- the numbers of labs carry no meaning ----


class Relabelled(Twin):
    """A twin whose labs have exchanged their numbers, and with them the luck of each lab and
    of each of its systems: lab l is what lab `places[l]` was."""

    places = (2, 0, 1)

    def word(self, purpose, entity, word, month_key=None):
        of_labs, of_systems, of_four_systems = {3, 4, 16, 17}, {5, 6, 7, 10, 11, 18}, {8}
        if purpose in of_labs:
            entity = self.places[entity]
        elif purpose in of_systems:
            entity = self._exchanged(entity)
        elif purpose in of_four_systems:
            entity, word = divmod(self._exchanged(4 * entity + word), 4)
        return super().word(purpose, entity, word, month_key)

    def _exchanged(self, system):
        labs = len(self.places)
        return system - system % labs + self.places[system % labs]


def test_labs_may_exchange_their_numbers():
    """Exact: under keys exchanged with the labs, the same world with its labs exchanged.  Only
    which of several tries of a month is the first is a matter of numbers, and when a lab releases
    its models: labs do so in turn, so here all do every month."""
    scenario = busy(labs=3, systems=9, months=50).override({"training.release_interval": 1})
    compared = 0
    for policy in ("all", "untrusted"):
        pairs = Pairs(scenario, policy, worlds=3)
        for twin in pairs.twins:
            sizes = (3, 9, 50, scenario.seed, twin.number, twin.normal_of)
            other = Relabelled(twin.parameters, twin.active, *sizes)
            while not twin.lost and twin.month < 50:
                twin.step()
                other.step()
                if twin.close or other.close:
                    break
                _assert_exchanged(twin, other)
                compared += 1
    assert compared > 150


def _assert_exchanged(twin, other):
    for lab, place in enumerate(Relabelled.places):
        ours, theirs = twin.labs[place], other.labs[lab]
        assert theirs.frontier == pytest.approx(ours.frontier, rel=1e-9)
        assert (theirs.paradigm, theirs.dropped) == (ours.paradigm, ours.dropped)
    for name in ("strikes", "story_incidents", "feints", "warning_shots", "critical_tries"):
        assert getattr(twin, name) == getattr(other, name), name
    assert twin.crossings == other.crossings and twin.lost == other.lost
    assert {**twin.record} == pytest.approx({**other.record}, rel=1e-7, abs=1e-9)
