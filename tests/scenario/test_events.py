"""Events and adopters in a scenario file: every kind of bad input is one sentence, and what is
good survives being written and read again."""

import json

import jsonschema
import pytest

import regimesim as rs
from regimesim import cli
from regimesim.scenario.event_words import event_in_words, names_of_events
from regimesim.scenario.events import Event
from regimesim.scenario.json_schema import schema
from regimesim.scenario.scenario import parse

DATED, SEEN = 'on = "2030-01"\n', 'when = "strikes_seen"\n'
BELIEF = 'when = "danger_belief"\n'
DOES = "set = { growth = 0.5 }"
LISTED = "a list of at most 8 tables [[events]]"
MISTAKES = {
    "events = 3": f"events: found 3; allowed is {LISTED}",
    "events = [1]": f"events: found [1]; allowed is {LISTED}",
    '[events]\non = "2030-01"': f'events: found {{on = "2030-01"}}; allowed is {LISTED}',
    "[[events]]\n" * 9: "events: found 9 events; allowed are at most 8",
}
MISTAKES_OF_ONE = {
    DOES: 'on: found neither; allowed is either on = "YYYY-MM" or when = "..."',
    f"{DATED}{SEEN}at_least = 1\n{DOES}": 'on: found when = "strikes_seen"; allowed is either',
    f'on = "2030"\n{DOES}': 'on: found "2030"; allowed is a month "YYYY-MM"',
    f"on = 2030-01-01\n{DOES}": 'on: found 2030-01-01; allowed is a month "YYYY-MM"',
    f'on = "2020-01"\n{DOES}': 'on: found "2020-01"; the run is from 2026-01 to 2040-12',
    f'on = "2041-01"\n{DOES}': 'on: found "2041-01"; the run is from 2026-01 to 2040-12',
    f'when = "strike_seen"\nat_least = 1\n{DOES}': 'the nearest is "strikes_seen"',
    f"when = 3\nat_least = 1\n{DOES}": "when: found 3; allowed are",
    f'when = "alarm"\nat_least = 1\n{DOES}': "waits for evaluations; switch on",
    f"{DATED}at_least = 1\n{DOES}": "at_least: found 1; an event with a date has no bounds",
    f"{DATED}at_most = 2\n{DOES}": "at_most: found 2; an event with a date has no bounds",
    f"{SEEN}{DOES}": "at_least: missing; set at_least or at_most",
    f"{BELIEF}at_least = 2\n{DOES}": "at_least: found 2; danger_belief is never above 1",
    f"{BELIEF}at_most = -1\n{DOES}": "at_most: found -1; danger_belief is never below 0",
    f"{BELIEF}at_least = 0.8\nat_most = 0.2\n{DOES}": "at_least: found 0.8; allowed is at most",
    f"{SEEN}at_least = 1.2\nat_most = 1.8\n{DOES}": "at_least: found 1.2; no whole number lies",
    f"{SEEN}at_least = 61\n{DOES}": "at_least: found 61; a world has 60 systems, and strikes_seen",
    f'{SEEN}at_least = "a"\n{DOES}': 'at_least: found "a"; allowed is a number',
    f"{SEEN}at_least = {{ normal = [1, 2] }}\n{DOES}": "at_least: found {normal = [1, 2]};",
    f"{DATED}months = -1\n{DOES}": "months: found -1; allowed is 0 to 1200",
    f"{DATED}months = 1.5\n{DOES}": "months: found 1.5; allowed is a whole number",
    DATED: "set: missing; an event sets a lever or withdraws models",
    f"{DATED}set = {{}}": "set: missing; an event sets a lever or withdraws models",
    f"{DATED}set = 3": "set: found 3; allowed is a table",
    f"{DATED}set = {{ growh = 0.5 }}": "set.growh: unknown key; the nearest is 'growth'",
    f"{DATED}set = {{ growth = 1.5 }}": "set.growth: found 1.5; allowed is 0 to 1",
    f"{DATED}set = {{ hold = {{ uniform = [1, 2] }} }}": "set.hold: found {uniform = [1, 2]};",
    f'{DATED}withdraw = "some"': 'withdraw: found "some"; allowed are "none", "model"',
    f'onn = "2030-01"\n{DOES}': "onn: unknown key; the nearest is 'on'",
}
MISTAKES |= {f"[[events]]\n{one}": line for one, line in MISTAKES_OF_ONE.items()}
MISTAKES |= {
    "adopters = 0": "adopters: found 0; allowed is 1 to 20",
    "adopters = 1.5": "adopters: found 1.5; allowed is a whole number",
    'adopters = "two"': 'adopters: found "two"; allowed is a whole number',
    "adopters = { normal = [1, 2] }": "adopters: found {normal = [1, 2]}; allowed is a whole",
    "labs = 2\nadopters = 3": "adopters: found 3; a world has 2 labs",
    "adopter = 2": "adopter: unknown key; the nearest is 'adopters'",
    'adopters_are = "leader"': 'adopters_are: found "leader"; allowed are "leading", "lagging"',
    "[outside]\nhold = 5": "outside.hold: found 5; allowed is 1 to 4",
    "[outside]\ndensty = 0.5": "outside.densty: unknown key; the nearest is 'density'",
}
ALL_WATCH = "[oversight]\ncontrol.share = 0\ncot_monitor.share = 0"
MISTAKES |= {
    "[oversight]\ncontrol.share = 0": "oversight.control.share: found 0; no other monitor",
    ALL_WATCH: "oversight.control.share: found 0; so have the others, so nobody spends",
    "[oversight]\nadaptive = true\naudit_budget = 0.5": "oversight.audit_budget: found 0.5; with "
    "adaptive = true it stays between audit_min and audit_max, 0.005 to 0.2",
    "[oversight]\nadaptive.audit_min = 0.1": "audit_budget: found 0.03; with adaptive = true it",
}
GOOD = """
name = "good"
labs = 3
[[events]]
when = "strikes_seen"
at_least = 1
months = 6
withdraw = "model"
set = { audit_budget = 0.3, hold = 2 }
[[events]]
on = "2030-01"
set = { frozen = 1 }
[policies.all]
[policies.two]
adopters = 2
adopters_are = "lagging"
[policies.none]
events = []
"""


