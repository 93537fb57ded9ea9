"""An outcome over one axis of a sweep, or against every axis of scattered points."""

import numpy as np

from regimesim.analysis.labels import titles_of
from regimesim.analysis.present_sweep import present_sweep
from regimesim.plots.policies import Look, looks, order_in
from regimesim.plots.style import (
    DASHES,
    INKS,
    LEFT,
    SOFT,
    finish,
    flat_axes,
    grid,
    points,
    policies_of,
    styled,
    thick,
)
from regimesim.studies.sweep.axes_and_outcomes import (
    LOG,
    NAMED,
    about_sweep,
    estimates,
    formatter,
    keys_of,
    outcome_of,
    through_the_middle,
    varied,
    writer,
)
from regimesim.studies.sweep.axis_labels import (
    DATE_WIDE,
    NARROW,
    date_rows,
    draw_axis,
    fit_labels_below,
    inches,
    label_lines,
    left_of,
    never,
)
from regimesim.studies.sweep.findings import widest_line

GROUPS = 8  # of scattered points, over which means are taken
FEWEST = 5  # points in each of them
APART = 0.08  # between policies whose dots stand over the same name
BESIDE = 0.012  # and, of the length of an axis, over the same number
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*", "<")  # one for each of INKS
MARGIN = 0.02  # of an axis, beyond its ends
MOST_BARS = 60  # points that are drawn with their intervals
BAND = "lines and bands: estimates with 95 % intervals"
LATE = "in the strip at the top: not by the end of the run; "


@styled
def over_axis(sweep, axes=None, outcome="no_takeover", level=None, over=None):
    """Draw an outcome over each axis of a grid, with its 95 % band, a line for each policy.

    Along one axis, the others are at their middle value.  A date after the end of the run stands
    in a strip at the top.

    Parameters
    ----------
    sweep : xarray.Dataset
        The dataset of a sweep over a grid.
    axes : array of Axes, optional
        One for each axis of the sweep; by default those of a new figure.
    outcome : str
        An estimand, or a threshold.
    level : float, optional
        Where a dashed line is drawn, in the unit of the outcome.
    over : sequence of str, optional
        The keys of the axes that are drawn; by default all of them.

    Returns
    -------
    array of Axes
        A panel for each axis of the sweep.

    Raises
    ------
    ValueError
        For an outcome that the sweep lacks, and for points that are no grid.
    """
    sweep = present_sweep(sweep)
    drawn, keys = outcome_of(sweep, outcome), list(over or keys_of(sweep))
    if "point" in sweep.dims:
        raise ValueError("lines over an axis need a grid")
    axes, figure = _panels(keys, axes, drawn)
    middles, lines = {}, {}
    for ax, key in zip(axes, keys, strict=True):
        part, others = through_the_middle(sweep, [key])
        axis, middles = varied(part, key), {**middles, **others}
        for k, (policy, of) in enumerate(_looks(sweep).items()):
            estimated = _along(axis, part.sel(policy=policy), drawn)
            lines[of["label"], axis.name] = _ordered(axis, part.sel(policy=policy), drawn)
            _draw_line(ax, axis, estimated, k - _middle(sweep), of)
        _finish_panel(ax, axis, drawn, level, sweep.attrs["start"])
    fit_labels_below(figure, axes)
    about = about_sweep(sweep, [varied(sweep, key) for key in keys], middles)
    note = f"{drawn.words}; {BAND}; {LATE if drawn.in_months else ''}{about}"
    sentence = widest_line(lines, f"“{drawn.label}”", writer(drawn, sweep.attrs["start"]))
    finish(figure, axes, sweep, note, columns=3, finding=sentence)
    return axes


@styled
def over_points(sweep, axes=None, outcome="no_takeover", level=None):
    """Draw an outcome against each axis of scattered points, a colour for each policy.

    Lines are means of eighths of the points in the order of that axis, where there are enough;
    intervals are drawn where points are few.

    Parameters
    ----------
    sweep : xarray.Dataset
        The dataset of a sweep over points that are no grid.
    axes, outcome, level
        As for `over_axis`.

    Returns
    -------
    array of Axes
        A panel for each axis of the sweep.

    Raises
    ------
    ValueError
        For an outcome that the sweep lacks, and for a grid.
    """
    sweep = present_sweep(sweep)
    drawn, keys = outcome_of(sweep, outcome), keys_of(sweep)
    if "point" not in sweep.dims:
        raise ValueError("scattered points need a design of points")
    axes, figure = _panels(keys, axes, drawn)
    for ax, key in zip(axes, keys, strict=True):
        axis = varied(sweep, key)
        for k, (policy, of) in enumerate(_looks(sweep).items()):
            estimated = _along(axis, sweep.sel(policy=policy), drawn)
            _draw_points(ax, axis, estimated, k - _middle(sweep), of)
        _finish_panel(ax, axis, drawn, level, sweep.attrs["start"])
    fit_labels_below(figure, axes)
    about = about_sweep(sweep, [varied(sweep, key) for key in keys], {})
    notes = [drawn.words, "a mark a point, policies beside each other", about]
    if _grouped(sweep.sizes["point"]):
        notes[1] += f", lines: means of {GROUPS} groups of points with like values"
    finish(figure, axes, sweep, "; ".join(notes), columns=3)
    return axes


