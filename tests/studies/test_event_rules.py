"""Sequences of event rules: the short form, a search that needs two, the decision table."""

import json
import tomllib

import numpy as np
import pytest

import regimesim as rs
from regimesim.analysis.estimates import proportion
from regimesim.cli import main
from regimesim.scenario import parse
from regimesim.scenario.events import Event
from regimesim.scenario.toml_writer import written
from regimesim.studies.dimensions import Number
from regimesim.studies.event_rules import read_rules
from regimesim.studies.optimise.decision_table import decision_table
from regimesim.studies.search_space import make_space

LOOK = "highest_report >= 2 -> audit_budget=0.02:0.05"
STOP = "strikes_seen >= 1 -> contact=0, frozen, withdraw=all"
# Nobody looks at first, so the first strike takes over; where labs begin to look, it may be
# caught, and the world is lost later unless that ends all contact.
PATHWAY = {
    "name": "pathway",
    "worlds": 128,
    "months": 120,
    "labs": 1,
    "systems": 6,
    "capability": {"doubling_time": 4},
    "takeover": {"difficulty": 14},
    "conduct": {"story_rate": 0},
    "cognition": {"calibration_error": 1},
    "feedback": {
        **{"density": 0.3, "density_trend": 0, "density_per_doubling": 0, "constraint": 0},
    },
    "policies": {
        "base": {
            "oversight": {
                **{"audit_budget": 0.0001, "trajectories": 1, "recognition": 1},
                **{"recognition_limit": 40, "evaluations": True, "beliefs": {"discovery": 0}},
                "control": {"auroc": 0.9, "tax": 0, "monitor_slope": 0},
            }
        }
    },
}


def test_a_rule_is_read():
    (one,) = read_rules("believed_catch_rate<=0.5:0.95 -> frozen, growth=0:0.5 for 6:24 months")
    assert (one.name, one.signal, one.sense) == ("rule1", "believed_catch_rate", "at_most")
    assert [number.name for number in one.varied] == [
        "rule1.believed_catch_rate",
        "rule1.growth",
        "rule1.months",
    ]
    values = {"rule1.believed_catch_rate": 0.81239, "rule1.growth": 0.2, "rule1.months": 7.0}
    event = one.event(values)
    assert event == {
        "when": "believed_catch_rate",
        "at_most": 0.812,
        "months": 7,
        "set": {"growth": 0.2, "frozen": 1},
    }
    assert Event.model_validate(event).set.frozen == 1


def test_a_rule_without_a_range_has_no_number_of_the_search():
    look, stop = read_rules([LOOK, STOP])
    assert [one.name for one in look.varied] == ["rule1.audit_budget"]
    assert stop.varied == ()
    assert stop.event({}) == {
        "when": "strikes_seen",
        "at_least": 1,
        "set": {"contact": 0.0, "frozen": 1},
        "withdraw": "all",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strikes_seen >= 1", "cannot be read; allowed is WHAT >= NUMBER -> RESPONSES"),
        ("strikes > 1 -> frozen", "cannot be read"),
        ("strike_seen >= 1 -> frozen", "the nearest is 'strikes_seen'"),
        ("strikes_seen >= 1 -> freeze", "the nearest is 'frozen'"),
        ("strikes_seen >= 1 -> growth", "growth: has no number"),
        ("strikes_seen >= 1 -> growth=0, growth=0.5", "growth: given twice"),
        ("strikes_seen >= 1 -> growth=0.5:0.2", "the lower one first"),
        ("strikes_seen >= 1 -> growth=much", "allowed is a number, or LOW:HIGH"),
        ("strikes_seen >= 1 -> growth=0:2", "allowed is 0 to 1"),
        ("strikes_seen >= 1.5 -> frozen", "allowed are whole numbers"),
        ("strikes_seen >= 1 -> withdraw=some", "allowed are model, lab, all"),
        ("strikes_seen >= 1 -> frozen=0", "frozen=0 changes nothing"),
        ("strikes_seen >= 1 -> growth=1", "growth=1 changes nothing"),
        ("strikes_seen >= 1 -> frozen for 0.5", "allowed are whole numbers"),
        ("strikes_seen >= 0:2 -> frozen", "strikes_seen always is at least 0"),
        ("believed_catch_rate >= 1.2 -> frozen", "never above 1"),
        ("believed_catch_rate <= -0.5 -> frozen", "never below 0"),
        ("danger_belief <= 0.5:1 -> frozen", "danger_belief always is at most 1"),
        ("date >= 3 -> frozen", "nothing can wait for"),
    ],
)
def test_a_rule_that_can_never_count_is_refused(text, said):
    with pytest.raises(rs.Refusal) as refused:
        read_rules([text])
    assert str(refused.value).startswith("--choose-events ")
    assert said in str(refused.value)


