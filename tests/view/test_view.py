"""What the live page shows and understands, without a browser."""

import json
import threading
import time

import numpy as np
import pytest
import small

import regimesim as rs
from regimesim.analysis.assumptions import source_in_words
from regimesim.ensemble.ensemble import run
from regimesim.scenario.parameters import declarations
from regimesim.scenario.plausible_ranges import plausible_parts
from regimesim.scenario.toml_writer import written
from regimesim.view import drawings, serving
from regimesim.view.choices import (
    BUILT_IN,
    Choices,
    Shelf,
    choose,
    file_text,
    link,
    read_link,
    read_value,
    shelf_of,
)
from regimesim.view.controls import FRONT, controls, middle, move, switches
from regimesim.view.flips import question_of, seek
from regimesim.view.flips_shown import flips_shown
from regimesim.view.odds import Asker, growing_odds, sizes_for
from regimesim.view.odds_drawn import strip, thresholds, tiles
from regimesim.view.watched import Watched
from regimesim.view.words import DOING, banner, doing, happened, system_text

SIZE = {"worlds": 64, "months": 150, "labs": 2, "systems": 6, "seed": 3}
DANGER = {"feedback": {"density": 0.3}, "takeover": {"difficulty": {"normal": [10, 1]}}}
POLICIES = {
    "none": {},
    "control": {"oversight": {"control": {"auroc": 0.95}}},
    "dense": {"feedback": {"density": 1}, "oversight": {"control": True, "pause": True}},
}


@pytest.fixture(scope="module")
def shelf():
    base = rs.parse({"name": "tiny", **SIZE, **DANGER, "policies": POLICIES})
    view = rs.parse({"name": "calm", "goals": {"value": 0.9}, "takeover": {"difficulty": 20}})
    return Shelf(base, {"calm": view})


@pytest.fixture(scope="module")
def watched(shelf):
    """A world in which something happened, to its end."""
    model = Watched(choose(shelf, Choices("control")).scenario, world=5)
    while model.running:
        model.step()
    return model


def test_the_watched_world_is_the_world_of_the_mesa_face(shelf):
    scenario = choose(shelf, Choices("control", world=7)).scenario
    ours, theirs = Watched(scenario, world=7, until=40), rs.RegimeModel(scenario, world=7)
    while theirs.running and theirs.month < 40:
        theirs.step()
    assert ours.month == theirs.month == len(ours.past)
    assert ours.crossings == theirs.crossings
    assert ours.tile.systems.tobytes() == theirs.tile.systems.tobytes()


def test_its_events_are_those_of_the_trace(shelf, watched):
    scenario = choose(shelf, Choices("control")).scenario
    told = rs.trace(scenario, 5, policies="control")
    ours = [event for event in told.events if event.kind != "audit_budget"]
    assert sorted(watched.events) == sorted(ours)
    assert len(happened(watched, most=10_000)) == sum(bool(e.words) for e in told.events)


def test_to_the_next_threshold_stops_at_each_in_turn(shelf):
    model, seen = Watched(choose(shelf, Choices("none")).scenario), set()
    while model.running:
        model.to_next_threshold()
        crossed = {name for name, month in model.crossings.items() if month is not None}
        new = crossed - seen
        assert new or not model.running
        assert {model.crossings[name] for name in new} <= {model.month - 1}
        seen = crossed
    assert len(seen) >= 3


def test_a_newer_change_stops_the_way_to_the_next_threshold(shelf):
    model = Watched(choose(shelf, Choices("none")).scenario)
    model.to_next_threshold(lambda: model.month == 2)
    assert model.month == 2


def test_a_world_that_nobody_watches_stands_still(shelf):
    model = Watched(choose(shelf, Choices("none")).scenario)
    model.end()
    model.step()
    assert model.month == 0 and not model.running


