"""Figures of a claim: an outcome by policy, or by month, each in a panel with its own axis."""

from textwrap import wrap

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.survival import Curve
from regimesim.plots.axes import date_axis, share_axis
from regimesim.plots.style import (
    DASHES,
    INKS,
    LETTER,
    draw_curve,
    finish,
    flat_axes,
    points,
    scale,
    styled,
    thick,
    thinned,
    width_for,
    words,
)
from regimesim.studies.claims.content import FEWEST

# inches: of a policy, of a panel of months, above a panel, below it for ticks and label
ROW, TALL, TITLE, TICKS = 0.24, 1.7, 0.46, 0.42


@styled
def claim_outcomes(content: dict, axes=None):
    """Draw outcomes by policy as dots with their 95 % intervals; returns the axes.

    content: that of claim.json.
    """
    names, panels = content["figure"]["policies"], content["figure"]["panels"]
    left = 0.3 + LETTER * max(len(name) for name in names)
    axes, figure = _panels(axes, len(panels), 0.3 + ROW * len(names), left, sharey=True)
    for ax, panel in zip(axes, panels, strict=True):
        factor = 100 if panel["unit"] == "%" else 1
        for policy, middle, low, high in panel["levels"]:
            place = names.index(policy)
            ink = INKS[place % len(INKS)]
            if low is not None:
                ends = [factor * low, factor * high]
                ax.plot(ends, [place, place], color=ink, linewidth=2.2 * thick())
            if middle is not None:
                ax.plot(factor * middle, place, "o", color=ink, markersize=4.5 * scale())
        _titled(ax, panel["title"])
        ax.set_yticks(range(len(names)), [words(name) for name in names])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlabel("%" if panel["unit"] == "%" else panel["unit"])
        ax.grid(axis="x", color="#DDDDDD", linewidth=0.5)
        ax.set_axisbelow(True)
        reached = [factor * end for row in panel["levels"] for end in row[1:] if end is not None]
        least, most = min(0, *reached), max(0, *reached)
        margin = 0.04 * (most - least) or 0.04
        ax.set_xlim(least - margin, most + margin)
    finish(figure, axes, content, "dots: estimates, bars: 95 % intervals")
    return axes


@styled
def claim_months(content: dict, axes=None):
    """Draw means by month, a line a policy, with Student's 95 % intervals; returns the axes.

    content: that of claim.json.
    """
    panels, at = content["figure"]["panels"], content["figure"]["at"]
    axes, figure = _panels(axes, len(panels), TALL)
    for ax, panel in zip(axes, panels, strict=True):
        factor = 100 if panel["unit"] == "%" else 1
        for place, (policy, curve) in enumerate(panel["curves"].items()):
            look = {"color": INKS[place % len(INKS)], "linestyle": DASHES[place % len(DASHES)]}
            middle, low, high = (factor * line for line in lines_of(curve))
            ax.fill_between(at, low, high, color=look["color"], alpha=0.16, linewidth=0)
            ax.plot(at, middle, label=words(policy), **look)
        _titled(ax, panel["title"])
        ax.set_ylabel("%" if panel["unit"] == "%" else panel["unit"])
        ax.margins(y=0.06)
        date_axis(ax, content["start"], content["months"])
    note = f"means over the worlds not yet lost, while {FEWEST} are left; bands: 95 % intervals"
    finish(figure, axes, content, note, columns=4)
    return axes


@styled
def claim_crossings(content: dict, axes=None):
    """Draw the share of worlds that have crossed each threshold, a line a policy, with
    Wilson's 95 % intervals; returns the axes.

    content: that of claim.json.
    """
    panels, months = content["figure"]["panels"], content["months"]
    axes, figure = _panels(axes, len(panels), TALL)
    for ax, panel in zip(axes, panels, strict=True):
        for place, (policy, lines) in enumerate(panel["curves"].items()):
            look = {"color": INKS[place % len(INKS)], "linestyle": DASHES[place % len(DASHES)]}
            curve = Curve(**{name: np.array(line) for name, line in lines.items()})
            draw_curve(ax, thinned(months), curve, label=words(policy), **look)
        _titled(ax, panel["title"])
        ax.set_ylabel("share of worlds")
        share_axis(ax)
        date_axis(ax, content["start"], months)
    finish(figure, axes, content, "share that has crossed; bands: 95 % intervals", columns=4)
    return axes


def lines_of(curve: dict) -> list[np.ndarray]:
    """Middle, low and high of a saved curve, NaN where there is no number."""
    return [np.array(curve[name], float) for name in ("middle", "low", "high")]


def _panels(axes, count, tall, left=0.66, sharey=False):
    """Make the axes of panels: up to three in a row, four in two rows.

    tall, left: height of a panel and its left margin, in inches of paper · sharey: whether
    panels share the policies at the left.  Returns (axes, figure).  Axes that the caller passes
    are used unchanged, and their figure is None.
    """
    if axes is not None:
        axes = flat_axes(axes, count)
        return axes, None
    across = 2 if count == 4 else min(count, 3)
    down, unit = -(-count // across), scale()
    width = width_for(across) / unit
    between = 0.25 if sharey else left
    panel = (width - left - 0.25 - (across - 1) * between) / across
    pitch = TITLE + tall + TICKS
    height = down * pitch + 0.32
    figure = Figure(figsize=(width * unit, height * unit))
    options = {"squeeze": False, "sharey": sharey}
    axes = figure.subplots(down, across, **options).ravel()
    for place, ax in enumerate(axes):
        column, row = place % across, place // across
        x = (left + column * (panel + between)) / width
        y = 1 - (row * pitch + TITLE + tall) / height
        ax.set_position((x, y, panel / width, tall / height))
        ax.set_visible(place < count)
        if sharey and column:
            ax.tick_params(labelleft=False)
    return axes[:count], figure


def _titled(ax, title):
    """Set a title of at most three lines."""
    inches = ax.get_position().width * ax.figure.get_figwidth() / scale()
    lines = wrap(title[0].upper() + title[1:], max(20, int(inches / 0.062)))
    text = "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")
    ax.set_title(text, fontsize=points(7.5), fontweight="normal")
