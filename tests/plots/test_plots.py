"""Figures: what they show, that they hold up at the edges, and that they are the same again."""

import subprocess
import sys
import time
from datetime import date
from functools import partial

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from synthetic_run import make_run

from regimesim import figures
from regimesim.analysis.survival import cumulative_share
from regimesim.plots.axes import date_axis
from regimesim.studies.run.figure import FIGURES

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
NAMES = [drawing.name for drawing in FIGURES if "summary" not in drawing.needs]


def names(count):
    return [f"policy-number-{k}" for k in range(count)]


@pytest.mark.parametrize(
    ("policies", "worlds", "months"),
    [(1, 10, 180), (1, 1, 1), (2, 30, 2), (5, 40, 30), (9, 20, 60)],
)
def test_every_figure_is_drawn(tmp_path, policies, worlds, months):
    run = make_run(names(policies), worlds=worlds, months=months)
    paths = figures.draw_all(*run, tmp_path / "figures")
    assert {path.name for path in paths} == {f"{n}.{s}" for n in NAMES for s in ("png", "svg")}
    for path in paths:
        assert path.stat().st_size > 2000
        if path.suffix == ".png":
            shades = np.asarray(Image.open(path).convert("L"))
            assert shades.std() > 5  # something is drawn


def test_worlds_in_which_nothing_happens(tmp_path):
    run = make_run(("calm",), worlds=12, **EMPTY)
    figures.draw_all(*run, tmp_path, formats=("svg",))
    assert "no critical try" in (tmp_path / "catch_rates.svg").read_text()


def test_the_same_run_gives_the_same_bytes_and_says_what_it_is(tmp_path):
    run = make_run(names(1), worlds=300)
    first = [path.read_bytes() for path in figures.draw_all(*run, tmp_path / "a", figures.FORMATS)]
    again = figures.draw_all(*run, tmp_path / "b", figures.FORMATS)
    assert [path.read_bytes() for path in again] == first
    svg = (tmp_path / "a" / "regimes.svg").read_text()
    assert "made-up: 300 worlds, seed 1" in svg and "dc:date" not in svg
    told = Image.open(tmp_path / "a" / "survival.png").text
    assert told["Description"] == "made-up: 300 worlds, seed 1"


def test_crossings_show_the_cumulative_shares_with_their_bands():
    worlds, _ = make_run(names(2), worlds=50, months=60)
    axes = figures.crossings(worlds)
    assert len(axes) == 2 and axes[1].get_title(loc="left") == "policy-number-1"
    crossing = worlds["crossing"].sel(threshold="aware", policy="policy-number-1").values
    line = next(line for line in axes[1].lines if line.get_label() == "aware")
    assert np.array_equal(line.get_ydata(), cumulative_share(crossing, 60).share)
    assert len(axes[1].collections) == 6  # a band a threshold
    assert axes[1].get_xticklabels()[0].get_text() == "2026"


def test_survival_ends_at_the_share_without_a_takeover():
    worlds, _ = make_run(names(3), worlds=80)
    ax = figures.survival(worlds)
    for k, policy in enumerate(names(3)):
        line = next(line for line in ax.lines if line.get_label() == policy)
        takeover = worlds["crossing"].sel(threshold="takeover", policy=policy).values
        assert line.get_ydata()[-1] == pytest.approx(np.isnan(takeover).mean())
        assert ax.texts[k].get_text().startswith(policy)
    told = " ".join(text.get_text() for text in ax.figure.texts)  # the two may differ
    assert "lines: worlds counted; numbers: the estimates of the run" in " ".join(told.split())
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert min(np.diff(heights)) > 0.05  # labels do not overlap


def test_regimes_fill_the_panel():
    _, months = make_run(names(1), worlds=80)
    (ax,) = figures.regimes(months)
    top = max(vertex[1] for area in ax.collections for vertex in area.get_paths()[0].vertices)
    assert top == pytest.approx(1)


@pytest.mark.parametrize(("worlds", "dots"), [(200, True), (5000, False)])
def test_catch_rates_are_dots_or_a_density(worlds, dots):
    (ax,) = figures.catch_rates(make_run(names(1), worlds=worlds)[0])
    assert bool(ax.images) is not dots


def test_a_ribbon_is_as_tall_as_the_share_of_its_regime():
    _, months = make_run(names(2), worlds=80, months=60)
    ax = figures.regime_map(months)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == names(2)
    shares = months["regime_share"].sel(policy="policy-number-1").values.max(axis=0)
    corners = np.concatenate(
        [area.get_paths()[0].vertices for area in ax.collections if area.get_paths()]
    )
    for month in (0, 30, 59):
        here = corners[(corners[:, 0] == month) & (corners[:, 1] > 0.5)]
        tallest = shares[max(month - 1, 0) : month + 1].max()  # a step has both heights
        assert np.ptp(here[:, 1]) == pytest.approx(0.8 * tallest)
    last = months["regime_share"].isel(month=-1).sel(policy="policy-number-1")
    name = str(last["regime"].values[last.values.argmax()]).replace("_", " ")
    assert any(text.get_text().startswith(f"{name} ") for text in ax.texts)