def test_what_systems_believe_is_what_they_decide_by(shelf):
    """A system that acts alone strikes only where its believed chance is above its break-even."""
    struck = 0
    alone = choose(shelf, Choices("none", changes={"conduct.coordination": 0})).scenario
    for world in range(12):
        model = Watched(alone, world=world)
        while model.running:
            model.step()
            now = model.systems_now()
            strikes = now["conduct"] == 1
            struck += strikes.sum()
            assert np.all(now["believed_chance"][strikes] > now["break_even"][strikes])
            assert np.allclose(now["break_even"], [s.break_even for s in model.systems])
            assert "waits" not in {
                act for act, aware in zip(doing(now), now["aware"], strict=True) if not aware
            }
    assert struck > 0


def test_every_drawing_is_plain_and_within_its_axes(watched):
    for model in (watched, Watched(watched.source)):
        drawn = [
            drawings.frontiers(model),
            drawings.systems(model, 2),
            drawings.timeline(model),
            *drawings.beliefs(model),
        ]
        json.dumps(
            [*drawn, banner(model), happened(model), system_text(model, 2)], allow_nan=False
        )
        for drawing in drawn:
            assert drawing["title"] and drawing["says"]
            for line in drawing.get("lines", ()):
                assert len(line["x"]) == len(line["y"])
            for point in drawing.get("points", ()):
                assert drawing["x"]["low"] <= point["x"] <= drawing["x"]["high"]


def test_the_drawing_of_systems_counts_all_of_them(watched):
    drawing = drawings.systems(watched)
    assert sum(drawing["counts"].values()) == 6
    assert {point["ink"] for point in drawing["points"]} <= {ink for _, ink in DOING.values()}


def test_the_banner_tells_the_regime(shelf, watched):
    fresh = Watched(watched.source)
    assert "begins 2026-01" == banner(fresh)["date"]
    assert banner(watched)["regime"] == watched.regime
    assert banner(watched)["over"]


def test_a_system_is_shown_in_words(watched):
    told = system_text(watched, 3)
    assert [what for what, _ in told["rows"]] == [
        "Goal",
        "Scope",
        "Horizon",
        "Prospects",
        "Decision",
    ]
    assert "lab 1" in told["title"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"takeover.difficulty": {"normal": [12, 1]}, "oversight.audit_budget": 0.1},
        {"oversight.interpretability": True, "oversight.control": False, "seed": 9},
        {"oversight.control.auroc": 0.7, "months": 60, "paradigm.hold": 2},
    ],
)
@pytest.mark.parametrize("view", ["", "calm"])
def test_link_and_file_carry_the_choices(shelf, changes, view):
    choices = Choices("control", view, 4, changes)
    chosen = choose(shelf, choices)
    again, refused = read_link(link(choices), shelf, Choices("none"))
    assert refused == () and again == choices
    assert choose(shelf, again).scenario == chosen.scenario
    saved = rs.parse(file_text(chosen, 48, 4))
    assert saved == chosen.scenario.override({"worlds": 48})


def test_a_saved_scenario_gives_the_odds_that_were_shown(shelf, tmp_path):
    choices = Choices("control", changes={"takeover.difficulty": 9, "oversight.audit_budget": 0.2})
    chosen = choose(shelf, choices)
    odds = list(growing_odds(chosen.scenario, np.zeros(1, np.int64), (32, 64)))[-1]
    file = tmp_path / "saved.toml"
    file.write_text(file_text(chosen, odds.worlds, 0))
    estimates = rs.estimates(run(rs.load(file)).worlds).set_index("estimand")
    for name, found in odds.estimates.items():
        row = estimates.loc[name]
        ours = [np.nan if value is None else value for value in found[:3]]
        assert np.array_equal(ours, [row.estimate, row.low, row.high], equal_nan=True)
    assert {tile["name"] for tile in tiles(odds)} >= {"Evidence gap"}
    assert [part["name"] for part in strip(odds)] == ["no takeover", "growth lost", "gap"]
    json.dumps([tiles(odds), strip(odds), thresholds(odds, 3)], allow_nan=False)


