"""The folder of results: the contract, complete or absent, ours or refused."""

import json
import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest
import xarray as xr
from small import SCENARIO, read

import regimesim as rs
from regimesim.analysis import estimand_table
from regimesim.cli import main
from regimesim.ensemble.datasets import WHOLE_PACKAGE, WorldsFile
from regimesim.ensemble.netcdf import Patient
from regimesim.model.world.records import THRESHOLDS, names
from regimesim.results.progress import compile_model
from regimesim.results.reading import open_run
from regimesim.studies.run import figure
from regimesim.studies.run.figure import OF_THE_PAGE
from regimesim.studies.run.question import ask
from regimesim.studies.study import carry_out

ESTIMANDS = {  # names on which readers of saved summaries rely
    "held_first_critical_try",
    "no_takeover",
    "evidence_gap",
    "believed_catch_rate",
    "true_catch_rate",
    "critical_tries",
    "critical_tries_held",
    "warning_shots_before_first_try",
    "first_try_was_story",
    "tries_survived",
    "brier_score",
    "log_score",
    "brier_score_of_true_rate",
    "log_score_of_true_rate",
    "brier_excess",
    "log_excess",
}


def listed(folder):
    return {str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file()}


def test_a_run_leaves_the_contract_and_nothing_else(file, capsys):
    assert main(["run", str(file)]) == 0
    folder = file.parent / "outputs" / "small"
    names = {drawing.name for drawing in OF_THE_PAGE if drawing.unless is None}
    assert {"headline", "regimes", "survival", "gap_at_tries"} == names
    drawn = {f"figures/{name}.{suffix}" for name in names for suffix in ("png", "svg")}
    plain = {"summary.json", "worlds.nc", "months.nc", "manifest.json", "report.html"}
    assert listed(folder) == drawn | plain
    assert {p.name for p in folder.parent.iterdir()} == {"small"}
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert "Results are in outputs/small/" in told.replace(os.sep, "/")


def test_the_summary_holds_every_estimand_and_threshold(file):
    assert main(["run", str(file), "--no-figures"]) == 0
    summary = read("outputs/small/summary.json")
    assert {k: summary[k] for k in ("scenario", "seed", "worlds", "months")} == {
        "scenario": "small",
        "seed": 1,
        "worlds": 30,
        "months": 60,
    }
    assert list(summary["policies"]) == ["none", "control"]
    for policy in summary["policies"].values():
        more = {"title", "thresholds", "survival_against_tries", "cost"}
        more |= {"first_tries_held", "variance_shares", "flips"}
        assert set(policy) == set(estimand_table.ESTIMANDS) | more >= ESTIMANDS
        for name in ESTIMANDS:
            counted = {"estimate", "low", "high", "n"}
            assert set(policy[name]) == counted | {"by", "worth", "counted"}
            assert set(policy[name]["counted"]) == counted
        assert set(policy["thresholds"]) == set(names(THRESHOLDS))
        for times in policy["thresholds"].values():
            assert set(times) == {"crossed", "p10", "median", "p90"}
    assert set(summary["paired"]) == {"none vs control"}


def test_the_files_hold_what_python_gets(file):
    assert main(["run", str(file), "--no-figures", "--threads", "2"]) == 0
    scenario = rs.load(file)
    worlds, months = rs.run(scenario)
    with xr.open_dataset("outputs/small/worlds.nc", engine="h5netcdf") as kept:
        xr.testing.assert_equal(kept.load(), worlds)
        assert {k: kept[k].attrs["units"] for k in kept} == {
            k: worlds[k].attrs["units"] for k in worlds
        }
        assert rs.parse(json.loads(kept.attrs["scenario_json"])) == scenario
    with xr.open_dataset("outputs/small/months.nc", engine="h5netcdf") as kept:
        xr.testing.assert_equal(kept.load(), months)
    assert read("outputs/small/summary.json") == json.loads(json.dumps(rs.summarise(worlds)))


def test_the_manifest_makes_the_run_again(file):
    assert main(["run", str(file), "--no-figures", "--worlds", "20", "--seed", "9"]) == 0
    manifest = read("outputs/small/manifest.json")
    from regimesim.model.compilation import digest

    assert manifest["code_digest"] == digest(WHOLE_PACKAGE)
    again = rs.parse(manifest["scenario"])
    assert (again.worlds, again.seed) == (20, 9)
    summary = rs.summarise(rs.run(again).worlds)
    assert json.loads(json.dumps(summary)) == read("outputs/small/summary.json")


def test_a_folder_of_ours_is_replaced_with_a_line(file, capsys):
    for worlds in ("5", "6"):
        assert main(["run", str(file), "--no-figures", "--worlds", worlds]) == 0
        replaced = f"Replaced the earlier results in {Path('outputs/small')}{os.sep}."
        assert (replaced in capsys.readouterr().err) == (worlds == "6")
    assert read("outputs/small/summary.json")["worlds"] == 6
    assert {p.name for p in Path("outputs").iterdir()} == {"small"}


OWN = ("notes.md", "figures/survival annotated.png", "more/deep/data.nc", ".hidden")


