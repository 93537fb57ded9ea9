"""Capability of the leading lab, the difficulty of a takeover, and measured capabilities."""

from datetime import date

import numpy as np

from regimesim.analysis.present_months import present_months
from regimesim.ensemble.months import QUANTILES
from regimesim.plots.axes import date_axis
from regimesim.plots.horizons import WORK, horizon_axis
from regimesim.plots.style import (
    DASHES,
    SOFT,
    TRUE,
    finish,
    panels,
    points,
    styled,
    thick,
    thinned,
)
from regimesim.scenario.calibration import DAYS_A_MONTH, MINUTES_AN_HOUR, read_horizons
from regimesim.scenario.dates import first_day

FANS = ((0.05, 0.95, 0.16), (0.25, 0.75, 0.3))  # quantiles, and the opacity of their band
FEWEST = 20  # worlds that a fan of nine tenths needs
DIFFICULTY = "#D55E00"
SINCE, VERSION = date(2023, 1, 1), "1.1"


@styled
def capability(months, axes=None, measurements=None):
    """Draw the time horizon of the leading lab and the difficulty of a takeover.

    The fan holds half and nine tenths of the worlds that are not yet lost.  The band is the mean
    of their difficulty (reduced by automation) and one standard deviation to each side.  Diamonds
    are measurements of released models with their 95 % intervals.  The axis is logarithmic.

    Parameters
    ----------
    months : xarray.Dataset
        The months of a run.
    axes : Axes or array of Axes, optional
        One for each policy; by default those of a new figure.
    measurements : list of Measurement, optional
        By default METR's state-of-the-art records since 2023.

    Returns
    -------
    array of Axes
        A panel for each policy.
    """
    months = present_months(months)
    titles, length = months.titles, months.length
    axes, figure = panels(titles.values(), axes, "time horizon, work of a person", left=1.3)
    start = first_day(months.start)
    measured = _records(read_horizons() if measurements is None else measurements, start)
    shown, first = thinned(length), int(min(0, np.floor(measured[0].min(initial=3)) - 3))
    for ax, policy in zip(axes, titles, strict=True):
        left = months.of("worlds_not_lost", policy)
        enough = left >= min(FEWEST, left[0])
        _draw_difficulty(ax, months, policy, shown[enough[shown]])
        _draw_fan(ax, months, policy, shown[enough[shown]])
        _draw_measured(ax, *measured)
        if not enough.all():
            _mark_end(ax, np.count_nonzero(enough) - 1, (first + length) / 2)
        date_axis(ax, months.start, length, first=first)
    _length_axis(axes, months, measured[1])
    note = f"worlds not yet lost; in {WORK}"
    finish(figure, axes, months, note, columns=3)
    return axes


def _records(measurements, start):
    """(month from the start, log2 h, its interval) of each record, by the newest method."""
    records = [m for m in measurements if m.is_sota and m.version == VERSION]
    records = [m for m in records if m.released >= SINCE]
    month = np.array([(m.released - start).days / DAYS_A_MONTH for m in records])
    hours = np.array([(m.p50, m.p50_low, m.p50_high) for m in records]) / MINUTES_AN_HOUR
    level, low, high = np.log2(hours.reshape(-1, 3).T)
    return month, level, np.nan_to_num([level - low, high - level])


def _draw_difficulty(ax, months, policy, shown):
    names = ("difficulty", "difficulty_sd")
    mean, spread = (months.of(name, policy)[shown] for name in names)
    band = {"facecolor": "none", "edgecolor": DIFFICULTY, "alpha": 0.45, "linewidth": 0}
    label = "difficulty of takeover: mean ± sd"
    ax.fill_between(shown, mean - spread, mean + spread, hatch="/////", label=label, **band)
    ax.plot(shown, mean, color=DIFFICULTY, linewidth=thick())


def _draw_fan(ax, months, policy, shown):
    for low, high, strength in FANS:
        edges = (months.quantile(policy, q)[shown] for q in (low, high))
        label = f"leading lab: {100 * (high - low):.0f} % of worlds"
        ax.fill_between(shown, *edges, color=TRUE, alpha=strength, linewidth=0, label=label)
    ax.plot(shown, months.quantile(policy, 0.5)[shown], color=TRUE, label="leading lab: median")


def _mark_end(ax, end, middle):
    """Mark the month after which too few worlds are left for a fan."""
    ax.axvline(end, color=SOFT, linewidth=0.6 * thick(), linestyle=DASHES[2])
    side = "right" if end > middle else "left"
    style = {
        "color": SOFT,
        "fontsize": points(7),
        "ha": side,
        "transform": ax.get_xaxis_transform(),
    }
    ax.text(end, 0.03, f" {FEWEST} worlds left ", **style)


def _draw_measured(ax, month, level, reach):
    ax.errorbar(
        month,
        level,
        yerr=reach,
        fmt="D",
        color="black",
        markersize=points(2.6),
        elinewidth=0.7 * thick(),
        markeredgewidth=0,
        label="measured (METR)",
        zorder=4,
    )


def _length_axis(axes, months, measured):
    """Label an axis of log2 hours with lengths of work, and fit it to the data."""
    drawn = [
        row
        for policy in months.policies
        for row in (
            months.of("difficulty", policy),
            *(months.quantile(policy, q) for q in QUANTILES),
        )
    ]
    low, high = (edge([*measured, *np.ravel(drawn)]) for edge in (np.nanmin, np.nanmax))
    for ax in axes:
        horizon_axis(ax, low - 1.5, high + 1)