def test_rules_that_contradict_each_other_are_refused():
    again = "strikes_seen >= 3 -> frozen, contact=0, withdraw=all"
    with pytest.raises(rs.Refusal, match="waits for and sets the same as"):
        read_rules([STOP, again])
    with pytest.raises(rs.Refusal, match="found 9 rules; allowed are at most 8"):
        read_rules([f"strikes_seen >= {k} -> audit_budget=0.1 for {k}" for k in range(1, 10)])


def test_a_rule_that_waits_for_what_no_policy_has_is_refused():
    scenario = parse({"policies": {"base": {"oversight": {"control": True}}}})
    rules = read_rules([LOOK])
    with pytest.raises(rs.Refusal, match="waits for evaluations"):
        make_space(scenario, "base", rules=rules)
    # where a safeguard of the search makes it possible, it is not
    space = make_space(scenario, "base", switches=["evaluations"], rules=rules)
    assert space.names == ("evaluations", "rule1", "rule1.audit_budget")
    own = {"policies": {"base": {"events": [{"on": "2027-01", "set": {"frozen": 1}}] * 8}}}
    with pytest.raises(rs.Refusal, match="found 1 rules beside 8 events of 'base'"):
        make_space(parse(own), "base", rules=read_rules([STOP]))


def test_a_number_of_a_rule_that_is_off_is_none():
    space = make_space(parse(PATHWAY), "base", rules=read_rules([LOOK, STOP]))
    on = {"rule1": True, "rule1.audit_budget": 0.03123, "rule2": True}
    both = space.candidate(on)
    assert both.point == (True, 0.0312, True)
    assert [event.when for event in both.tables.events] == ["highest_report", "strikes_seen"]
    assert both.tables.events[0].set.audit_budget == 0.0312
    off = {**on, "rule1": False}
    none, same = (space.candidate({**off, "rule1.audit_budget": x}) for x in (0.02, 0.04))
    assert none.point == (False, None, True)
    assert none.key == same.key != both.key
    assert [type(one) for one in space.dimensions].count(Number) == 1


def test_only_a_sequence_of_two_rules_reaches_the_target(tmp_path):
    result = rs.optimise(
        PATHWAY,
        minimise="audited",
        subject_to=["no_takeover>=0.2"],
        choose_events=[LOOK, STOP],
        trials=24,
    )
    settings = result.to_dict()["chosen"]["best"]["settings"]
    assert settings["rule1"] and settings["rule2"]
    assert result.look.reached
    # neither rule reaches it alone, whatever its number
    for rules in ([LOOK], [STOP]):
        alone = rs.optimise(
            PATHWAY,
            minimise="audited",
            subject_to=["no_takeover>=0.2"],
            choose_events=rules,
            trials=8,
        )
        assert not alone.look.reached
        assert "No policy was found that reaches" in alone.text()
    said = result.text()
    assert "rule1: highest_report >= 2 -> audit_budget=0.02:0.05" in said
    assert "The best policy, to be followed:" in said
    assert max(map(len, said.splitlines())) <= 80
    assert "a strike is seen" in said
    # the saved scenario has the same worlds as the candidate, bit for bit
    from regimesim.studies.optimise.compute import written_scenario

    saved = tmp_path / "best.toml"
    saved.write_text(written_scenario(result))
    assert "[[policies.best.events]]" in saved.read_text()
    again = rs.load(saved)
    assert again.policies["best"] == result.best.candidate.tables
    worlds = rs.run(again.choose(["best"])).worlds
    space = result.question.space
    tried = rs.run(space.scenario_at(result.best.candidate.point, "best")).worlds
    assert worlds.equals(tried)
    assert proportion(np.isnan(worlds.crossing.sel(threshold="takeover"))).estimate > 0.2


