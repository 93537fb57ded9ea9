"""Figures: what they show, that they hold up at the edges, and that they are the same again."""

import subprocess
import sys
import time

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from synthetic_run import make_run

from regimesim import plots
from regimesim.analysis.survival import cumulative_share

NAN = np.nan
EMPTY = {
    "held_first_critical_try": NAN,
    "believed_catch_rate": NAN,
    "true_catch_rate": NAN,
    "first_try_was_story": NAN,
    **{
        f"crossing_{name}": NAN
        for name in (
            "capable",
            "aware",
            "favourable",
            "favourable_despite_safeguards",
            "first_critical_try",
            "takeover",
        )
    },
}
NAMES = ("crossings", "regimes", "survival", "catch_rates")


def names(count):
    return [f"policy-number-{k}" for k in range(count)]


@pytest.mark.parametrize(
    ("policies", "worlds", "months"),
    [(1, 10, 180), (1, 1, 1), (2, 30, 2), (5, 40, 30), (9, 20, 60)],
)
def test_every_figure_is_drawn(tmp_path, policies, worlds, months):
    run = make_run(names(policies), worlds=worlds, months=months)
    paths = plots.draw_all(*run, tmp_path / "figures")
    assert {path.name for path in paths} == {f"{n}.{s}" for n in NAMES for s in ("png", "svg")}
    for path in paths:
        assert path.stat().st_size > 2000
        if path.suffix == ".png":
            shades = np.asarray(Image.open(path).convert("L"))
            assert shades.std() > 5  # something is drawn


def test_worlds_in_which_nothing_happens(tmp_path):
    run = make_run(("calm",), worlds=12, **EMPTY)
    plots.draw_all(*run, tmp_path, formats=("svg",))
    assert "no critical try" in (tmp_path / "catch_rates.svg").read_text()


def test_the_same_run_gives_the_same_bytes_and_says_what_it_is(tmp_path):
    run = make_run(names(2), worlds=300)
    first = [path.read_bytes() for path in plots.draw_all(*run, tmp_path / "a")]
    again = plots.draw_all(*run, tmp_path / "b")
    assert [path.read_bytes() for path in again] == first
    svg = (tmp_path / "a" / "regimes.svg").read_text()
    assert "made-up: 300 worlds, seed 1" in svg and "dc:date" not in svg
    told = Image.open(tmp_path / "a" / "survival.png").text
    assert told["Description"] == "made-up: 300 worlds, seed 1"


def test_crossings_show_the_cumulative_shares_with_their_bands():
    worlds, _ = make_run(names(2), worlds=50, months=60)
    axes = plots.crossings(worlds)
    assert len(axes) == 2 and axes[1].get_title(loc="left") == "policy-number-1"
    crossing = worlds["crossing"].sel(threshold="aware", policy="policy-number-1").values
    line = next(line for line in axes[1].lines if line.get_label() == "aware")
    assert np.array_equal(line.get_ydata(), cumulative_share(crossing, 60).share)
    assert len(axes[1].collections) == 6  # a band a threshold
    assert axes[1].get_xticklabels()[0].get_text() == "2026"


def test_survival_ends_at_the_share_without_a_takeover():
    worlds, _ = make_run(names(3), worlds=80)
    ax = plots.survival(worlds)
    for k, policy in enumerate(names(3)):
        line = next(line for line in ax.lines if line.get_label() == policy)
        takeover = worlds["crossing"].sel(threshold="takeover", policy=policy).values
        assert line.get_ydata()[-1] == pytest.approx(np.isnan(takeover).mean())
        assert ax.texts[k].get_text().startswith(policy)
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert min(np.diff(heights)) > 0.05  # labels do not overlap


def test_regimes_fill_the_panel():
    _, months = make_run(names(1), worlds=80)
    (ax,) = plots.regimes(months)
    top = max(vertex[1] for area in ax.collections for vertex in area.get_paths()[0].vertices)
    assert top == pytest.approx(1)


@pytest.mark.parametrize(("worlds", "dots"), [(200, True), (5000, False)])
def test_catch_rates_are_dots_or_a_density(worlds, dots):
    (ax,) = plots.catch_rates(make_run(names(1), worlds=worlds)[0])
    assert bool(ax.images) is not dots


def test_axes_of_ones_own_are_used():
    worlds, months = make_run(names(2), worlds=20)
    for draw, run in (
        (plots.crossings, worlds),
        (plots.regimes, months),
        (plots.catch_rates, worlds),
    ):
        mine = Figure().subplots(2)
        assert list(draw(run, axes=mine)) == list(mine)
        with pytest.raises(ValueError, match="3 axes were given for 2 policies"):
            draw(run, axes=Figure().subplots(3))
    ax = Figure().subplots()
    assert plots.survival(worlds, ax=ax) is ax


@pytest.mark.parametrize(
    ("start", "months", "labels"),
    [
        ("2026-01", 180, ["2028", "2031"]),
        ("2026-07", 60, ["2027", "2028"]),
        ("2026-11", 4, ["2026-11", "2026-12", "2027-01", "2027-02"]),
        ("2026-01", 1, ["2026-01", "2026-02"]),
    ],
)
def test_dates_on_the_axis(start, months, labels):
    ax = Figure().subplots()
    plots._date_axis(ax, start, months)
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert shown[: len(labels)] == labels and len(shown) <= 7
    years = [int(text[:4]) for text in shown]
    first = int(start[:4]) * 12 + int(start[5:]) - 1
    months_at = [12 * y + int(text[5:] or 1) - 1 for y, text in zip(years, shown, strict=True)]
    assert [first + tick for tick in ax.get_xticks()] == months_at


def test_eight_policies_are_drawn_in_time(tmp_path):
    run = make_run(names(8), worlds=10_000)
    begun = time.process_time()
    plots.draw_all(*run, tmp_path)
    assert time.process_time() - begun < 7  # 1.6 s here; a slow machine may take longer


def test_drawing_leaves_pyplot_alone():
    script = "import sys, regimesim.plots; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
