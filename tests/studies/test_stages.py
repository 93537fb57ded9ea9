"""Studies that answer in a few worlds first: the same numbers, nothing twice, and Ctrl-C."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from small import FIRST_PART, read, scenario

import regimesim as rs
from regimesim.cli import main
from regimesim.ensemble import workload
from regimesim.ensemble.workload import A_SECOND, FEWEST, FIRST, stages, weigh
from regimesim.results.progress import Bar, Progress
from regimesim.studies.contributions import compute as contributions
from regimesim.studies.contributions.text import greatest
from regimesim.studies.require import compute as require
from regimesim.studies.require import known_worlds
from regimesim.studies.sensitivity import compute as sensitivity

SIZE = {"worlds": 130, "months": 60, "systems": 6}
GIVEN = {**FIRST_PART, **SIZE, "takeover.difficulty": 12, "feedback.density_trend": -0.01}
BOTH = {"oversight.control": {}, "oversight.cot_monitor": {}, "oversight.audit_budget": 0.05}
OVER = {"takeover.difficulty": (10, 14), "oversight.audit_budget": (0.01, 0.2)}
POINTS = 128


class Watched(Progress):
    """Keeps every standing answer, with the number of worlds that were run before it."""

    def __init__(self):
        super().__init__()
        self.stood = []

    def stand(self, stage, answer, words):
        super().stand(stage, answer, words)
        self.stood.append((self.done, stage, answer, words))


@pytest.fixture(scope="module")
def eager():
    return scenario(GIVEN, {"none": {}, "both": BOTH})


@pytest.fixture
def early(monkeypatch):
    """First stages are as small as they may be."""
    monkeypatch.setattr(workload, "FIRST", 1)


def of(study, scenario, points=POINTS):
    """The question of a study, and its function `compute`."""
    if study is contributions:
        return study.ask(scenario, ["both"], [0.05, 0.2])
    if study is require:
        return study.ask(scenario, ["no_takeover=0.5"], ["oversight.audit_budget=0:0.5"], "both")
    return study.ask(scenario, "no_takeover", OVER, "both", points)


def plain(result):
    return json.dumps(result.to_dict())


STUDIES = (contributions, require, sensitivity)


def test_stages_grow_to_all_worlds_and_the_first_takes_some_seconds():
    assert stages(2000, 300) == (240, 960, 2000)
    assert stages(2000, 1e9) == (16, 64, 256, 1024, 2000)
    assert stages(2000, 1) == (2000,) and stages(1, 1e9) == (1,)
    for worlds in (23, 24, 25, 1000, 100_000):
        numbers = stages(worlds, 40.0)
        assert numbers[-1] == worlds
        assert all(3 * few <= 2 * more for few, more in pairwise(numbers))
        assert numbers[0] * 40.0 <= FIRST <= 10 * A_SECOND


@pytest.mark.parametrize("study", STUDIES)
def test_the_answer_in_stages_is_bit_for_bit_that_of_one_stage(study, eager, monkeypatch):
    question, once = of(study, eager), Watched()
    whole = study.compute(question, once)
    assert once.stood == []
    monkeypatch.setattr(workload, "FIRST", 1)
    watched = Watched()
    assert plain(study.compute(question, watched)) == plain(whole)
    stages = {sensitivity: 4, contributions: 2, require: 1}
    assert len(watched.stood) == stages[study]
    if study is not require:  # whose searches in few worlds try some values of their own
        assert watched.done == once.done


def test_points_with_worlds_of_their_own_have_the_same_in_all_stages(eager, monkeypatch):
    drawn = eager.override({"worlds": 32, "feedback.constraint": {"uniform": [0, 1]}})
    question = of(sensitivity, drawn)
    assert question.others_drawn and not of(sensitivity, eager).others_drawn
    whole = sensitivity.compute(question, Progress())
    monkeypatch.setattr(workload, "FIRST", 1)
    watched = Watched()
    assert plain(sensitivity.compute(question, watched)) == plain(whole)
    assert watched.stood[-1][1] == f"{POINTS // 4} of {POINTS} points of the indices"
    fewer = sensitivity.compute(of(sensitivity, drawn, POINTS // 4), Progress())
    assert plain(watched.stood[-1][2]) == plain(fewer)


@pytest.mark.parametrize("study", STUDIES)
def test_a_standing_answer_is_that_of_as_few_worlds(study, eager, early):
    watched = Watched()
    study.compute(of(study, eager), watched)
    done, stage, answer, _ = watched.stood[0]
    fewest = 2 * FEWEST if study is require else FEWEST
    assert stage.startswith(f"{fewest} of 130 worlds")
    few = eager.override({"worlds": fewest})
    if study is sensitivity:
        again = study.sensitivity(few, "no_takeover", OVER, "both", indices=False)
        indices = watched.stood[-1]
        assert indices[1] == f"{POINTS // 4} of {POINTS} points of the indices"
        fewer = study.compute(of(study, eager, POINTS // 4), Progress())
        assert plain(indices[2]) == plain(fewer)
    else:
        again = study.compute(of(study, few), Progress())
    assert plain(answer) == plain(again)
    assert done <= 35 * fewest  # a few dozen evaluations in the fewest worlds


def test_a_line_names_the_greatest_part_or_the_one_that_may_be():
    def policy(**parts):
        ends = {
            part: {"shapley": {"estimate": sum(one) / 2, "low": one[0], "high": one[1]}}
            for part, one in parts.items()
        }
        return {"no_takeover": {"parts": ends}}

    titles = {"a": "first", "b": "second"}
    clear = {"a": policy(control=(0.1, 0.2)), "b": policy(hold=(0.3, 0.5), pause=(-0.1, 0.1))}
    assert greatest(clear, titles) == "second: hold adds 40.0 (30.0-50.0) points"
    vague = {"a": policy(control=(-0.1, 0.2)), "b": policy(hold=(-0.1, 0.5))}
    words = "second: no part clearly adds; perhaps hold, -10.0 to 50.0 points"
    assert greatest(vague, titles) == words


def test_values_whose_worlds_are_not_kept_are_run_again_with_the_same_answer(
    eager, early, monkeypatch
):
    kept, anew = Watched(), Watched()
    answer = require.compute(of(require, eager), kept)
    monkeypatch.setattr(known_worlds, "MOST_BYTES", 0)
    assert plain(require.compute(of(require, eager), anew)) == plain(answer)
    assert anew.done > kept.done


def test_the_first_answer_takes_a_small_share_of_the_work(eager):
    """Of the headline: some seconds of one core, by its worlds, where all take minutes."""
    path = Path(__file__).parents[2] / "scenarios/first_critical_try.toml"
    headline = rs.load(path)
    question = contributions.ask(headline, ["defence_in_depth"])
    first = question.stages[0] / headline.worlds * question.total
    seconds = first * weigh(headline.systems, headline.months, 1) / A_SECOND
    assert seconds < 10
    assert question.total * weigh(headline.systems, headline.months, 1) / A_SECOND > 60


TOML = """
name = "small"
worlds = 130
months = 60
systems = 6
[takeover]
difficulty = 12
[policies.both.oversight]
control = true
cot_monitor = true
"""
COMMANDS = {
    "explain": ["--over", "takeover.difficulty=8:40"],
    "contributions": [],
    "require": ["--for", "no_takeover=0.5", "--vary", "takeover.difficulty=8:16"],
    "sensitivity": ["--outcome", "no_takeover", "--over", "takeover.difficulty=10:14"],
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("small.toml")
    path.write_text(TOML)
    return path


def stop_at(monkeypatch, method):
    """Press Ctrl-C in a method of the progress bar."""
    whole = getattr(Bar, method)

    def stopping(self, *arguments):
        whole(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Bar, method, stopping)


@pytest.mark.parametrize("study", COMMANDS)
def test_ctrl_c_after_the_first_stage_leaves_its_answer(study, file, early, monkeypatch, capsys):
    with monkeypatch.context() as pressed:
        stop_at(pressed, "stand")
        assert main([study, str(file), *COMMANDS[study]]) == 130
    out, error = capsys.readouterr()
    lines = error.splitlines()
    assert lines[-1] == "regimesim: interrupted"
    fewest = 2 * FEWEST if study == "require" else FEWEST
    assert any(line.startswith(f"{fewest} of 130 worlds") for line in lines)
    assert any("Interrupted: this is the answer after" in line for line in lines)
    assert f"{fewest} worlds" in out and "Results are in" in out
    folder = Path(f"outputs/small-{study}")
    assert {path.name for path in folder.iterdir()} == {f"{study}.json", "manifest.json"}
    assert {path.name for path in folder.parent.iterdir()} == {folder.name}
    manifest = read(folder / "manifest.json")
    assert manifest["interrupted_after"].startswith(f"{fewest} of 130 worlds")
    assert read(folder / f"{study}.json")["worlds"] == manifest["scenario"]["worlds"] == fewest
    assert main(["plot", str(folder)]) == 0
    assert main([study, str(file), *COMMANDS[study], "--worlds", "20"]) == 0
    assert "interrupted_after" not in read(folder / "manifest.json")


def test_ctrl_c_before_the_first_answer_leaves_nothing(file, monkeypatch, capsys):
    stop_at(monkeypatch, "finding")
    assert main(["contributions", str(file)]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "regimesim: interrupted"
    assert not Path("outputs").exists()


def test_a_long_study_says_how_long_it_takes_before_it_starts(file, monkeypatch, capsys):
    from regimesim.studies import study

    assert main(["contributions", str(file), "--threads", "2"]) == 0
    assert "core" not in capsys.readouterr().err  # it takes less than a second
    monkeypatch.setattr(study, "ANNOUNCED", 0.0)
    monkeypatch.setattr(study, "A_SECOND", 1.0)
    stop_at(monkeypatch, "__enter__")
    question = contributions.ask(file)
    assert main(["contributions", str(file), "--threads", "2"]) == 130
    seconds = question.total * float(weigh(6, 60, 1)) / 2
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"About {workload.duration(seconds)} on 2 cores."
