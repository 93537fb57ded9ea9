"""The share of worlds that have crossed each threshold."""

from regimesim.analysis.present_worlds import CROSSINGS, crossing, present_worlds
from regimesim.analysis.survival import cumulative_share
from regimesim.plots.axes import date_axis, share_axis
from regimesim.plots.style import (
    draw_curve,
    finish,
    panels,
    styled,
    thinned,
    words,
)

THRESHOLD_INKS = ("#7F7F7F", "#56B4E9", "#E69F00", "#009E73", "#0072B2", "#000000")
THRESHOLD_DASHES = (  # each once, and the last, which matter most, the plainest
    (0, (1.2, 1.2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (5, 1.5)),
    (0, (9, 1.5)),
    (0, (6, 1.5, 1.2, 1.5)),
    "-",
)
CROSSED = "lines: share that has crossed, bands: 95 % intervals; lost worlds cross no further ones"


@styled
def crossings(worlds, axes=None):
    """Draw the share of worlds that have crossed each threshold, with Wilson's 95 % bands.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    axes : Axes or array of Axes, optional
        One for each policy; by default those of a new figure.

    Returns
    -------
    array of Axes
        A panel for each policy.
    """
    worlds = present_worlds(worlds, some=True)
    months, policies = worlds.months, worlds.policies
    axes, figure = panels(worlds.titles.values(), axes, "share of worlds")
    shown = thinned(months)
    for ax, policy in zip(axes, policies, strict=True):
        for k, name in enumerate(CROSSINGS):
            curve = cumulative_share(crossing(worlds, policy, name), months)
            style = {"color": THRESHOLD_INKS[k], "linestyle": THRESHOLD_DASHES[k]}
            draw_curve(ax, shown, curve, label=words(name), **style)
        share_axis(ax)
        date_axis(ax, worlds.start, months)
    finish(figure, axes, worlds, CROSSED, columns=3)
    return axes
