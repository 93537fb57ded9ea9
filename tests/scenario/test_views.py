"""The three views: complete, explained, alike in all but what they hold, told as they come out."""

import json

import jsonschema
import pytest
import views_cases as cases
import views_page
from views_page import FOLDER, PAGE, ROOT, VIEWS, explained, path_of, raw, summaries

from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.declaration import plain
from regimesim.scenario.parameters import Settings, declarations
from regimesim.scenario.scenario import File, laid_over, load

SETTINGS = [name for name in Settings.model_fields if name not in ("name", "description")]
SOURCED = ("arXiv", "Assumption.", "workshop")
EVERY = pytest.mark.parametrize("view", VIEWS)
SLOW = pytest.mark.skipif(INTERPRETED, reason="the runs are long ones")


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
    assert len(first["policies"]) == 10


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
    (changes,) = (one.changes for one in cases.PIECES if one[:3] == (view, what, policy))
    return views_page.found(view, policy, changes)


def share(summary, name="no_takeover"):
    return summary[name]["estimate"]


def held(summary):
    return share(summary, "held_first_critical_try")


@SLOW
def test_instrumental_convergence_shows_what_it_claims():
    view, stack = cases.CONVERGENCE, "defence_in_depth"
    policies = summaries()[view]["policies"]
    for name, policy in policies.items():
        low, high = (0.8, 0.88) if name == "halt" else (0, 0.01)
        assert between(policy["no_takeover"], low, high)
    assert between(policies["control"]["held_first_critical_try"], 0.02, 0.05)
    assert between(policies[stack]["held_first_critical_try"], 0.12, 0.16)
    assert between(policies["halt"]["growth_lost"], 0.7, 0.8)
    control = policies["control"]["thresholds"]
    months = [control[name]["median"] for name in ("aware", "favourable", "first_critical_try")]
    assert months[0] < months[1] and abs(months[2] - months[1]) <= 1
    own, recognised, alone = (
        piece(view, what, stack) for what in (cases.AS_IT_IS, cases.RECOGNISED, cases.ALONE)
    )
    assert between(recognised["held_first_critical_try"], 0.3, 0.38)
    assert abs(held(alone) - held(own)) < 0.02
    assert share(piece(view, "density as in dense feedback", stack)) < 0.01
    assert share(piece(view, cases.TWO_LABS, "halt")) < 0.01


@SLOW
def test_dense_feedback_shows_what_it_claims():
    view, sparser = cases.DENSE, cases.DENSITY
    policies = summaries()[view]["policies"]
    for name, policy in policies.items():
        low = 0.92 if name in ("none", "one_lab_holds") else 0.98
        assert between(policy["no_takeover"], low, 1)
        assert policy["thresholds"]["favourable"]["crossed"] < 0.1
    assert between(piece(view, sparser, "none")["no_takeover"], 0, 0.02)
    assert between(piece(view, sparser, "control")["no_takeover"], 0.005, 0.05)
    assert between(piece(view, sparser, "find_and_mend")["no_takeover"], 0.02, 0.1)
    assert between(piece(view, sparser, "defence_in_depth")["no_takeover"], 0.25, 0.4)
    own, lessons = (
        share(piece(view, what, "control"))
        for what in (cases.AS_IT_IS, "lessons, automation and exercises by default")
    )
    assert abs(own - lessons) < 0.01
    assert policies["find_and_mend"]["thresholds"]["first_critical_try"]["crossed"] < 0.02


@SLOW
def test_the_ladder_shows_what_it_claims():
    view, line = cases.LADDER, "hold_faithful_cot"
    policies = summaries()[view]["policies"]
    for name, policy in policies.items():
        assert between(policy["no_takeover"], 0.97 if name == "halt" else 0, 1)
        assert name == "halt" or policy["no_takeover"]["high"] < 0.05
    assert between(policies[line]["held_first_critical_try"], 0.3, 0.38)
    tries = [
        policies[name]["thresholds"]["first_critical_try"]["median"]
        for name in (line, "control_and_cot")
    ]
    assert 4 <= tries[0] - tries[1] <= 8
    learned = policies["hold_and_learn"]
    assert abs(share(learned) - share(policies[line])) < 0.01
    assert abs(held(learned) - held(policies[line])) < 0.02
    words = ("and each copy by itself, nothing evaded", "and density as in dense feedback")
    kept = [piece(view, what, line)["no_takeover"] for what in (cases.RECOGNISED, *words)]
    assert between(kept[0], 0.15, 0.28)
    assert between(kept[1], 0.5, 0.65) and between(kept[2], 0.93, 1)
    recognised = piece(view, cases.RECOGNISED, "defence_in_depth")["no_takeover"]
    assert between(recognised, 0.7, 0.82)


