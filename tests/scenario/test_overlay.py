"""A scenario with values replaced, policies chosen, and told by what differs from the defaults."""

import pytest

from regimesim.errors import Refusal
from regimesim.scenario.declaration import Distribution, Fit
from regimesim.scenario.scenario import Difference, ScenarioError, parse, prepare
from regimesim.scenario.toml_reader import read_setting

TWO = """
name = "two"
[takeover]
difficulty = { uniform = [10, 12] }
[oversight]
control = { auroc = 0.9 }
[policies.with_control]
[policies.without]
takeover.difficulty = { normal = [15, 1] }
oversight.control = false
oversight.interpretability = true
"""


def test_differences_are_shown_for_all_policies_or_for_one():
    assert parse(TWO).differences() == [
        Difference(
            "with_control",
            "takeover.difficulty",
            Distribution("uniform", (10.0, 12.0)),
            Distribution("normal", (15.0, 2.0)),
        ),
        Difference(
            "without",
            "takeover.difficulty",
            Distribution("normal", (15.0, 1.0)),
            Distribution("normal", (15.0, 2.0)),
        ),
        Difference("with_control", "oversight.control", True, False),
        Difference("with_control", "oversight.control.auroc", 0.9, 0.87),
        Difference("without", "oversight.interpretability", True, False),
    ]
    assert parse("months = 9\n[goals]\nvalue = 0.6").differences() == [
        Difference(None, "months", 9, 180),
        Difference(None, "goals.value", 0.6, 0.5),
    ]


def test_an_override_replaces_the_whole_value_and_leaves_the_scenario_as_it_was():
    scenario = parse(TWO)
    changed = scenario.override(
        {
            "worlds": 7,
            "takeover.difficulty": {"beta": [2, 3]},
            "policies.without.goals.value": 0.2,
            "capability": {"initial": Fit("metr", 2020.0), "noise": 0},
        }
    )
    assert changed.worlds == 7
    assert changed.policies["with_control"].takeover.difficulty == Distribution("beta", (2, 3))
    assert changed.policies["without"].takeover.difficulty == Distribution("normal", (15, 1))
    assert [tables.goals.value for tables in changed.policies.values()] == [0.5, 0.2]
    assert changed.policies["without"].capability.initial == Fit("metr", 2020.0)
    assert scenario == parse(TWO)
    assert changed.override({"worlds": 8}).policies == changed.policies


def test_an_override_of_a_safeguard_holds_wherever_it_is_active():
    scenario = parse(
        {
            "policies": {
                "none": {},
                "plain": {"oversight": {"control": {}}},
                "own": {"oversight": {"control": {"auroc": 0.7}}},
            }
        }
    )
    changed = scenario.override({"oversight.control.auroc": 0.99})
    assert changed.policies["none"].oversight.control is None
    assert changed.policies["plain"].oversight.control.auroc == 0.99
    assert changed.policies["own"].oversight.control.auroc == 0.7
    on = scenario.override({"oversight.pause": {"pause_strength": 0.1}})
    assert all(tables.oversight.pause.pause_strength == 0.1 for tables in on.policies.values())
    off = scenario.override({"policies.plain.oversight.control": False})
    assert off.policies["plain"] == scenario.policies["none"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"takeover.dificulty": 3},
            "takeover.dificulty: unknown key; the nearest is 'difficulty'",
        ),
        ({"value": 0.3}, "value: unknown key; it belongs to [goals]"),
        ({"capability.noise.x": 3}, "capability.noise.x: unknown key; 'capability.noise' is a"),
        ({"policies.witout.goals.value": 0.2}, "no policy \"witout\"; the nearest is 'without'"),
        ({"policies.without": {}}, "found {}; name a parameter of the policy"),
        ({"policies.without.months": 3}, "policies.without.months: unknown key"),
        ({"oversight.pause.pause_strength": 0.1}, "switch it on with oversight.pause = true"),
        (
            {"policies.without.oversight.control.auroc": 0.8},
            "switch it on with policies.without.oversight.control = true",
        ),
        ({"months": 0, "goals.value": 1}, "months: found 0; allowed is 1 to 1200\n"),
        ({"goals": 3}, "goals: found 3; allowed is a table"),
        ({"": 3}, "unknown key"),
        ({"policies": {}}, "policies: found {}"),
    ],
)
def test_an_override_that_cannot_be_is_refused(changes, line):
    with pytest.raises(ScenarioError) as caught:
        parse(TWO).override(changes, source="here")
    assert line in f"{caught.value}\n"
    assert all(told.startswith("here: ") for told in caught.value.lines)


def test_an_override_that_every_policy_would_ignore_is_refused():
    policies = {"a": {"goals": {"value": 0.1}}, "b": {"goals": {"value": 0.2}}}
    with pytest.raises(ScenarioError, match=r"write policies\.NAME\.goals\.value"):
        parse({"policies": policies}).override({"goals.value": 0.5})


def test_policies_are_chosen_by_name():
    scenario = parse(TWO).choose(["without"])
    assert list(scenario.policies) == ["without"]
    assert list(scenario.override({"worlds": 3}).policies) == ["without"]
    with pytest.raises(ScenarioError, match="no policy \"withot\"; the nearest is 'without'"):
        parse(TWO).choose(["withot"])
    with pytest.raises(ScenarioError, match="none was chosen"):
        parse(TWO).choose([])
    plain_scenario = parse("")
    assert plain_scenario.choose(["scenario"]) == plain_scenario
    assert plain_scenario.override({"policies.scenario.goals.value": 0.1}) == parse(
        "[goals]\nvalue = 0.1"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1", ("a", 1)),
        ("a.b = 1e3", ("a.b", 1000.0)),
        ("a={ normal = [15, 2] }", ("a", {"normal": [15, 2]})),
        ("a=[1, 2]", ("a", [1, 2])),
        ("a=true", ("a", True)),
        ('a="x y"', ("a", "x y")),
        ("a=untrusted", ("a", "untrusted")),
        ("start=2026-01", ("start", "2026-01")),
    ],
)
def test_settings_of_the_command_line_are_toml_or_bare_words(text, expected):
    assert read_setting(text) == expected


def test_a_prepared_scenario_tells_every_wrong_setting(tmp_path):
    file = tmp_path / "two.toml"
    file.write_text(TWO)
    scenario = prepare(file, ["worlds=3", "oversight.control.monitor=untrusted"], ["with_control"])
    assert scenario.policies["with_control"].oversight.control.monitor == "untrusted"
    assert scenario.worlds == 3
    with pytest.raises(ScenarioError) as caught:
        prepare(file, ["worlds", "a=[", "b=1\nc=2", "=3", "a b=3"])
    assert len(caught.value.lines) == 5
    with pytest.raises(ScenarioError) as caught:
        prepare(file, ["x=1", "worlds=many"])
    assert [line.partition(":")[0] for line in caught.value.lines] == ["command line"] * 2


@pytest.mark.parametrize(
    ("written", "toml"),
    [(".05", "0.05"), ("-.5", "-0.5"), ("5.", "5.0"), ("007", "7"), ("+.1e-3", "+0.1e-3")],
)
def test_a_number_that_toml_writes_otherwise_is_explained(written, toml):
    with pytest.raises(Refusal) as caught:
        read_setting(f"x.y={written}")
    assert caught.value.lines == (f'--set x.y: "{written}" is no number in TOML; write {toml}',)
    assert isinstance(read_setting(f"x.y={toml}")[1], int | float)
