"""The believed and the true catch rate at the first critical try."""

import numpy as np

from regimesim.analysis.estimands import values
from regimesim.analysis.estimates import mean
from regimesim.analysis.formatting import rounded
from regimesim.analysis.present_worlds import present_worlds
from regimesim.plots.style import (
    ABSENT,
    DASHES,
    SOFT,
    finish,
    panels,
    points,
    styled,
    thick,
)

MOST_DOTS = 1500  # more worlds than this are drawn as a density


@styled
def catch_rates(worlds, axes=None):
    """Draw the believed against the true catch rate at the first critical try.

    Each world is a dot or, for many worlds, is counted in a cell; above the diagonal overseers
    were overconfident.  The diamond is the mean over these worlds with its 95 % intervals; the
    conditional estimates of a summary may differ from it.

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
    titles, labels = worlds.titles, ("believed catch rate", "true catch rate")
    axes, figure = panels(titles.values(), axes, *labels, square=True)
    for ax, policy in zip(axes, titles, strict=True):
        true = values(worlds, policy, "true_catch_rate")
        believed = values(worlds, policy, "believed_catch_rate")
        met = ~(np.isnan(true) | np.isnan(believed))
        _draw_worlds(ax, true[met], believed[met])
        ax.plot([0, 1], [0, 1], color=SOFT, linewidth=0.8 * thick(), linestyle=DASHES[1])
        if met.any():
            _draw_mean(ax, *(mean(rates[met], within=(0.0, 1.0)) for rates in (true, believed)))
        else:
            ax.text(0.5, 0.5, "no critical try", ha="center", va="center", **ABSENT)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    note = (
        "dots or shades (logarithmic): worlds; diamond: their mean (counted) with 95 % intervals; "
        "above the dashed line overseers are overconfident"
    )
    finish(figure, axes, worlds, note)
    return axes


def _draw_worlds(ax, true, believed):
    if len(true) <= MOST_DOTS:
        size = np.clip(1500 / max(len(true), 1), 3, 16)
        ax.scatter(
            true, believed, s=size, color="#0072B2", alpha=0.35, linewidths=0, rasterized=True
        )
        return
    counts, _, _ = np.histogram2d(believed, true, bins=50, range=((0, 1), (0, 1)))
    shades = np.ma.masked_equal(np.log1p(counts), 0)
    ax.imshow(shades, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", vmin=-1, aspect="auto")


def _draw_mean(ax, true, believed):
    def reach(estimate):
        if estimate.low is None:
            return None
        return [[estimate.estimate - estimate.low], [estimate.high - estimate.estimate]]

    ax.errorbar(
        true.estimate,
        believed.estimate,
        xerr=reach(true),
        yerr=reach(believed),
        fmt="D",
        markersize=points(5),
        color="#D55E00",
        markeredgecolor="white",
        markeredgewidth=0.6 * thick(),
        elinewidth=1.2 * thick(),
        capsize=points(2.5),
        zorder=4,
    )
    gap = believed.estimate - true.estimate
    size = points(8)
    ax.text(
        0.97,
        0.05,
        f"gap {rounded(gap, '+.2f')}",
        ha="right",
        transform=ax.transAxes,
        fontsize=size,
    )
