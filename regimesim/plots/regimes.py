"""The share of worlds in each regime."""

import numpy as np

from regimesim.analysis.estimates import wilson_interval
from regimesim.analysis.findings import regimes_at_the_end
from regimesim.analysis.labels import attribute
from regimesim.analysis.present_months import present_months
from regimesim.model.world.records import REGIMES
from regimesim.plots.axes import date_axis, share_axis
from regimesim.plots.style import (
    BAND_SEEN,
    REGIME_INKS,
    finish,
    panels,
    styled,
    thick,
    thinned,
    words,
)
from regimesim.scenario.dates import months_later


@styled
def regimes(months, axes=None):
    """Draw the share of worlds in each regime in each month, stacked.

    The white veil at each edge is the 95 % interval of the share of worlds below it.

    Parameters
    ----------
    months : xarray.Dataset
        The months of a run.
    axes : Axes or array of Axes, optional
        One for each policy; by default those of a new figure.

    Returns
    -------
    array of Axes
        A panel for each policy.
    """
    months = present_months(months)
    length, titles = months.length, months.titles
    axes, figure = panels(titles.values(), axes, "share of worlds")
    shown = thinned(length)
    names = [words(name) for name in REGIMES]
    leading = {}
    n = int(attribute(months, "worlds", "months"))
    for ax, policy in zip(axes, titles, strict=True):
        shares = months.regime_shares(policy)[:, shown]
        edges = np.clip(np.cumsum(shares, axis=0), 0, 1)
        below = np.zeros(len(shown))
        leading[titles[policy]] = names[shares[:, -1].argmax()]
        for edge, name, ink in zip(edges, names, REGIME_INKS, strict=True):
            ax.fill_between(shown, below, edge, color=ink, linewidth=0, label=name)
            below = edge
        for edge in edges[:-1]:
            low, high = wilson_interval(edge * n, n)
            if np.max(high - low) > BAND_SEEN and np.max(edge) > 0:
                ax.fill_between(shown, low, high, color="white", alpha=0.4, linewidth=0)
            ax.plot(shown, edge, color="white", linewidth=0.5 * thick())
        share_axis(ax)
        date_axis(ax, months.start, length)
    note = "veils: 95 % intervals of the share below an edge"
    finding = regimes_at_the_end(leading, months_later(months.start, length - 1))
    finish(figure, axes, months, note, columns=5, finding=finding)
    return axes
