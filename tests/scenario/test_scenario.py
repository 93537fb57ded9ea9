"""From TOML to a scenario, or to every mistake at once."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import regimesim as rs
from regimesim.errors import shown
from regimesim.scenario import Scenario, ScenarioError, load, parse
from regimesim.scenario.declaration import Distribution, Quantity, plain
from regimesim.scenario.parameters import Settings, Tables, active, declarations

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


def lines_of(given, source="f.toml") -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(given, source)
    return list(caught.value.lines)


def line_of(given) -> str:
    (line,) = lines_of(given)
    return line


def test_a_text_without_settings_is_the_defaults_with_one_policy():
    scenario = parse("")
    assert scenario.policies == {"scenario": Tables()}
    assert (scenario.months, scenario.labs, scenario.systems) == (180, 3, 60)
    assert (scenario.worlds, scenario.seed, scenario.start) == (10_000, 1, "2026-01")
    assert scenario.differences() == []


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "cut.toml"
    path.write_text(" \n")
    with pytest.raises(ScenarioError, match=r"cut\.toml: the file is empty; a "):
        load(path)
    path.write_text("# the defaults\n")
    assert load(path).policies == {"scenario": Tables()}


def test_what_all_policies_inherit_is_one_mistake():
    policies = "[policies.one]\n[policies.two]\nadopters = 8\n"
    with pytest.raises(ScenarioError) as wrong:
        parse(f"adopters = 7\n{policies}", "f")
    assert list(wrong.value.lines) == [
        "f: adopters: found 7; a world has 3 labs",
        "f: policies.two.adopters: found 8; a world has 3 labs",
    ]


def test_every_default_is_the_one_that_an_empty_file_gets():
    written = parse({"oversight": dict.fromkeys(active(Tables()), True)}).resolved()
    for entry in declarations():
        settings = entry.key in Settings.model_fields
        value = written if settings else written["policies"]["scenario"]
        for key in entry.key.split("."):
            value = value.get(key)
        if entry.key not in ("name",):
            assert value == plain(entry.default), entry.key


MISTAKES = """\
nme = "x"
start = "2026-13"
months = 0
labs = 2.5
worlds = true
auroc = 0.3
[capability]
doubling_tme = 6
noise = { normal = [1] }
noise = 0.2
lab_spread = nan
initial = { fit = "mtr" }
system_spread = { gaus = [1, 2] }
diffusion = { fit = "metr" }
ceiling = { uniform = [200, 300] }
[takeover]
real_world_contact = 1.5
value = 0.5
success_slope = [
  1,
]
success_slope = [
  2,
]
[oversigt]
trajectories = 3
[paradigm]
premium = [0, "a", 0.1, 99]
faithfulness = [1, 2]
[capability]
initial = 3
[oversight.control]
curve = "binorml"
guard = [1, 2, 3, 4]
[oversight.adaptive]
audit_min = 0.5
[policies.none]
months = 3
[policies.none.oversight]
control = "no"
[policies."a b".oversight.control]
auroc = 0.2
[policies.elo.oversight.cot_monitor]
curve = "elo"
[policies.bad]
control = { auroc = 0.9 }
oversight.contrl = false
goals = false
[policies.number]
oversight.adaptive.audit_max = { normal = [0.8, 0.1] }
"""

EVERY_LINE = """\
nme: unknown key; the nearest is 'name'
start: found "2026-13"; allowed is a month "YYYY-MM", 1900 to 2199
months: found 0; allowed is 1 to 1200
labs: found 2.5; allowed is a whole number, 1 to 20
worlds: found true; allowed is a whole number, 1 to 5000000
auroc: unknown key; it belongs to [oversight.control]
capability: given twice; line 30 repeats it
capability.doubling_tme: unknown key; the nearest is 'doubling_time'
capability.noise: given twice; line 10 repeats it
capability.noise: found {normal = [1]}; a normal takes [mean, sd]
capability.lab_spread: found nan; allowed is 0 to 5
capability.initial: found {fit = "mtr"}; a fit is {fit = "metr", since = 2019} or \
{fit = {file = "..."}}, which may also have since, until, quantile, version
capability.system_spread: found {gaus = [1, 2]}; a distribution is one of normal, lognormal, \
uniform, triangular, beta
capability.diffusion: found {fit = "metr"}; a fit is allowed only for capability.initial and \
capability.doubling_time
capability.ceiling: found {uniform = [200, 300]}; no part of it lies in 5 to 100
takeover.real_world_contact: found 1.5; allowed is 0 to 1
takeover.value: unknown key; it belongs to [goals]
takeover.success_slope: given twice; line 22 repeats it
takeover.success_slope: found [1]; allowed is a number, 0 to 1000000, or a distribution
oversigt: unknown key; the nearest is 'oversight'
paradigm.premium: paradigm 2: found "a"; allowed is a number, -0.9 to 5, or a distribution; \
paradigm 4: found 99; allowed is -0.9 to 5
paradigm.faithfulness: found [1, 2]; allowed is [paradigm 1, paradigm 2, paradigm 3, paradigm 4]
oversight.control.curve: found "binorml"; allowed are "binormal", "logistic", "elo"; \
the nearest is "binormal"
oversight.adaptive.audit_min: found 0.5; it must never lie above audit_max, which is 0.2
policies.none.months: a setting of the whole run; it belongs to the top level
policies.none.oversight.control: found "no"; allowed is a table, true or false
policies."a b": a policy's name is 1 to 40 of the letters, digits, '_' and '-'
policies."a b".oversight.control.auroc: found 0.2; allowed is 0.5 to 0.9999
policies.elo.oversight.cot_monitor.guard: missing; the curve "elo" needs \
guard = [floor, slope, intercept, ceiling] and evader = [floor, slope, intercept, ceiling]
policies.bad.control: unknown key; it belongs to [oversight]
policies.bad.oversight.contrl: unknown key; the nearest is 'control'
policies.bad.goals: found false; allowed is a table
policies.number.oversight.adaptive.audit_min: found 0.5; it must never lie above audit_max, \
which is {normal = [0.8, 0.1]}"""


def test_every_mistake_of_a_file_is_shown_once_in_the_order_of_the_file():
    assert lines_of(MISTAKES) == [f"f.toml: {line}" for line in EVERY_LINE.split("\n")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("months = 3\nlabs 3", "line 2, column 6: not TOML: Expected '='"),
        ("[capability", "end of file: not TOML: Expected ']'"),
        ("months =", "not TOML: Invalid value"),
        ("a = [" * 5000, "not TOML: "),
        ("x = " + "[" * 5000 + "]" * 5000, "more than 20 deep"),
        ("x = " + "[" * 30 + "]" * 30, "more than 20 deep"),
        ("takeover" + ".x" * 500 + " = 1", "more than 20 deep"),
        ("months = " + "9" * 5000, "not TOML: "),
        ("name = 'a\x00b'", "not TOML: "),
        ("policies = 3", "policies: found 3; allowed are tables [policies.NAME], at least one"),
        ("[policies]", "policies: found {}; allowed are tables [policies.NAME], at least one"),
        ("policies.a = 1", "policies.a: found 1; allowed is a table"),
        ("capability = 1", "capability: found 1; allowed is a table"),
        ("start = 2026-01-01", "start: found 2026-01-01; allowed is a month"),
        ('name = "../x"', 'name: found "../x"; allowed is 1 to 80'),
        ("seed = 9223372036854775808", "seed: found 9223372036854775808; allowed is 0 to 92"),
        ("months = 0x" + "f" * 5000, "months: found a whole number of 20000 bits; allowed is"),
        ("[oversight.pause]\npauses = 1", "oversight.pause.pauses: unknown key; the nearest"),
        ("[goals]\nzzz = 1", "goals.zzz: unknown key; allowed are value, value_spread, goal_pull"),
        ("initial = 1", "initial: unknown key; it belongs to [capability] or [paradigm]"),
        ("[takeover]\nmonths = 3", "takeover.months: unknown key; it belongs to the top level"),
        ("[polices.a]", "polices: unknown key; the nearest is 'policies'"),
        ("[training]\nintended.prior = 0", "training.intended.prior: found 0 for every archetype"),
        (
            "[policies.a.policies.b]",
            "policies.a.policies: unknown key; allowed are title",
        ),
        ('"\\u001b[31m" = 1', '"\\u001b[31m": unknown key'),
    ],
)
def test_one_mistake_is_one_line(text, line):
    told = line_of(text)
    assert line in told
    assert told.startswith("f.toml: ")
    assert told.isprintable()


def test_repeated_keys_are_shown_although_the_rest_is_no_toml():
    text = "months = 3\nmonths = 4\nlabs = ["
    first, second = lines_of(text)
    assert first == "f.toml: months: given twice; line 2 repeats it"
    assert "not TOML" in second


def test_a_key_repeated_within_braces_is_shown():
    text = "months = 0\n[oversight]\naudit_budget = { normal = [1, 2], normal = [3, 4] }"
    assert lines_of(text) == [
        "f.toml: months: found 0; allowed is 1 to 1200",
        "f.toml: oversight.audit_budget: given twice; line 3 repeats it",
    ]


def test_windows_line_ends_and_a_byte_order_mark_are_no_mistakes(tmp_path):
    file = tmp_path / "w.toml"
    file.write_bytes("\ufeffmonths = 3\r\nlabs = 2\r\n".encode())
    assert (load(file).months, load(file).labs, load(file).name) == (3, 2, "w")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "there.toml").write_text("months = 3")
    (tmp_path / "latin.toml").write_bytes(b"months = 3\nname = '\xe9'")
    (tmp_path / "big.toml").write_bytes(b"#" * (2**20 + 1))
    (tmp_path / "my plan.toml").write_text("months = 3")
    for path, line in {
        tmp_path: f"{tmp_path}: a folder, not a scenario file",
        tmp_path / "ther.toml": f"{tmp_path / 'ther.toml'}: no such file; the nearest is '"
        f"{tmp_path / 'there.toml'}'",
        tmp_path / "latin.toml": f"{tmp_path / 'latin.toml'}: line 2: not UTF-8 text",
        tmp_path / "big.toml": f"{tmp_path / 'big.toml'}: larger than 1 MiB, the most that a "
        "scenario file may be",
        Path("a\0b"): '"a\\u0000b": no such file',
        Path("x" * 5000): f"{shown('x' * 5000)}: cannot be read: File name too long",
    }.items():
        with pytest.raises(ScenarioError) as caught:
            load(path)
        assert caught.value.lines == (line,)
    with pytest.raises(ScenarioError, match="name: missing, and the file's own name cannot serve"):
        load(tmp_path / "my plan.toml")


def test_a_mistake_of_the_scenario_is_shown_once_however_many_policies_there_are():
    policies = {"policies": {"a": {}, "b": {}, "c": {"goals": {"value": 0.3}}}}
    assert line_of({"takeover": {"collusion": -1}, **policies}) == (
        "f.toml: takeover.collusion: found -1; allowed is 0 to 10"
    )
    contradiction = {"oversight": {"adaptive": {"audit_min": 0.3}}, **policies}
    assert line_of(contradiction).startswith("f.toml: oversight.adaptive.audit_min: found 0.3;")


def test_a_contradiction_is_not_shown_when_a_policy_resolves_it():
    curve = {"oversight": {"control": {"curve": "elo"}}}
    lines = {"guard": [800, 100, 0, 2000], "evader": [700, 110, 0, 2000]}
    scenario = parse({**curve, "policies": {"a": {"oversight": {"control": lines}}}})
    assert scenario.policies["a"].oversight.control.guard == (800, 100, 0, 2000)


def test_elo_lines_belong_to_the_elo_curve_only():
    control = {"guard": [800, 100, 0, 2000]}
    assert line_of({"oversight": {"control": control}}) == (
        'f.toml: oversight.control.guard: found with the curve "binormal"; '
        'it is used by the curve "elo" only'
    )
    control |= {"curve": "elo"}
    assert "control.evader: missing" in line_of({"oversight": {"control": control}})
    control |= {"evader": [800, 1, 0, 100]}
    assert "the floor must never lie above the ceiling" in line_of(
        {"oversight": {"control": control}}
    )


def test_taxes_that_stop_all_growth_are_refused():
    taxes = {"tax": 0.5, "control": {"tax": 0.3}, "interpretability": {"tax": 0.3}}
    assert "the taxes of this policy add up to 1.1" in line_of({"oversight": taxes})
    taxes["control"] = False
    assert parse({"oversight": taxes}).policies["scenario"].oversight.tax == 0.5


def test_a_policy_is_laid_over_the_scenario_key_by_key():
    scenario = parse(TWO)
    assert list(scenario.policies) == ["with_control", "without"]
    with_control, without = scenario.policies.values()
    assert with_control.oversight.control.auroc == 0.9
    assert with_control.takeover.difficulty == Distribution("uniform", (10.0, 12.0))
    assert without.takeover.difficulty == Distribution("normal", (15.0, 1.0))
    assert without.oversight.control is None
    assert without.oversight.interpretability.strength == 0.8
    assert without.takeover.success_slope == with_control.takeover.success_slope


@pytest.mark.parametrize("present", [True, {}])
def test_switching_on_keeps_what_the_scenario_says_of_a_safeguard(present):
    policies = {"a": {"oversight": {"control": present}}, "b": {"oversight": {"control": False}}}
    scenario = parse({"oversight": {"control": {"auroc": 0.9}}, "policies": policies})
    assert scenario.policies["a"].oversight.control.auroc == 0.9
    assert scenario.policies["b"].oversight.control is None


def test_the_resolved_scenario_is_json_and_reads_back_to_the_same():
    scenario = parse(TWO + "[capability]\ninitial = { fit = 'metr', since = 2023 }\n")
    written = json.loads(json.dumps(scenario.resolved()))
    assert parse(written) == scenario
    assert written["policies"]["without"]["oversight"]["control"] is False
    assert written["policies"]["without"]["capability"]["initial"]["since"] == 2023
    assert pickle.loads(pickle.dumps(scenario)) == scenario


SINGLE = [
    entry
    for entry in declarations()
    if isinstance(entry.quantity, Quantity) and not entry.quantity.parts
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_values_in_range_make_a_scenario_that_reads_back(data):
    entries = data.draw(st.lists(st.sampled_from(SINGLE), max_size=6, unique_by=lambda e: e.key))
    given: dict = {}
    for entry in entries:
        quantity = entry.quantity
        ends = {"exclude_min": quantity.open_low, "exclude_max": quantity.open_high}
        drawn = (
            st.integers(quantity.low, quantity.high)
            if quantity.whole
            else st.floats(quantity.low, quantity.high, **ends)
        )
        table = given
        for key in entry.key.split(".")[:-1]:
            table = table.setdefault(key, {})
        table[entry.name] = data.draw(drawn)
    try:
        scenario = parse(given)
    except ScenarioError as error:
        for line in error.lines:
            together = ("audit_max", "taxes", "every archetype", "adopters", "nobody spends")
            assert any(word in line for word in together)
    else:
        assert parse(json.loads(json.dumps(scenario.resolved()))) == scenario
        told = {difference.key: difference.value for difference in scenario.differences()}
        for entry in entries:
            table = given
            for key in entry.key.split("."):
                table = table[key]
            assert told.get(entry.key, entry.default) == table


def test_months_have_dates():
    scenario: Scenario = parse("start = '2026-11'")
    assert [scenario.date(month) for month in (0, 1, 2, 14)] == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2028-01",
    ]


def test_thousands_of_mistakes_are_counted_and_fifty_are_shown():
    with pytest.raises(rs.Refusal) as refusal:
        rs.parse("\n".join(f"x{number} = 1" for number in range(20_000)), "f.toml")
    assert len(refusal.value.lines) == 51
    assert refusal.value.lines[0].startswith("f.toml: x0: unknown key; ")
    assert refusal.value.lines[-1] == "and 19,950 more mistakes"
    with pytest.raises(rs.Refusal) as refusal:
        rs.parse("\n".join(f"seed = {number}" for number in range(20_000)), "f.toml")
    assert len(refusal.value.lines) == 51
    assert refusal.value.lines[-1] == "f.toml: and more keys are given twice"