def test_odds_grow_and_are_those_of_one_run(shelf):
    scenario = choose(shelf, Choices("control")).scenario
    found = list(growing_odds(scenario, np.zeros(1, np.int64), (16, 48, 64), patience=1e9))
    assert [odds.worlds for odds in found] == [16, 48, 64]
    assert [odds.growing for odds in found] == [True, True, False]
    whole = next(growing_odds(scenario, np.zeros(1, np.int64), (64,)))
    assert whole.estimates == found[-1].estimates


@pytest.mark.parametrize(("systems", "first"), [(60, 256), (2000, 16), (6, 2048), (1, 4096)])
def test_the_first_odds_come_after_a_moment(shelf, systems, first):
    sizes = sizes_for(shelf.scenario.override({"systems": systems, "months": 180}))
    assert sizes[0] == first and sizes[-1] == 4096


def test_a_newer_question_stops_the_older(shelf):
    long = choose(shelf, Choices("dense")).scenario.override(
        {"systems": 2000, "months": 1200, "takeover.real_world_contact": 0}
    )
    short = choose(shelf, Choices("control")).scenario
    found, done = [], threading.Event()

    def publish(odds):
        found.append(odds)
        if not odds.growing:
            asker.stop()
            done.set()

    asker = Asker(publish)
    asker.ask(long)
    time.sleep(0.3)
    asker.ask(short)
    assert done.wait(60)
    assert {odds.scenario.name for odds in found} == {"tiny"}
    assert {odds.scenario.systems for odds in found} == {6}
    stopped = time.monotonic()
    while any(t.name.startswith("ThreadPool") for t in threading.enumerate()):
        assert time.monotonic() - stopped < 30
        time.sleep(0.05)


@pytest.fixture(scope="module")
def flipping(shelf):
    """The answers on what would flip the odds, one after the other."""
    scenario = choose(shelf, Choices("control")).scenario.override(
        {"months": 36, "takeover.difficulty": 24, "takeover.success_slope": 3}
    )
    answers = []
    seek(scenario, np.zeros(1, np.int64), answers.append)
    return answers


def test_what_would_flip_the_odds_comes_piece_by_piece(flipping):
    assert [one.missing[0] for one in flipping[:-1]][:2] == ["ends", "flips"]
    assert flipping[-1].missing == ()
    shown = [flips_shown(one) for one in flipping]
    json.dumps(shown, allow_nan=False)
    assert shown[0]["entries"] == [] and shown[0]["busy"] and not shown[-1]["busy"]
    good = flipping[-1].is_good
    side = "below 50 %" if good else "to 50 % or more"
    assert shown[-1]["heading"] == f"What would bring no takeover {side}"
    assert shown[-1]["status"] == "512 worlds at each value"


def test_what_flips_the_odds_is_said_with_its_value(flipping):
    last = flipping[-1]
    entries = {one["name"]: one["words"] for one in flips_shown(last)["entries"]}
    effect = last.flipping[0]
    end = next(end for end in effect.ends if end.verdict == "flips")
    low, high = sorted((end.kept, end.flipped))
    name = source_in_words(effect.key)
    assert entries[name].startswith(f"between {low:.3g} and {high:.3g}; now ")
    assert "Worst pair" in entries and "Nearest opposite" in entries


def test_other_settings_end_the_search_at_once(shelf):
    stop, answers = np.zeros(1, np.int64), []
    scenario = choose(shelf, Choices("control")).scenario

    def publish(answer):
        answers.append(answer)
        stop[0] = 1

    began = time.monotonic()
    seek(scenario, stop, publish)
    assert len(answers) == 1 and time.monotonic() - began < 30
    seek(scenario, stop, publish)  # which is not begun at all
    assert len(answers) == 1


