"""The evidence gap month by month: the believed catch rate against the true one."""

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.analysis.present_months import present_months
from regimesim.analysis.present_worlds import present_worlds
from regimesim.plots.axes import date_axis, share_axis
from regimesim.plots.style import (
    ABSENT,
    BELIEVED,
    DASHES,
    TRUE,
    finish,
    panels,
    styled,
    thick,
    thinned,
)

BARS = 45  # at most
TALLEST = 0.25  # of a panel
LOST, HELD = "#5A5A62", "#C9C9CE"
FEWEST = 20  # worlds left (or all, where there are fewer) below which nothing is drawn


@styled
def evidence_gap(worlds, months, axes=None):
    """Draw the believed and the true catch rate by month, and counts of first critical tries.

    Lines are means over the worlds that are not yet lost and all their systems, with Student's
    95 % intervals; their distance is the evidence gap of a mean system.  Bars count first critical
    tries, on the same scale in all panels; the gap at these is wider, because the system that
    tries is the hardest to catch.

    Parameters
    ----------
    worlds, months : xarray.Dataset
        The two datasets of a run.
    axes : Axes or array of Axes, optional
        One for each policy; by default those of a new figure.

    Returns
    -------
    array of Axes
        A panel for each policy.
    """
    worlds, months = present_worlds(worlds, some=True), present_months(months)
    policies, length = months.policies, months.length
    axes, figure = panels(months.titles.values(), axes, "catch rate")
    edges = np.unique(np.linspace(0, length, min(BARS, length) + 1).round())
    tries = [_tries(worlds, policy, edges) for policy in policies]
    most = max(1, *(int(np.sum(counts, axis=0).max()) for counts in tries))
    for ax, policy, (held, lost) in zip(axes, policies, tries, strict=True):
        _draw_rates(ax, months, policy, thinned(length))
        height, bars = TALLEST / most, {"edges": edges, "fill": True, "linewidth": 0, "zorder": 0}
        ax.stairs(lost * height, color=LOST, label="first tries lost", **bars)
        ax.stairs(
            (lost + held) * height,
            baseline=lost * height,
            color=HELD,
            label="first tries held",
            **bars,
        )
        if not (held.any() or lost.any()):
            ax.text(0.5, 0.06, "no critical try", transform=ax.transAxes, ha="center", **ABSENT)
        share_axis(ax)
        date_axis(ax, months.start, length)
    note = (
        f"means over all systems of the worlds not yet lost, while {FEWEST} are left; the gap at "
        "a critical try is wider, because the system that tries is the hardest to catch; bands: "
        f"95 % intervals; the tallest bar is {most:,} world{'s' if most > 1 else ''}"
    )
    finish(figure, axes, months, note, columns=4)
    return axes


def _tries(worlds, policy, edges):
    """The numbers of first critical tries (held, lost) between the edges."""
    rows = worlds.rows(policy)
    when, held = rows["first_critical_try"], rows["held_first_critical_try"]
    return [np.histogram(when[held == outcome], bins=edges)[0] for outcome in (1, 0)]


def _draw_rates(ax, months, policy, shown):
    """Draw both rates with their bands, and a tint between them."""
    from scipy.special import stdtrit

    n = months.of("worlds_not_lost", policy)[shown]
    enough = n >= min(FEWEST, n[0])
    known = enough & (n >= 2)
    degrees = np.where(known, n - 1, 1)
    reach = np.where(known, stdtrit(degrees, (1 + CONFIDENCE) / 2) / np.sqrt(degrees), np.nan)
    means = {}
    for name, label, ink, dash in (
        ("catch_rate_believed", "believed", BELIEVED, DASHES[1]),
        ("catch_rate", "true", TRUE, "-"),
    ):
        mean = np.where(enough, months.of(name, policy)[shown], np.nan)
        half = reach * months.of(f"{name}_sd", policy)[shown]
        low, high = np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)
        ax.fill_between(shown, low, high, color=ink, alpha=0.22, linewidth=0)
        ax.plot(shown, mean, color=ink, linestyle=dash, linewidth=1.4 * thick(), label=label)
        means[name] = mean
    ax.fill_between(shown, *means.values(), color=BELIEVED, alpha=0.08, linewidth=0, zorder=0.5)
