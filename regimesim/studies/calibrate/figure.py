"""The figure of a calibration: measurements, the fit and its band, and the link of an index."""

import numpy as np

from regimesim.plots.axes import date_axis
from regimesim.plots.horizons import WORKED, horizon_axis
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    SOFT,
    TRUE,
    extend_below,
    finish,
    grid,
    points,
    scale,
    single,
    styled,
    thick,
)
from regimesim.scenario.dates import first_day
from regimesim.scenario.growth import DAYS_A_MONTH
from regimesim.studies.calibrate.text import finding

LEFT = 0.95
MARGIN = 0.7  # doublings between the data and the ends of the axis
MARK = 3.6
XLABEL = 0.17  # inches for the label of the index
OTHERS = {"color": "#9AA0A6", "linestyle": "none", "marker": "o"}
RECORDS = {"color": "black", "linestyle": "none", "marker": "D", "zorder": 4}


@styled
def measured_growth(content: dict, axes=None):
    """Draw measured capability against release dates, with the fit and its band.

    Of an index, a second panel shows the line that links it to time horizons.

    Parameters
    ----------
    content : dict
        The content of calibrate.json.
    axes : Axes or array of Axes, optional
        One, or of an index two; by default those of a new figure.

    Returns
    -------
    array of Axes

    Raises
    ------
    ValueError
        For another number of axes.
    """
    count = 2 if content["link_band"] else 1
    axes, figure = _panels(axes, count)
    _draw_growth(axes[0], content)
    if content["link_band"]:
        _draw_link(axes[1], content)
    drawn = [content["band"][edge] for edge in ("low", "high")]
    levels = [one["level"] for one in content["points"] if one["fitted"]]
    low, high = min(*drawn[0], *levels) - MARGIN, max(*drawn[1], *levels) + MARGIN
    for ax in axes:
        horizon_axis(ax, low, high, WORKED)
    if count == 2 and figure is not None:
        axes[1].tick_params(axis="y", labelleft=False)
        extend_below(figure, XLABEL * scale())
    finish(figure, axes, content, _caption(content), columns=4, finding=finding(content))
    return axes


def _panels(axes, count):
    """(axes, figure): one panel, or two side by side."""
    if axes is None and count == 1:
        ax, figure = single(None, left=LEFT, tall=3.9)
        return np.array([ax]), figure
    figure = None
    if axes is None:
        figure, axes = grid(count, False, left=LEFT, alike=False, height=2.6)
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != count:
        raise ValueError(f"{len(axes)} axes were given for {count} panels")
    return axes, figure


def _draw_growth(ax, content):
    """Measurements, line and band against dates."""
    start, band = content["start"], content["band"]
    x = [_months(day, start) for day in band["dates"]]
    _draw_band(ax, x, band)
    for fitted, look, label in (
        (False, OTHERS, "other models"),
        (True, RECORDS, f"{content['n']} record models, fitted"),
    ):
        _draw_points(
            ax, [p for p in content["points"] if p["fitted"] is fitted], start, look, label
        )
    first = int(np.floor(min(x))) - 1
    date_axis(ax, start, int(np.ceil(max(x))) + 1, first=first)
    ax.set_ylabel("time horizon, work of a person")


def _draw_points(ax, models, start, look, label):
    """Models with their intervals, where they have some."""
    if not models:
        return
    size = points(MARK if look is RECORDS else 2.6)
    x = [_months(one["released"], start) for one in models]
    level = np.array([one["level"] for one in models])
    if look is RECORDS:
        low, high = (
            [np.nan if one[end] is None else one[end] for one in models] for end in ("low", "high")
        )
        reach = np.nan_to_num([level - low, high - level])
        look = look | {"elinewidth": 0.7 * thick()}
        ax.errorbar(x, level, yerr=reach, label=label, markersize=size, **look)
    else:
        ax.plot(x, level, label=label, markersize=size, markeredgewidth=0, **look)


def _draw_band(ax, x, band):
    ax.fill_between(
        x,
        band["low"],
        band["high"],
        color=TRUE,
        alpha=0.2,
        linewidth=0,
        label="95 % of lines",
    )
    ax.plot(x, band["middle"], color=TRUE, label="fit")


def _draw_link(ax, content):
    """Horizons of the models with both against their scores, and the line through them."""
    band, linked = content["link_band"], content["linked"]
    _draw_band(ax, band["scores"], band)
    scores, levels = ([one[key] for one in linked] for key in ("score", "level"))
    ax.plot(scores, levels, markersize=points(MARK), markeredgewidth=0, **RECORDS)
    ax.set_xlabel("index", color=SOFT)


def _months(day: str, start: str) -> float:
    return (first_day(day) - first_day(start)).days / DAYS_A_MONTH


def _caption(content) -> str:
    interval = "measured intervals: 90 %" if content["link_band"] else "measured intervals: 95 %"
    both = f"the {len(content['linked'])} models with both"
    linked = f"; scores as horizons, by the link at the right, through {both}"
    linked = linked if content["link_band"] else ""
    return f"{interval}{linked}; work has 8 hours a day, 40 a week, 167 a month, 2,000 a year"


FIGURES = (
    Drawing(
        "measured_growth",
        measured_growth,
        ("calibrate",),
        caption="Measured capability against release dates, with the fit that worlds draw from.",
    ),
)
