"""The month in which a threshold is crossed, over one axis of a sweep."""

import numpy as np

from regimesim.analysis.labels import titles_of
from regimesim.analysis.present_sweep import present_sweep
from regimesim.plots.policies import looks, order_in
from regimesim.plots.style import (
    DASHES,
    finish,
    panels,
    points,
    styled,
    thick,
    words,
)
from regimesim.studies.sweep.axes_and_outcomes import (
    NAMED,
    about_sweep,
    estimates,
    keys_of,
    outcome_of,
    threshold_of,
    through_the_middle,
    varied,
    writer,
)
from regimesim.studies.sweep.axis_labels import (
    date_rows,
    draw_axis,
    fit_labels_below,
    fit_titles,
    never,
)
from regimesim.studies.sweep.findings import widest_line

READ = (
    "line: the month by which half of all worlds have crossed, bars: its 95 % interval, band: "
    "from the month by which a tenth have to that by which nine tenths have; in the strip at "
    "the top: not by the end of the run"
)


@styled
def crossing_over_axis(sweep, axes=None, outcome="first_critical_try", over=None):
    """Draw the calendar month in which worlds cross a threshold, over an axis of a grid.

    Parameters
    ----------
    sweep : xarray.Dataset
        The dataset of a sweep over a grid.
    axes : array of Axes, optional
        One for each policy; by default those of a new figure.
    outcome : str
        A threshold.
    over : str or sequence with one, optional
        The key of an axis, by default the first; the others are at their middle value.

    Returns
    -------
    array of Axes
        A panel for each policy.

    Raises
    ------
    ValueError
        For an outcome that is not a threshold, and for points that are no grid.
    """
    threshold = threshold_of(outcome)
    if threshold is None:
        raise ValueError(f"{outcome!r} is no threshold")
    if "point" in sweep.dims:
        raise ValueError("dates over an axis need a grid")
    sweep = present_sweep(sweep)
    (key,) = [over or keys_of(sweep)[0]] if isinstance(over, str | None) else over
    part, middles = through_the_middle(sweep, [key])
    axis, months = varied(part, key), int(sweep.attrs["months"])
    titles = titles_of(sweep, "sweep")
    axes, figure = panels(titles.values(), axes, words(threshold))
    fit_titles(axes, titles.values())
    inks = {name: of.ink for name, of in looks(titles, order_in(sweep.attrs)).items()}
    drawn = {policy: _dates(part.sel(policy=policy), threshold, axis) for policy in titles}
    some_never = any(np.isinf(median).any() for _, median, *_ in drawn.values())
    for ax, policy in zip(axes, titles, strict=True):
        _draw(ax, axis, drawn[policy], months, some_never, inks[policy])
        draw_axis(axis, ax.xaxis)
        if figure is not None and not ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel("")
        date_rows(ax, sweep.attrs["start"], months)
    fit_labels_below(figure, axes)
    note = f"{READ}; {about_sweep(sweep, (axis,), middles)}"
    half = {(titles[policy], axis.name): of[1:2] + of[3:] for policy, of in drawn.items()}
    outcome = outcome_of(sweep, f"{threshold}_median")
    write = writer(outcome, sweep.attrs["start"])
    sentence = widest_line(half, f"the median month of “{words(threshold)}”", write)
    finish(figure, axes, sweep, note, columns=4, finding=sentence)
    return axes


def _dates(part, threshold, axis):
    """For one policy p10, median, p90 and the interval of the median, in the order of the axis."""
    middle = estimates(part, outcome_of(part, f"{threshold}_median"))
    spread = (estimates(part, outcome_of(part, f"{threshold}_{p}"))[0] for p in ("p10", "p90"))
    (p10, p90), (median, low, high) = spread, middle
    return [one.values[axis.order] for one in (p10, median, p90, low, high)]


def _draw(ax, axis, dates, months, some_never, ink):
    """Band, line and bars of one policy, in the strip where worlds never cross."""
    p10, median, p90, low, high = (np.minimum(one, never(months)) for one in dates)
    if axis.scale == NAMED or len(axis.places) == 1:
        look = {"color": ink, "alpha": 0.3, "linewidth": points(6)}
        ax.vlines(axis.places, p10, p90, label="10 to 90 %", **look)
    else:
        look = {"color": ink, "alpha": 0.25, "linewidth": 0}
        ax.fill_between(axis.places, p10, p90, label="10 to 90 %", **look)
    there, late = np.isfinite(dates[1]), np.isinf(dates[1])
    line = "none" if axis.scale == NAMED else DASHES[0]
    mark = {"color": ink, "marker": "o", "markersize": points(3)}
    ax.plot(axis.places[there], median[there], linestyle=line, label="half", **mark)
    ax.vlines(axis.places, low, high, color=ink, linewidth=0.8 * thick())
    if some_never:
        look = {"color": ink, "marker": "o", "markerfacecolor": "white", "linestyle": "none"}
        label = {"label": "less than half cross", "markersize": points(3.5)}
        ax.plot(axis.places[late], median[late], **look, **label)
    if axis.scale == NAMED:
        ax.set_xlim(-0.5, np.ptp(axis.places) + 0.5)
