"""An outcome over two axes of a sweep, and where it crosses a level."""

import numpy as np
from matplotlib.patheffects import withStroke

from regimesim.analysis.labels import titles_of
from regimesim.analysis.present_sweep import present_sweep
from regimesim.plots.style import (
    LEFT,
    SOFT,
    finish,
    panels,
    scale,
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
from regimesim.studies.sweep.axis_labels import LINE as LINE_OF_TEXT
from regimesim.studies.sweep.axis_labels import (
    date_rows,
    draw_axis,
    fit_labels_below,
    fit_titles,
    inches,
    label_lines,
    left_of,
    width_of_ticks,
)
from regimesim.studies.sweep.findings import above_a_level, between

COLOURS = "cividis"  # even to the eye, also to one that is colour-blind, and in grey print
LINE, HALO = "#FFFFFF", "#000000"
BAND = "#FFFFFF"
LATE, ABSENT = "////", "xxxx"
FINE = 160  # cells a side between which contours are drawn
BAR, BESIDE = 0.13, 1.0  # inches of paper: the colour bar, and all that is right of the panels


@styled
def phase_map(sweep, axes=None, outcome="no_takeover", level=None, over=None):
    """Draw an outcome over two axes of a grid, with the line where it crosses a level.

    A cell is a point.  The band of the line is where the level lies in the 95 % interval,
    interpolated linearly between points; a date after the end of the run counts as the end.

    Parameters
    ----------
    sweep : xarray.Dataset
        The dataset of a sweep over a grid.
    axes : array of Axes, optional
        One for each policy; by default those of a new figure.
    outcome : str
        An estimand, or a threshold.
    level : float, optional
        The level of the line, in the unit of the outcome; by default 0.5 for a share, else none.
    over : sequence of str, optional
        The keys of two axes, by default the first two; the others are at their middle value.

    Returns
    -------
    array of Axes
        A panel for each policy.

    Raises
    ------
    ValueError
        For an outcome that the sweep lacks, and where it has fewer than two axes.
    """
    sweep = present_sweep(sweep)
    drawn, titles = outcome_of(sweep, outcome), titles_of(sweep, "sweep").values()
    keys = list(over or keys_of(sweep)[:2])
    if len(keys) != 2 or "point" in sweep.dims:
        raise ValueError("a phase map needs two axes of a grid")
    part, middles = through_the_middle(sweep, keys)
    x, y = (varied(part, key) for key in keys)
    level = 0.5 if level is None and drawn.is_share else level
    axes, figure = _panels(titles, axes, y, drawn)
    estimated = [_numbers(one, x, y) for one in estimates(part, drawn)]
    limits, end = _limits(estimated[0], drawn), drawn.high if drawn.in_months else np.inf
    crosses = False
    for k, ax in enumerate(axes):
        mesh = _draw_cells(ax, x, y, estimated[0][k], limits)
        if level is not None and NAMED not in (x.scale, y.scale):
            crosses |= _draw_crossing(
                ax, x, y, [np.minimum(one[k], end) for one in estimated], level
            )
        _label(ax, x, y, figure)
    bar = _bar(figure, axes, mesh)
    bar.ax.set_ylabel(label_lines(drawn.label, inches(bar.ax)[1]))
    if drawn.in_months:
        date_rows(bar.ax, sweep.attrs["start"], int(drawn.high), strip=False)
    else:
        bar.ax.yaxis.set_major_formatter(formatter(drawn, sweep.attrs["start"]))
    fit_labels_below(figure, axes)
    line = formatter(drawn, sweep.attrs["start"])(level, None) if crosses else None
    _legend(axes[0], line, estimated[0])
    note = f"{drawn.words}; {about_sweep(sweep, (x, y), middles)}"
    sentence = _finding(titles, estimated[0], drawn, level, writer(drawn, sweep.attrs["start"]))
    finish(figure, axes, sweep, note, columns=3, finding=sentence)
    return axes


def _finding(titles, values, drawn, level, write) -> str:
    """At how many points a share is above its level; without a level, between which numbers the
    outcome lies."""
    name = f"“{drawn.label}”"
    if level is None:
        return between(values, name, write)
    above = {title: of > level for title, of in zip(titles, values, strict=True)}
    return above_a_level(above, name, write(level))


def _panels(titles, axes, y, drawn):
    """(axes, figure): a panel a policy, in a new figure whose margins fit the labels."""
    left, right, ticks = LEFT, BESIDE, width_of_ticks(y)
    for _ in range(2 if axes is None else 1):  # how tall panels are is known once there are some
        shown, figure = panels(titles, axes, "", square=True, left=left, right=right)
        tall = [inches(ax)[1] for ax in shown]
        left = left_of(y.label, tall[0], ticks)
        right = BESIDE + LINE_OF_TEXT * label_lines(drawn.label, sum(tall) / len(tall)).count("\n")
    fit_titles(shown, titles)
    return shown, figure


def _numbers(values, x, y):
    """(policy, y, x) of an array, in the order in which axes are drawn."""
    values = values.transpose("policy", y.key, x.key).values
    return values[:, y.order][:, :, x.order]


def _limits(values, drawn):
    """The ends of the colours."""
    there = values[np.isfinite(values)]
    if drawn.low is not None:
        return drawn.low, drawn.high
    return (float(there.min()), float(there.max())) if len(there) else (0.0, 1.0)


def _draw_cells(ax, x, y, values, limits):
    """Draw a cell for each point; a date after the end is hatched, a missing estimate crossed."""
    edges = [_edges(axis) for axis in (x, y)]
    low, high = limits
    mesh = ax.pcolormesh(
        *edges,
        np.ma.masked_invalid(values),
        cmap=COLOURS,
        vmin=low,
        vmax=high if high > low else low + 1,
        rasterized=True,  # or else programs that show vectors leave seams between cells
    )
    late = np.isinf(values).any()
    ax.patch.set(**_hatched(LATE if late else ABSENT))  # seen where there is no cell
    if late and np.isnan(values).any():
        absent = np.ma.masked_where(~np.isnan(values), np.zeros(values.shape))
        cells = ax.pcolor(*edges, absent)
        cells.set(array=None, **_hatched(ABSENT))
    return mesh


def _hatched(hatch):
    return {"facecolor": "white", "edgecolor": SOFT, "hatch": hatch, "linewidth": 0}


def _edges(axis):
    """The edges of the cells along an axis, halfway between its values."""
    at = np.log(axis.places) if axis.scale == LOG else axis.places
    middle = (at[1:] + at[:-1]) / 2
    first = at[0] - (middle[0] - at[0] if len(at) > 1 else 0.5)
    last = at[-1] + (at[-1] - middle[-1] if len(at) > 1 else 0.5)
    edges = np.array([first, *middle, last])
    return np.exp(edges) if axis.scale == LOG else edges


def _draw_crossing(ax, x, y, estimated, level):
    """The line along which estimates cross the level, and its band; whether there is any."""
    if min(estimated[0].shape) < 2:
        return False
    at = [_between(axis) for axis in (x, y)]
    fine = [_refined(some, x, y, at) for some in estimated]
    if not all(np.isfinite(some).any() for some in fine):
        return False
    within = np.minimum(level - fine[1], fine[2] - level)
    crosses = bool(np.any(within > 0))
    if crosses:
        ax.contourf(*at, within, levels=[0, np.inf], colors=[BAND], alpha=0.4)
    for some, width, dash in ((1, 0.7, "--"), (2, 0.7, "--"), (0, 1.5, "-")):
        if np.nanmin(fine[some]) < level < np.nanmax(fine[some]):
            look = {"colors": LINE, "linewidths": width * thick(), "linestyles": dash}
            lines = ax.contour(*at, fine[some], levels=[level], **look)
            lines.set_path_effects(_halo(width))
            crosses |= some == 0
    return crosses


def _halo(width):
    """A dark edge, so that a white line is seen on light cells."""
    return [withStroke(linewidth=(width + 1.1) * thick(), foreground=HALO)]


def _between(axis):
    ends = axis.places[0], axis.places[-1]
    return np.geomspace(*ends, FINE) if axis.scale == LOG else np.linspace(*ends, FINE)


def _refined(values, x, y, at):
    """Values between the points, read off linearly along both axes."""
    own = [np.log(axis.places) if axis.scale == LOG else axis.places for axis in (x, y)]
    new = [np.log(to) if axis.scale == LOG else to for axis, to in zip((x, y), at, strict=True)]
    rows = np.array([np.interp(new[0], own[0], row) for row in values])
    return np.array([np.interp(new[1], own[1], column) for column in rows.T]).T


def _label(ax, x, y, figure):
    """Both axes; inner panels have no labels."""
    draw_axis(x, ax.xaxis)
    draw_axis(y, ax.yaxis)
    if figure is not None:
        place = ax.get_subplotspec()
        if not place.is_first_col():
            ax.set_ylabel("")
        if not ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel("")


def _bar(figure, axes, mesh):
    """The colour bar of all panels, right of them."""
    if figure is None:
        return axes[0].figure.colorbar(mesh, ax=list(axes))
    boxes = [ax.get_position() for ax in axes]
    width = figure.get_figwidth() / scale()
    left = max(box.x1 for box in boxes) + 0.12 / width
    low, high = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    beside = figure.add_axes((left, low, BAR / width, high - low))
    return figure.colorbar(mesh, cax=beside)


def _legend(ax, line, values):
    """The line and the hatching, for the legend of the figure."""
    if line is not None:
        look = {"color": LINE, "linewidth": 1.5 * thick(), "path_effects": _halo(1.5)}
        ax.plot([], [], label=line, **look)
        veil = {"facecolor": "#B9BCC4", "edgecolor": SOFT, "linestyle": "--"}
        ax.fill_between([], [], label=f"95 % band of {line}", **veil)
    if np.isinf(values).any():
        ax.fill_between([], [], label="not by the end", **_hatched(LATE))
    if np.isnan(values).any():
        ax.fill_between([], [], label="no estimate", **_hatched(ABSENT))
