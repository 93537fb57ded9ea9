"""The figure of worth: what each assumption would be worth, if it were known."""

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.assumptions import shortened as shortened_source
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
)
from regimesim.studies.worth.text import clear_ones, shown

CLEAR, REST = INKS[1], "#B5B5BB"
# In inches of paper: a row, the margins of the panel, and a letter of a name.
ROW, HEAD, FOOT, RIGHT, LETTER = 0.26, 0.3, 0.8, 0.3, 0.064
LETTERS = 40
READ = (
    "value: {value}; bars: how much more of it is expected where the assumption is known before "
    "the choice, with 95 % intervals; grey: not clearly above 0; assumptions that would not "
    "change the choice are left out"
)


@styled
def worth(content: dict, ax=None):
    """Draw a bar for each assumption that would change the choice in some world, the one that is
    worth most at the top, and one for all.

    Parameters
    ----------
    content : dict
        The content of worth.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    bars = [(shortened_source(one["source"]), one) for one in shown(content)]
    bars.append(("all, where effects add up", content["everything"]))
    labels = [shortened(name, LETTERS) for name, _ in bars]
    figure = None
    if ax is None:
        figure, ax = _panel(labels)
    for place, (_, one) in enumerate(bars):
        middle, low, high = (one["worth"][end] for end in ("estimate", "low", "high"))
        ink = CLEAR if one["is_clear"] else REST
        ax.barh(place, middle, height=0.6, color=ink, zorder=2)
        if low is not None and high > low:
            bar = {"fmt": "none", "ecolor": INKS[0], "elinewidth": thick(), "capsize": points(2)}
            ax.errorbar([(low + high) / 2], [place], xerr=[(high - low) / 2], zorder=3, **bar)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    ax.axhline(len(bars) - 1.5, color=SOFT, linewidth=0.4 * thick(), zorder=1)
    ax.set_yticks(range(len(bars)), labels, fontsize=points(8))
    ax.set_ylim(len(bars) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("what it is worth to know it, in the unit of the value")
    finish(figure, [ax], content, READ.format(value=content["value"]), finding=_finding(content))
    return ax


def _finding(content) -> str:
    """What the figure shows, in a sentence."""
    clear = clear_ones(content)
    if not clear:
        return "No single assumption would clearly change the choice"
    return f"Most worth knowing: {shortened_source(clear[0]['source'])}"


def _panel(labels):
    unit, width = scale(), width_for(2)
    height = (HEAD + ROW * len(labels) + FOOT) * unit
    figure = Figure(figsize=(width, height))
    left = (0.15 + LETTER * max(map(len, labels))) * unit
    box = (left, FOOT * unit, width - left - RIGHT * unit, ROW * len(labels) * unit)
    return figure, figure.add_axes(np.array(box) / [width, height, width, height])


FIGURES = (Drawing("worth", worth, ("worth",)),)
