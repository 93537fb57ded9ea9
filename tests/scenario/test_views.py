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
    assert len(first["policies"]) == 5


def test_a_policy_says_of_every_safeguard_whether_it_is_on():
    switches = {"control", "cot_monitor", "interpretability", "evaluations"}
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


@SLOW
def test_instrumental_convergence_shows_what_it_claims():
    found = summaries()["instrumental_convergence"]["policies"]
    for policy in ("none", "control", "control_and_cot", "hold_faithful_cot"):
        assert between(found[policy]["no_takeover"], 0, 0.05)
    held = found["hold_faithful_cot"]
    assert between(held["held_first_critical_try"], 0.85, 0.95)
    assert between(held["tries_survived"], 4, 20)
    control = found["control"]
    assert between(control["warning_shots_before_first_try"], 0, 0.25)
    assert between(control["evidence_gap"], 0.35, 0.55)
    assert control["thresholds"]["favourable"]["crossed"] > 0.99
    aware, able = (control["thresholds"][name]["median"] for name in ("aware", "capable"))
    assert aware < able
    _, plain_tenth, stack, uncorrected, unadaptive = pieces()[:5]
    assert between(stack["no_takeover"], 0.2, 0.35)
    assert plain_tenth["no_takeover"]["low"] > stack["no_takeover"]["high"]
    assert uncorrected["no_takeover"]["low"] > stack["no_takeover"]["high"]
    assert unadaptive["no_takeover"]["high"] < stack["no_takeover"]["low"]
    months = views_page.runs()["instrumental_convergence"].months
    budget = months["audit_budget"].sel(policy="defence_in_depth").values
    assert budget.min() < budget[0] / 3 and budget[-1] > 4 * budget[0]


@SLOW
def test_dense_feedback_shows_what_it_claims():
    found = summaries()["dense_feedback"]["policies"]
    for name, policy in found.items():
        assert between(policy["no_takeover"], 0.92 if name == "none" else 0.99, 1)
        assert policy["thresholds"]["favourable"]["crossed"] < 0.1
    asked = {
        (what, policy): one["no_takeover"]
        for (view, what, policy, _), one in zip(views_page.PIECES, pieces(), strict=True)
        if view == "dense_feedback"
    }
    lessons, density = "lessons, automation and exercises by default", "density by default"
    assert between(asked[lessons, "none"], 0.9, 1)
    assert between(asked[lessons, "control"], 0.95, 1)
    assert between(asked[density, "none"], 0, 0.2)
    assert between(asked[density, "control"], 0.75, 0.95)
    assert between(asked["all of these by default", "control"], 0.4, 0.6)


@SLOW
def test_the_ladder_shows_what_it_claims():
    whole = summaries()["ladder"]
    found = whole["policies"]
    held, climbed = found["hold_faithful_cot"], found["control_and_cot"]
    assert between(climbed["no_takeover"], 0, 0.05)
    assert between(climbed["held_first_critical_try"], 0.4, 0.6)
    assert between(held["no_takeover"], 0.99, 1)
    assert between(held["first_try_was_story"], 0.8, 1)
    assert between(found["control"]["warning_shots_before_first_try"], 0, 0.25)
    pair = whole["paired"]["control_and_cot vs hold_faithful_cot"]["no_takeover"]
    assert pair["high"] < -0.9
    tries = [
        found[name]["thresholds"]["first_critical_try"]["median"]
        for name in ("none", "control", "control_and_cot")
    ]
    assert tries == sorted(tries) and 9 <= tries[2] - tries[0] <= 16
    _, lost, kept, probed = pieces()[5:9]
    assert kept["no_takeover"]["low"] > lost["no_takeover"]["high"]
    assert between(kept["no_takeover"], 0, 0.1)
    assert between(probed["no_takeover"], 0.98, 1)


@SLOW
def test_the_views_agree_and_part_where_the_page_says():
    found = {view: summary["policies"] for view, summary in summaries().items()}
    able = [policies["control"]["thresholds"]["capable"]["median"] for policies in found.values()]
    assert max(able) - min(able) <= 4
    for policies in found.values():
        line, climb = (
            policies[name]["held_first_critical_try"]
            for name in ("hold_faithful_cot", "control_and_cot")
        )
        assert line["estimate"] >= climb["estimate"]

    def safe(view, policy):
        return found[view][policy]["no_takeover"]

    assert safe("instrumental_convergence", "hold_faithful_cot")["high"] < 0.05
    assert safe("ladder", "hold_faithful_cot")["low"] > 0.95
    assert safe("ladder", "control_and_cot")["high"] < 0.05
    assert safe("dense_feedback", "control_and_cot")["low"] > 0.95