@pytest.mark.parametrize("text", MISTAKES)
def test_one_mistake_is_one_sentence(text):
    with pytest.raises(rs.Refusal) as refused:
        parse(text, "f.toml")
    (line,) = refused.value.lines
    assert MISTAKES[text] in line and line.startswith("f.toml: ")
    assert ("event 1" in line) == text.startswith("[[events]]\n") or "9 events" in line


@pytest.mark.parametrize("text", list(MISTAKES)[::6])
def test_a_command_ends_with_two_and_the_sentence(text, tmp_path, capsys):
    path = tmp_path / "f.toml"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["run", str(path), "--out", str(tmp_path / "out")]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert MISTAKES[text].split(";")[0] in err
    assert not (tmp_path / "out").exists()


def test_what_is_written_is_what_was_read():
    scenario = parse(GOOD)
    resolved = scenario.resolved()
    again = parse(json.loads(json.dumps(resolved)))
    assert again == scenario and again.resolved() == resolved
    first = resolved["policies"]["all"]["events"][0]
    assert first["set"]["audit_budget"] == 0.3 and first["withdraw"] == "model"
    assert resolved["policies"]["two"]["adopters"] == 2
    assert resolved["policies"]["none"]["events"] == []


def test_the_differences_name_each_policy_with_events():
    found = {(one.policy, one.key): one.value for one in parse(GOOD).differences()}
    assert len(found["all", "events"]) == 2 and ("none", "events") not in found
    assert found["two", "adopters"] == 2 and found["two", "adopters_are"] == "lagging"


def test_events_are_not_drawn(tmp_path, capsys):
    path = tmp_path / "good.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert cli.main(["check", str(path), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content["drawn"]) == ["takeover.difficulty"]
    assert [len(one["value"]) for one in content["not_default"] if one["key"] == "events"] == [
        2,
        2,
    ]


def test_the_schema_knows_events():
    check = jsonschema.Draft202012Validator(schema())
    assert check.is_valid(parse(GOOD).raw)
    for event in (
        {"on": "2030", "set": {"growth": 0.5}},
        {"onn": "2030-01"},
        {"on": "2030-01", "set": {"growth": 1.5}},
        {"on": "2030-01", "set": {"hold": {"uniform": [1, 2]}}},
        {"when": "strike", "at_least": 1},
        {"when": "strikes_seen", "at_least": "a"},
    ):
        assert not check.is_valid({"events": [event]}), event
    assert not check.is_valid({"events": [{"on": "2030-01", "withdraw": "all"}] * 9})
    assert not check.is_valid({"adopters": 0})


@pytest.mark.parametrize(
    "oversight",
    [
        {"control": {"share": 0}, "cot_monitor": {}},
        {"control": {"share": {"uniform": [0, 1]}}},
        {"adaptive": {}, "audit_budget": {"uniform": [0, 0.5]}},
        {"adaptive": {"audit_min": {"uniform": [0.001, 0.1]}}},
        {"audit_budget": 0.5},
    ],
)
def test_budgets_that_may_be_spent_are_no_mistake(oversight):
    rs.parse({"oversight": oversight})


def test_a_budget_of_an_event_below_the_usual_one_is_no_mistake():
    """A sweep over the audit budget passes the event's, which then changes nothing."""
    low = {"when": "strikes_seen", "at_least": 1, "set": {"audit_budget": 0.1}}
    swept = rs.parse({"oversight": {"control": True}, "events": [low]})
    assert swept.override({"oversight.audit_budget": 0.3}).policies


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"on": "2027-01", "set": {"frozen": 1}}, "freeze from 2027-01"),
        ({"on": "2027-01", "months": 6, "set": {"growth": 0.5}}, "growth 0.5 in 2027-01"),
        ({"on": "2027-01", "withdraw": "model"}, "withdraw the model in 2027-01"),
        (
            {"when": "highest_report", "at_least": 8, "set": {"frozen": 1}},
            "freeze at highest report >= 8",
        ),
        (
            {"when": "danger_belief", "at_least": 0.2, "at_most": 0.9, "set": {"hold": 2}},
            "hold paradigm 2 at danger belief >= 0.2 and <= 0.9",
        ),
    ],
)
def test_an_event_in_words(event, words):
    assert event_in_words(Event.model_validate(event)) == words


def test_two_events_with_the_same_words_are_told_apart_by_their_numbers():
    twice = [
        Event.model_validate({"on": "2027-01", "months": k, "set": {"growth": 0.5}})
        for k in (3, 6)
    ]
    assert names_of_events(twice) == tuple(f"growth 0.5 in 2027-01 (event {k})" for k in (1, 2))