def test_the_decision_table_word_for_word():
    events = [
        {"when": "believed_catch_rate", "at_most": 0.8, "set": {"frozen": 1, "growth": 0}},
        {"when": "strikes_seen", "at_least": 1, "months": 12, "withdraw": "model",
         "set": {"audit_budget": 0.3, "contact": 0}},
        {"when": "strikes_seen", "at_least": 3, "months": 1, "withdraw": "lab",
         "set": {"contact": 0.25}},
        {"when": "alarm", "at_least": 1, "set": {"growth": 0.5, "pause": 0.4}},
        {"when": "highest_report", "at_least": 8, "withdraw": "all"},
        {"when": "danger_belief", "at_least": 0.2, "at_most": 0.6, "set": {"hold": 2}},
        {"when": "story_incidents", "at_least": 2, "set": {"density_floor": 0.5}},
        {"on": "2027-01", "set": {"audit_budget": 0.125}},
    ]  # fmt: skip
    oversight = {"control": True, "cot_monitor": True, "evaluations": True, "audit_budget": 0.1}
    tables = parse({"oversight": oversight, "events": events}).policies
    (table,) = map(decision_table, tables.values())
    assert [tuple(row.values()) for row in table] == [
        (
            "at the start",
            "",
            "audit 10 % of trajectories; have AI control, chain-of-thought monitoring and "
            "evaluations",
        ),
        ("the believed catch rate is 80 % or less", "good", "train nothing new and stop growth"),
        (
            "a strike is seen",
            "12 months",
            "replace all copies of a model of which one struck, let systems have no contact with "
            "the real world and audit at least 30 % of trajectories",
        ),
        (
            "3 or more strikes are seen",
            "1 month",
            "replace all systems of a lab in which one struck and let systems have at most 25 % "
            "of the contact with the real world",
        ),
        (
            "an evaluation raises the alarm",
            "good",
            "cut growth to 50 % and ask labs to give up 40 % of growth",
        ),
        ("an evaluation reports 8 or more doublings", "good", "replace all systems"),
        (
            "the belief that systems strike is 20 % to 60 %",
            "good",
            "let no lab go beyond paradigm 2",
        ),
        ("2 or more story incidents are seen", "good", "keep the feedback density at 0.5 or more"),
        ("it is 2027-01", "good", "audit at least 12.5 % of trajectories"),
    ]
    (nothing,) = parse({"oversight": {"control": False}}).policies.values()
    leading = {"adopters": 2, "oversight": {"control": True, "audit_budget": {"uniform": [0, 1]}}}
    (some,) = parse(leading).policies.values()
    assert decision_table(some)[0]["then"] == (
        "only in 2 labs that lead at first; audit a drawn share of trajectories; have AI control"
    )
    assert decision_table(nothing) == [{"if": "at the start", "for": "", "then": "nothing"}]


def test_the_decision_table_has_every_response_of_the_policy():
    oversight = {
        "cot_monitor": True,
        "adaptive": {"risk_tolerance": 0.001, "audit_min": 0.015, "audit_max": 0.6},
        "evaluations": {"response": "pause", "eval_response": 0.7},
        "pause": {"pause_threshold": 0.4, "pause_strength": {"uniform": [0.5, 1]}},
        "correction": True,
    }
    (tables,) = parse({"paradigm": {"hold": 2}, "oversight": oversight}).policies.values()
    assert [tuple(row.values()) for row in decision_table(tables)] == [
        (
            "at the start",
            "",
            "audit 3 % of trajectories, and move it each month; have chain-of-thought monitoring "
            "and evaluations; train against story incidents; let no lab go beyond paradigm 2",
        ),
        (
            "the believed risk is above 0.1 % a month",
            "1 month",
            "audit more, up to 60 % of trajectories",
        ),
        (
            "the believed risk is below 0.1 % a month",
            "1 month",
            "audit less, down to 1.5 % of trajectories",
        ),
        ("an evaluation raises the alarm", "1 month", "take away 70 % of growth"),
        (
            "the belief that systems strike is above 40 %",
            "1 month",
            "ask labs to give up a drawn share of growth",
        ),
    ]
    restrict = {"oversight": {"evaluations": {"response": "restrict"}}}
    (access,) = parse(restrict).policies.values()
    assert decision_table(access)[-1]["then"] == "take away 80 % of contact with the real world"


def test_a_list_of_tables_reads_back_as_it_was_written():
    raw = {
        "name": "x",
        "policies": {
            "a b": {"events": [{"when": "alarm", "at_least": 1, "set": {"frozen": 1}}] * 2},
            "c": {"oversight": {"control": {"auroc": {"uniform": [0.6, 0.9]}}}, "events": []},
        },
        "premium": [0, {"uniform": [0, 1]}, 2, 3],
        "drawn": [{"uniform": [0, 1]}, {"uniform": [0, 2]}],
    }
    text = written(raw)
    assert tomllib.loads(text) == raw
    assert text.count('[[policies."a b".events]]') == 2


def test_the_command_saves_the_decision_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pathway.toml").write_text(written(PATHWAY))
    command = ["optimise", "pathway.toml", "--minimise", "audited", "--subject-to"]
    rules = ["--choose-events", LOOK, "--choose-events", STOP]
    assert main([*command, "no_takeover>=0.2", *rules, "--trials", "16", "--no-figures"]) == 0
    folder = tmp_path / "outputs" / "pathway-optimise"
    content = json.loads((folder / "optimise.json").read_text())
    rows = content["decisions"]["best"]
    assert [row["if"] for row in rows][1:] == [
        "an evaluation reports 2 or more doublings",
        "a strike is seen",
    ]
    assert {"name": "rule1", "rule": LOOK} in content["space"]
    assert main([*command, "no_takeover>=0.2", "--choose-events", "strikes >= 1 -> frozen"]) == 2
    assert "the nearest is 'strikes_seen'" in capsys.readouterr().err.replace("\n", " ")
