"""The command `contributions`: what it prints and writes, and how it refuses."""

import json
from pathlib import Path

import pytest
from small import SCENARIO as SMALL
from small import read

import regimesim as rs
from regimesim.cli import main
from regimesim.ensemble.first_tries import first_tries
from regimesim.results.reading import scenario_of
from regimesim.studies.contributions.shares import contributions_of_parts
from regimesim.studies.contributions.subsets import independent, run_subsets

SCENARIO = SMALL.replace("policies.control", "policies.both") + "cot_monitor = true\n"


def test_the_command_prints_and_writes_a_folder_of_its_own(file, capsys):
    asked = ["contributions", str(file), "--audit-budgets", "0.3,0.01", "--threads", "2"]
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert "lost without it" in told and "control + cot_monitor" in told
    folder = Path("outputs/small-contributions")
    assert {path.name for path in Path("outputs").iterdir()} == {folder.name}
    assert {path.name for path in folder.iterdir()} == {
        "contributions.json",
        "manifest.json",
        "figures",
    }
    found = read(folder / "contributions.json")
    assert list(found["policies"]) == ["both"] and list(found["frontier"]) == ["none", "both"]
    assert [point["audit_budget"] for point in found["audit_budgets"]["both"]] == [0.01, 0.3]
    assert read(folder / "manifest.json")["made_by"] == "regimesim contributions"
    drawn = {f"{name}.{kind}" for name in ("contributions", "frontier") for kind in ("png", "svg")}
    assert {path.name for path in (folder / "figures").iterdir()} == drawn
    before = {name: (folder / "figures" / name).read_bytes() for name in drawn}
    assert main(["plot", str(folder)]) == 0
    assert {name: (folder / "figures" / name).read_bytes() for name in drawn} == before
    scenario = rs.load(file)
    apart = first_tries(independent(scenario, "both"))
    again = contributions_of_parts(next(run_subsets(scenario, "both")), apart)
    assert found["policies"]["both"] == json.loads(json.dumps(again))
    assert main([*asked, "--worlds", "12"]) == 0
    assert read(folder / "contributions.json")["worlds"] == 12


def test_the_folder_of_a_run_stands_for_its_scenario_as_it_was_run(file):
    assert main(["run", str(file), "--no-figures", "--seed", "4", "--worlds", "20"]) == 0
    run = Path("outputs/small")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    file.unlink()
    assert main(["contributions", str(run)]) == 0
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    content = read("outputs/small-contributions/contributions.json")
    assert (content["seed"], content["worlds"]) == (4, 20)
    summary = read(run / "summary.json")["policies"]["both"]["no_takeover"]
    full = content["policies"]["both"]["no_takeover"]["full"]
    assert full == {key: summary[key] for key in full}
    assert rs.contributions(run).to_dict() == content
    assert main(["contributions", str(run), "--seed", "5", "--set", "months=50"]) == 0
    content = read("outputs/small-contributions/contributions.json")
    assert (content["seed"], content["worlds"], content["months"]) == (5, 20, 50)


def test_a_run_that_ended_by_its_precision_stands_for_the_worlds_that_were_run(file):
    wide = ["--worlds", "3000", "--precision", "no_takeover=0.08", "--no-figures"]
    assert main(["run", str(file), *wide]) == 0
    ran = read("outputs/small/summary.json")["worlds"]
    assert ran < 3000
    scenario = scenario_of("outputs/small")
    assert (scenario.worlds, list(scenario.policies)) == (ran, ["none", "both"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--policy", "bothe"], "no policy \"bothe\"; the nearest is 'both'"),
        (["--policy", "none"], "'none' has no safeguard, response, event or lever of its own"),
        (["--cost", "growth"], '--cost: found "growth"; allowed are growth_lost, audited,'),
        (["--audit-budgets", "0.1;0.2"], "expected numbers with commas between"),
        (["--audit-budgets", "0.1,2"], "found 2; allowed is 0 to 1"),
        (["--worlds", "0"], "worlds: found 0"),
    ],
)
def test_bad_input_is_shown_in_one_sentence_and_writes_nothing(file, capsys, options, sentence):
    assert main(["contributions", str(file), *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.splitlines()) == 1
    assert not Path("outputs").exists()


def test_a_scenario_without_any_part_is_refused(file, capsys):
    file.write_text('name = "bare"\nworlds = 5\n')
    assert main(["contributions", str(file)]) == 2
    assert "no policy has a safeguard, response or event to take apart" in capsys.readouterr().err


def test_folders_of_others_are_refused_and_untouched(file, capsys):
    assert main(["run", str(file), "--no-figures", "--worlds", "5"]) == 0
    capsys.readouterr()
    assert main(["contributions", str(file), "--out", "outputs/small"]) == 2
    assert 'not results of "regimesim contributions"' in capsys.readouterr().err
    assert read("outputs/small/manifest.json")["made_by"] == "regimesim run"
    Path("mine").mkdir()
    assert main(["contributions", "mine"]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("mine: is not the folder of a run")
    assert main(["contributions", "outputs/small", "--worlds", "many"]) == 2
    assert 'worlds: found "many"' in capsys.readouterr().err
    path = Path("outputs/small/manifest.json")
    manifest = read(path)
    del manifest["given"]
    path.write_text(json.dumps(manifest))
    assert main(["contributions", "outputs/small"]) == 2
    assert "has no given; run the scenario again" in capsys.readouterr().err
    assert {path.name for path in Path("outputs").iterdir()} == {"small"}