def test_a_search_that_would_take_many_minutes_is_not_begun(shelf):
    small = choose(shelf, Choices("control")).scenario
    assert question_of(small).scenario.worlds == 512
    some = small.override({"systems": 150, "months": 180})
    assert question_of(some).scenario.worlds < 512
    assert question_of(small.override({"systems": 9000, "months": 1200})) is None


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("takeover.difficulty", 99, "takeover.difficulty: found 99; allowed is -10 to 60"),
        ("takeover.dificulty", 9, "the nearest is 'difficulty'"),
        ("months", 0, "months: found 0; allowed is 1 to 1200"),
        ("oversight.control.curve", "bnormal", 'the nearest is "binormal"'),
    ],
)
def test_a_bad_value_is_refused_as_in_a_file(shelf, key, value, told):
    with pytest.raises(rs.Refusal) as refusal:
        choose(shelf, Choices("control", changes={key: value}))
    assert len(refusal.value.lines) == 1
    assert told in refusal.value.lines[0]
    assert "policies.control" not in refusal.value.lines[0]


def test_a_bad_text_is_refused():
    with pytest.raises(rs.Refusal, match=r"takeover\.difficulty: .* is not a TOML value"):
        read_value("takeover.difficulty", "[1,")


def test_what_cannot_be_used_of_a_link_is_shown_and_the_rest_is_used(shelf):
    query = "policy=contrl&view=clm&world=x&takeover.difficulty=12&seed=2&nope=1"
    choices, refused = read_link(query, shelf, Choices("control"))
    assert choices == Choices("control", changes={"takeover.difficulty": 12, "seed": 2})
    assert len(refused) == 4
    assert "'control'" in refused[0] and "'calm'" in refused[1] and "world" in refused[2]


def test_a_change_to_a_safeguard_that_is_off_waits(shelf):
    choices = Choices("control", changes={"oversight.control.auroc": 0.6})
    assert choose(shelf, choices).waiting == ()
    chosen = choose(shelf, Choices("none", changes=choices.changes))
    assert chosen.waiting == ("oversight.control.auroc",)
    assert chosen.scenario == choose(shelf, Choices("none")).scenario


def test_a_view_lies_below_the_policy(shelf):
    (calm,) = choose(shelf, Choices("dense", "calm")).scenario.policies.values()
    assert calm.goals.value == 0.9 and calm.takeover.difficulty == 20
    assert calm.feedback.density == 1


def test_every_parameter_has_a_control_and_the_front_ones_come_first(shelf):
    choices = Choices("control")
    made = controls(choose(shelf, choices), choices)
    keys = [control["key"] for control in made]
    assert keys[: len(FRONT)] == list(FRONT)
    left_out = {declared.key for declared in declarations()} - set(keys)
    assert left_out == {"name", "description", "worlds", "start", "seed"}
    json.dumps(made, allow_nan=False)
    for control in made:
        assert control["words"] and control["source"] and control["range"]
        if slider := control["slider"]:
            assert slider["low"] < slider["high"]
            value = slider["value"]
            assert value is None or slider["low"] <= value <= slider["high"]
    (probe,) = (c for c in made if c["key"] == "oversight.interpretability.strength")
    assert probe["off"] == "interpretability is off under this policy"
    assert [item["name"] for item in switches(choose(shelf, choices)) if item["on"]] == ["control"]


def test_a_slider_spans_the_plausible_range_and_the_value_that_is_set(shelf):
    for changes in ({}, {"goals.value": 0.97, "oversight.trajectories": 200}):
        choices = Choices("control", changes=changes)
        made = {one["key"]: one for one in controls(choose(shelf, choices), choices)}
        for declared in declarations():
            one, ranges = made.get(declared.key), plausible_parts(declared)
            if not ranges or declared.kind == "list" or declared.key == "adopters":
                continue
            assert f"Plausible: {ranges[0].ends}. {ranges[0].why}" in one["plausible"]
            if slider := one["slider"]:
                values = [] if slider["value"] is None else [slider["value"]]
                assert (slider["low"], slider["high"]) == ranges[0].around(*values)[:2]
    assert (made["goals.value"]["slider"]["high"], made["months"]["plausible"]) == (0.97, "")
    assert made["oversight.trajectories"]["slider"]["high"] == 200


