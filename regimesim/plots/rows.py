"""Panels side by side, or in a narrow column one below the other, with a row for each policy."""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.estimates import Estimate
from regimesim.plots.style import LETTER, SOFT, flat_axes, points, scale, thick, width_for

NARROW = 5.5  # inches of the style "paper" below which panels stand one below the other
LINE = 24  # letters of a title on one line
TALL = (0.24, 0.33)  # inches of a row whose titles have one line, and more
ABOVE, BELOW, BETWEEN = 0.5, 0.57, 0.14  # inches around panels
TICKS = 0.3  # inches below a panel that has another one below it
COLUMN = 0.52  # inches of a column of text beside a panel
RULE = "#E4E4E8"


class Panel(NamedTuple):
    """The declaration of a panel.

    Attributes
    ----------
    heading, below : str
        Its heading, and what stands below it in plain letters.
    share : float
        How wide it is relative to the others.
    columns : tuple of str
        The headings of the columns of text to its right.
    """

    heading: str
    below: str = ""
    share: float = 1.0
    columns: tuple[str, ...] = ()


def row_panels(titles: Sequence[str], declared: Sequence[Panel], axes=None):
    """(axes, figure): panels with a row for each title, from the top.

    Parameters
    ----------
    titles : sequence of str
        What stands beside the rows.
    declared : sequence of Panel
        The panels.
    axes : Axes or array of Axes, optional
        One for each panel; by default those of a new figure.

    Returns
    -------
    axes : array of Axes
        The panels.
    figure : Figure or None
        The new figure.

    Raises
    ------
    ValueError
        Where the number of axes is not that of panels.
    """
    labels = ["\n".join(wrap(title, LINE)) for title in titles]
    figure, stacked = None, True
    if axes is None:
        figure, axes, stacked = _grid(labels, declared)
    axes = flat_axes(axes, len(declared))
    for k, (ax, panel) in enumerate(zip(axes, declared, strict=True)):
        named = labels if stacked or k == 0 else [""] * len(labels)
        ax.set_yticks(range(len(labels)), named)
        ax.set_ylim(len(labels) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0, pad=points(7))
        ax.spines["left"].set_visible(False)
        for row in range(len(labels)):
            ax.axhline(row, color=RULE, linewidth=0.6 * thick(), zorder=0)
        _head(ax, panel)
    return axes, figure


def _grid(labels, declared):
    """(figure, axes, whether they stand one below the other)."""
    unit = scale()
    width = width_for(2) / unit  # in inches of the style "paper", as all that follows
    lines = [line for label in labels for line in label.split("\n")]
    left = 0.24 + LETTER * max(map(len, lines))
    stacked = width < NARROW
    tall = len(labels) * TALL[any("\n" in label for label in labels)]
    texts = [0.08 + COLUMN * len(panel.columns) for panel in declared]
    if stacked:
        wide = [width - left - text - 0.05 for text in texts]
        height = len(declared) * (ABOVE + tall + TICKS) + BELOW - TICKS
    else:
        free = width - left - sum(texts) - (len(declared) - 1) * BETWEEN - 0.05
        wide = [free * panel.share / sum(one.share for one in declared) for panel in declared]
        height = ABOVE + tall + BELOW
    figure = Figure(figsize=(width * unit, height * unit))
    axes, across, down = [], left, ABOVE
    for panel_wide, text in zip(wide, texts, strict=True):
        place = (across, height - down - tall, panel_wide, tall)
        axes.append(figure.add_axes(tuple(np.divide(place, (width, height) * 2))))
        if stacked:
            down += ABOVE + tall + TICKS
        else:
            across += panel_wide + text + BETWEEN
    return figure, axes, stacked


def _head(ax, panel):
    """Write the headings of a panel and of its columns above it."""
    look = {"fontsize": points(8.5), "va": "bottom", "annotation_clip": False}
    ax.annotate(
        panel.heading,
        (0, 1),
        (0, points(15)),
        xycoords="axes fraction",
        textcoords="offset points",
        fontweight="bold",
        **look,
    )
    look |= {"fontsize": points(7.5), "color": SOFT}
    ax.annotate(
        panel.below,
        (0, 1),
        (0, points(4)),
        xycoords="axes fraction",
        textcoords="offset points",
        **look,
    )
    for column, heading in enumerate(panel.columns):
        _aside(ax, (1, 1), column, heading, dy=4, **look)


def _aside(ax, place, column, text, dy=0.0, **look):
    """Write a text that ends where a column beside a panel ends."""
    end = 72 * scale() * (0.04 + COLUMN * (column + 1))
    system = "axes fraction" if dy else ax.get_yaxis_transform()
    ax.annotate(
        text,
        place,
        (end, points(dy)),
        xycoords=system,
        textcoords="offset points",
        ha="right",
        **look,
    )


def write(ax, row: int, column: int, text: str, soft: bool = False) -> None:
    """Write a text into a column beside a panel."""
    look = {"fontsize": points(8.5), "va": "center_baseline", "annotation_clip": False}
    _aside(ax, (1, row), column, text, color=SOFT if soft else "black", **look)


def draw_mark(ax, row: float, of: Estimate, ink: str, marker: str = "o", hollow=False) -> None:
    """Draw an estimate with its interval."""
    if of.estimate is None:
        return
    if of.low is not None:
        bar = {"color": ink, "linewidth": 1.3 * thick(), "zorder": 2, "clip_on": False}
        ax.plot([of.low, of.high], [row, row], **bar)
    dot = {
        "markersize": points(6 if marker == "o" else 5.5),
        "markerfacecolor": "white" if hollow else ink,
        "markeredgecolor": ink if hollow else "white",
        "markeredgewidth": (1.2 if hollow else 0.6) * thick(),
    }
    ax.plot(of.estimate, row, marker, clip_on=False, zorder=3, **dot)