def _panels(keys, axes, drawn):
    """(axes, figure): a panel an axis, in a new figure unless axes are given."""
    figure, left = None, LEFT
    for _ in range(2 if axes is None else 0):  # how tall panels are is known once there are some
        figure, axes = grid(len(keys), square=False, left=left, alike=False)
        ticks = DATE_WIDE if drawn.in_months else NARROW
        left = left_of(drawn.label, inches(axes[0])[1], ticks)
    axes = flat_axes(axes, len(keys), "axes of the sweep")
    for ax in axes:
        if figure is None or ax.get_subplotspec().is_first_col():
            ax.set_ylabel(label_lines(drawn.label, inches(ax)[1]))
    return axes, figure


def _along(axis, part, drawn):
    """Estimates and their intervals in the order of an axis; late dates lie in the strip."""
    top = never(drawn.high) if drawn.in_months else np.inf
    return [np.minimum(one, top) for one in _ordered(axis, part, drawn)]


def _ordered(axis, part, drawn):
    return tuple(one.values[axis.order] for one in estimates(part, drawn))


def _middle(sweep) -> float:
    """The place in the middle of the policies."""
    return (len(policies_of(sweep)) - 1) / 2


def _looks(sweep) -> dict[str, dict]:
    """How each policy is drawn."""
    every = looks(titles_of(sweep, "sweep"), order_in(sweep.attrs))
    return {name: _drawn_as(of) for name, of in every.items()}


def _drawn_as(of: Look) -> dict:
    mark = MARKS[INKS.index(of.ink)]
    return {"color": of.ink, "marker": mark, "linestyle": of.dash, "label": of.title}


def _beside(axis, aside):
    """The places of a policy's marks, beside those of the others, so that all are seen."""
    if axis.scale == NAMED:
        return axis.places + APART * aside
    if axis.scale == LOG:
        return axis.places * (axis.places[-1] / axis.places[0]) ** (BESIDE * aside)
    return axis.places + BESIDE * aside * (np.ptp(axis.places) or 1)


def _draw_line(ax, axis, estimated, aside, look):
    """The line of a policy and its band; marks with bars where the axis has names."""
    middle, low, high = estimated
    if axis.scale == NAMED or len(axis.places) == 1:
        at = _beside(axis, aside)
        bar = {"color": look["color"], "linewidth": thick()}
        ax.vlines(at, low, high, **bar)
        ax.plot(at, middle, markersize=points(4), **{**look, "linestyle": "none"})
        return
    ax.fill_between(axis.places, low, high, color=look["color"], alpha=0.16, linewidth=0)
    ax.plot(axis.places, middle, markersize=points(2.5), **look)


def _draw_points(ax, axis, estimated, aside, look):
    """The marks of a policy, their bars where they are few, and means of groups of them."""
    (middle, low, high), at, ink = estimated, _beside(axis, aside), look["color"]
    few = len(middle) <= MOST_BARS
    if few:
        ax.vlines(at, low, high, color=ink, linewidth=0.5 * thick(), alpha=0.6)
    one = {"marker": look["marker"], "color": ink, "linestyle": "none", "markeredgewidth": 0}
    ax.plot(at, middle, markersize=points(3 if few else 2), alpha=0.55, rasterized=True, **one)
    ax.plot([], [], markersize=points(4), label=look["label"], **one)
    if _grouped(len(middle)) and axis.scale != NAMED:
        groups = np.array_split(np.flatnonzero(np.isfinite(middle)), GROUPS)
        at = [axis.places[group].mean() for group in groups if len(group)]
        means = [middle[group].mean() for group in groups if len(group)]
        ax.plot(at, means, color="white", linewidth=2.6 * thick(), zorder=2.1)
        line = {"linestyle": look["linestyle"], "linewidth": 1.4 * thick(), "zorder": 2.2}
        ax.plot(at, means, color=ink, **line)


def _grouped(count: int) -> bool:
    return count >= GROUPS * FEWEST


def _finish_panel(ax, axis, drawn, level, start):
    draw_axis(axis, ax.xaxis)
    if axis.scale == NAMED:
        ax.set_xlim(-0.5, np.ptp(axis.places) + 0.5)
    if level is not None:
        ax.axhline(level, color=SOFT, linewidth=0.8 * thick(), linestyle=DASHES[1], zorder=0)
    if drawn.in_months:
        date_rows(ax, start, int(drawn.high))
        return
    if drawn.low is not None:
        margin = MARGIN * (drawn.high - drawn.low)  # for marks at either end
        ax.set_ylim(drawn.low - margin, drawn.high + margin)
    ax.yaxis.set_major_formatter(formatter(drawn, start))