def own_files(folder):
    """Files of the user in a folder of results."""
    for name in OWN:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mine: {name}")
    (Path(folder) / "link").symlink_to("nowhere")


def kept(folder):
    """Whether all of them are there as they were."""
    folder = Path(folder)
    link = (folder / "link").is_symlink() and os.readlink(folder / "link") == "nowhere"
    return link and all((folder / name).read_text() == f"mine: {name}" for name in OWN)


@pytest.mark.parametrize("again", [["--no-figures"], ["--figures"]])
def test_files_of_the_user_stay_when_a_folder_is_replaced(file, again):
    assert main(["run", str(file)]) == 0
    before = listed("outputs/small")
    own_files("outputs/small")
    assert main(["run", str(file), "--seed", "2", *again]) == 0
    assert kept("outputs/small") and read("outputs/small/summary.json")["seed"] == 2
    drawn = {name for name in before if name.startswith("figures") or name == "report.html"}
    left = listed("outputs/small") - {*OWN}
    assert left == (before - drawn if again == ["--no-figures"] else before)
    assert {p.name for p in Path("outputs").iterdir()} == {"small"}


def test_files_of_the_user_stay_where_links_cannot_be_made(file, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    assert main(["run", str(file), "--no-figures"]) == 0
    own_files("outputs/small")
    monkeypatch.setattr(os, "link", refuse)
    assert main(["run", str(file), "--no-figures"]) == 0
    assert kept("outputs/small")


def test_figures_that_plot_drew_are_those_of_the_command(file):
    assert main(["run", str(file), "--no-figures"]) == 0
    before = listed("outputs/small")
    assert main(["plot", "outputs/small", "--figure", "survival", "--format", "pdf"]) == 0
    assert main(["plot", "outputs/small", "--figure", "survival", "--style", "slide"]) == 0
    assert listed("outputs/small") > before
    assert main(["run", str(file), "--no-figures"]) == 0
    assert listed("outputs/small") == before


@pytest.mark.parametrize("manifest", [None, "{}", "[1]", "not json", '{"made_by": "another"}'])
def test_a_folder_of_someone_else_is_refused_and_untouched(file, capsys, manifest):
    mine = file.parent / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    if manifest is not None:
        (mine / "manifest.json").write_text(manifest)
    before = listed(mine)
    assert main(["run", str(file), "--out", str(mine)]) == 2
    assert listed(mine) == before
    error = capsys.readouterr().err
    assert "mine: holds files that are not results" in error and len(error.splitlines()) == 1


def test_a_file_in_the_way_is_refused(file, capsys):
    assert main(["run", str(file), "--out", str(file)]) == 2
    assert "a file is in the way" in capsys.readouterr().err
    assert file.read_text() == SCENARIO


def test_a_folder_that_cannot_be_made_is_refused(file, capsys):
    assert main(["run", str(file), "--out", str(file / "inside")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_bad_input_writes_nothing(file, capsys):
    file.write_text(SCENARIO.replace("months = 60", "months = 0"))
    assert main(["run", str(file)]) == 2
    assert not Path("outputs").exists()
    assert "small.toml: months: found 0" in capsys.readouterr().err


def test_an_interrupted_run_leaves_nothing_and_exits_with_130(file):
    compile_model()  # or the signal would wait for the compiler
    command = [sys.executable, "-m", "regimesim", "run", str(file), "--worlds", "3000000"]
    # a session of its own, so that only this process is interrupted
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (list(Path("outputs").glob(".small.*")) if Path("outputs").exists() else []):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=30)
    # Python itself ends by the signal where it came within `exec`: to a shell that is 130 too
    assert running.returncode in (130, -signal.SIGINT)
    assert "regimesim: interrupted" in error and "Traceback" not in error
    assert not Path("outputs").exists()  # which it had made


def test_a_link_to_a_folder_of_ours_stays_a_link(file):
    assert main(["run", str(file), "--no-figures", "--worlds", "5", "--out", "real"]) == 0
    Path("link").symlink_to("real")
    assert main(["run", str(file), "--no-figures", "--worlds", "6", "--out", "link"]) == 0
    assert Path("link").is_symlink() and read("real/summary.json")["worlds"] == 6
    assert {p.name for p in Path().iterdir()} == {"small.toml", "real", "link"}


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_the_current_folder_is_not_replaced(file, capsys, out):
    assert main(["run", str(file), "--out", out]) == 2
    assert "is the current folder or above it" in capsys.readouterr().err
    assert listed(".") == {"small.toml"}


def test_an_interruption_is_never_lost(file):
    """Ctrl-C in a callback whose exceptions the interpreter ignores still ends the run."""

    class Careless:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    careless = [Careless()]

    def progress(_):
        careless.clear()

    with pytest.raises(KeyboardInterrupt):
        rs.run(rs.load(file).override({"worlds": 2000}), progress=progress)
    assert not careless


@pytest.mark.parametrize("call", ["write", "readinto", "seek", "truncate", "tell"])
def test_an_interruption_while_a_file_is_made_is_not_lost(tmp_path, monkeypatch, call):
    plain, scenario = getattr(Patient, call), rs.parse({"worlds": 5000, "systems": 3})
    for turn in (1, 2, 4):
        turns = iter(range(turn, 0, -1))

        def interrupted(patient, *given, turns=turns):
            if next(turns, 0) == 1:
                signal.raise_signal(signal.SIGINT)
            return plain(patient, *given)

        monkeypatch.setattr(Patient, call, interrupted)
        with pytest.raises(KeyboardInterrupt), WorldsFile(tmp_path / f"{turn}.nc", scenario):
            pass


def test_a_path_that_the_terminal_cannot_spell_is_kept_in_the_manifest(file, tmp_path):
    """Where the terminal is ASCII, Python reads other letters as bytes that are no text."""
    out = tmp_path / "s\u00fcd"
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = {**os.environ, **plain, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "regimesim", "run", str(file), "--no-figures", "--out"]
    done = subprocess.run([*command, str(out)], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert "s\u00fcd" in manifest["command"]


def broken(*_, **__):
    raise RuntimeError("no font\nanywhere")


def test_a_figure_or_a_report_that_fails_costs_itself_alone(file, capsys, monkeypatch):
    drawings = [d._replace(draw=broken) if d.name == "regimes" else d for d in figure.FIGURES]
    monkeypatch.setattr(figure, "FIGURES", drawings)
    monkeypatch.setattr(figure, "PAGES", {"report": broken})
    assert main(["run", str(file)]) == 0
    printed = capsys.readouterr()
    assert "Results are in outputs/small/" in printed.out.replace(os.sep, "/")
    assert printed.err.splitlines() == [
        "The figure 'regimes' could not be made (RuntimeError: no font).",
        "The report could not be made (RuntimeError: no font).",
    ]
    left = listed("outputs/small")
    assert {"summary.json", "worlds.nc", "months.nc", "manifest.json"} <= left
    assert "figures/survival.png" in left and "figures/headline.svg" in left
    assert not {"figures/regimes.png", "report.html"} & left


def test_ctrl_c_while_figures_are_drawn_leaves_the_results(file, capsys, monkeypatch):
    def press(*_, **__):
        raise KeyboardInterrupt

    first, *others = figure.FIGURES
    with monkeypatch.context() as patched:
        patched.setattr(figure, "FIGURES", [first._replace(draw=press), *others])
        assert main(["run", str(file)]) == 130
    assert listed("outputs/small") == {"summary.json", "worlds.nc", "months.nc", "manifest.json"}
    printed = capsys.readouterr()
    assert "Month by which half" in printed.out and "interrupted" in printed.err
    assert main(["plot", "outputs/small"]) == 0
    assert "report.html" in listed("outputs/small")


@pytest.mark.parametrize("fails", [False, True])
def test_ctrl_c_inside_a_callback_of_a_figure_is_not_swallowed(file, capsys, monkeypatch, fails):
    class Axes:
        pass

    def press(*arguments, **options):
        axes = Axes()
        watched = weakref.ref(axes, lambda _: signal.raise_signal(signal.SIGINT))
        del axes  # an exception of this callback would only be printed
        assert watched() is None
        if fails:
            raise ValueError("no font")
        return first.draw(*arguments, **options)

    first, *others = figure.FIGURES
    monkeypatch.setattr(figure, "FIGURES", [first._replace(draw=press), *others])
    assert main(["run", str(file)]) == 130
    printed = capsys.readouterr()
    assert "interrupted" in printed.err and ("no font" in printed.err) == fails
    assert "report.html" not in listed("outputs/small")
    assert {"summary.json", "manifest.json"} <= set(listed("outputs/small"))


def test_python_gets_what_the_command_saves_and_prints(file, capsys):
    assert main(["run", str(file), "--no-figures"]) == 0
    result = rs.run(file)
    assert result.to_dict() == read("outputs/small/summary.json")
    assert result.text() in capsys.readouterr().out
    assert result.text().isascii()
    table = result.to_dataframe()
    assert set(table.policy) == {"none", "control"} and "no_takeover" in set(table.estimand)
    assert result.plot().get_ylabel()
    alone = rs.run(file, ["control"])
    assert list(alone.worlds.policy.values) == list(alone.to_dict()["policies"]) == ["control"]


def test_the_result_that_was_kept_reads_its_folder(file):
    question = ask(file)
    kept = carry_out("run", question, "kept", figures=False)
    xr.testing.assert_equal(kept.worlds, rs.run(file).worlds)
    xr.testing.assert_equal(kept.months, rs.run(file).months)
    assert kept.to_dict() == read("kept/summary.json")


def test_a_tilde_is_the_home_folder(file, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert main(["run", str(file), "--no-figures", "--worlds", "5", "--out", "~/one"]) == 0
    with open_run("~/one") as kept:
        assert kept["worlds"].sizes["world"] == 5
    rs.sweep(file, {"takeover.difficulty": [9, 11]}, folder="~/two")
    assert {path.name for path in (tmp_path / "home").iterdir()} == {"one", "two"}
    assert not Path("~").exists()
