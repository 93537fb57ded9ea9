"""The evidence gap at the tries: belief minus truth in each world that met a critical try."""

import numpy as np

from regimesim.analysis.estimands import estimate, values
from regimesim.analysis.findings import FEW, gaps, in_percent
from regimesim.analysis.present_worlds import present_worlds
from regimesim.analysis.ranking import ranked_in
from regimesim.plots.policies import looks_of
from regimesim.plots.rows import Panel, draw_mark, row_panels, write
from regimesim.plots.style import SOFT, finish, points, styled, thick

COLUMNS = ("worlds\nwith one", "belief\ntoo high")
PANEL = Panel("evidence gap", "points, at the first try", 1.0, COLUMNS)
BANDS = ((0.05, 0.95, 0.16), (0.25, 0.75, 0.3))  # quantiles, and how strong their band is
TALL = 0.62  # of a row: the bands
MOST_DOTS = 60  # worlds that are drawn as dots, where bands would hide how few they are
ENDS = (-0.25, 1.0)  # of the shortest axis


@styled
def gap_at_tries(worlds, ax=None):
    """Draw the believed minus the true catch rate at the first critical try of each world.

    Bands hold half and nine tenths of the worlds that met a try, or dots are these worlds where
    they are few.  The diamond is the estimate of the mean with its 95 % interval, hollow where
    fewer than 30 worlds met a try.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    worlds = present_worlds(worlds, some=True)
    looks = looks_of(worlds)
    gap = {policy: _gaps(worlds, policy) for policy in looks}
    means = {policy: estimate(worlds, policy, "evidence_gap") for policy in looks}
    order = ranked_in(worlds)
    (ax,), figure = row_panels([looks[policy].title for policy in order], [PANEL], ax)
    for row, policy in enumerate(order):
        _draw_row(ax, row, gap[policy], means[policy], looks[policy].ink)
    _gap_axis(ax, np.concatenate(list(gap.values())))
    finding = gaps({looks[p].title: (means[p], len(gap[p])) for p in order})
    note = (
        "gap: believed minus true catch rate; bands: half and nine tenths of the worlds that met "
        f"a try, or dots: up to {MOST_DOTS} worlds; diamonds: means with 95 % intervals, hollow: "
        f"fewer than {FEW} worlds"
    )
    finish(figure, [ax], worlds, note, finding=finding)
    return ax


def _gaps(worlds, policy):
    """Belief minus truth in each world that met a critical try."""
    gap = values(worlds, policy, "believed_catch_rate") - values(worlds, policy, "true_catch_rate")
    return gap[~np.isnan(gap)]


def _draw_row(ax, row, gap, mean, ink):
    """Draw the gaps of a policy."""
    if not gap.size:
        write(ax, row, 0, "none", soft=True)
        return
    if gap.size <= MOST_DOTS:
        heights = row + TALL * (np.arange(gap.size) * 0.618 % 1 - 0.5)  # spread, and always alike
        ax.scatter(gap, heights, s=points(2.4) ** 2, color=ink, alpha=0.5, linewidths=0)
    else:
        for low, high, strength in BANDS:
            ends = np.quantile(gap, [low, high])
            ax.fill_between(
                ends, row - TALL / 2, row + TALL / 2, color=ink, alpha=strength, linewidth=0
            )
    draw_mark(ax, row, mean, ink, "D", gap.size < FEW)
    write(ax, row, 0, f"{gap.size:,}", soft=gap.size < FEW)
    write(ax, row, 1, in_percent(np.mean(gap > 0)), soft=gap.size < FEW)


def _gap_axis(ax, gap):
    """Fit the axis to the gaps, in points, with a line where beliefs are right."""
    low, high = min(ENDS[0], *gap, 0.0), max(ENDS[1], *gap, 0.0)
    ax.set_xlim(low, high)
    ticks = [tick for tick in (-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1) if low <= tick]
    names = [f"{100 * tick:+.0f}".replace("-", "−") if tick else "0" for tick in ticks]
    ax.set_xticks(ticks, names)
    ax.axvline(0, color=SOFT, linewidth=0.8 * thick(), zorder=0.5)
