"""The figure of what overseers see beside what is true, over capability."""

import numpy as np
from matplotlib.figure import Figure

from regimesim.plots.style import BELIEVED, DASHES, TRUE, finish, points, scale, styled, width_for
from regimesim.studies.claims.content import ROWS, signal
from regimesim.studies.claims.panels import lines_of

SHARES = ("favourable_systems", "catch_rate_believed", "catch_rate")
SAME_SCALE = (1, 2, 3)  # rows of which both sides are the same quantity
SIDES = (("What overseers see", BELIEVED), ("What is true", TRUE))


def visible_signal(months, policy: str | None = None, axes=None):
    """Draw what overseers see in the left column, and what is true in the right one.

    Parameters
    ----------
    months : xarray.Dataset
        The dataset of a run's months.
    policy : str, optional
        By default the first.
    axes : array of Axes, optional
        Eight, row by row; by default a new figure.

    Returns
    -------
    array of Axes
        Over the capability of the leading lab.  Lines are means over the worlds not yet lost,
        bands 95 % intervals.  Where both columns have the same quantity, the right one repeats
        what overseers see as a dashed line.
    """
    return draw_signal({**months.attrs, "figure": signal(months, policy)}, axes=axes)


@styled
def draw_signal(content: dict, axes=None):
    """Draw `visible_signal` from the content of claim.json; returns the axes, row by row."""
    shown, figure = content["figure"], None
    if axes is None:
        figure = Figure(figsize=(width_for(2), 7.9 * scale()))
        axes = figure.subplots(len(ROWS), 2, sharex=True)
        figure.subplots_adjust(
            left=0.07, right=0.98, top=0.915, bottom=0.1, wspace=0.16, hspace=0.42
        )
    axes = np.asarray(axes).reshape(len(ROWS), 2)
    leader = np.array(shown["leader"], float)
    for number, (pair, (seen, true)) in enumerate(zip(axes, ROWS, strict=True)):
        _line(pair[0], leader, shown, seen, BELIEVED)
        if number in SAME_SCALE:
            _line(pair[1], leader, shown, seen, BELIEVED, DASHES[1])
        _line(pair[1], leader, shown, true, TRUE)
        tops = [ax.get_ylim()[1] for ax in pair]
        for ax, top in zip(pair, tops, strict=True):
            ax.set_ylim(0, max(tops) if number in SAME_SCALE else top)
    for ax in axes[-1]:
        ax.set_xlabel("capability of the leading lab, log2 h")
    if figure is not None:
        for ax, (words, ink) in zip(axes[0], SIDES, strict=True):
            style = {"color": ink, "fontweight": "bold", "fontsize": points(10)}
            figure.text(ax.get_position().x0, 0.965, words, **style)
    note = (
        f"policy {shown['policy']}; means over the worlds not yet lost, while a tenth is "
        "left; bands: 95 % intervals; dashed: what is seen, again"
    )
    finish(figure, axes.ravel(), content, note)
    return axes.ravel()


def _line(ax, leader, shown, named, ink, dash="-"):
    title, name = named
    factor = 100 if name in SHARES else 1
    middle, low, high = (factor * line for line in lines_of(shown["curves"][name]))
    ax.fill_between(leader, low, high, color=ink, alpha=0.18, linewidth=0)
    ax.set_title(title, fontsize=points(8), fontweight="normal")
    ax.plot(leader, middle, color=ink, linestyle=dash)
    ax.margins(x=0.01)
