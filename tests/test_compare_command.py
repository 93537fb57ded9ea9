"""`regimesim compare`: saved runs side by side, or a sentence for each mistake."""

import json
import re

import numpy as np
import pytest
import xarray as xr
from synthetic_run import make_run, save_run

from regimesim import figures
from regimesim.analysis.estimands import estimate
from regimesim.analysis.formatting import MARK, percent_interval
from regimesim.cli import main
from regimesim.studies.compare.figure import TITLES


def rename(folder, name):
    """Give a saved run another scenario's name."""
    path = folder / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "scenario": name}))


@pytest.fixture
def runs(tmp_path):
    """The folders of two runs with one policy in common."""
    save_run(tmp_path / "a", ("none", "lax", "strict"))
    save_run(tmp_path / "b", ("strict", "other"), seed=2)
    rename(tmp_path / "a", "first")
    rename(tmp_path / "b", "second")
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
        for estimand in ("no_takeover", "held_first_critical_try"):
            assert percent_interval(summary[estimand]) in line
    assert "strict" in told and "lax" not in told
    assert "Not in all runs: none, lax of first." in told
    assert "Not in all runs: other of second." in told


def test_what_is_integrated_is_marked(runs, capsys):
    _, before, _ = answer(capsys, *runs)
    assert MARK not in "".join(before)
    path = runs[0] / "summary.json"
    summary = json.loads(path.read_text())
    wide = {"estimate": 0.9994, "low": 0.9993, "high": 0.9996, "worth": 9.0, "by": "integration"}
    for key in ("no_takeover", "held_first_critical_try"):
        summary["policies"]["strict"][key] |= wide
    summary["policies"]["lax"]["no_takeover"]["worth"] = 100.0  # which is not compared
    path.write_text(json.dumps(summary))
    _, after, _ = answer(capsys, *runs)
    assert max(map(len, after)) <= 80
    first, footnote = (line for line in after if MARK in line)
    assert first.startswith("  first ") and first.count("99.9 (99.9->99.9)* ") == 2
    assert footnote.startswith("* Conditional Monte Carlo") and "3.00 times" in footnote


def test_policies_of_one_name_that_differ_are_named(runs, capsys):
    _, before, _ = answer(capsys, *runs)
    path = runs[1] / "manifest.json"
    given = {"policies": {"strict": {"oversight": {"control": True}}}}
    path.write_text(json.dumps({**json.loads(path.read_text()), "given": given}))
    _, after, _ = answer(capsys, *runs)
    line = "Not set alike in all runs: the policy strict."
    assert line in after and line not in before


def test_runs_of_one_name_go_by_their_folders(runs, capsys):
    rename(runs[1], "first")
    _, told, _ = answer(capsys, *runs)
    for folder in runs:
        assert any(line.strip().startswith(str(folder)[:20]) for line in told)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_it_is_drawn_and_the_same_runs_give_the_same_bytes(runs, tmp_path, capsys, suffix):
    out = tmp_path / f"both{suffix}"
    code, told, _ = answer(capsys, *runs, "--out", out)
    assert code == 0 and told[-1] == f"The comparison is drawn in {out}."
    first = out.read_bytes()
    answer(capsys, *runs, "--out", out)
    assert out.read_bytes() == first


def test_the_marks_are_the_estimates():
    both = {"one": make_run(seed=1)[0], "two": make_run(seed=2)[0]}
    axes = figures.comparison(both)
    assert [ax.get_title(loc="left") for ax in axes] == list(TITLES)
    for ax, estimand in zip(axes, ("no_takeover", "held_first_critical_try"), strict=False):
        drawn = [line for line in ax.get_lines() if line.get_marker() != "None"]
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
    axes = figures.comparison({"quiet": quiet, "loud": make_run()[0]}, ["strict"])
    assert "never tried" in {text.get_text() for text in axes[1].texts}
    assert any(re.fullmatch(r"in 0 %", text.get_text()) for text in axes[2].texts)


@pytest.mark.parametrize("style", figures.STYLES)
def test_it_fits_every_style_and_takes_axes(style):
    from matplotlib.figure import Figure

    both = {"one": make_run(seed=1)[0], "two": make_run(seed=2)[0]}
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
    assert refused(capsys, a, b, a) == [f"{a}: given twice"]
    save_run(tmp_path / "c", ("else",))
    (line,) = refused(capsys, a, tmp_path / "c")
    assert line.startswith("the runs share no policy: first has none, lax, strict; ")
    (line,) = refused(capsys, a, b, "--policy", "strct")
    assert line == "--policy: not all runs have \"strct\"; the nearest that they share is 'strict'"
    (line,) = refused(capsys, a, b, "--policy", "lax")
    assert 'not all runs have "lax"' in line


def test_all_mistakes_are_told_at_once(runs, tmp_path, capsys):
    lines = refused(capsys, runs[0], tmp_path / "no", tmp_path, "--out", tmp_path / "x.gif")
    assert [line.split(": ")[0] for line in lines] == [
        str(tmp_path / "no"),
        str(tmp_path),
        "--out",
    ]


def test_runs_over_other_months_are_refused(runs, capsys):
    path = runs[1] / "worlds.nc"
    with xr.open_dataset(path, engine="h5netcdf") as worlds:
        later = worlds.load().assign_attrs(start="2027-01")
    later.to_netcdf(path, engine="h5netcdf")
    (line,) = refused(capsys, *runs)
    assert line.startswith("second: covers 2027-01 to ") and "and first 2026-01 to " in line
