"""The regime that most worlds are in, a row for each policy."""

from itertools import pairwise
from textwrap import wrap

import numpy as np

from regimesim.analysis.findings import in_percent
from regimesim.analysis.present_months import present_months
from regimesim.model.world.records import REGIMES
from regimesim.plots.axes import date_axis
from regimesim.plots.style import (
    LEFT,
    LETTER,
    REGIME_INKS,
    SOFT,
    finish,
    points,
    single,
    styled,
    thick,
    words,
)

TALLEST = 0.8  # of a row: the height of the ribbon where all worlds are in one regime
NAMED = 0.45  # the share of worlds from which a ribbon is tall enough for a name in it
DARK = ("#22222A", "#00735C")  # inks on which a name is white


@styled
def regime_map(months, ax=None):
    """Draw the most likely regime in each month, as a ribbon for each policy.

    The height of a ribbon is the share of worlds in the regime.  Of two equally likely regimes the
    worse one is shown.  The regime at the end stands beside the ribbon.

    Parameters
    ----------
    months : xarray.Dataset
        The months of a run.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    months = present_months(months)
    policies, length = months.policies, months.length
    names = [words(name) for name in REGIMES]
    shares = [months.regime_shares(policy) for policy in policies]
    labels = ["\n".join(wrap(title, 24)) for title in months.titles.values()]
    ends = [
        f"{names[last.argmax()]} {in_percent(last.max())}" for last in (s[:, -1] for s in shares)
    ]
    lines = "\n".join(labels).split("\n")
    left, right = (0.25 + LETTER * max(map(len, texts)) for texts in (lines, ends))
    ax, figure = single(ax, max(LEFT, left), right, 1.2 + 0.42 * len(policies))
    for name, ink in zip(names, REGIME_INKS, strict=True):
        ax.fill_between([], [], color=ink, edgecolor=SOFT, linewidth=0.5 * thick(), label=name)
    letters = _inches(ax) / (LETTER * points(1)) / length  # that fit into a month
    for row, (of_policy, end) in enumerate(zip(shares, ends, strict=True)):
        leading = of_policy.argmax(axis=0)
        for first, after in _stretches(leading):
            regime = leading[first]
            stretch = of_policy[regime, first:after]
            _draw_ribbon(ax, row, first, stretch, REGIME_INKS[regime])
            if len(names[regime]) + 1 < letters * np.count_nonzero(stretch > NAMED):
                _write(ax, row, first, stretch, names[regime], REGIME_INKS[regime])
        across = ax.get_yaxis_transform()
        ax.text(1.015, row, end, transform=across, va="center", fontsize=points(8))
    ax.set_yticks(range(len(policies)), labels)
    ax.set_ylim(len(policies) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    date_axis(ax, months.start, length)
    ax.set_xlim(0, length)
    note = "the regime that most worlds are in; the height of a ribbon is its share of worlds"
    finish(figure, [ax], months, note, columns=5)
    return ax


def _inches(ax) -> float:
    return ax.get_position().width * ax.figure.get_size_inches()[0]


def _stretches(leading):
    """(first, after) of each stretch of months with one leading regime."""
    changes = np.flatnonzero(np.diff(leading)) + 1
    edges = [0, *changes.tolist(), len(leading)]
    return list(pairwise(edges))


def _draw_ribbon(ax, row, first, shares, ink):
    """Draw a ribbon from month `first`, with a step each month, centred on the row."""
    month = first + np.arange(len(shares) + 1)
    half = 0.5 * TALLEST * np.append(shares, shares[-1])
    edge = {"edgecolor": SOFT, "linewidth": 0.3 * thick()}
    ax.fill_between(month, row - half, row + half, step="post", facecolor=ink, **edge)


def _write(ax, row, first, shares, name, ink):
    """Write the name of a regime in the middle of the tall part of its ribbon."""
    middle = first + np.flatnonzero(shares > NAMED).mean() + 0.5
    color = "white" if ink in DARK else "black"
    place = {"ha": "center", "va": "center_baseline"}
    ax.text(middle, row, name, color=color, fontsize=points(7.5), **place)
