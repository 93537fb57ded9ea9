"""Values of events as keys, and policies that some labs adopt, at the points of a sweep."""

import pytest

import regimesim as rs
from regimesim.cli import main
from regimesim.studies.cruxes.question import ask as ask_cruxes
from regimesim.studies.discover.question import ask as ask_discover
from regimesim.studies.require.question import ask as ask_require
from regimesim.studies.sensitivity.question import ask as ask_sensitivity
from regimesim.studies.sweep.axes_and_outcomes import Varied
from regimesim.sweeps.designs import make_design, read_design, scenario_at

SCENARIO = """
name = "events"
worlds = 20
months = 40
labs = 3
systems = 6
feedback.density = 0.3
[policies.none]
[policies.shut_down]
oversight.control = true
feedback.density = 0.9
[[policies.shut_down.events]]
when = "strikes_seen"
at_least = 1
months = 12
set = { audit_budget = 0.3, frozen = 1 }
withdraw = "lab"
[[policies.shut_down.events]]
on = "2027-06"
set = { growth = 0.5 }
"""
FIRST, SECOND = "policies.shut_down.events.1", "policies.shut_down.events.2"


def scenario():
    return rs.parse(SCENARIO)


def events(read):
    return read.policies["shut_down"].events


def test_a_value_of_an_event_is_set_and_the_others_stay():
    before, after = (
        scenario(),
        scenario().override(
            {
                f"{FIRST}.months": 6,
                f"{FIRST}.set.audit_budget": 0.2,
                f"{FIRST}.set.pause": 1,
                f"{SECOND}.on": "2028-01",
            }
        ),
    )
    first, second = events(after)
    assert (first.months, first.set.audit_budget, first.set.pause) == (6, 0.2, 1)
    assert (first.at_least, first.withdraw, first.set.frozen) == (1, "lab", 1)
    assert (second.on, second.set.growth) == ("2028-01", 0.5)
    assert before == scenario() and after.policies["none"] == before.policies["none"]


def test_an_event_of_the_scenario_is_set_for_policies_without_events_of_their_own():
    own = {"on": "2027-01", "set": {"growth": 0.1}}
    read = scenario().override({"events": [own]}).override({"events.1.months": 5})
    assert read.policies["none"].events[0].months == 5
    assert events(read) == events(scenario())
    alone = rs.parse({"events": [own]}).override({"policies.scenario.events.1.months": 5})
    assert alone.policies["scenario"].events[0].months == 5


REFUSED = {
    "policies.shut_down.events.3.months=1": "there is no event 3; the last is event 2",
    "policies.none.events.1.months=1": "there is no event 1: there are no events",
    "events.1.months=1": "the nearest is 'policies.shut_down.events.1.months'",
    "policies.shut_down.events.0.months=1": 'found "0"; an event has a number, 1 to 8',
    "policies.shut_down.events.first.months=1": 'found "first"; an event has a number, 1 to 8',
    "policies.shut_down.events.1.month=1": "unknown key; the nearest is 'events.1.months'",
    "policies.shut_down.events.1=1": "unknown key; the nearest is 'events.1.",
    "policies.shut_down.events.1.set.growh=1": "the nearest is 'events.1.set.growth'",
    "policies.shut_down.events.1.months=-1": "found -1; allowed is 0 to 1200",
    "policies.shut_down.events.1.set.frozen=2": "found 2; allowed is 0 to 1",
    "policies.shut_down.events.1.withdraw=labs": 'the nearest is "lab"',
    "policies.shut_down.events.2.at_least=1": "an event with a date has no bounds",
    "policies.shut_down.events.2.on=2050-01": "the run is from 2026-01 to 2029-04",
    "policies.shutdown.events.1.months=1": "the nearest is 'shut_down'",
}


@pytest.mark.parametrize("setting", REFUSED)
def test_a_value_of_an_event_that_cannot_be_is_refused(setting, tmp_path, capsys):
    path = tmp_path / "events.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    assert main(["run", str(path), "--set", setting, "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("command line: ") and REFUSED[setting] in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "vary",
    [
        [f"{FIRST}.months=1:12:3", f"{FIRST}.set.audit_budget=0.1,0.4"],
        [f"{FIRST}.withdraw=lab,all,none", f"{SECOND}.on=2027-01,2028-01"],
        ["adopters=1,2,3", "feedback.density_floor=0.1,0.2"],
        ["policies.shut_down.adopters=1:2:2", "feedback.density=0.2,0.4"],
        ["adopters=1,2", "adopters_are=leading,lagging,any", "takeover.difficulty.mean=9,12"],
        ["policies.shut_down.adopters=1,2", "paradigm.hold=1,2", "outside.tax=0.1,0.2"],
        ["training.release_interval=1:12:3", "labs=2,3"],
    ],
)
def test_a_point_is_the_scenario_that_its_values_override(vary):
    design = read_design(scenario(), vary)
    for point in range(len(design)):
        at = scenario_at(scenario(), design, point)
        assert at == scenario().override(design.settings(point))
        assert rs.parse(at.raw, name=at.name) == at