def test_evidence_gap_counts_every_first_try_and_shows_both_rates():
    worlds, months = make_run(names(2), worlds=300, months=90)
    months["catch_rate_believed"][:] = np.linspace(0.9, 0.7, 90)
    months["catch_rate"][:] = np.linspace(0.9, 0.3, 90)
    axes = figures.evidence_gap(worlds, months)
    tallest = 0.0
    for ax, policy in zip(axes, names(2), strict=True):
        lines = {line.get_label(): line.get_ydata() for line in ax.lines}
        there = ~np.isnan(lines["true"])
        assert lines["believed"][0] == 0.9 and lines["true"][0] == 0.9
        assert np.all(lines["believed"][there][1:] > lines["true"][there][1:])
        bars = {bar.get_label(): bar.get_data() for bar in ax.patches}
        lost, both = bars["first tries lost"], bars["first tries held"]
        assert np.array_equal(lost.values, both.baseline)
        tallest = max(tallest, both.values.max())
        crossing = worlds["crossing"].sel(threshold="first_critical_try", policy=policy)
        held = worlds["held_first_critical_try"].sel(policy=policy)
        shares = [lost.values.sum(), (both.values - both.baseline).sum()]
        counts = [int((held == 0).sum()), int((held == 1).sum())]
        assert sum(counts) == int(crossing.notnull().sum())
        assert shares[0] * counts[1] == pytest.approx(shares[1] * counts[0])
    assert tallest == pytest.approx(0.25)


def test_capability_is_drawn_in_lengths_of_work_with_what_was_measured():
    _, months = make_run(names(1), worlds=80)
    (ax,) = figures.capability(months)
    levels = dict(
        zip([label.get_text() for label in ax.get_yticklabels()], ax.get_yticks(), strict=True)
    )
    assert levels["1 hour"] == 0 and levels["1 day"] == 3
    assert levels["1 year"] == pytest.approx(np.log2(2000))
    median = next(line for line in ax.lines if "median" in line.get_label())
    expected = months["leader_quantile"].sel(quantile=0.5).values[0]
    assert np.isin(median.get_ydata(), expected).all()
    measured = ax.containers[0].lines[0]
    day = date(2025, 8, 7)  # a record of 203 minutes
    place = np.argmin(np.abs(measured.get_xdata() - (day - date(2026, 1, 1)).days / 30.4375))
    assert measured.get_ydata()[place] == pytest.approx(np.log2(203.012577 / 60))
    assert ax.get_xlim()[0] < measured.get_xdata().min()
    assert ax.get_ylim()[0] < measured.get_ydata().min()


def test_a_fan_ends_where_hardly_a_world_is_left():
    _, months = make_run(names(1), worlds=80)
    months["worlds_not_lost"][0, 100:] = 19
    (ax,) = figures.capability(months, measurements=[])
    median = next(line for line in ax.lines if "median" in line.get_label())
    assert 95 < median.get_xdata().max() < 100
    assert any("20 worlds left" in text.get_text() for text in ax.texts)


def test_styles_change_type_and_width_and_leave_matplotlib_as_it_was():
    worlds, _ = make_run(names(8), worlds=20)
    before = dict(matplotlib.rcParams)
    sizes = {}
    for style in figures.STYLES:
        with figures.in_style(style):
            ax = figures.crossings(worlds)[0]
        figure = ax.figure
        (legend,) = figure.legends
        assert legend.get_window_extent().width <= figure.bbox.width
        sizes[style] = (figure.get_figwidth(), ax.yaxis.label.get_fontsize())
    assert dict(matplotlib.rcParams) == before
    assert sizes["column"][0] == 3.5
    assert sizes["column"][1] < sizes["paper"][1] < sizes["slide"][1]


def test_axes_of_ones_own_are_used():
    worlds, months = make_run(names(2), worlds=20)
    for draw, run in (
        (figures.crossings, worlds),
        (figures.regimes, months),
        (figures.catch_rates, worlds),
        (figures.capability, months),
        (partial(figures.evidence_gap, worlds), months),
    ):
        mine = Figure().subplots(2)
        assert list(draw(run, axes=mine)) == list(mine)
        with pytest.raises(ValueError, match="3 axes were given for 2 policies"):
            draw(run, axes=Figure().subplots(3))
    for draw, run in ((figures.survival, worlds), (figures.regime_map, months)):
        ax = Figure().subplots()
        assert draw(run, ax=ax) is ax


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
    date_axis(ax, start, months)
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert shown[: len(labels)] == labels and len(shown) <= 7
    years = [int(text[:4]) for text in shown]
    first = int(start[:4]) * 12 + int(start[5:]) - 1
    months_at = [12 * y + int(text[5:] or 1) - 1 for y, text in zip(years, shown, strict=True)]
    assert [first + tick for tick in ax.get_xticks()] == months_at


def test_eight_policies_are_drawn_in_time(tmp_path):
    run = make_run(names(8), worlds=10_000)
    begun = time.process_time()
    figures.draw_all(*run, tmp_path)
    assert time.process_time() - begun < 7  # 1.6 s here; a slow machine may take longer


def test_drawing_leaves_pyplot_alone():
    script = (
        "import sys, regimesim.studies.plot.figures; print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


def test_a_single_axes_is_taken_as_ax_and_returned():
    worlds, months = make_run(("only",), worlds=30)
    for draw, given in (
        (figures.crossings, (worlds,)),
        (figures.regimes, (months,)),
        (figures.catch_rates, (worlds,)),
        (figures.evidence_gap, (worlds, months)),
        (figures.capability, (months,)),
        (figures.survival, (worlds,)),
    ):
        ax = Figure().subplots()
        assert np.atleast_1d(draw(*given, ax=ax))[0] is ax


def test_a_users_own_style_changes_no_figure(tmp_path):
    import matplotlib.style

    run = make_run(names(2), worlds=60)
    figures.draw_all(*run, tmp_path / "plain", ["png"])
    with matplotlib.rc_context():
        matplotlib.style.use("dark_background")
        matplotlib.rcParams.update({"text.usetex": True, "font.family": "no such font"})
        figures.draw_all(*run, tmp_path / "own", ["png"])
    drawn = sorted(path.name for path in (tmp_path / "plain").iterdir())
    assert len(drawn) > 5
    for name in drawn:
        assert (tmp_path / "own" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
