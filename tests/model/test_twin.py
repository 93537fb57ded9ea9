"""The compiled month against its slow twin in plain Python, world by world, each on its own
from the founding to the end, with normal draws of the twin's own."""

import json
import math
from copy import deepcopy
from random import Random

import numpy as np
import pytest
from any_scenario import START, any_responses
from scenarios_of_tests import busy, responding
from twin import Twin
from twin_governance import govern
from twin_pairs import COUNTS, LAB, RATES, REALS, SYSTEM, WORLD, numbers_of

import regimesim as rs
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.expectation import CONTINUATION_RATE
from regimesim.scenario.declaration import Quantity
from regimesim.scenario.parameters import SWITCHED, active, declarations

MONTHS = 80
SAME = {"rtol": 2e-6, "atol": 2e-6}  # normal draws are exact to 7e-11; a month's steps add up


def make_pair(scenario, policy, world, carry=0.0):
    """The same world twice: as Mesa's compiled model, and as the twin."""
    model = rs.RegimeModel(scenario, policy, world)
    on = {name for name, is_on in active(model.tables).items() if is_on}
    sizes = (scenario.labs, scenario.systems, scenario.months, scenario.seed, world)
    numbers = numbers_of(model.tile.parameters[0], 0, model.tables, scenario.start)
    return model, Twin(numbers, on, *sizes, carry=carry)


def agree(model, twin, what):
    """Assert that all state of the two is the same."""

    def equal(ours, theirs, name):
        message = f"{what}, month {model.month}: {name}"
        np.testing.assert_allclose(ours, theirs, err_msg=message, **SAME)

    for record, items, fields in (
        (model.tile.systems, twin.systems, SYSTEM),
        (model.tile.labs, twin.labs, LAB),
    ):
        for name in fields:
            equal(record[name][:, 0], [float(getattr(item, name)) for item in items], name)
    world = model.tile.worlds[0]
    for name in COUNTS + REALS:
        equal(world[name][0], getattr(twin, name), name)
    assert {k: -1 if v is None else v for k, v in model.crossings.items()} == twin.crossings, what
    for name in WORLD:
        equal(world[name][0], getattr(twin, name), name)
    if twin.held is not None:
        assert bool(world["held_first_critical_try"][0]) == twin.held, what
        assert bool(world["first_try_was_story"][0]) == twin.first_try_was_story, what
        assert tuple(map(bool, world["caught_by"][:, 0])) == tuple(twin.caught_by), what
        assert world["attempts_in_first_try"][0] == twin.attempts_in_first_try, what
        for name in RATES:
            equal(world[name][0], getattr(twin, name), name)
    assert model.lost == twin.lost, what


def live_together(scenario, policy, world):
    """Step both to the end; returns how many critical tries there were."""
    model, twin = make_pair(scenario, policy, world)
    governed = deepcopy(twin)
    govern(governed)  # the levers of month 0 are set, and its events have come
    agree(model, governed, f"{policy}, world {world}, founding")
    while model.running:
        model.step()
        twin.step()
        agree(model, twin, f"{policy}, world {world}")
        told = np.mean([twin.feigned(system) for system in twin.systems])
        assert model.measured("capability_reported") == pytest.approx(told, abs=1e-8)
    return twin


@pytest.mark.parametrize("policy", ["none", "control", "all", "untrusted"])
def test_the_compiled_world_is_that_of_the_twin(policy):
    scenario = busy(months=MONTHS)
    lived = [live_together(scenario, policy, world) for world in range(8)]
    assert any(twin.critical_tries for twin in lived)
    assert any(twin.story_incidents for twin in lived)
    assert policy == "none" or any(twin.feints for twin in lived)


@pytest.mark.parametrize("policy", ["responding", "leading", "lagging", "probed"])
def test_worlds_with_events_copies_and_adopters_are_those_of_the_twin(policy):
    scenario = responding(months=30 if INTERPRETED else MONTHS)
    lived = [live_together(scenario, policy, world) for world in range(2 if INTERPRETED else 12)]
    if INTERPRETED:
        return
    assert any(twin.critical_tries for twin in lived)
    if policy != "probed":
        assert any(twin.withdrawals and twin.growth_lost > 0.05 for twin in lived)
    if policy != "responding":
        assert any((twin.attempts_in_first_try or 0) > 1 for twin in lived)
        assert all({lab.adopts for lab in twin.labs} == {True, False} for twin in lived)


