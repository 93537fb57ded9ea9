"""The words of every command at many widths: no line is longer, and no number is missing."""

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from small import FIRST_PART_IN_TOML

import regimesim as rs
from regimesim.analysis import terminal
from regimesim.cli import main
from regimesim.model.compilation import INTERPRETED
from regimesim.results.progress import Bar, Progress
from regimesim.scenario import load
from regimesim.studies.calibrate.compute import compute as calibrated
from regimesim.studies.calibrate.question import ask as ask_calibrate
from regimesim.studies.check.search import parameters
from regimesim.studies.check.text import overview
from regimesim.studies.claims.text import listed, plain
from regimesim.studies.export.compute import Export
from regimesim.studies.sweep import question as sweep_question
from regimesim.studies.sweep.filling import words_of_plan
from regimesim.sweeps import forecast

ROOT = Path(__file__).parents[2]
WIDTHS = (40, 50, 60, 66, 80, 120)
NUMBER = re.compile(r"\d[\d.,-]*\d|\d")
LONG = "a_policy_with_an_unusually_long_name_xyz"  # 40 letters, the most that one may have
SCENARIO = f"""
name = "small"
description = "What a small world does within five years, with 3 labs and nobody who watches."
worlds = 600
months = 60
labs = 3
systems = 6
capability.initial = 7
{FIRST_PART_IN_TOML}takeover.difficulty = {{ uniform = [8, 20] }}
oversight.beliefs.attribution = {{ uniform = [0.1, 0.9] }}
[policies.none]
[policies.{LONG}.oversight]
control = {{ share = 0.3 }}
cot_monitor = {{ strength = 0.5 }}
"""
SEEN = {
    "policy": LONG,
    "no_takeover": {"until": "2027-06"},
    "horizon": {"on": "2026-06", "hours": 200, "error": 1},
}
COMMANDS = (
    "attack",
    "calibrate",
    "check",
    "claim",
    "claims",
    "compare",
    "contributions",
    "cruxes",
    "discover",
    "explain",
    "export",
    "monitor",
    "optimise",
    "params",
    "plan",
    "rare",
    "require",
    "robust",
    "run",
    "sensitivity",
    "sweep",
    "trace",
    "update",
    "validate",
    "worth",
)

pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """For every command a function that writes its words."""
    folder = tmp_path_factory.mktemp("widths")
    (folder / "small.toml").write_text(SCENARIO)
    small = load(folder / "small.toml")
    few = small.override({"worlds": 30})
    runs = [folder / "first_of_two_runs_with_a_long_name", folder / "second"]
    for run in runs:
        command = ["run", str(folder / "small.toml"), "--worlds", "40", "--no-figures"]
        assert main([*command, "--out", str(run)]) == 0
    other = small.override({"takeover.difficulty": 9, "months": 50}, "other.toml")
    axes = {"feedback.density": [0.1, 0.9], "takeover.difficulty": [9, 12, 15]}
    claims = rs.claims(["C1"], {"worlds": 60}, folder=ROOT / "scenarios" / "claims")
    claim = plain(claims.trials[0])
    question = sweep_question.ask_command(few, ["feedback.density=0.1:0.9:3"])
    over = ["takeover.difficulty", "oversight.beliefs.attribution", "goals.value"]
    results = {
        "attack": rs.attack(few, [LONG], trials=2),
        "compare": rs.compare(runs),
        "contributions": rs.contributions(small.override({"worlds": 60}), [LONG]),
        "cruxes": rs.cruxes(few, other, "no_takeover", [LONG], by="parameter"),
        "discover": rs.discover(small, [LONG]),
        "explain": rs.explain(few, LONG, 0.5, over),
        "export": Export(folder, "salib", 64, 2, (LONG,), ("aware_p90",), {LONG: ("aware_p10",)}),
        "monitor": rs.monitor(
            ROOT / "tests" / "logs" / "inspect_0.3.75.eval", "suspicion", "metadata.mode"
        ),
        "optimise": rs.optimise(few, "no_takeover", choose="control,pause", policy=LONG),
        "rare": rs.rare(small.override({"worlds": 1280}), [LONG], 0.5),
        "require": rs.require(few, {"no_takeover": 0.5}, ["oversight.audit_budget"], [LONG]),
        "robust": rs.robust([small, replace(other, name="other")], repeats=4),
        "run": rs.run(few),
        "sensitivity": rs.sensitivity(few, "no_takeover", over, [LONG], points=8),
        "sweep": rs.sweep(few, axes),
        "trace": rs.trace(small, find="lost", policies=[LONG]),
        "update": rs.update(small, SEEN, effective=0),
        "worth": rs.worth(small, value="no_takeover - 0.2*growth_lost"),
        "validate": rs.validate(["V1", "L1"], folder=ROOT / "scenarios" / "validation"),
    }
    published = ROOT / "tests" / "scenario" / "published" / "eci_scores_aug2026.csv"
    results["calibrate"] = calibrated(ask_calibrate(published, since=2023), Progress())
    return {name: result.text for name, result in results.items()} | {
        "check": lambda: overview(small),
        "claim": claims.trials[0].text,
        "claims": lambda: listed([claim]),
        "params": lambda: parameters("correction"),
        "plan": lambda: MEASURED.sub("", words_of_plan(question, folder / "new")),
    }


MEASURED = re.compile(r"(time|memory) +[^:]*?\)", re.DOTALL)  # never twice the same


def numbers(text):
    """The numbers of a text, in ascending order; a line may end between them."""
    return sorted(NUMBER.findall(text.replace("log2h", "")))  # a unit


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_longer_than_the_terminal_and_no_number_is_missing(
    command, columns, words, monkeypatch
):
    monkeypatch.setattr(forecast, "MEASURED", 0.2)  # seconds; the words leave the result out
    monkeypatch.setenv("COLUMNS", "120")
    wide = words[command]()
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = words[command]()
    assert max(map(len, narrow.splitlines())) <= columns
    assert "…" not in narrow or "…" in wide
    assert numbers(narrow) == numbers(wide) != []


def test_every_study_is_in_the_table():
    from regimesim.studies import STUDIES

    assert set(STUDIES) - {"plot", "claims"} <= set(COMMANDS)  # `plot` prints paths alone


def test_a_narrow_terminal_has_the_numbers_of_a_bar_and_no_bar(monkeypatch):
    class Screen(StringIO):
        def isatty(self):
            return True

    for columns in WIDTHS:
        screen = Screen()
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("sys.stderr", screen)
        with Bar(2000) as bar:
            bar(500)
            bar.finding("control: 31 %")
        last = [line for line in screen.getvalue().split("\r") if "control: 31 %" in line][-1]
        assert len(last.rstrip()) < columns
        assert "25%" in last and "2000" in last and "00:00" in last


@pytest.mark.parametrize(
    ("columns", "width"), [("20", 40), ("40", 40), ("97", 97), ("300", 120), ("x", 80)]
)
def test_the_width_is_that_of_the_terminal_within_bounds(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.width() == width