@pytest.mark.parametrize("key", list(FRONT))
def test_every_front_slider_may_be_moved_to_its_ends(shelf, key):
    choices = Choices("control")
    chosen = choose(shelf, choices)
    (control,) = (c for c in controls(chosen, choices) if c["key"] == key)
    for end in (control["slider"]["low"], control["slider"]["high"]):
        value = move(chosen, key, end)
        (tables,) = choose(shelf, choices.changed(key, value)).scenario.policies.values()
        found = tables
        for part in key.split("."):
            found = getattr(found, part)
        assert middle(found) == pytest.approx(end)


@pytest.mark.parametrize(
    ("given", "number", "wanted"),
    [
        (3, 5.0, 5.0),
        ({"normal": [12, 2]}, 14.0, {"normal": [14.0, 2.0]}),
        ({"uniform": [10, 14]}, 15.0, {"uniform": [13.0, 17.0]}),
        ({"triangular": [8, 10, 14]}, 11.0, {"triangular": [9.0, 11.0, 15.0]}),
        ({"lognormal": [12, 0.2]}, 9.0, {"lognormal": [9.0, 0.2]}),
    ],
)
def test_a_slider_keeps_the_spread_of_a_distribution(given, number, wanted):
    scenario = small.scenario({"takeover.difficulty": given})
    chosen = choose(Shelf(scenario, {}), Choices("only"))
    assert move(chosen, "takeover.difficulty", number) == wanted


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("paradigm.hold", "4", "paradigm 4"),
        ("paradigm.hold", "1", "paradigm 1"),
        ("oversight.control.auroc", "0.75", "area 0.75"),
        ("oversight.audit_budget", "0.03", "share of trajectories 0.03"),
        ("feedback.density_trend", "-0.004", "share -0.004 a month"),
        ("capability.doubling_time", "1", "1 month"),
        ("capability.doubling_time", "7", "7 months"),
        ("takeover.difficulty", "1", "1 doubling"),
        ("takeover.difficulty", "{ normal = [15, 2] }", "15 ± 2 doublings"),
    ],
)
def test_a_value_is_shown_with_its_unit_in_words(shelf, key, text, words):
    choices = Choices("control", changes={key: read_value(key, text)})
    (control,) = (c for c in controls(choose(shelf, choices), choices) if c["key"] == key)
    assert control["reads"] == words
    one, other = control["units"]  # from these the browser makes what a moving slider shows
    if "normal" not in text:
        assert (one if text == "1" else other.replace("0", text, 1)) == words


def test_toml_is_read_back():
    mapping = {
        "name": 'a "quoted" name\n',
        "worlds": 3,
        "takeover": {"difficulty": {"normal": [1.5, 1e-7]}, "collusion": 0.1},
        "policies": {"a-b": {"oversight": {"control": True, "pause": {}}}, "none": {}},
        "paradigm": {"faithfulness": [0.1, 0.2, {"beta": [1, 2]}, 1]},
    }
    import tomllib

    assert tomllib.loads(written(mapping, "with a comment")) == mapping


def test_the_shipped_scenario_has_the_views_beside_it():
    found = shelf_of("scenarios/first_critical_try.toml")
    assert set(found.views) == {"dense_feedback", "instrumental_convergence", "ladder"}
    for view in found.views:
        choose(found, Choices("control", view))
    assert list(shelf_of(None).scenario.policies) == list(BUILT_IN["policies"])


@pytest.mark.parametrize("port", ["x", "0", "70000", "-1"])
def test_a_bad_port_is_refused(port):
    with pytest.raises(rs.Refusal, match="--port: found"):
        serving.listen(port)


def test_a_port_in_use_is_shown_or_passed_over():
    with serving.listen(None) as first:
        assert first.getsockname()[0] == "127.0.0.1"
        taken = first.getsockname()[1]
        with pytest.raises(rs.Refusal, match=f"--port: {taken} is in use"):
            serving.listen(taken)
        with serving.listen(None) as second:
            assert second.getsockname()[1] != taken


