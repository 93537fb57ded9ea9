"""Scenarios that extend other files, and scenarios from standard input."""

import hashlib
import io
import json
from pathlib import Path

import jsonschema
import pytest

import regimesim as rs
from regimesim.cli import main
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.json_schema import schema

BASE = """
name = "base"
description = "what others share"
worlds = 20
months = 40
systems = 6
takeover = { difficulty = 12, collusion = 0.2 }
[policies.none]
[policies.watched.oversight]
control = { share = 0.5 }
[sweep.vary]
feedback.density = [0.1, 0.9]
"""
ABOVE = """
extends = "shared/base.toml"
months = 30
takeover.difficulty = { normal = [10, 1] }
[policies.watched.oversight]
control.auroc = 0.9
cot_monitor = true
[policies.late.oversight]
evaluations = true
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shared").mkdir()
    Path("shared/base.toml").write_text(BASE)
    Path("above.toml").write_text(ABOVE)
    return tmp_path


def stdin(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_tables_and_policies_are_laid_over_those_of_the_other_file():
    scenario = rs.load("above.toml")
    assert (scenario.name, scenario.description) == ("above", "")
    assert (scenario.worlds, scenario.months, scenario.systems) == (20, 30, 6)
    assert list(scenario.policies) == ["none", "watched", "late"]
    watched = scenario.policies["watched"]
    assert watched.takeover.difficulty.numbers == (10, 1) and watched.takeover.collusion == 0.2
    assert (watched.oversight.control.share, watched.oversight.control.auroc) == (0.5, 0.9)
    assert watched.oversight.cot_monitor and scenario.policies["late"].oversight.evaluations
    assert "sweep" not in scenario.raw and "extends" not in scenario.raw


def test_it_is_relative_to_the_file_and_the_same_from_python(monkeypatch):
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    scenario = rs.load("../above.toml")
    monkeypatch.chdir("..")
    assert rs.parse(ABOVE, name="above") == scenario
    content = {"extends": "shared/base.toml", "months": 30}
    assert rs.parse(content).months == 30 and rs.parse(content).worlds == 20


def test_the_raw_scenario_is_self_contained_and_the_files_have_digests():
    scenario = rs.load("above.toml").override({"worlds": 10})
    digests = {
        path: hashlib.sha256(Path(path).read_bytes()).hexdigest()
        for path in ("shared/base.toml", "above.toml")
    }
    assert scenario.files == digests
    assert scenario.choose(["late"]).files == digests
    assert scenario.with_policy("more", {}).files == digests
    for path in digests:
        Path(path).unlink()
    assert rs.parse(scenario.raw, name="above") == scenario
    assert rs.parse(scenario.resolved()) == scenario


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_the_manifest_names_all_files_and_holds_all_values():
    assert main(["run", "above.toml", "--no-figures", "--worlds", "2"]) == 0
    manifest = json.loads(Path("outputs/above/manifest.json").read_text())
    assert set(manifest["scenario_files"]) == {"shared/base.toml", "above.toml"}
    assert "extends" not in manifest["given"] and manifest["given"]["systems"] == 6
    assert rs.parse(manifest["given"], name="above") == rs.parse(manifest["scenario"])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": 'extends = "a.toml"'}, "this file extends itself"),
        ({"a": 'extends = "b.toml"', "b": 'extends = "./a.toml"'}, "this file extends itself"),
        ({"a": 'extends = "bas.toml"', "base": ""}, "no such file; the nearest is 'base.toml'"),
        ({"a": 'extends = "shared"'}, "a folder, not a scenario file"),
        ({"a": "extends = 3"}, "found 3; allowed is the path of a scenario file"),
        ({"a": 'extends = ""'}, "allowed is the path of a scenario file"),
        ({"a": 'extends = "-"'}, "standard input cannot"),
        ({"a": 'extend = "base.toml"'}, "unknown key; the nearest is 'extends'"),
        ({"a": '[policies.x]\nextends = "base.toml"'}, "extends: unknown key"),
        ({"a": 'extends = "b.toml"', "b": "months = -1"}, "b.toml: months: found -1"),
        (
            {"a": 'extends = "1.toml"'}
            | {str(k): f'extends = "{k + 1}.toml"' for k in range(1, 6)}
            | {"6": ""},
            "at most 5 files may extend one another",
        ),
    ],
)
def test_what_cannot_be_extended_is_refused_in_one_sentence(files, reason):
    for name, text in files.items():
        Path(f"{name}.toml").write_text(text)
    with pytest.raises(rs.Refusal) as refused:
        rs.load("a.toml")
    (line,) = refused.value.lines
    assert reason in line


def test_five_files_may_extend_one_another():
    for k in range(1, 5):
        Path(f"{k}.toml").write_text(f'extends = "{k + 1}.toml"\nlabs = {k}')
    Path("5.toml").write_text("seed = 77")
    scenario = rs.load("1.toml")
    assert (scenario.labs, scenario.seed, len(scenario.files)) == (1, 77, 5)


def test_only_a_file_extends(capsys):
    with pytest.raises(rs.Refusal, match="only a file extends another"):
        rs.load("above.toml").override({"extends": "shared/base.toml"})
    assert main(["sweep", "above.toml", "--vary", "extends=a.toml,b.toml"]) == 2
    assert "vary preset instead" in capsys.readouterr().err


def test_the_schema_knows_it():
    check = jsonschema.Draft202012Validator(schema())
    assert check.is_valid({"extends": "other.toml"}) and not check.is_valid({"extends": 3})


def test_a_scenario_is_read_from_standard_input(monkeypatch, capsys):
    stdin(monkeypatch, ABOVE)
    assert main(["check", "-", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["name"], content["months"]) == ("scenario", 30)
    assert content["policies"]["late"] == ["evaluations"]
    assert set(content["files"]) == {"shared/base.toml", "standard input"}
    stdin(monkeypatch, "months = -1")
    assert main(["check", "-", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("standard input: months: found -1;")
    assert err.count("\n") == 1


FILES = {  # commands that take a scenario, with options that make them fail early or be fast
    "run": ["--worlds", "2", "--no-figures"],
    "sweep": ["--vary", "feedback.density=0.2,0.3", "--worlds", "2", "--no-figures"],
    "contributions": ["--policy", "watched", "--worlds", "16"],
    "require": ["--for", "no_takeover=0.5", "--vary", "goals.value=0.1:0.9", "--worlds", "4"],
    "discover": ["--over", "goals.value=0.1:0.9", "--worlds", "8"],
    "sensitivity": ["--outcome", "no_takeover", "--over", "goals.value", "--screen-only"],
    "trace": ["--world", "1"],
    "cruxes": ["above.toml", "--outcome", "no_takeover"],
}


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
@pytest.mark.parametrize("command", FILES)
def test_every_command_reads_standard_input(command, monkeypatch, capsys):
    stdin(monkeypatch, BASE)
    code = main([command, "-", *FILES[command]])
    out, err = capsys.readouterr()
    assert (code == 0 and "base" in out) or (command == "discover" and "of 8 worlds" in err), err


def test_what_a_terminal_would_obey_is_escaped_in_json(capsys):
    Path("odd.toml").write_text('description = "a\\u202Eb\\u001B[2J\\u009B"')
    assert main(["check", "odd.toml", "--json"]) == 0
    printed = capsys.readouterr().out
    assert printed.isascii() and "\x1b" not in printed
    assert json.loads(printed)["description"] == "a\u202eb\x1b[2J\x9b"


def test_both_scenarios_of_cruxes_cannot_be_standard_input(monkeypatch, capsys):
    stdin(monkeypatch, BASE)
    assert main(["cruxes", "-", "-", "--outcome", "no_takeover"]) == 2
    assert "not both" in capsys.readouterr().err


def test_standard_input_that_is_closed_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(rs.Refusal, match="standard input: is closed"):
        rs.load("-")


def test_parameters_as_json(capsys):
    assert main(["params", "--json"]) == 0
    content = {one["key"]: one for one in json.loads(capsys.readouterr().out)}
    budget = content["oversight.audit_budget"]
    assert (budget["low"], budget["high"], budget["kind"]) == (0, 1, "number")
    assert content["start"]["kind"] == "text" and "low" not in content["start"]
    assert main(["params", "zzzz", "--json"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_requirements_as_json_and_nothing_else(capsys):
    command = ["require", "above.toml", *FILES["require"], "--policy", "none", "--json"]
    assert main(command) == 0
    printed = json.loads(capsys.readouterr().out)
    saved = json.loads(Path("outputs/above-require/require.json").read_text())
    assert printed == saved and printed["policies"]["none"]["kind"]
