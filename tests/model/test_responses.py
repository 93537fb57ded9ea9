"""Adoption of a policy by some labs, and events: exact limits."""

import numpy as np
import pytest
from scenarios_of_tests import EVENTS, SEEN_THROUGH, busy
from small import SIZE, differing, nested, run, scenario

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.dates import months_later

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

START = scenario().start
FREEZE = {"set": {"frozen": 1}}
# Nothing but training afresh replaces a system, nobody attempts anything, and labs do not imitate.
QUIET = {
    "takeover.real_world_contact": 0,
    "conduct.story_rate": 0,
    "capability.lifetime": 1e6,
    "capability.diffusion": 0,
    "paradigm.race": 0,
}
# Strikes of which each that is not lost is seen.
STRIKING = {
    "feedback.density": 0,
    "feedback.constraint": 0,
    "conduct.story_rate": 0,
    "conduct.coordination": 0,
    "training.shared": 0,
    "capability.lifetime": 1e6,
    "oversight.beliefs.discovery": 1,
    "takeover.caught_value": 0.9,
    "takeover.difficulty": 8,
    "cognition.patience": 0,
    "months": 60,
}


def dated(month, **event):
    """An event that comes in one month."""
    return {"on": months_later(START, month), **event}


def world_of(given, number=0, **responses):
    """One world under dotted keys, adopters and events."""
    tables = nested({**SIZE, "months": 24, **given})
    return rs.RegimeModel(rs.parse({**tables, **responses}), world=number)


def months_of(model):
    """The month that was simulated, again after each."""
    while model.running:
        model.step()
        yield model.month - 1


def column(records, name):
    return records[name][:, 0].copy()


# ---- who adopts ----


@pytest.mark.parametrize("which", ["leading", "lagging", "any"])
def test_a_policy_that_every_lab_adopts_is_one_without_adopters(which):
    own = {"oversight": SEEN_THROUGH, "events": EVENTS}
    both = {"plain": own, "adopted": {**own, "adopters": 3, "adopters_are": which}}
    for data in rs.run(busy(policies=both)):
        plain, adopted = (data.sel(policy=name) for name in both)
        assert differing(plain, adopted) == set()


@pytest.mark.parametrize("number", range(6))
def test_the_first_labs_are_those_that_lead_or_lag_when_the_world_begins(number):
    for adopters in (1, 2, 3):
        for which, sign in (("leading", -1), ("lagging", 1)):
            model = world_of({"labs": 4}, number, adopters=adopters, adopters_are=which)
            places = np.argsort(sign * column(model.tile.labs, "frontier"))
            adopting = np.flatnonzero(column(model.tile.labs, "adopts"))
            assert sorted(places[:adopters]) == adopting.tolist()
        model = world_of({"labs": 4}, number, adopters=adopters, adopters_are="any")
        assert column(model.tile.labs, "adopts").tolist() == [1] * adopters + [0] * (4 - adopters)


def test_of_labs_that_are_alike_the_first_lead_and_the_last_lag():
    alike = {"capability.lab_spread": 0}
    for which, adopts in (("leading", [1, 0, 0]), ("lagging", [0, 0, 1])):
        model = world_of(alike, adopters=1, adopters_are=which)
        assert column(model.tile.labs, "adopts").tolist() == adopts


def test_a_freeze_of_some_labs_leaves_the_others_as_they_would_be():
    free = world_of(QUIET)
    frozen = world_of(QUIET, adopters=1, adopters_are="leading", events=[dated(0, **FREEZE)])
    adopts = column(frozen.tile.labs, "adopts") > 0
    founded = column(frozen.tile.labs, "frontier")
    for _ in zip(months_of(free), months_of(frozen), strict=True):
        ours, theirs = (column(model.tile.labs, "frontier") for model in (frozen, free))
        assert (ours[adopts] == founded[adopts]).all() and (ours != theirs)[adopts].all()
        assert (ours[~adopts] == theirs[~adopts]).all()


def test_safeguards_of_some_labs_do_not_watch_the_systems_of_others():
    watched = {"oversight.control": {}, "oversight.honeypots": {}, **QUIET}
    model = world_of(watched, adopters=1, adopters_are="any")
    for _ in months_of(model):
        for system in model.systems:
            assert (system.miss < 1) == (system.lab.number == 0)


