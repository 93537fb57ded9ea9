"""`regimesim plot`: figures drawn again from a saved run, or a sentence for each mistake."""

import json
import shutil

import pytest
import xarray as xr
from PIL import Image
from synthetic_run import save_run

from regimesim import __version__, figures
from regimesim.cli import main
from regimesim.studies.run.figure import OF_THE_PAGE


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folder of a run with made-up results, to be copied."""
    folder = tmp_path_factory.mktemp("saved")
    save_run(folder)
    return folder


@pytest.fixture
def run(saved, tmp_path):
    """The folder of a run with made-up results."""
    return shutil.copytree(saved, tmp_path / "run")


def answer(capsys, *arguments):
    code = main(["plot", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_figure_in_the_formats_asked_for(run, tmp_path, capsys):
    before, out = files(run), tmp_path / "new" / "here"
    code, told, wrong = answer(
        capsys, run, "--figure", "survival", "--format", "pdf", "--format", "svg", "--out", out
    )
    assert (code, wrong) == (0, [])
    assert files(out) == ["survival.pdf", "survival.svg"]
    assert told == [str(out / name) for name in files(out)]
    assert (out / "survival.pdf").read_bytes()[:5] == b"%PDF-"
    assert files(run) == before
    assert files(tmp_path / "new") == ["here/survival.pdf", "here/survival.svg"]  # no rests


def test_the_folder_of_the_run_gets_its_figures_and_a_report_that_holds_them(run, capsys):
    worlds, months = (
        xr.open_dataset(run / f"{n}.nc", engine="h5netcdf") for n in ("worlds", "months")
    )
    with worlds, months:
        usual = [drawing for drawing in OF_THE_PAGE if drawing.unless is None]
        results = {"worlds": worlds, "months": months}
        paths = [path for drawing in usual for path in figures.draw(drawing, results, run / "x")]
        expected = {path.name: path.read_bytes() for path in paths}
    (run / "figures").mkdir()
    (run / "figures" / "of-mine.txt").write_text("stays")
    code, told, _ = answer(capsys, run)
    assert code == 0 and told[-1] == str(run / "report.html")
    drawn = {path.name: path.read_bytes() for path in (run / "figures").iterdir()}
    assert drawn.pop("of-mine.txt") == b"stays"
    assert drawn == expected
    assert (run / "report.html").read_text().count("<img") == len(drawn) // 2


@pytest.mark.parametrize("name", ["regime_map", "crossings", "evidence_gap"])
def test_a_figure_on_request_is_drawn_where_it_is_named(run, name, capsys):
    code, printed, _ = answer(capsys, run, "--figure", name, "--format", "svg")
    assert code == 0 and printed[0] == str(run / "figures" / f"{name}.svg")
    assert name not in (run / "report.html").read_text()


def test_a_run_that_divides_no_luck_says_why_it_has_no_such_figure(run, capsys):
    code, _, (line,) = answer(capsys, run, "--figure", "what_decides")
    assert code == 2 and "needs assumptions that differ from world to world" in line


def test_a_slide_has_a_folder_of_its_own(run, capsys):
    code, _, _ = answer(capsys, run, "--style", "slide", "--format", "png", "--figure", "regimes")
    assert code == 0
    assert files(run / "figures") == ["slide/regimes.png"]
    assert not (run / "report.html").exists()
    with Image.open(run / "figures" / "slide" / "regimes.png") as drawn:
        assert drawn.width == pytest.approx(12.8 * 150, abs=1)


def test_a_figure_of_contributions_needs_them(run, capsys):
    code, _, (line,) = answer(capsys, run, "--figure", "contributions")
    assert code == 2
    assert line == f"{run}: figure 'contributions' needs contributions.json, which is not there"


def test_every_unknown_name_is_shown_with_the_nearest(run, capsys):
    before = files(run)
    code, told, wrong = answer(
        capsys, run, "--figure", "survivl", "--format", "jpg", "--style", "papper"
    )
    assert (code, told) == (2, [])
    for line, name, close in zip(
        wrong, ("survivl", "jpg", "papper"), ("survival", "png", "paper"), strict=True
    ):
        assert line.endswith(f"'{name}'; the nearest is '{close}'")
    assert files(run) == before


def edit(run, **changes):
    path = run / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_runs_of_another_version_are_refused(run, capsys):
    edit(run, version="0.0.7")
    code, _, (line,) = answer(capsys, run)
    assert code == 2
    assert "version 0.0.7" in line and f"this is {__version__}" in line


def test_a_run_that_lacks_variables_is_refused(run, capsys):
    with xr.open_dataset(run / "months.nc", engine="h5netcdf") as months:
        older = months.drop_vars(["leader_quantile", "difficulty"]).load()
    older.to_netcdf(run / "months.nc", engine="h5netcdf")
    code, _, (line,) = answer(capsys, run)
    assert code == 2
    assert "months.nc: has no leader_quantile, difficulty" in line


def test_what_is_no_run_is_refused(run, tmp_path, capsys):
    def refused(folder, words):
        code, told, (line,) = answer(capsys, folder)
        assert (code, told) == (2, [])
        assert line.startswith(str(folder)) and words in line

    refused(tmp_path / "nowhere", "there is no such folder")
    refused(run / "worlds.nc", "is no folder")
    refused(tmp_path, "has no manifest.json")
    (run / "summary.json").unlink()
    refused(run, "summary.json: cannot be read: No such file")
    (run / "worlds.nc").write_text("not a dataset")
    refused(run, "worlds.nc: cannot be read: it is not a dataset")
    (run / "worlds.nc").unlink()
    refused(run, "worlds.nc: cannot be read: there is no such file")
    edit(run, made_by="somebody else")
    refused(run, 'not made by a command of regimesim but by "somebody else"')
    (run / "manifest.json").write_text("{")
    refused(run, "manifest.json: cannot be read: it is not JSON")


def test_a_folder_that_cannot_be_written_is_shown(run, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    code, _, (line,) = answer(capsys, run, "--figure", "regimes", "--out", tmp_path / "file")
    assert code == 2
    assert line == f"{tmp_path / 'file'}: cannot be written: File exists"
