"""A space of policies: points that are the same policy are one; what cannot vary is refused."""

import pytest
from small import FIRST_PART, scenario

import regimesim as rs
from regimesim.scenario.parameters import active
from regimesim.studies.dimensions import Choice, switched_on
from regimesim.studies.search_space import (
    candidates_in,
    make_space,
    scenario_of,
)

AUDITS = "oversight.audit_budget"
HALT = {"events": [{"when": "highest_report", "at_least": 8, "set": {"frozen": 1}}]}
EVENTS = Choice("event", {"none": {}, "halt": HALT})
GIVEN = {**FIRST_PART, "oversight.control.tax": 0.02}
POLICIES = {
    "control": {"oversight.cot_monitor": False},
    "trapped": {"oversight.honeypots": {"traps": 0.7}, "oversight.evaluations": {}},
}


@pytest.fixture(scope="module")
def small():
    return scenario(GIVEN, POLICIES)


def space(small, over=(), switches=(), choices=()):
    return make_space(small, "control", over, switches, choices)


def test_a_point_is_the_policy_that_its_settings_make(small):
    one = space(small, [f"{AUDITS}=0.01:0.2"], ["cot_monitor,control"])
    made = one.candidate({AUDITS: 0.05, "cot_monitor": True, "control": True})
    changes = {f"policies.control.{AUDITS}": 0.05, "policies.control.oversight.cot_monitor": True}
    assert made.tables == small.choose(["control"]).override(changes).policies["control"]
    assert one.scenario_at(made.point).policies["control"] == made.tables
    assert made.words == "cot_monitor + control, audit_budget 0.05"


def test_a_number_whose_safeguard_is_off_makes_no_second_policy(small):
    over = [f"{AUDITS}=0.01,0.05,0.2", "oversight.cot_monitor.tax=0,0.1"]
    one = space(small, over, ["control", "cot_monitor"])
    found, wrong = candidates_in(one, one.every())
    # nobody audits without a monitor, and the tax counts where its monitor is on
    assert (one.size, len(found), wrong) == (4 * 3 * 2, 1 + 3 + 2 * 3 * 2, [])
    values = {AUDITS: 0.05, "oversight.cot_monitor.tax": 0.1, "cot_monitor": False}
    assert one.candidate({**values, "control": False}).point == (False, False, None, None)
    assert one.candidate({**values, "control": True}).point == (True, False, 0.05, None)


def test_a_safeguard_is_switched_on_as_the_file_has_it(small):
    assert switched_on(small, "control") == (True, None)
    assert switched_on(small, "honeypots")[1] == "trapped"
    assert switched_on(small, "pause") == (True, None)
    one = space(small, switches=["honeypots,control"])
    on = one.candidate({"honeypots": True, "control": True}).tables.oversight
    assert (on.honeypots.traps, on.control.tax) == (0.7, 0.02)
    off = one.candidate({"honeypots": False, "control": False}).tables
    assert not any(active(off).values())


def test_events_of_a_choice_are_added_and_contradictions_are_told(small):
    own = {"on": "2030-01", "when": "date", "set": {"pause": 0.5}}
    with_own = small.override({"policies.control.events": [own]})
    one = space(with_own, ["events.2.at_least=5,9"], ["evaluations"], [EVENTS])
    found, wrong = candidates_in(one, one.every())
    events = {found_one.point: len(found_one.tables.events) for found_one in found}
    # the event of the choice waits for evaluations, and its value counts where it is chosen
    assert events == {
        (False, "none", None): 1,
        (True, "none", None): 1,
        (True, "halt", 5.0): 2,
        (True, "halt", 9.0): 2,
    }
    assert len(wrong) == 2 and "event 2 waits for evaluations" in wrong[0]


def test_numbers_are_rounded_and_stay_inside_their_range(small):
    one = space(small, [f"{AUDITS}=0.01234:0.2", "adopters=1:3"])
    audits, adopters = one.dimensions
    assert audits.log and audits.options is None and one.size is None
    assert adopters.options == (1, 2, 3)
    assert audits.rounded(0.0123) == 0.01234 and audits.rounded(0.0567899) == 0.0568
    assert adopters.rounded(2.4) == 2 and isinstance(adopters.rounded(2.4), int)


def test_candidates_are_policies_of_a_scenario(small):
    one = space(small, switches=["control"])
    found, _ = candidates_in(one, one.every())
    made = scenario_of(one, {f"c{k}": candidate for k, candidate in enumerate(found)})
    assert [made.title(name) for name in made.policies] == ["none on", "control"]
    worlds, _ = rs.run(rs.parse(made.resolved()))
    assert worlds.sizes["policy"] == 2


@pytest.mark.parametrize(
    ("over", "switches", "choices", "sentence"),
    [
        ((), (), (), "--over: nothing varies; name a parameter, as in"),
        (["oversight.audit_budgets=0:1"], (), (), "unknown parameter; the nearest is"),
        ([AUDITS + "=0.1"], (), (), "expected KEY, KEY=LOW:HIGH or KEY=A,B,C"),
        ([AUDITS + "=0.1,x"], (), (), f'--over: {AUDITS}: found "x"; allowed are numbers'),
        ([AUDITS + "=0.1,0.1"], (), (), "allowed are two different numbers or more"),
        ([AUDITS + "=0.1,2"], (), (), f"--over: {AUDITS}: found 2; allowed is 0 to 1"),
        ([AUDITS, AUDITS + "=0.1,0.2"], (), (), f"--over: {AUDITS}: given twice"),
        (["labs=1:3"], (), (), "is a setting of the run, the same for all policies"),
        ((), ["controll"], (), "unknown safeguard \"controll\"; the nearest is 'control'"),
        ((), ["control,control"], (), "--choose: control: given twice"),
        (["oversight.pause.pause_strength"], ["control"], (), "has oversight.pause"),
        (["events.1.at_least=1:5"], ["control"], (), "has event 1"),
        ((), (), [Choice("event", {"one": HALT})], "event: has 1 option; a choice needs two"),
        ((), (), [EVENTS, EVENTS], "--choose-events: event: given twice"),
        ((), (), [Choice("event", {"a": HALT, "b": HALT})], "waits for evaluations"),
    ],
)
def test_what_cannot_vary_is_refused_in_one_sentence(small, over, switches, choices, sentence):
    with pytest.raises(rs.Refusal) as refused:
        space(small, over, switches, choices)
    (line,) = refused.value.lines
    assert sentence in line