def test_a_page_that_lacks_its_packages_says_how_to_get_them(monkeypatch):
    from importlib import util

    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(rs.Refusal, match=r"pip install 'regimesim\[viz\]'"):
        serving.view("scenarios/first_critical_try.toml")


def test_a_bad_file_policy_or_world_is_refused_before_anything_is_served():
    with pytest.raises(rs.Refusal, match="no such file"):
        serving.view("nowhere.toml")
    with pytest.raises(rs.Refusal, match="nearest is 'control'"):
        serving.view("scenarios/first_critical_try.toml", policy="contrl")
    with pytest.raises(rs.Refusal, match="--world: found"):
        serving.view("scenarios/first_critical_try.toml", world="two")


EVENTFUL = """
name = "eventful"
months = 60
labs = 3
systems = 6
[policies.respond]
adopters = 2
oversight.control = true
[[policies.respond.events]]
when = "danger_belief"
at_least = 0.5
months = 12
set = { audit_budget = 0.3, frozen = 1 }
withdraw = "lab"
[[policies.respond.events]]
on = "2028-06"
set = { growth = 0.5 }
[policies.calm]
"""


def eventful(changes=None, policy="respond"):
    choices = Choices(policy, changes=changes or {})
    chosen = choose(Shelf(rs.parse(EVENTFUL), {}), choices)
    return chosen, {control["key"]: control for control in controls(chosen, choices)}


def test_each_value_of_an_event_has_a_control():
    chosen, made = eventful()
    of_events = {key: one for key, one in made.items() if key.startswith("events.")}
    first = ("at_least", "months", "set.audit_budget", "set.frozen", "withdraw")
    second = ("on", "months", "set.growth", "withdraw")
    keys = [f"events.1.{key}" for key in first] + [f"events.2.{key}" for key in second]
    assert sorted(of_events) == sorted(keys)
    assert {one["heading"] for one in of_events.values()} == {"Events"}
    bound = made["events.1.at_least"]
    assert bound["name"] == "Event 1: belief in danger, at least"
    assert bound["slider"]["high"] == 1 and bound["reads"] == "probability 0.5"
    assert made["events.1.months"]["slider"]["whole"] and made["events.2.on"]["text"] == "2028-06"
    assert move(chosen, "events.1.months", 6) == 6
    json.dumps(made, allow_nan=False)
    assert not any(key.startswith("events.") for key in eventful(policy="calm")[1])


def test_an_event_is_switched_off_and_keeps_its_values():
    changes = {"events.1": False, "events.1.months": 6, "events.2.set.growth": 0.25}
    chosen, made = eventful(changes)
    (event,) = chosen.scenario.policies["respond"].events
    assert (event.on, event.set.growth) == ("2028-06", 0.25)
    assert made["events.1.months"]["text"] == "6"
    assert made["events.1.months"]["off"] == "event 1 is off under this policy"
    on = {one["key"]: one["on"] for one in switches(chosen)}
    assert (on["events.1"], on["events.2"]) == (False, True)
    again, _ = eventful({**changes, "events.1": True})
    assert [one.months for one in again.scenario.policies["respond"].events] == [6, 0]
    shelf = Shelf(rs.parse(EVENTFUL), {})
    read, refused = read_link(link(Choices("respond", changes=changes)), shelf, Choices("calm"))
    assert read == Choices("respond", changes=changes) and refused == ()
    saved = rs.parse(file_text(chosen, 10, 0), name="eventful")
    assert saved.policies == chosen.scenario.policies


