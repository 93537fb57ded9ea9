"""Figures of claims: what they draw is what they were given."""

import json

import numpy as np
import pytest
from synthetic_run import make_run

from regimesim.plots.style import STYLES, in_style
from regimesim.studies.claims import content
from regimesim.studies.claims.content import monthly
from regimesim.studies.claims.figure import claim
from regimesim.studies.claims.visible_signal import visible_signal

MEANS = [("leader", "frontier", "log2 h"), ("alarm", "alarms", "%")]
CROSSED = ["takeover", "capable", "aware", "favourable"]


@pytest.fixture(scope="module")
def made():
    return make_run()


def figure(dataset, shown):
    """The axes of a claim's figure, from what it shows as it is saved."""
    return claim(json.loads(json.dumps({**about(dataset), "figure": shown}, allow_nan=False)))


def about(dataset):
    """What is saved of a claim beside its figure."""
    keys = ("scenario", "worlds", "seed", "months", "start")
    return {key: dataset.attrs[key] for key in keys}


def drawn(axes):
    """Render the figure of these axes, and give the lines of each."""
    axes[0].figure.canvas.draw()
    return [ax.get_lines() for ax in axes]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_draws_every_kind_with_labelled_axes(made, style):
    worlds, months = made
    found = [("Held", "%", [("lax", 0.2, 0.1, 0.3), ("strict", 0.5, None, None)])]
    with in_style(style):
        for axes in (
            figure(worlds, content.outcomes(["lax", "strict"], found * 3)),
            figure(months, content.months(months, MEANS)),
            figure(worlds, content.crossings(worlds, CROSSED)),
            figure(months, content.signal(months)),
            visible_signal(months),
        ):
            drawn(axes)
            assert all(ax.get_title() or ax.get_title(loc="left") for ax in axes)
            boxes = [ax.get_position() for ax in axes]
            assert all(0 <= b.x0 < b.x1 <= 1 and 0 <= b.y0 < b.y1 <= 1 for b in boxes)


def test_a_dot_lies_at_the_estimate_and_the_bar_reaches_both_ends(made):
    worlds, _ = made
    rows = [("lax", 0.2, 0.1, 0.3), ("strict", 0.5, None, None)]
    shown = content.outcomes(["lax", "strict"], [("Held", "%", rows)])
    ((bar, dot, bare),) = drawn(figure(worlds, shown))
    assert list(bar.get_xdata()) == pytest.approx([10, 30])
    assert dot.get_xdata()[0] == pytest.approx(20) and dot.get_ydata()[0] == 0
    assert bare.get_xdata()[0] == pytest.approx(50) and bare.get_ydata()[0] == 1


def test_a_mean_is_drawn_while_enough_worlds_are_left(made):
    _, months = made
    gone = months.copy(deep=True)
    gone["worlds_not_lost"][:, 100:] = 5
    for name in ("leader", "strikes"):
        middle, half = monthly(gone.sel(policy="lax"), name)
        assert np.isnan(middle[100:]).all() and np.isfinite(middle[:100]).all()
        assert (half[:100] >= 0).all()


def test_the_visible_and_the_true_quantity_have_one_scale_where_they_are_the_same(made):
    _, months = made
    axes = visible_signal(months, "strict")
    assert len(axes) == 8
    lines = drawn(axes)
    for left, right in ((2, 3), (4, 5), (6, 7)):
        assert axes[left].get_ylim() == axes[right].get_ylim()
        seen, again = lines[left][0], lines[right][0]
        assert np.array_equal(seen.get_ydata(), again.get_ydata(), equal_nan=True)
        assert len(lines[right]) == 2
    true = lines[5][1].get_ydata()
    assert len(true) > 20
    assert true == pytest.approx(months["capability"].sel(policy="strict").values[: len(true)])


def test_what_overseers_see_ends_when_nine_worlds_in_ten_are_lost(made):
    _, months = made
    gone = months.copy(deep=True)
    gone["worlds_not_lost"][:, 50:] = 0.05 * float(months["worlds_not_lost"].max())
    lines = drawn(visible_signal(gone))
    assert all(len(line.get_xdata()) == 50 for panel in lines for line in panel)
