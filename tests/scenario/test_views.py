"""The three views: complete, explained, alike in all but what they hold, told as they come out."""

import json
import tomllib

import jsonschema
import pytest
import views_page
from views_page import FOLDER, PAGE, ROOT, VIEWS, explained, path_of, pieces, summaries

from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.declaration import plain
from regimesim.scenario.parameters import Settings, declarations
from regimesim.scenario.scenario import File, laid_over, load

SETTINGS = [name for name in Settings.model_fields if name not in ("name", "description")]
SOURCED = ("arXiv", "Assumption.", "workshop")
EVERY = pytest.mark.parametrize("view", VIEWS)
SLOW = pytest.mark.skipif(INTERPRETED, reason="the runs are long ones")


def raw(view):
    return tomllib.loads(path_of(view).read_text(encoding="utf-8"))


def test_these_are_all_views():
    assert sorted(path.stem for path in FOLDER.glob("*")) == sorted(VIEWS)


@EVERY
def test_is_a_complete_scenario_valid_for_an_editor(view):
    scenario = load(path_of(view))
    assert scenario.name == view and scenario.description
    first = path_of(view).read_text(encoding="utf-8").splitlines()[0]
    assert first == "#:schema ../../docs/scenario.schema.json"
    schema = json.loads((ROOT / "docs/scenario.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(raw(view), schema)


@EVERY
def test_every_value_has_a_sentence_and_a_source(view):
    told = explained(view)
    keys = [entry for entry in declarations() if entry.key in told and entry.table]
    assert len(keys) > 30
    for entry in keys:
        _, why = told[entry.key]
        assert why.endswith(".") and len(why.split()) >= 4, entry.key
        if not why.startswith(("As for the ", "The trend above")):
            assert any(word in why for word in SOURCED), entry.key
    for key, value in ((key, raw(view)[key]) for key in SETTINGS):
        default = plain(Settings.model_fields[key].default)
        assert value == default or told[key][1].endswith("."), key


@EVERY
def test_nothing_differs_from_the_defaults_without_a_sentence(view):
    keys = {entry.key for entry in declarations()}
    told = {key for key, (_, why) in explained(view).items() if why}
    switches = set()
    for difference in load(path_of(view)).differences():
        if difference.key.startswith("outside."):
            continue  # filled in from the view's own values, for labs that do not adopt a policy
        own = difference.policy and f"policies.{difference.policy}.{difference.key}"
        if difference.key not in told:
            switches.add(own or difference.key)
    assert not switches & keys
    # What is left is what the policies themselves switch on and set.
    named = raw(view)["policies"]
    for switch in switches:
        table = named[switch.split(".")[1]]
        for key in switch.split(".")[2:]:
            table = table[key]
        assert table


def test_all_have_the_same_policies_and_settings_and_set_the_same_keys():
    first, *others = map(raw, VIEWS)
    for other in others:
        assert other["policies"] == first["policies"]
        assert {key: other[key] for key in SETTINGS} == {key: first[key] for key in SETTINGS}
        assert other["capability"] == first["capability"]
    assert len({tuple(explained(view)) for view in VIEWS}) == 1
    assert len(first["policies"]) == 9


def test_a_policy_says_of_every_safeguard_whether_it_is_on():
    switches = {"control", "cot_monitor", "interpretability", "honeypots", "evaluations"}
    switches |= {"correction", "adaptive", "pause"}
    for policy in raw(VIEWS[0])["policies"].values():
        assert set(policy["oversight"]) == switches


@pytest.mark.parametrize("below", VIEWS)
@EVERY
def test_any_view_laid_over_another_is_itself(view, below):
    assert laid_over(File, raw(below), raw(view)) == raw(view)


@SLOW
@pytest.mark.parametrize("name", views_page.TABLES)
def test_the_page_shows_what_the_files_give(name):
    shown = views_page.block(name).search(PAGE.read_text(encoding="utf-8"))[2].strip()
    assert shown == views_page.TABLES[name](), "write it anew: python tests/views_page.py"


def between(estimate, low, high):
    """Whether the whole interval of an estimate lies between two shares."""
    return low <= estimate["low"] and estimate["high"] <= high


def piece(view, what, policy):
    """A policy of a view from which something is taken away: its part of a summary."""
    (found,) = (
        one
        for key, one in zip(views_page.PIECES, pieces(), strict=True)
        if key[:3] == (view, what, policy)
    )
    return found


@SLOW
def test_instrumental_convergence_shows_what_it_claims():
    view = "instrumental_convergence"
    found = summaries()[view]["policies"]
    for name, policy in found.items():
        low, high = (0.8, 0.92) if name == "halt" else (0, 0.01)
        assert between(policy["no_takeover"], low, high)
    assert between(found["control"]["held_first_critical_try"], 0.01, 0.05)
    assert between(found["defence_in_depth"]["held_first_critical_try"], 0.08, 0.15)
    assert between(found["halt"]["growth_lost"], 0.7, 0.8)
    control = found["control"]["thresholds"]
    months = [control[name]["median"] for name in ("aware", "favourable", "first_critical_try")]
    assert months[0] < months[1] and abs(months[2] - months[1]) <= 1
    held = [
        piece(view, what, "defence_in_depth")["held_first_critical_try"]
        for what in ("as it is", "every attempt recognised", "each copy by itself")
    ]
    assert between(held[1], 0.25, 0.35) and held[1]["low"] > held[0]["high"]
    assert abs(held[2]["estimate"] - held[0]["estimate"]) < 0.02


@SLOW
def test_dense_feedback_shows_what_it_claims():
    view, density = "dense_feedback", "density by default"
    for name, policy in summaries()[view]["policies"].items():
        assert between(policy["no_takeover"], 0.92 if name in ("none", "hold_alone") else 0.98, 1)
        assert policy["thresholds"]["favourable"]["crossed"] < 0.1
    assert between(piece(view, density, "none")["no_takeover"], 0, 0.02)
    assert between(piece(view, density, "control")["no_takeover"], 0.01, 0.06)
    assert between(piece(view, density, "defence_in_depth")["no_takeover"], 0.24, 0.36)
    own, lessons = (
        piece(view, what, "control")["no_takeover"]
        for what in ("as it is", "lessons, automation and exercises by default")
    )
    assert abs(own["estimate"] - lessons["estimate"]) < 0.01
    assert summaries()[view]["policies"]["withdraw"]["held_first_critical_try"]["n"] < 40


@SLOW
def test_the_ladder_shows_what_it_claims():
    view, line = "ladder", "hold_faithful_cot"
    found = summaries()[view]["policies"]
    for name, policy in found.items():
        assert between(policy["no_takeover"], 0.97 if name == "halt" else 0, 1)
        assert name == "halt" or policy["no_takeover"]["high"] < 0.01
    kept = [
        piece(view, what, line)["no_takeover"]
        for what in ("and each copy by itself, nothing evaded", "and no drift of density")
    ]
    assert between(kept[0], 0.15, 0.28) and between(kept[1], 0.82, 0.92)
    recognised = piece(view, "every attempt recognised", "defence_in_depth")["no_takeover"]
    assert between(recognised, 0.68, 0.8)
    alone, without = (
        found[name]["held_first_critical_try"] for name in ("hold_alone", "control_and_cot")
    )
    assert alone["high"] < without["low"]


@SLOW
def test_the_views_agree_and_part_where_the_page_says():
    found = {view: summary["policies"] for view, summary in summaries().items()}
    for policies in found.values():
        line, alone, climb = (
            policies[name]["held_first_critical_try"]["estimate"]
            for name in ("hold_faithful_cot", "hold_alone", "control_and_cot")
        )
        assert line >= climb and line > alone
        halt = policies["halt"]
        others = (one for name, one in policies.items() if name != "halt")
        assert all(
            one["no_takeover"]["estimate"] < halt["no_takeover"]["estimate"] for one in others
        )
        assert halt["growth_lost"]["estimate"] == max(
            one["growth_lost"]["estimate"] for one in policies.values()
        )
        assert halt["growth_lost"]["estimate"] > 0.7
    stack = {view: policies["defence_in_depth"]["no_takeover"] for view, policies in found.items()}
    assert stack["instrumental_convergence"]["high"] < 0.01 and stack["ladder"]["high"] < 0.01
    assert stack["dense_feedback"]["low"] > 0.98