def test_a_change_to_an_event_that_the_policy_does_not_have_waits():
    changes = {"events.1": False, "events.2.months": 6}
    chosen, _ = eventful(changes, "calm")
    assert chosen.waiting == ("events.1", "events.2.months")
    assert chosen.scenario == eventful(policy="calm")[0].scenario


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"events.1": 3}, "events.1: found 3; allowed is true or false"),
        ({"events.9.months": 3}, 'events.9.months: found "9"; an event has a number, 1 to 8'),
        ({"events.1.month": 3}, "unknown key; the nearest is 'events.1.months'"),
        ({"events.1.months": -3}, "events.1.months: found -3; allowed is 0 to 1200"),
        ({"events.1.at_least": 3}, "event 1: at_least: found 3; danger_belief is never above 1"),
        ({"events.2.on": "2040-01"}, 'on: found "2040-01"; the run is from 2026-01 to 2030-12'),
        ({"events": 3}, "events: found 3; allowed is a list of at most 8 tables"),
        ({"adopters": 3, "labs": 2}, "adopters: found 3; a world has 2 labs"),
    ],
)
def test_a_change_to_an_event_that_cannot_be_is_refused(changes, line):
    with pytest.raises(rs.Refusal) as refused:
        eventful(changes)
    (words,) = refused.value.lines
    assert line in words


def test_adopters_are_all_labs_until_a_number_is_set():
    _, made = eventful()
    assert (made["adopters"]["reads"], made["adopters"]["slider"]["high"]) == ("2 labs", 3)
    _, made = eventful(policy="calm")
    assert made["adopters"]["reads"] == "3 labs" and not made["adopters"]["changed"]
    alone = eventful({"labs": 1}, "calm")[1]["adopters"]
    assert alone["slider"] is None and alone["reads"] == "1 lab"


def test_events_and_withdrawals_are_in_what_happened():
    changes = {"events.2.withdraw": "all", "events.2.months": 2}
    model = Watched(eventful(changes)[0].scenario, "respond", 0, until=40)
    words = [one["words"] for one in happened(model)]
    assert "Event 2 comes for 2 months: growth 0.5" in words and "Event 2 ends" in words
    assert any(line.endswith("systems are withdrawn") for line in words)
    chosen, _ = eventful({**changes, "events.1": False})  # the other keeps its number
    model = Watched(chosen.scenario, "respond", 0, until=40)
    assert [one["words"] for one in happened(model, chosen.kept) if "vent" in one["words"]] == [
        "Event 2 ends",
        "Event 2 comes for 2 months: growth 0.5",
    ]


def test_a_system_that_strikes_with_others_is_said_to(shelf):
    together = choose(shelf, Choices("none", changes={"conduct.coordination": 1})).scenario
    decisions = set()
    for world in range(12):
        model = Watched(together, world=world)
        while model.running:
            model.step()
            for number in np.flatnonzero(model.systems_now()["conduct"] == 1):
                decisions.add(dict(system_text(model, int(number))["rows"])["Decision"])
    own, joined = sorted(decisions)
    assert "it joins other systems of its lab" in joined and "it believes that it pays" in own


def test_the_page_keeps_correlations_and_joint_draws(tmp_path):
    (tmp_path / "draws.csv").write_text("cognition.patience\n0.5\n0.25\n0.75\n")
    (tmp_path / "joint.toml").write_text(
        'worlds = 8\nmonths = 12\nsystems = 3\ndraws.file = "draws.csv"\n'
        "cognition.awareness_midpoint = { normal = [9, 1] }\n"
        '[[correlations]]\nof = ["takeover.difficulty", "cognition.awareness_midpoint"]\n'
        "rank = 0.6\n[policies.one]\n"
    )
    shelf = shelf_of(tmp_path / "joint.toml")
    for changes in ({}, {"correlations": []}, {"cognition.patience": 0.9}):
        choices = Choices("one", changes=changes)
        chosen = choose(shelf, choices)
        assert rs.parse(file_text(chosen, 50, 3)).policies == chosen.scenario.policies
        shown = {one["key"]: one for one in controls(chosen, choices)}
        assert shown["cognition.patience"]["slider"]["value"] == changes.get(
            "cognition.patience", 0.5
        )
        pairs = chosen.scenario.policies["one"].correlations
        assert len(pairs) == (0 if "correlations" in changes else 1)
    assert (
        "the median of 3 draws in"
        in {one["key"]: one for one in controls(choose(shelf, Choices("one")), Choices("one"))}[
            "cognition.patience"
        ]["reads"]
    )
