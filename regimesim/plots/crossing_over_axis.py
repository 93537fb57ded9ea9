"""When a threshold is crossed, over one axis of a sweep."""

import numpy as np

from regimesim.plots.style import (
    DASHES,
    INKS,
    SOFT,
    dates,
    finish,
    panels,
    points,
    policies_of,
    styled,
    thick,
    words,
)
from regimesim.plots.varied import (
    NAMED,
    about_sweep,
    draw_axis,
    inches,
    keys_of,
    make_room_for_labels,
    threshold_of,
    through_the_middle,
    varied,
)

SPREAD, MIDDLE, NEVER = INKS[2], INKS[0], "#ECECEF"
ROOM = 0.09  # of the months of the run: the strip for worlds that never cross
STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)  # months between dates
DATE = 0.3  # inches of paper for a date
READ = (
    "line: the month by which half of all worlds have crossed, bars: its 95 % interval, band: "
    "from the month by which a tenth have to that by which nine tenths have; in the strip at "
    "the top: not by the end of the run"
)


@styled
def crossing_over_axis(sweep, axes=None, outcome="first_critical_try", over=None):
    """The calendar month in which worlds cross a threshold, over an axis, a panel a policy.

    sweep: the dataset of a sweep · outcome: a threshold · over: the key of an axis of the
    grid, else the first; the others are at their middle value.  Raises ValueError for what
    is no threshold, and for points that are no grid.
    """
    threshold = threshold_of(outcome)
    if threshold is None:
        raise ValueError(f"{outcome!r} is no threshold")
    if "point" in sweep.dims:
        raise ValueError("dates over an axis need a grid")
    key = over or keys_of(sweep)[0]
    part, middles = through_the_middle(sweep, [key])
    axis, months = varied(part, key), int(sweep.attrs["months"])
    axes, figure = panels(policies_of(sweep), axes, words(threshold))
    for ax, policy in zip(axes, policies_of(sweep), strict=True):
        _draw(ax, axis, part.sel(policy=policy), threshold, months)
        draw_axis(axis, ax.xaxis)
        if figure is not None and not ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel("")
        _date_rows(ax, sweep.attrs["start"], months)
    make_room_for_labels(figure, axes)
    finish(figure, axes, sweep, f"{READ}; {about_sweep(sweep, (axis,), middles)}", columns=4)
    return axes


def _draw(ax, axis, part, threshold, months):
    """Band, line and bars of one policy, up to where worlds never cross."""
    p10, median, p90, low, high = (
        part[f"{threshold}_{name}"].values.astype(float)[axis.order]
        for name in ("p10", "median", "p90", "median_low", "median_high")
    )
    never = months * (1 + ROOM / 2)
    ends = [np.where(np.isnan(some), never, some) for some in (p10, p90)]
    ax.axhspan(months, months * (1 + ROOM), color=NEVER, linewidth=0, zorder=0)
    if axis.scale == NAMED or len(axis.places) == 1:
        look = {"color": SPREAD, "alpha": 0.3, "linewidth": points(6)}
        ax.vlines(axis.places, *ends, label="10 to 90 %", **look)
    else:
        look = {"color": SPREAD, "alpha": 0.25, "linewidth": 0}
        ax.fill_between(axis.places, *ends, label="10 to 90 %", **look)
    there = ~np.isnan(median)
    line = "none" if axis.scale == NAMED else DASHES[0]
    mark = {"color": MIDDLE, "marker": "o", "markersize": points(3)}
    ax.plot(axis.places[there], median[there], linestyle=line, label="half", **mark)
    edges = [np.where(np.isnan(low), median, low), np.where(np.isnan(high), never, high)]
    bars = {"color": MIDDLE, "linewidth": 0.8 * thick()}
    ax.vlines(axis.places[there], *(edge[there] for edge in edges), **bars)
    hollow = {"marker": "o", "markersize": points(3.5), "markerfacecolor": "white"}
    ax.plot(
        axis.places[~there],
        np.full((~there).sum(), never),
        linestyle="none",
        color=MIDDLE,
        label="less than half cross",
        **hollow,
    )
    if axis.scale == NAMED:
        ax.set_xlim(-0.5, np.ptp(axis.places) + 0.5)


def _date_rows(ax, start, months):
    """Calendar dates up the axis, and the strip above them."""
    most = max(inches(ax)[1] / DATE - 1, 1)
    step = next((step for step in STEPS if months / step <= most), STEPS[-1])
    at, labels = dates(start, 0, max(months - 1, 1), step)
    late = at < months * (1 - ROOM / 2)
    at, labels = at[late], [label for label, kept in zip(labels, late, strict=True) if kept]
    ax.set_yticks([*at, months * (1 + ROOM / 2)], [*labels, "never"])
    ax.set_ylim(0, months * (1 + ROOM))
    ax.axhline(months, color=SOFT, linewidth=0.5 * thick())
