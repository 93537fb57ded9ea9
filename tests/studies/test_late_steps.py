"""A step that fails late costs itself alone: the numbers stay, and one sentence says what failed.

Every study with figures is put to each failure: a figure that cannot be drawn, a disk that is full
when a figure, the manifest or the answer is written.
"""

import errno
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from small import FIRST_PART_IN_TOML
from synthetic_run import save_run

from regimesim.cli import main
from regimesim.ensemble.netcdf import read_dataset
from regimesim.plots.saving import lacking
from regimesim.results.folder import MANIFEST
from regimesim.results.reading import open_results
from regimesim.scenario.calibration import SHIPPED
from regimesim.studies import STUDIES
from regimesim.studies.study import part, present
from regimesim.sweeps.folder import JOURNAL

SCENARIO = f"""
name = "small"
worlds = 24
months = 48
systems = 6
capability.initial = 7
{FIRST_PART_IN_TOML}[takeover]
difficulty = {{ normal = [11, 1] }}
[policies.none]
[policies.control.oversight]
control = true
"""
SEEN = '[evidence]\npolicy = "control"\nno_takeover = { until = "2026-03" }\n'
OTHER = SCENARIO.replace('"small"', '"other"').replace("[11, 1]", "[12, 1]")
LOG = str(Path(__file__).parents[1] / "logs" / "inspect_0.3.75.eval")
HERE, ANSWER = "small.toml", ("--outcome", "no_takeover", "--policy", "control")
COMMANDS = {
    "run": ("run", HERE),
    "sweep": ("sweep", HERE, "--vary", "takeover.difficulty=9,11"),
    "contributions": ("contributions", HERE),
    "require": (
        *("require", HERE, "--for", "no_takeover=0.5", "--policy", "control"),
        *("--vary", "oversight.audit_budget=0.001:0.9"),
    ),
    "sensitivity": (
        *("sensitivity", HERE, *ANSWER, "--policy", "none", "--points", "8", "--worlds", "20"),
        *("--over", "takeover.difficulty", "--over", "feedback.density"),
    ),
    "cruxes": ("cruxes", HERE, "other.toml", "--policy", "none", *ANSWER),
    "discover": ("discover", HERE, "--policy", "none", "--worlds", "120"),
    "worth": ("worth", HERE, "--worlds", "120"),
    "robust": ("robust", HERE, "--worlds", "100", "--repeats", "4"),
    "optimise": (
        *("optimise", HERE, "--policy", "control", "--maximise", "no_takeover"),
        *("--over", "oversight.audit_budget=0.02,0.2", "--worlds", "24"),
    ),
    "attack": ("attack", HERE, "--policy", "control", "--trials", "2", "--worlds", "20"),
    "calibrate": ("calibrate", str(SHIPPED), "--version", "1.1"),
    "claims": ("claims", "C6", "--worlds", "30"),
    "explain": (
        *("explain", HERE, "--policy", "control", "--worlds", "20"),
        *("--over", "takeover.difficulty", "--over", "feedback.density"),
    ),
    "update": ("update", HERE, "--evidence", "seen.toml", "--effective", "0"),
    "trace": ("trace", HERE, "--policy", "none", "--world", "0"),
    "compare": ("compare", "one", "two"),
    "monitor": ("monitor", LOG, "--score", "suspicion", "--label", "metadata.mode"),
}
JOURNALLED = ("sweep", "optimise")  # their results can be made again from their journals
WITH_FIGURES = [
    study
    for study in STUDIES
    if find_spec(f"regimesim.studies.{study}.figure") and part(study, "figure").FIGURES
]
by_study = pytest.mark.parametrize("study", WITH_FIGURES)
RESULTS: dict = {}  # of each study, so that its worlds run once


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs that are compared."""
    folder = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(("one", "two"), 1):
        save_run(folder / name, seed=seed)
    return folder


@pytest.fixture
def place(tmp_path, monkeypatch, runs):
    """A folder with what the commands read, in which each study is computed once."""
    monkeypatch.chdir(tmp_path)
    Path(HERE).write_text(SCENARIO)
    Path("other.toml").write_text(OTHER)
    Path("seen.toml").write_text(SEEN)
    for name in ("one", "two"):
        Path(name).symlink_to(runs / name)
    for study in set(WITH_FIGURES) - {"run", "sweep", "claims", "optimise"}:
        module = part(study, "compute")

        def once(question, progress, study=study, plain=module.compute):
            if study not in RESULTS:
                RESULTS[study] = plain(question, progress)
            return RESULTS[study]

        monkeypatch.setattr(module, "compute", once)
    return tmp_path


def carried_out(study, *more):
    """The exit code of the command of a study, with its folder `out`."""
    return main([*COMMANDS[study], "--out", "out", *more])


def numbers(folder=Path("out")):
    """The names of the files of numbers, each of which can be read."""
    for path in folder.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))
    for path in folder.glob("*.nc"):
        with read_dataset(path, decode_timedelta=False) as dataset:
            dataset.load()
    return {path.name for path in folder.iterdir() if path.suffix in (".json", ".nc", ".csv")}


def hidden(folder=Path("out")):
    """Files that are half-written."""
    return [path.name for path in folder.rglob(".*")]


def drawn_by(study):
    """The names of the figures that the study draws: the folder has the data for them."""
    figures = [d for d in part(study, "figure").FIGURES if not d.on_request]
    with open_results("out") as results:
        return [d.name for d in figures if lacking(d, results) is None]


def sentences(capsys):
    """What standard error says, one sentence a line."""
    text = " ".join(capsys.readouterr().err.split())
    return [f"{sentence}." for sentence in text.removesuffix(".").split(". ") if sentence]


def failing(*_, **__):
    raise RuntimeError("no font\nanywhere")


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def plain(*_, **__):
    return Figure().subplots()


def draw_nothing(study, monkeypatch):
    """The figures of a study as empty axes, where what is on them does not matter."""
    module = part(study, "figure")
    monkeypatch.setattr(module, "FIGURES", [d._replace(draw=plain) for d in module.FIGURES])


def written(folder, results):
    """The path of a page that is not written."""
    return folder / "page.html"


def test_every_study_with_figures_has_a_command_here():
    assert set(COMMANDS) == set(WITH_FIGURES)


@by_study
def test_a_figure_or_a_page_that_fails_costs_itself_alone(study, place, capsys, monkeypatch):
    assert carried_out(study, *["--no-figures"] * (study in ("run", "sweep"))) == 0
    whole = numbers()
    assert MANIFEST in whole and len(whole) > 1
    names, module = drawn_by(study), part(study, "figure")
    pages, declared = list(getattr(module, "PAGES", {})), module.FIGURES
    result = RESULTS.get(study) or Words()
    for broken in [*names, *pages]:
        capsys.readouterr()
        figures = [d._replace(draw=failing if d.name == broken else plain) for d in declared]
        monkeypatch.setattr(module, "FIGURES", figures)
        writers = {page: failing if page == broken else written for page in pages}
        monkeypatch.setattr(module, "PAGES", writers, raising=False)
        present(study, result, Path("out"))
        named = f"The {broken}" if broken in pages else f"The figure '{broken}'"
        assert sentences(capsys) == [f"{named} could not be made (RuntimeError: no font)."]
        left = {path.name for path in Path("out/figures").glob("*.png")}
        others = [name for name in names if name != broken]
        assert all(any(one.startswith(name) for one in left) for name in others)
        for path in Path("out/figures").iterdir():
            path.unlink()
        assert numbers() == whole and not hidden()


class Words:
    """A result that is on disk already."""

    def text(self):
        return "the answer"


@by_study
def test_a_disk_that_is_full_of_figures_keeps_the_numbers(study, place, capsys, monkeypatch):
    def savefig(figure, path, **_):
        Path(path).write_bytes(b"half")
        full_disk()

    monkeypatch.setattr(Figure, "savefig", savefig)
    draw_nothing(study, monkeypatch)
    monkeypatch.setattr(part(study, "figure"), "PAGES", {}, raising=False)
    assert carried_out(study) == 0
    printed = [one for one in sentences(capsys) if not one.endswith(" left.")]  # of stages
    assert [one.partition(" could not be made ")[0] for one in printed] == [
        f"The figure '{name}'" for name in drawn_by(study)
    ]
    assert all("No space left on device" in one for one in printed)
    assert MANIFEST in numbers() and not hidden() and not [*Path("out").glob("figures/*")]


@by_study
def test_a_manifest_that_cannot_be_written_costs_itself_alone(study, place, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["regimesim", study])  # which the sentence repeats
    refuse(monkeypatch, MANIFEST)
    draw_nothing(study, monkeypatch)
    code = carried_out(study)
    if study == "optimise":  # which first writes a manifest for its journal
        (line,) = capsys.readouterr().err.splitlines()
        assert code == 2 and line.endswith("out: cannot be written: No space left on device")
        assert not numbers() and not hidden()
        return
    if study in JOURNALLED:
        first, second = capsys.readouterr().err.splitlines()
        assert code == 2 and first.endswith("out: cannot be written: No space left on device")
        assert (Path("out") / JOURNAL).stat().st_size and "resume it with" in second
        monkeypatch.undo()
        monkeypatch.chdir(place)
        assert carried_out(study, "--resume", "--no-figures") == 0 and MANIFEST in numbers()
        return
    assert code == 0
    assert sentences(capsys) == ["The manifest could not be made (No space left on device)."]
    assert numbers() and MANIFEST not in numbers() and not hidden()


def refuse(monkeypatch, name):
    """Fill the disk when the manifest, or another JSON file, is written."""
    write = Path.write_text

    def half(path, text, **options):
        if ".json" in path.name and (MANIFEST in path.name) == (name == MANIFEST):
            write(path, text[: len(text) // 2], **options)
            full_disk()
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", half)


@pytest.mark.parametrize("study", [study for study in WITH_FIGURES if study not in JOURNALLED])
def test_an_answer_that_cannot_be_saved_is_printed(study, place, capsys, monkeypatch):
    refuse(monkeypatch, "the answer")
    assert main([*COMMANDS[study], "--out", "new"]) == 2
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) > 2 and "Results are in" not in printed.out
    *_, line = printed.err.splitlines()  # after those of the stages, where it runs by itself
    assert line.endswith("new: cannot be written: No space left on device")
    assert not Path("new").exists() and not [*Path().glob(".new*")]


def test_all_claims_keep_their_numbers(place, capsys, monkeypatch):
    from regimesim.studies.claims import command

    monkeypatch.setattr(command, "draw_small", failing)
    claims = command_claims(place)
    assert main(["claims", "--all", "--worlds", "30", "--from", claims, "--out", "out"]) == 0
    assert sentences(capsys) == ["The figure of C6 could not be made (RuntimeError: no font)."]
    assert numbers() == {"claims.json", MANIFEST} and Path("out/index.html").exists()
    monkeypatch.setattr(command, "gallery", failing)
    assert main(["claims", "--all", "--worlds", "30", "--from", claims, "--out", "out"]) == 0
    assert sentences(capsys)[2:] == ["The page could not be made (RuntimeError: no font)."]


def command_claims(place):
    """A folder with a single claim."""
    from regimesim.studies.claims.claim import find_claims
    from regimesim.studies.claims.question import claims_folder

    path = find_claims(claims_folder(None))["C6"]
    folder = place / "claims"
    folder.mkdir()
    for one in (path, path.with_name("first_part.toml")):  # which it extends
        (folder / one.name).write_bytes(one.read_bytes())
    return str(folder)


@pytest.mark.parametrize(
    ("backend", "rc"),
    [("Qt4Agg", ""), ("agg", "text.usetex: True\nfont.family: Nonesuch\naxes.facecolor: black\n")],
)
def test_the_settings_of_matplotlib_cost_nothing(place, backend, rc):
    Path("matplotlibrc").write_text(rc)
    environment = {**os.environ, "MPLBACKEND": backend}
    command = [sys.executable, "-m", "regimesim", *COMMANDS["trace"], "--out", "out"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("out/figures/trace.png").exists()


def test_a_matplotlib_that_is_broken_costs_the_figures(place):
    Path("matplotlibrc").write_bytes(b"\xff\xfe no text")
    command = [sys.executable, "-m", "regimesim", *COMMANDS["trace"], "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr.count("The figures could not be made (UnicodeDecodeError: ") == 1
    assert "Traceback" not in done.stderr and numbers() == {"trace.json", MANIFEST}
