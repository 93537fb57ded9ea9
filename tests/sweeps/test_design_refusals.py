"""What a sweep cannot be asked for: one sentence for each mistake, all at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regimesim.cli import main
from regimesim.errors import Refusal
from regimesim.scenario import ScenarioError, parse
from regimesim.sweeps.designs import make_design, read_design, scenario_at

TWO = """
[takeover]
difficulty = { normal = [15, 2] }
[policies.plain.oversight]
control = true
[policies.own.goals]
value = 0.2
"""


def lines_of(call, *args, **named) -> tuple[str, ...]:
    with pytest.raises(Refusal) as caught:
        call(*args, **named)
    assert all(line.isprintable() for line in caught.value.lines)
    return caught.value.lines


VARIED = [
    ("", 'found ""; expected KEY=LOW:HIGH:N, KEY=A,B,C, KEY=LOW:HIGH or KEY, as in'),
    ("labs=", 'found "labs="; expected KEY='),
    ("feedback.densty=1", "feedback.densty: unknown key; the nearest is 'density'"),
    ("auroc=1", "auroc: unknown key; it belongs to [oversight.control]"),
    ("polcy=plain", "polcy: unknown key; the nearest is 'policy'"),
    ("policy=plan", "policy: no policy \"plan\"; the nearest is 'plain'"),
    ("policy=plain,plain", 'policy: "plain" is there twice'),
    ("policy=plain", "policy: only policies are chosen; vary a parameter as well"),
    ("policies.plan.goals.value=0.1", "no policy \"plan\"; the nearest is 'plain'"),
    ("policies.plain=0.1", "policies.plain: a table; name a value in it, as in policies.plain."),
    ("policies.plain.months=9", "policies.plain.months: unknown key"),
    ("worlds=10,20", "worlds: cannot vary: every point is run in the same worlds"),
    ("seed=1,2", "seed: cannot vary: every point is run in the same worlds"),
    ("name=a,b", "name: cannot vary: the results of a sweep have one name"),
    ("goals=1", "goals: a table; name a value in it, as in goals.value"),
    ("oversight.beliefs=true", "oversight.beliefs: a table; name a value in it"),
    ("paradigm.premium=1", "paradigm.premium: takes a list [paradigm 1, paradigm 2, paradigm 3"),
    ("paradigm.premium.first=1", "unknown key; 'paradigm.premium' is a value, not a table"),
    ("feedback.density=1:0:3", "the range from 1 to 0 is the wrong way round"),
    ("feedback.density=1:1:3", "the range from 1 to 1 holds one value only"),
    ("feedback.density=0:1", "points: missing; a grid needs a number of them"),
    ("feedback.density=0:1:0", "points: found 0; allowed is a whole number, 1 or more"),
    ("feedback.density=0:1:2.5", 'points: found "2.5"; allowed is a whole number, 1 or more'),
    ("feedback.density=0:2:3", "high: found 2; allowed is 0 to 1"),
    ("feedback.density=0:nan:3", "high: found nan; allowed is a number, 0 to 1"),
    ("feedback.density=a:1:3", 'low: found "a"; allowed is a number, 0 to 1'),
    ("feedback.density=0:1:3:log", "a log range begins above 0; found low = 0"),
    ("feedback.density=0.1:1:3:lg", 'scale: found "lg"; allowed are linear and log'),
    ("feedback.density=0:1:3:4", 'found "0:1:3:4"; allowed is LOW:HIGH, LOW:HIGH:N or'),
    ("feedback.density=0.1,0.1", "0.1 is there twice"),
    ("feedback.density=0.1,,1", 'found ""; allowed is a number, 0 to 1'),
    ("feedback.density=0.1,2", "found 2; allowed is 0 to 1"),
    ("feedback.density=[]", "found no values; name at least one"),
    ("feedback.density=[0.1", '"[0.1" is not a TOML value'),
    ("feedback.density={ lw = 1 }", "found {lw = 1}; allowed are a list of values, { low = ,"),
    ("feedback.density", "a grid does not draw; write { low = , high = , points = }"),
    ("goals.value=0:0.5:2", "low: found 0; allowed is more than 0 and less than 1"),
    ("takeover.difficulty={ normal = [15, 2] }", "points: missing; a grid needs a number"),
    ("takeover.difficulty={ normal = [900, 2], points = 2 }", "no part of it lies in -10 to 60"),
    ("takeover.difficulty={ normal = [15, 0], points = 2 }", "its spread is 0"),
    ("takeover.difficulty={ norml = [15, 2] }", "a distribution (normal, lognormal, uniform,"),
    ("labs={ normal = [3, 1], points = 2 }", "a whole number takes no distribution"),
    ("labs=1:3:5", "5 points from 1 to 3 repeat whole numbers; at most 3 do not"),
    ("labs=1:9:9:log", "9 points from 1 to 9 repeat whole numbers; take fewer"),
    ("labs=1.5:3:2", "low: found 1.5; allowed is a whole number, 1 to 20"),
    ("labs=1,2.5", "found 2.5; allowed is a whole number, 1 to 20"),
    ("start=2026-13", 'found "2026-13"; allowed is a month "YYYY-MM"'),
    ("start", "found true; name its values, as in"),
    ("oversight.control=yes", 'found "yes"; allowed is true or false'),
    ("oversight.control.curve=ello", 'found "ello"; allowed are "binormal", "logistic", "elo"'),
    ("oversight.control.curve={ low = 1, high = 2 }", "name its values, as in"),
    ("oversight.pause.pause_strength=1", "oversight.pause is switched off; switch it on with"),
    ("policies.own.oversight.control.auroc=0.6", "switch it on with policies.own.oversight.con"),
    ("preset=nowhere.toml", "preset: nowhere.toml: no such file"),
]


@pytest.mark.parametrize(("text", "line"), VARIED, ids=[text for text, _ in VARIED])
def test_an_axis_that_cannot_be_is_refused(text, line):
    (told,) = lines_of(read_design, parse(TWO), [text])
    assert told.startswith("--vary: ")
    assert line in told


DRAWN = [
    ("feedback.density=0:1:5", "points: a sobol has one number of points for all its axes"),
    ("feedback.density", "the scenario gives it 0.9; write a range"),
    ("goals.value", "the scenario gives it 0.5; write a range, or a distribution of its own"),
    ("labs", "a whole number takes no distribution; write a range or a list"),
    ("oversight.control", "found true; name its values, as in [true, false]"),
]


@pytest.mark.parametrize(("text", "line"), DRAWN)
def test_an_axis_that_cannot_be_drawn_is_refused(text, line):
    (told,) = lines_of(read_design, parse(TWO), [text], "sobol", 8)
    assert told.startswith(f"--vary: {text.partition('=')[0]}: ")
    assert line in told


@pytest.mark.parametrize(
    ("kind", "points", "line"),
    [
        ("gird", None, '--design: found "gird"; allowed are grid, zip, latin_hypercube, sobol'),
        ("sobol", None, "--points: missing; a sobol needs the number of its points"),
        ("sobol", 100, "--points: found 100; a power of 2 is needed: 64 or 128"),
        ("latin_hypercube", 0, "--points: found 0; allowed is a whole number, 1 or more"),
        ("latin_hypercube", 10**8, "--points: found 100000000; a design has at most 10,000,000"),
        ("grid", 5, "--points: found with the design grid; it belongs to latin_hypercube and"),
        ("zip", None, "--design: a zip needs as many values of each axis; found labs 2, months 3"),
        ("table", None, "--table: missing; the design table needs the path of a CSV file"),
    ],
)
def test_a_design_that_cannot_be_is_refused(kind, points, line):
    vary = ["labs=1,2", "months=12,24,36"]
    (told,) = lines_of(read_design, parse(TWO), vary, kind, points)
    assert line in told


def test_a_design_of_too_many_points_is_refused():
    vary = ["feedback.density=0:1:10000", "oversight.audit_budget=0:1:1001"]
    (told,) = lines_of(read_design, parse(TWO), vary)
    assert told.endswith("--vary: the grid has 10,010,000 points; a design has at most 10,000,000")


def test_a_key_that_every_policy_sets_is_refused():
    policies = {"a": {"goals": {"value": 0.1}}, "b": {"goals": {"value": 0.2}}}
    scenario = parse({"policies": policies})
    line = "--vary: goals.value: every policy sets it; write policies.NAME.goals.value"
    assert lines_of(read_design, scenario, ["goals.value=0.1,0.3"]) == (line,)
    scenario = parse({"policies": {"a": {}, "b": {}}})
    own = [f"policies.{name}.goals.value=0.2,0.3" for name in "ab"]
    (told,) = lines_of(read_design, scenario, ["goals.value=0.1,0.3", *own])
    assert told.endswith("has an axis policies.NAME.goals.value of its own")


def test_what_a_preset_cannot_be_is_refused(tmp_path):
    for name, text in {
        "bad.toml": "months = 0\ngoals.valu = 1",
        "other.toml": "[policies.else]",
        "good.toml": "months = 9",
    }.items():
        (tmp_path / name).write_text(text)
    scenario = parse(TWO, str(tmp_path / "s.toml"))
    files = ["bad.toml", "other.toml", "good.toml", "none.toml"]
    bad, value, other, missing = lines_of(make_design, scenario, {"preset": files})
    assert bad == f"axes: preset: {tmp_path / 'bad.toml'}: months: found 0; allowed is 1 to 1200"
    assert value.endswith("goals.valu: unknown key; the nearest is 'value'")
    assert 'policies: no policy "else"; the nearest is' in other
    assert "none.toml: no such file" in missing


MISTAKES = """
desin = "zip"
points = 8
[sweep.vary]
feedback.densty = [1]
"feedback.density" = { low = 0, high = 3, pints = 1 }
feedback.density = [0.1]
labs = 3
policy = ["plan"]
"""


def test_every_mistake_of_a_file_is_shown_at_once_by_check(tmp_path, capsys):
    file = tmp_path / "s.toml"
    file.write_text("[sweep]" + MISTAKES + TWO)
    assert main(["check", str(file)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert all(line.startswith(f"{file}: sweep.") for line in told)
    assert [line.removeprefix(f"{file}: sweep.") for line in told] == [
        "desin: unknown key; the nearest is 'design'",
        "points: found with the design grid; it belongs to latin_hypercube and sobol",
        "vary.policy: no policy \"plan\"; the nearest is 'plain'",
        "vary.feedback.densty: unknown key; the nearest is 'density'",
        "vary.feedback.density: given twice",
        "vary.feedback.density: unknown key \"pints\"; the nearest is 'points'",
        "vary.feedback.density: high: found 3; allowed is 0 to 1",
        "vary.feedback.density: points: missing; a grid needs a number of them, as in points = 5",
        "vary.labs: found 3; allowed are a list of values, { low = , high = }, a distribution "
        "(normal, lognormal, uniform, triangular, beta), or true for its own",
    ]


@pytest.mark.parametrize(
    ("sweep", "line"),
    [
        ("sweep = 3", "sweep: found 3; allowed is a table"),
        ("[sweep]", "sweep.vary: nothing varies; name an axis, as in feedback.density"),
        ("[sweep]\nvary = 3", "sweep.vary: found 3; allowed is a table"),
        ("[sweep]\ndesign = 'gird'", 'sweep.design: found "gird"; allowed are'),
        ("[sweep]\ntable = 'p.csv'\nvary.labs = [1]", "sweep.table: found with axes; a table"),
        ("[sweep]\ntable = 'p.csv'\ndesign = 'zip'", "sweep.table: found with the design zip"),
    ],
)
def test_a_table_sweep_that_cannot_be_is_refused(sweep, line):
    told = lines_of(lambda: read_design(parse(sweep, "f.toml")))
    assert line in told[0] and told[0].startswith("f.toml: ")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (None, ["cannot be read: No such file or directory"]),
        ("", ["line 1: no header; its cells are keys, as in feedback.density"]),
        ("labs;months\n1;2", ['line 1: cells are separated by ";"; a CSV file separates them by']),
        ("labs\n", ["no row below the header; each row is a point"]),
        ("labs,,labs\n1,2,3", ["line 1, column 2: no key", 'line 1, column "labs": given twice']),
        ("labz\n1", ["line 1, column \"labz\": unknown key; the nearest is 'labs'"]),
        ("policy\nplain", ["every point is run under every policy; choose them with --policy"]),
        ("labs,months\n1,2\n1\n1,2,3", ["line 3: found 1 cell; the header has 2", "line 4: fou"]),
        (
            "labs,feedback.density\n1,x\n1.5,2",
            [
                'line 2, column "feedback.density": found "x"; allowed is a number, 0 to 1',
                'line 3, column "labs": found 1.5; allowed is a whole number, 1 to 20',
                'line 3, column "feedback.density": found 2; allowed is 0 to 1',
            ],
        ),
        ("oversight.pause.pause_strength\n1", ["pause_strength: oversight.pause is switched off"]),
        ("preset\nno.toml", ["preset: ", "no.toml: no such file"]),
        ('labs\n"1', ["not a CSV file: unexpected end of data"]),
    ],
)
def test_a_table_that_cannot_be_is_refused(tmp_path, text, lines):
    if text is not None:
        (tmp_path / "p.csv").write_text(text)
    told = lines_of(read_design, parse(TWO), table=str(tmp_path / "p.csv"))
    assert all(line.startswith("--table: ") for line in told)
    assert all(line in "\n".join(told) for line in lines)
    assert len(told) == max(len(lines), 1) or "preset" in lines[0]


def test_a_table_that_is_wrong_everywhere_is_shown_in_few_lines(tmp_path):
    (tmp_path / "p.csv").write_text("labs\n" + "x\n" * 5000)
    told = lines_of(read_design, parse(TWO), table=str(tmp_path / "p.csv"))
    assert len(told) == 21
    (tmp_path / "latin.csv").write_bytes(b"labs\n\xe9")
    (told,) = lines_of(read_design, parse(TWO), table=str(tmp_path / "latin.csv"))
    assert "not UTF-8 text" in told
    (told,) = lines_of(read_design, parse(TWO), ["labs=1,2"], table=str(tmp_path / "p.csv"))
    assert told == "--table: found with axes; a table has its own axes and design"


@pytest.mark.parametrize(
    ("axes", "line"),
    [
        (
            {"oversight.adaptive.audit_min": [0.01, 0.3]},
            "oversight.adaptive.audit_min: found 0.3; it must never lie above audit_max, "
            "which is 0.2",
        ),
        (
            {"oversight.tax": [0.1, 0.9], "policies.b.oversight.control.tax": [0.2]},
            "policies.b.oversight.tax: the taxes of this policy add up to 1.1; they must",
        ),
        (
            {"oversight.adaptive": [True], "oversight.adaptive.audit_max": [0.1, 0.001]},
            "oversight.adaptive.audit_min: found 0.005; it must never lie above audit_max",
        ),
    ],
)
def test_a_point_that_contradicts_itself_is_refused_and_the_others_are_not(axes, line):
    policies = {"a": {"oversight": {}}, "b": {"oversight": {"control": {}}}}
    scenario = parse({"oversight": {"adaptive": {}}, "policies": policies})
    design = make_design(scenario, axes)
    assert scenario_at(scenario, design, 0).name == "scenario"
    (told,) = lines_of(scenario_at, scenario, design, 1)
    assert told.startswith(line)


def test_a_point_whose_preset_contradicts_it_is_refused(tmp_path):
    (tmp_path / "p.toml").write_text("oversight.adaptive.audit_max = 0.1")
    scenario = parse(
        {"oversight": {"audit_budget": 0.16, "adaptive": {"audit_min": 0.15}}},
        str(tmp_path / "s.toml"),
    )
    axes = {"preset": ["p.toml"], "oversight.adaptive.adaptation": [0.1]}
    design = make_design(scenario, axes)
    (told,) = lines_of(scenario_at, scenario, design, 0)
    assert told.startswith("oversight.adaptive.audit_min: found 0.15; it must never lie above")


@pytest.mark.parametrize("kind", ["table", "gird"])
def test_a_kind_that_python_cannot_ask_for_is_refused(kind):
    (told,) = lines_of(make_design, parse(TWO), {"labs": [1, 2]}, kind)
    assert told.startswith(f'kind: found "{kind}"; allowed are grid, zip, latin_hypercube, sobol')


def test_check_tells_the_sweep_and_a_run_takes_no_notice_of_it(tmp_path, capsys):
    file = tmp_path / "s.toml"
    file.write_text(TWO + "[sweep.vary]\nlabs = [1, 2]\ntakeover.difficulty = [10, 12, 14]")
    assert main(["check", str(file)]) == 0
    line = "  sweep     6 points (grid): labs, takeover.difficulty"
    assert line in capsys.readouterr().out.splitlines()
    with pytest.raises(ScenarioError, match=r"sweep\.points: unknown key; 'sweep' is a value"):
        parse(file.read_text()).override({"sweep.points": 3})


KEYS = ["labs", "feedback.density", "oversight.control", "policy", "preset", "start", "goals", "x"]
NUMBERS = st.one_of(st.integers(-3, 30), st.just(10**400), st.floats())
SCALARS = st.one_of(st.booleans(), NUMBERS, st.text(max_size=3), st.dates())
GIVEN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["low", "high", "points", "scale", "normal"]), inner),
    ),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), GIVEN, max_size=3),
    st.sampled_from(["grid", "zip", "sobol", "latin_hypercube", "table", 3]),
    st.one_of(st.none(), st.integers(-2, 40)),
)
def test_whatever_is_asked_for_is_a_design_or_refused(vary, kind, points):
    sweep = {"vary": vary, "design": kind} | ({} if points is None else {"points": points})
    try:
        scenario = parse({"sweep": sweep})
        design = read_design(scenario)
    except Refusal as refusal:
        assert refusal.lines
    else:
        assert len(design) >= 1
        scenario_at(scenario, design, len(design) - 1)