def drawn_value(declared, rng):
    """A value of a quantity somewhere in its declared range (finite and not extreme)."""
    quantity = declared.quantity
    low, high = max(quantity.low, -20.0), min(quantity.high, 60.0)
    center = declared.default if isinstance(declared.default, float | int) else None
    if center is None or center == 0.0:
        value = rng.uniform(low, min(high, 1.0 if low >= 0.0 else high))
    else:
        value = center * math.exp(rng.normal(0.0, 0.5)) + rng.normal(0.0, 0.05)
    inside = 1e-3 * (quantity.high - quantity.low)  # some ranges are open
    value = min(max(value, quantity.low + inside), quantity.high - inside)
    value = min(value, 0.2) if declared.name == "tax" else value
    return round(value) if quantity.whole else float(value)


def random_scenario(number):
    """A scenario with a third of all parameters changed and safeguards switched at random."""
    rng = np.random.default_rng(number)
    changes, on = {}, {name for name in SWITCHED if rng.random() < 0.5}
    for name in SWITCHED:
        changes[f"oversight.{name}"] = name in on
    for declared in declarations():
        key, quantity = declared.key, declared.quantity
        table = declared.table.rpartition(".")[2]
        off = table in SWITCHED and table not in on
        if not declared.table or off or rng.random() < 0.67:
            continue
        if isinstance(quantity, Quantity) and not quantity.parts:
            changes[key] = drawn_value(declared, rng)
        elif declared.kind == "choice" and not key.endswith("curve"):
            changes[key] = str(rng.choice(quantity.options))
        elif declared.kind == "choice":
            changes[key] = str(rng.choice(["binormal", "logistic", "elo"]))
            if changes[key] == "elo":
                for side in ("guard", "evader"):
                    line = [300.0, rng.uniform(20, 200), rng.uniform(0, 900), 3000.0]
                    changes[f"{declared.table}.{side}"] = line
    changes["takeover.difficulty"] = float(rng.uniform(5, 12))
    changes["oversight.adaptive.audit_min"] = 0.001
    changes["oversight.adaptive.audit_max"] = 0.5
    if "adaptive" not in on:
        del changes["oversight.adaptive.audit_min"], changes["oversight.adaptive.audit_max"]
    changes["training.intended.prior"] = 1.0
    raw = {"months": 50, "labs": int(rng.integers(1, 5)), "systems": int(rng.integers(1, 9))}
    for key, value in changes.items():
        place = raw
        *tables, name = key.split(".")
        for table in tables:
            inner = place.get(table)
            place[table] = inner if isinstance(inner, dict) else {}
            place = place[table]
        place.setdefault(name, value) if isinstance(value, bool) else place.update({name: value})
    dice = Random(number)
    responses = any_responses(dice, raw, "evaluations" in on)
    return rs.parse({**raw, **responses, "start": START, "seed": number})


@pytest.mark.parametrize("number", range(6 if INTERPRETED else 60))
def test_random_scenarios_give_the_world_of_the_twin(number):
    scenario = random_scenario(number)
    try:
        live_together(scenario, "scenario", world=number)
    except AssertionError as error:
        told = json.dumps([(d.key, str(d.value)) for d in scenario.differences()])
        raise AssertionError(f"{error}\n{told}") from None


@pytest.mark.parametrize("carry", [0.0, CONTINUATION_RATE, 1e12])
@pytest.mark.parametrize("policy", ["none", "control", "all", "untrusted", "leading"])
def test_what_is_expected_of_worlds_is_what_the_twin_expects(policy, carry):
    months = 40 if INTERPRETED else MONTHS
    scenario = (responding if policy == "leading" else busy)(months=months)
    count = 2 if INTERPRETED else 8
    share, stop = Share(0, 0, count), np.zeros(1, np.int64)
    tables = scenario.policies[policy]
    outcomes, *_ = run_share(scenario, tables, None, share, stop, carry)
    lost = 0
    for world in range(count):
        _, twin = make_pair(scenario, policy, world, carry)
        while not twin.lost and twin.month < scenario.months:
            twin.step()
        for name, sum_ in twin.expectation.sums.items():
            message = f"world {world}: {name}"
            np.testing.assert_allclose(outcomes[world][name], sum_, err_msg=message, **SAME)
        lost += twin.crossings["takeover"] >= 0
    assert lost > 0 or INTERPRETED
