"""An outcome over one axis of a sweep, or against every axis of scattered points."""

import numpy as np

from regimesim.plots.style import (
    DASHES,
    INKS,
    SOFT,
    finish,
    grid,
    points,
    policies_of,
    shortened,
    styled,
    thick,
    words,
)
from regimesim.plots.varied import (
    NAMED,
    about_sweep,
    draw_axis,
    formatter,
    keys_of,
    make_room_for_labels,
    outcome_of,
    through_the_middle,
    varied,
)

GROUPS = 8  # of scattered points, over which means are taken
FEWEST = 5  # points in each of them
APART = 0.06  # between policies whose dots stand over the same name
MOST_BARS = 60  # points that are drawn with their intervals
BAND = "lines and bands: estimates with 95 % intervals"


@styled
def over_axis(sweep, axes=None, outcome="no_takeover", level=None):
    """An outcome over each axis of a grid with its 95 % band, a panel an axis, a line a policy.

    sweep: the dataset of a sweep · outcome: one that it has, or a threshold · level: a
    dashed line.  Of several axes the others are at their middle value.  Raises ValueError
    for an outcome that the sweep lacks, and for points that are no grid.
    """
    drawn, keys = outcome_of(sweep, outcome), keys_of(sweep)
    if "point" in sweep.dims:
        raise ValueError("lines over an axis need a grid")
    axes, figure = _panels(keys, axes, drawn)
    middles: dict = {}
    for ax, key in zip(axes, keys, strict=True):
        part, others = through_the_middle(sweep, [key])
        axis, middles = varied(part, key), {**middles, **others}
        for k, policy in enumerate(policies_of(sweep)):
            _draw_line(ax, axis, part.sel(policy=policy), drawn.name, k, shortened(policy))
        _finish_panel(ax, axis, drawn, level, sweep.attrs["start"])
    make_room_for_labels(figure, axes)
    about = about_sweep(sweep, [varied(sweep, key) for key in keys], middles)
    finish(figure, axes, sweep, f"{drawn.words}; {BAND}; {about}", columns=3)
    return axes


@styled
def over_points(sweep, axes=None, outcome="no_takeover", level=None):
    """An outcome against each axis of scattered points, a panel an axis, a colour a policy.

    Takes what `over_axis` takes.  Lines are means of eighths of the points in the order of
    that axis, where there are enough; intervals are drawn where points are few.
    """
    drawn, keys = outcome_of(sweep, outcome), keys_of(sweep)
    if "point" not in sweep.dims:
        raise ValueError("scattered points need a design of points")
    axes, figure = _panels(keys, axes, drawn)
    for ax, key in zip(axes, keys, strict=True):
        axis = varied(sweep, key)
        for k, policy in enumerate(policies_of(sweep)):
            _draw_points(ax, axis, sweep.sel(policy=policy), drawn.name, k, shortened(policy))
        _finish_panel(ax, axis, drawn, level, sweep.attrs["start"])
    make_room_for_labels(figure, axes)
    about = about_sweep(sweep, [varied(sweep, key) for key in keys], {})
    told = [drawn.words, "a dot a point", about]
    if _grouped(sweep.sizes["point"]):
        told[1] += f", lines: means of {GROUPS} groups of points with like values"
    finish(figure, axes, sweep, "; ".join(told), columns=3)
    return axes


def _panels(keys, axes, drawn):
    """(axes, figure): a panel an axis, in a new figure unless axes are given."""
    figure = None
    if axes is None:
        figure, axes = grid(len(keys), square=False, alike=False)
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(keys):
        raise ValueError(f"{len(axes)} axes were given for {len(keys)} axes of the sweep")
    for ax in axes:
        if figure is None or ax.get_subplotspec().is_first_col():
            ax.set_ylabel(words(drawn.name))
    return axes, figure


def _draw_line(ax, axis, part, name, k, label):
    """The line of a policy and its band; dots with bars where the axis has names."""
    middle, low, high = (_along(axis, part[one]) for one in (name, f"{name}_low", f"{name}_high"))
    ink, dash = INKS[k % len(INKS)], DASHES[(k + k // len(INKS)) % len(DASHES)]
    if axis.scale == NAMED or len(axis.places) == 1:
        at = axis.places + APART * k
        bar = {"fmt": "none", "ecolor": ink, "elinewidth": thick(), "capsize": points(2)}
        ax.errorbar(at, (low + high) / 2, yerr=(high - low) / 2, **bar)
        ax.plot(at, middle, "o", color=ink, markersize=points(4), label=label)
        return
    ax.fill_between(axis.places, low, high, color=ink, alpha=0.16, linewidth=0)
    mark = {"marker": "o", "markersize": points(2.5)}
    ax.plot(axis.places, middle, color=ink, linestyle=dash, label=label, **mark)


def _along(axis, values):
    return values.values.astype(float)[axis.order]


def _draw_points(ax, axis, part, name, k, label):
    """The dots of a policy, their bars where they are few, and means of groups of them."""
    middle, low, high = (_along(axis, part[one]) for one in (name, f"{name}_low", f"{name}_high"))
    ink = INKS[k % len(INKS)]
    if len(middle) <= MOST_BARS:
        bar = {"fmt": "none", "ecolor": ink, "elinewidth": 0.5 * thick(), "alpha": 0.6}
        ax.errorbar(axis.places, (low + high) / 2, yerr=(high - low) / 2, **bar)
    size = points(3 if len(middle) <= MOST_BARS else 2)
    dots = {"markersize": size, "markeredgewidth": 0, "alpha": 0.55, "rasterized": True}
    ax.plot(axis.places, middle, "o", color=ink, **dots)
    ax.plot([], [], "o", color=ink, markersize=points(4), label=label)
    if _grouped(len(middle)) and axis.scale != NAMED:
        groups = np.array_split(np.flatnonzero(np.isfinite(middle)), GROUPS)
        at = [axis.places[group].mean() for group in groups if len(group)]
        means = [middle[group].mean() for group in groups if len(group)]
        ax.plot(at, means, color="white", linewidth=2.6 * thick())
        ax.plot(at, means, color=ink, linewidth=1.4 * thick())


def _grouped(count: int) -> bool:
    return count >= GROUPS * FEWEST


def _finish_panel(ax, axis, drawn, level, start):
    draw_axis(axis, ax.xaxis)
    if axis.scale == NAMED:
        ax.set_xlim(-0.5, np.ptp(axis.places) + 0.5)
    if level is not None:
        ax.axhline(level, color=SOFT, linewidth=0.8 * thick(), linestyle=DASHES[1], zorder=0)
    if drawn.low is not None:
        ax.set_ylim(drawn.low, drawn.high * 1.012)
    ax.yaxis.set_major_formatter(formatter(drawn, start))
