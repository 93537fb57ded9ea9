"""The light commands: what they print, how they refuse, and that they stay light."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from regimesim import __version__, cli
from regimesim.errors import in_short
from regimesim.scenario import parameter_reference as reference
from regimesim.scenario.declaration import plain
from regimesim.scenario.json_schema import schema
from regimesim.scenario.parameters import declarations
from regimesim.studies import options
from regimesim.studies.check.search import matching

DOCS = Path(__file__).parents[2] / "docs"
GOOD = """
name = "pair"
description = "Control, and nothing."
[takeover]
difficulty = { triangular = [10, 12, 15] }
[policies.control.oversight.control]
auroc = 0.9
[policies.none]
"""


@pytest.fixture
def good(tmp_path) -> Path:
    file = tmp_path / "pair.toml"
    file.write_text(GOOD)
    return file


def process(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "regimesim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def answer(capsys, *arguments) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    "arguments",
    [("check", "nowhere.toml"), ("chek",), ("params", "qqqq"), ("run", "x", "--wrlds", "3")],
)
def test_a_mistake_ends_a_real_process_with_2_and_without_a_traceback(arguments):
    done = process(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_real_process_checks_a_file(good):
    done = process("check", good)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\033" not in done.stdout


HEAVY = "numpy numba scipy pandas xarray mesa matplotlib rich"


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], f"{HEAVY} pydantic"),
        (["--version"], HEAVY),
        (["params"], HEAVY),
        (["schema"], HEAVY),
        (["check", "FILE"], HEAVY),
    ],
)
def test_light_commands_import_nothing_heavy(arguments, absent, good):
    arguments = [str(good) if argument == "FILE" else argument for argument in arguments]
    program = (
        "import sys; from regimesim.cli import main; code = main(sys.argv[2:]); "
        "loaded = [name for name in sys.argv[1].split() if name in sys.modules]; "
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, absent, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("memory", [2**26, 0], ids=["in memory", "in its folder"])
def test_a_run_with_figures_and_report_loads_no_xarray(memory, good, tmp_path):
    """It takes half a second with pandas, and where it is installed dask: as long as the worlds
    of a small run."""
    program = (
        "import sys; from regimesim.studies.run import keeping; from regimesim.cli import main\n"
        "keeping.SMALL = int(sys.argv[1]); assert main(sys.argv[2:]) == 0\n"
        "loaded = {'xarray', 'pandas', 'dask', 'scipy.stats'} & {*sys.modules}\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    out = tmp_path / "out"
    arguments = ["run", str(good), "--worlds", "40", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", program, str(memory), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "") and (out / "report.html").exists()


def test_help_and_version(capsys):
    for arguments in ([], ["--help"]):
        code, out, _ = answer(capsys, *arguments)
        assert code == 0
        for command in ("run", "check", "params", "schema"):
            assert f"\n  {command} " in out
    assert answer(capsys, "--version") == (0, f"regimesim {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["chek"], "regimesim: no such command 'chek'; the nearest is 'check'"),
        (["--verson"], "regimesim: no such option '--verson'; the nearest is '--version'"),
        (["run", "x", "--wolds", "3"], "regimesim run: no such option '--wolds'; the nearest is"),
        (["check"], "regimesim check: missing argument 'FILE'; see 'regimesim check --help'"),
        (["check", "a", "b"], "regimesim check: got unexpected extra argument"),
        (["run", "x", "--threads", "0"], "regimesim run: invalid value for '--threads'"),
        (["run", "x", "--set"], "regimesim: option '--set' requires an argument"),
        (["params", "takover"], 'params: no parameter matches "takover"; the nearest is \'takeo'),
        (["params", "horizn"], 'params: no parameter matches "horizn"; the nearest is \'horizon'),
        (["params", "[("], 'params: no parameter matches "[(" in its name, words or source: this'),
        (["params", "banana"], 'params: no parameter matches "banana" in its name, words or sou'),
    ],
)
def test_wrong_use_is_one_sentence(capsys, arguments, line):
    code, out, err = answer(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_check_tells_all_mistakes(capsys, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text("mnths = 3\n[goals]\nvalue = 1\n[policies.a]\nlabs = 3\n")
    code, out, err = answer(capsys, "check", file)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"{file}: mnths: unknown key; the nearest is 'months'",
        f"{file}: goals.value: found 1; allowed is more than 0 and less than 1",
        f"{file}: policies.a.labs: a setting of the whole run; it belongs to the top level",
    ]


def test_check_says_what_a_scenario_is(capsys, good):
    code, out, err = answer(capsys, "check", good)
    assert (code, err) == (0, "")
    for told in (
        "Control, and nothing.",
        "180, 2026-01 to 2040-12",
        "10000, seed 1",
        "labs: 3, systems: 60",
        "policies: 2",
        "control: control",
        "none: no safeguard",
        "not the default: 3",
        "policies.control.oversight.control.auroc = 0.9 (default 0.87)",
        "drawn again for each world: 1\n    takeover.difficulty = {triangular = [10, 12, 15]}",
    ):
        assert told in out
    assert max(map(len, out.splitlines())) <= 80


def test_run_refuses_wrong_changes_together(capsys, good):
    changes = ["--worlds", "many", "--set", "a=1", "--set", "goals.value=2"]
    code, _, err = answer(capsys, "run", good, *changes)
    assert code == 2
    assert [line.split(":")[1].strip() for line in err.splitlines()] == [
        "a",
        "goals.value",
        "worlds",
    ]
    code, _, err = answer(capsys, "run", good, "--policy", "nne")
    assert err.endswith("policies: no policy \"nne\"; the nearest is 'none'\n")


def test_an_interruption_of_the_imports_is_one_line(capsys, monkeypatch):
    from regimesim.__main__ import main as entry

    class Interrupted:
        def find_spec(self, name, *_):
            if name == "regimesim.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "regimesim.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert entry() == 130
    assert capsys.readouterr() == ("", "regimesim: interrupted\n")


def test_an_interruption_is_one_line(capsys, good, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("regimesim.studies.check.text.overview", interrupted)
    assert answer(capsys, "check", good) == (130, "", "regimesim: interrupted\n")


def test_params_prints_every_parameter_within_80_columns(capsys):
    code, out, _ = answer(capsys, "params")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    joined = " ".join(out.split())
    for entry in declarations():
        assert f"\n{entry.key} = " in f"\n{out}"
        assert " ".join(entry.words.split()) in joined
        assert reference.range_text(entry) in joined
        assert f"Source: {entry.quantity.source}." in joined


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("takeover.c", ["takeover.caught_value", "takeover.collusion"]),
        ("^SEED$", ["seed"]),
        (r"pause\..*threshold", ["oversight.pause.pause_threshold"]),
        ("imitation and leaks", ["capability.diffusion"]),
        (
            "METR",
            ["capability.initial", "capability.doubling_time", "takeover.success_slope"],
        ),
        (
            "horizon",
            [
                "feedback.horizon_dense",
                "feedback.horizon_sparse",
                "training.intended.horizon_offset",
                "training.reward_seeking.horizon_offset",
                "training.scheming.horizon_offset",
                "capability.doubling_time",
                "feedback.scale_spread",
                "capability.initial",
                "takeover.success_slope",
            ],
        ),
    ],
)
def test_params_are_found_by_name_then_by_words_then_by_source(pattern, keys):
    assert [entry.key for entry in matching(pattern)] == keys


@pytest.mark.parametrize("word", ["banana", "xyzzy", "hovercraft", "[("])
def test_params_name_no_far_fetched_parameter(capsys, word):
    code, out, err = answer(capsys, "params", word)
    assert (code, out) == (2, "")
    assert "not in the model" in err and "nearest" not in err


def test_check_escapes_what_a_terminal_would_obey(capsys, tmp_path):
    hidden = "\\u001b[31mred\\u202Eback\\u200Fmark\\u0007bell\\u2066in"
    file = tmp_path / "odd.toml"
    file.write_text(f'description = "Two\\nlines and {hidden}"\n'.replace("\\\\", "\\"))
    code, out, err = answer(capsys, "check", file)
    assert (code, err) == (0, "")
    assert all(letter.isprintable() for line in out.split("\n") for letter in line)
    assert "Two lines and \\u001B[31mred\\u202Eback\\u200Fmark\\u0007bell\\u2066in" in out


def test_a_refusal_escapes_what_a_terminal_would_obey(capsys, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        manifest = {"made_by": "regimesim run", "version": "9\u001b[31m\u202e"}
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
    code, out, err = answer(capsys, "compare", tmp_path / "a", tmp_path / "b")
    assert (code, out) == (2, "")
    assert "of version 9\\u001B[31m\\u202E, and" in err
    assert all(letter.isprintable() for letter in err.replace("\n", ""))


def test_bold_only_on_a_terminal_that_wants_it(monkeypatch):
    class Terminal:
        @staticmethod
        def isatty():
            return True

    assert options.bold("x") == "x"
    monkeypatch.setattr(sys, "stdout", Terminal)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert options.bold("x") == "\033[1mx\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert options.bold("x") == "x"


def test_the_page_of_parameters_is_the_generated_one(capsys):
    code, out, _ = answer(capsys, "params", "--markdown")
    assert code == 0
    assert (DOCS / "parameters.md").read_text(encoding="utf-8") == out, (
        "write it anew: regimesim params --markdown > docs/parameters.md"
    )
    sections = {part.partition("\n")[0].strip("`[]"): part for part in out.split("\n## ")[1:]}
    for entry in declarations():
        section = sections[entry.table or "Top level"]
        assert f"\n| `{entry.name}` | `{reference.default_text(entry)}` |" in section
    for row in out.splitlines():
        assert not row.startswith("|") or row.count("|") == 9


def test_the_schema_file_is_the_generated_one(capsys):
    code, out, _ = answer(capsys, "schema")
    assert code == 0
    assert (DOCS / "scenario.schema.json").read_text(encoding="utf-8") == out, (
        "write it anew: regimesim schema > docs/scenario.schema.json"
    )
    assert json.loads(out) == schema()


@pytest.fixture(scope="module")
def validator():
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def nested(key: str, value) -> dict:
    for part in reversed(key.split(".")):
        value = {part: value}
    return value


OF_TABLES = {"operating_point": {"fpr": 0.01, "tpr": 0.5}, "measured": "monitor.json"}


@pytest.mark.parametrize("entry", declarations(), ids=lambda entry: entry.key)
def test_the_schema_knows_every_parameter(entry, validator):
    default = plain(entry.default)
    if default is None:
        lists = {"list": [0, 1, 2, 3], "table": OF_TABLES.get(entry.name)}
        default = lists[entry.kind] if entry.kind in lists else entry.quantity.low
    of_a_policy = bool(entry.table) or entry.key in ("adopters", "adopters_are", "events")
    assert validator.is_valid(nested(entry.key, default))
    assert validator.is_valid({"policies": {"a": nested(entry.key, default)}}) == of_a_policy
    assert not validator.is_valid(nested(entry.key, {"nonsense": [1, 2]}))
    assert not validator.is_valid(nested(f"{entry.key}x", default))
    if entry.kind in ("number", "whole"):
        for beyond in (entry.quantity.low - 1, entry.quantity.high * 2 + 1):
            assert not validator.is_valid(nested(entry.key, beyond))
        distribution = {"uniform": [entry.quantity.low, entry.quantity.high]}
        assert validator.is_valid(nested(entry.key, distribution)) == (entry.kind == "number")
        fitted = validator.is_valid(nested(entry.key, {"fit": "metr", "since": 2023}))
        assert fitted == (entry.key in ("capability.initial", "capability.doubling_time"))


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"oversight": {"control": {}, "pause": False, "adaptive": True}},
        {"policies": {"a-1": {}, "b_2": {"oversight": {"control": False}}}},
        {"paradigm": {"premium": [0, {"normal": [0.1, 0.1]}, 0.2, 0.3]}},
        {"training": {"scheming": {"prior": 0.1}}},
    ],
)
def test_the_schema_accepts_what_is_right(mapping, validator):
    assert validator.is_valid(mapping)


@pytest.mark.parametrize(
    "mapping",
    [
        {"policies": {}},
        {"policies": {"a b": {}}},
        {"policies": {"a": {"months": 3}}},
        {"policies": {"a": False}},
        {"goals": False},
        {"goals": {"value": 1}},
        {"goals": {"value": {"normal": [0.5]}}},
        {"goals": {"value": {"normal": [0.5, -1]}}},
        {"goals": {"value": {"normal": [0.5, 1], "beta": [1, 1]}}},
        {"goals": {"value": {"beta": [0, 1]}}},
        {"capability": {"initial": {"fit": "other"}}},
        {"paradigm": {"premium": [0, 0, 0]}},
        {"paradigm": {"premium": [0, 0, 0, 0, 0]}},
        {"oversight": {"red_team": False}},
        {"oversight": {"control": {"curve": "binorml"}}},
        {"start": "2026-13"},
        {"name": "a/b"},
        {"months": 1.5},
    ],
)
def test_the_schema_refuses_what_is_wrong(mapping, validator):
    assert not validator.is_valid(mapping)


def test_a_user_without_a_home_is_served_without_a_cache():
    homeless = (
        "import pathlib, sys\n"
        "def home(_):\n"
        "    raise RuntimeError('Could not determine home directory.')\n"
        "pathlib.Path.home = classmethod(home)\n"
        "from regimesim import cli\n"
        "from regimesim.model import compilation\n"
        "assert not compilation.CACHE\n"
        "sys.exit(cli.main(['--help']))\n"
    )
    places = ("REGIMESIM_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA")
    done = subprocess.run(
        [sys.executable, "-c", homeless],
        env={name: value for name, value in os.environ.items() if name not in places},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Usage" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("regimesim run scenarios/first_critical_try.toml --policy hold", "hold_faithful_cot"),
        ("regimesim check sc", None),
        ("regimesim run x.toml --set oversight.audit", "oversight.audit_budget"),
        ("regimesim params takeover.suc", "takeover.success_slope"),
    ],
)
def test_the_shell_completes_policies_and_parameters(typed, offered):
    words = typed.split()
    environment = {
        **os.environ,
        "_REGIMESIM_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "regimesim"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert "Traceback" not in done.stderr
    assert offered is None or offered in done.stdout.split()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE")
@pytest.mark.parametrize("command", [["params"], ["schema"], ["claims"], ["--help"]])
def test_a_reader_that_went_away_ends_a_command_without_a_word(command):
    gone, ours = os.pipe()
    os.close(gone)
    whole = [sys.executable, "-m", "regimesim", *command]
    done = subprocess.run(whole, stdout=ours, stderr=subprocess.PIPE)
    os.close(ours)
    assert (done.returncode, done.stderr) == (141, b"")


def test_names_in_a_row_are_shown_in_short():
    assert in_short(["C1", "C2", "C3", "C5", "C6", "L1", "x"]) == ["C1 to C3", "C5, C6", "L1", "x"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("asked", ["params", "schema", "check", "--help"])
def test_what_cannot_be_printed_is_shown_with_its_reason(good, asked, unbuffered):
    command = [sys.executable, "-m", "regimesim", asked, *([str(good)] * (asked == "check"))]
    surroundings = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=surroundings, timeout=120
        )
    told = "regimesim: standard output: cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, told)
