"""`regimesim compare`: saved runs side by side, or a sentence for each mistake."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from small import read
from synthetic_run import make_run, save_run

import regimesim as rs
from regimesim import figures
from regimesim.analysis.estimands import estimate
from regimesim.analysis.formatting import half_width, percent
from regimesim.analysis.summary import summarise
from regimesim.cli import main
from regimesim.results.reading import open_results
from regimesim.studies.compare.figure import FIGURES, TITLES
from regimesim.studies.compare.question import ask
from regimesim.studies.study import draw_figures


def edit(folder, **changes):
    """Change what the scenario of a saved run says."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for key in ("scenario", "given"):
        manifest[key] |= changes
    path.write_text(json.dumps(manifest))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folder of two runs with one policy in common, to be copied."""
    folder = tmp_path_factory.mktemp("saved")
    save_run(folder / "a", ("none", "lax", "strict"))
    save_run(folder / "b", ("other", "strict"), seed=2)
    edit(folder / "a", name="first")
    edit(folder / "b", name="second")
    return folder


@pytest.fixture
def runs(saved, tmp_path, monkeypatch):
    """The folders of the two runs."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(saved, tmp_path, dirs_exist_ok=True)
    return tmp_path / "a", tmp_path / "b"


def answer(capsys, *arguments):
    code = main(["compare", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


def test_the_table_holds_the_estimates_of_both_runs(runs, capsys):
    code, told, wrong = answer(capsys, *runs)
    assert (code, wrong) == (0, [])
    assert max(map(len, told)) <= 80
    for folder, name in zip(runs, ("first", "second"), strict=True):
        summary = json.loads((folder / "summary.json").read_text())["policies"]["strict"]
        (line,) = [line for line in told if line.startswith(f"  {name} ")]
        safe = summary["no_takeover"]
        expected = [safe["estimate"], half_width(safe)]
        estimands = ("held_first_critical_try", "growth_lost", "audited")
        expected += [summary[estimand]["estimate"] for estimand in estimands]
        assert line.split()[1:6] == [percent(share) for share in expected]
    assert "strict" in told and "lax" not in told
    assert "Not in all runs: none, lax of first." in told
    assert "Not in all runs: other of second." in told


def test_how_much_narrower_intervals_are_is_that_of_what_is_compared(runs, capsys):
    _, before, _ = answer(capsys, *runs)
    assert "Conditional" not in " ".join(before)
    path = runs[0] / "summary.json"
    summary = json.loads(path.read_text())
    wide = {"estimate": 0.9994, "low": 0.9993, "high": 0.9996, "worth": 9.0, "by": "integration"}
    for key in ("no_takeover", "held_first_critical_try"):
        summary["policies"]["strict"][key] |= wide
    summary["policies"]["lax"]["no_takeover"]["worth"] = 100.0  # which is not compared
    path.write_text(json.dumps(summary))
    _, after, _ = answer(capsys, *runs)
    assert max(map(len, after)) <= 80
    assert "intervals up to 3.00 times narrower" in " ".join(after)


def test_policies_of_one_name_that_differ_are_named(runs, capsys):
    _, before, _ = answer(capsys, *runs)
    edit(runs[1], policies={"strict": {"oversight": {"control": True}}})
    _, after, _ = answer(capsys, *runs)
    line = "Not set alike in all runs: the policy strict."
    assert line in after and line not in before


def test_runs_of_one_name_go_by_their_folders(runs, capsys):
    edit(runs[1], name="first")
    _, told, _ = answer(capsys, *runs)
    for folder in runs:
        assert any(line.strip().startswith(str(folder)[:20]) for line in told)
    assert Path("outputs/a-b-compare/compare.json").exists()


def test_it_has_a_folder_of_results_with_all_runs_in_it(runs, capsys):
    code, told, _ = answer(capsys, *runs)
    folder = Path("outputs/first-second-compare")
    assert code == 0 and told[-1] == f"Results are in {folder}/."
    drawn = {"figures/compare.png", "figures/compare.svg"}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.*")} == {
        "compare.json", "manifest.json", *drawn,
    }  # fmt: skip
    manifest = read(folder / "manifest.json")
    assert (manifest["made_by"], manifest["scenario"]["name"]) == ("regimesim compare", "first")
    content = read(folder / "compare.json")
    for name, folder_of_run, seed in (("first", runs[0], 1), ("second", runs[1], 2)):
        about = {
            "folder": str(folder_of_run),
            "scenario": name,
            "seed": seed,
            "worlds": 60,
            "version": rs.__version__,
            "code_digest": "0123456789abcdef",
        }
        assert manifest["runs"][name] == about
        policies = content["runs"][name].pop("policies")
        assert content["runs"][name] == about and list(policies) == ["strict"]
    before = {name: (folder / name).read_bytes() for name in drawn}
    for name in drawn:
        (folder / name).unlink()
    for run in runs:  # the figure needs nothing but compare.json
        shutil.rmtree(run)
    with open_results(folder) as results:
        draw_figures(folder, FIGURES, results)
    assert {name: (folder / name).read_bytes() for name in drawn} == before


def test_names_of_its_folder_are_names_of_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = ("ein lauf/über alles: 1", "x" * 200, "c")
    for k, folder in enumerate(folders):
        save_run(tmp_path / folder, seed=k + 1)
    first, long, last = folders
    assert ask([first, last]).folder == "ber-alles-1-c-compare"
    assert ask([long, first]).folder == f"{'x' * 80}-ber-alles-1-compare"
    assert ask(folders).folder == "ber-alles-1-others-compare"
    monkeypatch.chdir(tmp_path / last)
    assert ask([".", f"../{long}"]).folder == f"run-{'x' * 80}-compare"


def test_out_names_a_folder_and_no_figure(runs, tmp_path, capsys):
    for suffix in ("png", "svg", "pdf"):
        (line,) = refused(capsys, *runs, "--out", tmp_path / f"both.{suffix}")
        assert line.startswith("--out: ") and "--out names the folder of results" in line
    assert answer(capsys, *runs, "--out", tmp_path / "both")[0] == 0
    assert (tmp_path / "both" / "compare.json").exists()
    (line,) = refused(capsys, *runs, "--out", runs[0])
    assert 'not results of "regimesim compare"' in line


def test_python_gives_a_result_that_is_a_table_a_text_and_a_figure(runs, capsys):
    result = rs.compare(runs)
    _, told, _ = answer(capsys, *runs)
    assert told[: len(result.text().splitlines())] == result.text().splitlines()
    assert read("outputs/first-second-compare/compare.json") == result.to_dict()
    table = result.to_dataframe().set_index(["run", "estimand"])
    with xr.open_dataset(runs[1] / "worlds.nc", engine="h5netcdf") as worlds:
        wanted = estimate(worlds, "strict", "no_takeover")
    row = table.loc[("second", "no_takeover")]
    assert (row.policy, row.estimate, row.low, row.high, row.n) == ("strict", *wanted)
    assert len(result.plot()) == 3


def content_of(policies=None, **runs):
    """The content of compare.json for made-up runs."""
    summaries = {name: summarise(worlds)["policies"] for name, worlds in runs.items()}
    about = next(iter(runs.values())).attrs
    return {
        **{key: about[key] for key in ("scenario", "worlds", "seed", "months", "start")},
        "runs": {
            name: {
                **{key: runs[name].attrs[key] for key in ("scenario", "worlds", "seed")},
                "policies": {one: summary[one] for one in policies or summary},
            }
            for name, summary in summaries.items()
        },
        "notes": [],
    }


def test_the_marks_are_the_estimates():
    both = {"one": make_run(seed=1)[0], "two": make_run(seed=2)[0]}
    axes = figures.comparison(content_of(**both))
    assert [ax.get_title(loc="left") for ax in axes] == list(TITLES)
    for ax, estimand in zip(axes, ("no_takeover", "held_first_critical_try"), strict=False):
        drawn = [
            line
            for line in ax.get_lines()
            if line.get_marker() != "None" and line.get_xdata().size
        ]
        bars = [
            line
            for line in ax.get_lines()
            if len(line.get_xdata()) == 2 and line.get_clip_on() is False
        ]
        wanted = [
            estimate(worlds, policy, estimand)
            for worlds in both.values()
            for policy in ("lax", "strict")
        ]
        assert [line.get_xdata()[0] for line in drawn] == [one.estimate for one in wanted]
        assert [tuple(bar.get_xdata()) for bar in bars] == [(w.low, w.high) for w in wanted]
    places = sorted(line.get_ydata()[0] for line in drawn)
    assert np.diff(places).min() > 0.1  # no two marks on one row


def test_what_never_happens_is_written():
    never = {f"crossing_{name}": np.nan for name in ("first_critical_try", "takeover")}
    quiet, _ = make_run(held_first_critical_try=np.nan, **never)
    axes = figures.comparison(content_of(["strict"], quiet=quiet, loud=make_run()[0]))
    assert "never tried" in {text.get_text() for text in axes[1].texts}
    assert any(re.fullmatch(r"in 0 %", text.get_text()) for text in axes[2].texts)


@pytest.mark.parametrize("style", figures.STYLES)
def test_it_fits_every_style_and_takes_axes(style):
    from matplotlib.figure import Figure

    both = content_of(one=make_run(seed=1)[0], two=make_run(seed=2)[0])
    with figures.in_style(style):
        axes = figures.comparison(both)
    assert len(axes) == 3
    own = Figure().subplots(1, 3)
    assert list(figures.comparison(both, axes=own)) == list(own)
    with pytest.raises(ValueError, match="2 axes were given for 3 panels"):
        figures.comparison(both, axes=own[:2])


def refused(capsys, *arguments):
    code, told, wrong = answer(capsys, *arguments)
    assert (code, told) == (2, [])
    return wrong


def test_runs_that_cannot_be_compared_are_refused(runs, tmp_path, capsys):
    a, b = runs
    (line,) = refused(capsys, a)
    assert line == "one run compares with nothing; name the folders of two runs or more"
    assert refused(capsys, a, b, a) == [f"{a}: is named twice"]
    save_run(tmp_path / "c", ("else",))
    (line,) = refused(capsys, a, tmp_path / "c")
    assert line.startswith("the runs share no policy: first has none, lax, strict; ")
    (line,) = refused(capsys, a, b, "--policy", "strct")
    assert line == "--policy: not all runs have \"strct\"; the nearest that they share is 'strict'"
    (line,) = refused(capsys, a, b, "--policy", "lax")
    assert 'not all runs have "lax"' in line


def test_all_mistakes_are_shown_at_once(runs, tmp_path, capsys):
    lines = refused(capsys, runs[0], tmp_path / "no", tmp_path)
    assert [line.split(": ")[0] for line in lines] == [str(tmp_path / "no"), str(tmp_path)]


def test_runs_over_other_months_are_refused(runs, capsys):
    edit(runs[1], start="2027-01")
    (line,) = refused(capsys, *runs)
    assert line.startswith("second: covers 2027-01 to ") and "and first 2026-01 to " in line