@SLOW
@EVERY
def test_a_line_alone_holds_nothing_and_needs_readers(view):
    bare, unwatched, watched, both, *one_lab = (
        views_page.found(view, *line[1:]) for line in cases.LINES
    )
    assert held(bare) == held(unwatched) == 0
    assert abs(share(bare) - share(unwatched)) < 0.01
    if view == cases.DENSE:
        assert both["held_first_critical_try"]["n"] < 40
        return
    tries = [one["thresholds"]["first_critical_try"]["median"] for one in (bare, unwatched)]
    assert 0 < tries[1] - tries[0] <= 4
    added = {cases.CONVERGENCE: (0.005, 0.02), cases.LADDER: (0.12, 0.18)}[view]
    assert added[0] < held(both) - held(watched) < added[1]
    without_line, with_line = one_lab
    assert held(with_line) < held(without_line) + 0.005


@SLOW
def test_answers_to_objections_do_what_the_page_says():
    for one in cases.OBJECTIONS:
        answered, rigged = map(share, views_page.with_and_without(one))
        if one.words == "two labs of three halt":
            assert answered < 0.01 and rigged > 0.8
        elif one.policy == "halt":
            assert 0.02 < rigged - answered < 0.15
        else:
            assert abs(rigged - answered) < 0.05
    answered, rigged = map(held, views_page.with_and_without(cases.OBJECTIONS[1]))
    assert rigged > 2 * answered
    answered, rigged = views_page.with_and_without(cases.OBJECTIONS[-1])
    assert share(answered) > share(rigged) and held(answered) < held(rigged)


@SLOW
def test_values_before_the_change_differ_from_those_of_the_files():
    for view, before in cases.BEFORE.items():
        for key, value in before.items():
            assert views_page.in_view(view, key) != views_page.in_toml(value)
        for policy in cases.AFFECTED[view]:
            assert views_page.found(view, policy, before)


@SLOW
def test_the_views_agree_where_the_page_says():
    everything = {view: summary["policies"] for view, summary in summaries().items()}
    for policies in everything.values():
        halt = policies["halt"]
        others = [one for name, one in policies.items() if name != "halt"]
        assert all(share(one) < share(halt) for one in others)
        assert all(share(one, "growth_lost") < share(halt, "growth_lost") for one in others)
        assert share(halt, "growth_lost") > 0.7
    for _, changes in cases.COMMON:
        kept = [share(views_page.found(view, "defence_in_depth", changes)) for view in cases.VIEWS]
        assert kept[0] < 0.01 and kept[1] < 0.15 and kept[2] > 0.98
    easier = cases.COMMON[2][1]
    for view in VIEWS:
        now, then = (share(views_page.found(view, "halt", some)) for some in ({}, easier))
        assert then < now


@SLOW
@pytest.mark.parametrize("crux", cases.CRUXES, ids=lambda crux: "-".join(crux[:3]))
def test_the_views_part_where_the_page_says(crux):
    result = views_page.divided(crux)
    part = {name: result[name].shapley.estimate or 0 for name in cases.GROUPS}
    whole = result.difference.estimate
    overseers = part["recognition"] + part["safeguards"]
    if crux.b == cases.DENSE:
        assert part["feedback"] > 0.45 * whole
        assert part["goals"] > (whole - part["feedback"]) / 2
        assert overseers < whole / 10
    else:
        assert part["feedback"] < 0 and part["goals"] < 0
        assert overseers > whole and abs(part["recognition"] - part["safeguards"]) < 0.1
    assert abs(part["paradigms"]) < 0.06
