"""Figures of a claim: an outcome by policy, or by month, each in a panel with its own axis."""

from textwrap import wrap

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.analysis.survival import cumulative_share
from regimesim.plots.style import (
    DASHES,
    INKS,
    LETTER,
    date_axis,
    draw_curve,
    finish,
    points,
    policies_of,
    scale,
    share_axis,
    styled,
    thick,
    thinned,
    width_for,
    words,
)

FEWEST = 20  # worlds left below which no mean is drawn
# inches: of a policy, of a panel of months, above a panel, below it for ticks and label
ROW, TALL, TITLE, TICKS = 0.24, 1.7, 0.46, 0.42


@styled
def claim_outcomes(dataset, panels):
    """Outcomes by policy as dots with their 95 % intervals.

    dataset: any of the run's · panels: (words, unit, [(policy, estimate, low, high)]) each;
    a unit of "%" is of shares; a missing end is None.  Returns the axes.
    """
    names = policies_of(dataset)
    left = 0.3 + LETTER * max(len(name) for name in names)
    axes, figure = _panels(len(panels), 0.3 + ROW * len(names), left, sharey=True)
    for ax, (title, unit, found) in zip(axes, panels, strict=True):
        factor = 100 if unit == "%" else 1
        for policy, middle, low, high in found:
            place = names.index(policy)
            ink = INKS[place % len(INKS)]
            if low is not None:
                ends = [factor * low, factor * high]
                ax.plot(ends, [place, place], color=ink, linewidth=2.2 * thick())
            if middle is not None:
                ax.plot(factor * middle, place, "o", color=ink, markersize=4.5 * scale())
        _titled(ax, title)
        ax.set_yticks(range(len(names)), [words(name) for name in names])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlabel("%" if unit == "%" else unit)
        ax.grid(axis="x", color="#DDDDDD", linewidth=0.5)
        ax.set_axisbelow(True)
        reached = [factor * end for row in found for end in row[1:] if end is not None]
        least, most = min(0, *reached), max(0, *reached)
        room = 0.04 * (most - least) or 0.04
        ax.set_xlim(least - room, most + room)
    finish(figure, axes, dataset, "dots: estimates, bars: 95 % intervals")
    return axes


@styled
def claim_months(months, panels):
    """Means by month, a line a policy, with Student's 95 % intervals.

    months: the dataset of a run's months · panels: (variable, words, unit) each, a unit of
    "%" is of shares.  Returns the axes.
    """
    axes, figure = _panels(len(panels), TALL)
    shown = thinned(months.sizes["month"])
    for ax, (name, title, unit) in zip(axes, panels, strict=True):
        factor = 100 if unit == "%" else 1
        for place, policy in enumerate(policies_of(months)):
            look = {"color": INKS[place % len(INKS)], "linestyle": DASHES[place % len(DASHES)]}
            middle, half = monthly(months.sel(policy=policy), name)
            low, high = (factor * (middle + sign * half)[shown] for sign in (-1, 1))
            ax.fill_between(shown, low, high, color=look["color"], alpha=0.16, linewidth=0)
            ax.plot(shown, factor * middle[shown], label=words(policy), **look)
        _titled(ax, title)
        ax.set_ylabel("%" if unit == "%" else unit)
        ax.margins(y=0.06)
        date_axis(ax, months.attrs["start"], months.sizes["month"])
    note = f"means over the worlds not yet lost, while {FEWEST} are left; bands: 95 % intervals"
    finish(figure, axes, months, note, columns=4)
    return axes


@styled
def claim_crossings(worlds, thresholds):
    """Share of worlds that have crossed each threshold by each month, a line a policy, with
    Wilson's 95 % intervals.  Returns the axes."""
    axes, figure = _panels(len(thresholds), TALL)
    months = int(worlds.attrs["months"])
    shown = thinned(months)
    for ax, threshold in zip(axes, thresholds, strict=True):
        for place, policy in enumerate(policies_of(worlds)):
            look = {"color": INKS[place % len(INKS)], "linestyle": DASHES[place % len(DASHES)]}
            crossing = worlds["crossing"].sel(threshold=threshold, policy=policy).values
            curve = cumulative_share(crossing, months)
            draw_curve(ax, shown, curve, label=words(policy), **look)
        _titled(ax, words(threshold))
        ax.set_ylabel("share of worlds")
        share_axis(ax)
        date_axis(ax, worlds.attrs["start"], months)
    finish(figure, axes, worlds, "share that has crossed; bands: 95 % intervals", columns=4)
    return axes


def monthly(months, name: str):
    """(mean, half-width of its interval) by month of one policy's variable, NaN where fewer
    than FEWEST worlds (or all, where there are fewer) are left."""
    from scipy.special import stdtrit

    n = months["worlds_not_lost"].values.astype(float)
    enough = n >= max(2, min(FEWEST, n[0]))
    degrees = np.where(enough, n - 1, 1)
    reach = stdtrit(degrees, (1 + CONFIDENCE) / 2) / np.sqrt(degrees)
    middle = np.where(enough, months[name].values, np.nan)
    return middle, np.where(enough, reach * months[f"{name}_sd"].values, np.nan)


def _panels(count, tall, left=0.66, sharey=False):
    """(axes, figure): up to three panels in a row, four in two rows, each with its own axis of
    values unless they share the policies at the left; `tall` and `left` in inches of paper."""
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
    """A title in at most three lines."""
    inches = ax.get_position().width * ax.figure.get_figwidth() / scale()
    lines = wrap(title[0].upper() + title[1:], max(20, int(inches / 0.062)))
    text = "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")
    ax.set_title(text, fontsize=points(7.5), fontweight="normal")