def test_a_file_sweeps_events_however_their_keys_are_written():
    value = "[1, 6]"
    for written in (f'"{FIRST}.months"', f"{FIRST}.months"):
        swept = rs.parse(f"{SCENARIO}\n[sweep.vary]\n{written} = {value}")
        (axis,) = read_design(swept).axes
        assert (axis.key, axis.unit) == (f"{FIRST}.months", "months")


@pytest.mark.parametrize(
    ("axes", "reason"),
    [
        ({"policies.shut_down.events.3.months": [1]}, "there is no event 3"),
        ({"policies.shut_down.events.1.months": [-1]}, "found -1; allowed is"),
        ({"policies.shut_down.events.1.months": [1.5]}, "allowed is a whole number"),
        ({"policies.shut_down.events": [1]}, "a list of events; name a value of one, as in"),
        ({"events.1.months": [1]}, "the nearest is 'policies.shut_down.events.1.months'"),
        ({"adopters": [0]}, "allowed is"),
    ],
)
def test_an_axis_that_cannot_be_is_refused(axes, reason):
    with pytest.raises(rs.Refusal) as refused:
        make_design(scenario(), axes)
    (line,) = refused.value.lines
    assert reason in line


def test_a_point_with_more_adopters_than_labs_or_a_date_outside_the_run_is_refused():
    for axes, reason in (
        ({"adopters": [3], "labs": [2]}, "adopters: found 3; a world has 2 labs"),
        ({"months": [10]}, 'policies.shut_down.events: event 2: on: found "2027-06"; the run'),
    ):
        design = make_design(scenario(), axes)
        with pytest.raises(rs.Refusal) as refused:
            scenario_at(scenario(), design, 0)
        (line,) = refused.value.lines
        assert line.startswith(reason)


def test_require_varies_a_number_of_an_event_where_a_policy_has_it():
    target = {"no_takeover": 0.5}
    question = ask_require(scenario(), target, {"events.1.months": (1, 24)})
    assert list(question.scenario.policies) == ["shut_down"] and question.line.varied[0].whole
    assert "policy 'none' has no event 1" in question.left_out[0]
    with pytest.raises(rs.Refusal, match="its range is missing"):
        ask_require(scenario(), target, ["events.1.months"])
    with pytest.raises(rs.Refusal, match="takes a choice; only a single number can vary"):
        ask_require(scenario(), target, {"events.1.withdraw": (0, 1)})
    with pytest.raises(rs.Refusal, match="has no event 3"):
        ask_require(scenario(), target, {"events.3.months": (1, 24)}, ["shut_down"])


def test_sensitivity_varies_a_number_of_an_event():
    over = {"events.1.months": (1, 24), "events.1.set.pause": (0, 1)}
    months, pause = ask_sensitivity(scenario(), "no_takeover", over, ["shut_down"], 8).parameters
    assert (months.key, months.own, months.unit) == ("events.1.months", 12, "months")
    assert (pause.key, pause.own) == ("events.1.set.pause", None)
    with pytest.raises(rs.Refusal, match="policy 'none' has no event 1"):
        ask_sensitivity(scenario(), "no_takeover", over, ["none"], 8)


def test_discover_refuses_what_is_not_drawn():
    for key in ("policies.shut_down.events.1.set.growth", "adopters"):
        with pytest.raises(rs.Refusal) as refused:
            ask_discover(scenario(), over={key: (0.1, 0.9)})
        (line,) = refused.value.lines
        assert line.startswith("--over: ") and "allowed is a" in line


def test_events_and_adopters_are_cruxes_and_other_labs_keep_the_scenario():
    changes = {f"{FIRST}.months": 3, "policies.shut_down.adopters": 1}
    other = scenario().override(changes)
    question = ask_cruxes(scenario(), other, "no_takeover", ["shut_down"], "parameter")
    assert list(question.groups) == ["adopters", "events"]
    for combination in question.scenarios[1::2]:  # with the adopters of the other side
        (tables,) = combination.policies.values()
        assert tables.outside == other.policies["shut_down"].outside
        assert (tables.adopters, tables.outside.density) == (1, 0.3)


def test_an_axis_of_an_event_is_labelled_by_its_number():
    months, budget = (
        Varied(key, [], [], [], "linear", unit, "").label
        for key, unit in (
            (f"{FIRST}.months", "months"),
            ("events.2.set.audit_budget", "share of trajectories"),
        )
    )
    assert months == "event 1 months of shut_down (months)"
    assert budget == "event 2 audit budget (share of trajectories)"