def test_labs_outside_the_policy_have_the_densities_of_their_own():
    """With neither spread nor race the density is a straight line in time and growth."""
    lines = {True: (0.9, -0.001, 0.002, 0.85), False: (0.3, -0.004, -0.01, 0.25)}
    keys = ("density", "density_trend", "density_per_doubling", "density_floor")
    given = {"feedback.density_spread": 0, "feedback.density_race": 0, "months": 60}
    for table, adopts in (("feedback", True), ("outside", False)):
        given |= {f"{table}.{key}": value for key, value in zip(keys, lines[adopts], strict=True)}
    model = world_of({**QUIET, "capability.initial": 2.5, **given}, adopters=1)
    initial, floors = 2.5, 0
    for month in iter(lambda: model.month, 60):
        frontiers = column(model.tile.labs, "frontier")
        model.step()
        for lab, frontier in zip(model.labs, frontiers, strict=True):
            start, trend, growth, floor = lines[lab.record["adopts"][0] > 0]
            wanted = start + trend * month + growth * max(0, frontier - initial)
            assert lab.density == pytest.approx(min(max(wanted, floor), 1), rel=1e-12)
            floors += wanted < floor
    assert floors > 0


# ---- events ----


def test_a_freeze_for_good_leaves_everything_where_it_was_founded():
    model = world_of({**QUIET, "capability.lifetime": 2}, events=[dated(0, **FREEZE)])
    labs, systems = model.tile.labs, model.tile.systems
    first = [column(labs, name) for name in ("frontier", "paradigm")]
    first += [column(systems, name) for name in ("capability", "awareness", "trained")]
    for _ in months_of(model):
        now = [column(labs, name) for name in ("frontier", "paradigm")]
        now += [column(systems, name) for name in ("capability", "awareness", "trained")]
        assert all(np.array_equal(was, is_) for was, is_ in zip(first, now, strict=True))
    assert model.month == 24 and model.outcome["months_paused"] == pytest.approx(24)


def test_a_freeze_on_a_date_holds_from_that_month_for_as_long_as_it_says():
    model = world_of(QUIET, events=[dated(5, months=3, **FREEZE)])
    before = column(model.tile.labs, "frontier")
    for month in months_of(model):
        after = column(model.tile.labs, "frontier")
        moved = after != before
        assert not moved.any() if 5 <= month < 8 else moved.all()
        before = after


def test_an_event_changes_nothing_before_it_comes():
    """Months before the event are the same bit by bit; the first that differs is its own."""
    late = {"late": {"events": [dated(20, **FREEZE)]}, "none": {}}
    _, months = run({**QUIET, "months": 40}, late)
    moved = (months.frontier.sel(policy="late") != months.frontier.sel(policy="none")).values
    assert not moved[:20].any() and moved[20:].all()


def test_a_withdrawal_of_all_trains_every_system_afresh_that_month_alone():
    model = world_of(QUIET, events=[dated(7, withdraw="all")])
    for month in months_of(model):
        ages = {system.months_since_training for system in model.systems}
        assert ages == {month + 1 if month < 7 else month - 7}
    assert model.outcome["withdrawals"] == SIZE["systems"]


def test_a_withdrawal_concerns_the_labs_that_adopt_the_policy():
    model = world_of(QUIET, adopters=2, adopters_are="any", events=[dated(7, withdraw="all")])
    for month in months_of(model):
        if month == 7:
            fresh = {s.lab.number for s in model.systems if s.months_since_training == 0}
            assert fresh == {0, 1}
    assert model.outcome["withdrawals"] == 6


@pytest.mark.parametrize("whose", ["lab", "model"])
def test_a_strike_that_is_seen_withdraws_its_lab_or_its_model_and_no_more(whose):
    event = {"when": "strikes_seen", "at_least": 1, "withdraw": whose}
    spared = 0
    for number in range(18):
        model = world_of(STRIKING, number, events=[event])
        striking = set()
        while model.running:
            keys = {s.number: _key(s, whose) for s in model.systems}
            spent = {s.number for s in model.systems if s.record["spent"][0] > 0}
            model.step()
            fresh = {s.number for s in model.systems if s.months_since_training == 0}
            due = {number for number, key in keys.items() if key in striking}
            assert fresh == due | spent
            spared += len(keys) - len(fresh) if striking else 0
            striking = {_key(s, whose) for s in model.systems if s.record["seen"][0] > 0}
    assert spared > 20


def _key(system, whose):
    model = float(system.record["model"][0])
    return (system.lab.number, model) if whose == "model" else system.lab.number


def test_of_several_events_the_strictest_holds():
    """Each lever has one event that is strict about it, and one that is lax."""
    one = {"growth": 0.4, "contact": 0.9, "hold": 3, "pause": 0.2, "density_floor": 0.8}
    two = {"growth": 0.7, "contact": 0.3, "hold": 1, "pause": 0.6, "density_floor": 0.1}
    model = world_of({}, events=[dated(0, set=one), dated(0, set=two)])
    model.step()
    world = model.tile.worlds[0]
    for name, strictest in (("growth", min), ("contact", min), ("hold", min)):
        assert world[name][0] == strictest(one[name], two[name])
    for name in ("pause", "density_floor"):
        assert world[name][0] == max(one[name], two[name])
