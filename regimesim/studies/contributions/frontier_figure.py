"""The figure of the frontier: safety against cost."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.formatting import percent, rounded
from regimesim.plots.axes import share_axis
from regimesim.plots.named_points import name_points, size_of_name
from regimesim.plots.policies import looks_in
from regimesim.plots.style import (
    BELOW,
    INKS,
    LEFT,
    RIGHT,
    SOFT,
    TOP,
    finish,
    flat_axes,
    points,
    scale,
    styled,
    thick,
    width_for,
)

USEFULNESS = "usefulness"
TALL, BETWEEN = 3.3, 0.85  # inches on paper, of a panel and between two


@styled
def frontier(content: dict, axes=None):
    """Draw the share of worlds without a takeover against a cost, a point for each policy.

    Further right costs less.  Policies that no other dominates are filled and joined; the others
    are hollow.  Where audit budgets were run, a second panel has a line over them for each
    policy.  Bars are 95 % intervals.

    Parameters
    ----------
    content : dict
        The content of contributions.json.
    axes : Axes or array of Axes, optional
        One for each panel; by default a new figure.

    Returns
    -------
    array of Axes
        One or two panels.

    Raises
    ------
    ValueError
        Where the number of axes is not that of panels.
    """
    budgets = content["audit_budgets"]
    axes, figure = _panels(2 if budgets else 1, axes)
    looks = looks_in(content, [*content["frontier"], *budgets])
    _draw_policies(axes[0], content["frontier"], looks, AXES[content["cost"]])
    note = "filled and joined: no other is better in one and not worse in the other"
    if budgets:
        _draw_budgets(axes[1], budgets, looks, AXES[content["cost_of_budgets"]])
        note += "; below: the same policies over the audit budgets written beside the points"
    if USEFULNESS in (content["cost"], budgets and content["cost_of_budgets"]):
        note += "; usefulness: growth kept × share of trajectories not audited"
    note += "; bars: 95 % intervals"
    finish(
        figure, axes, content, note, finding=_finding(content["frontier"], looks, content["cost"])
    )
    return axes


def _finding(frontier: dict, looks: dict, cost: str) -> str:
    """Which policy keeps most worlds and at what cost, and how many are dominated."""
    ranked = sorted(frontier, key=lambda name: -frontier[name]["no_takeover"]["estimate"])
    dominated = sum(bool(point["dominated_by"]) for point in frontier.values())
    which = f"{dominated or 'none'} of {len(frontier)} policies {'is' if dominated < 2 else 'are'}"
    first, title = frontier[ranked[0]], looks[ranked[0]].title
    others = [frontier[name]["no_takeover"]["high"] for name in ranked[1:2]]
    if not all(first["no_takeover"]["low"] > high for high in others):
        return f"No policy surely keeps most worlds; {which} dominated"
    kept, axis = percent(first["no_takeover"]["estimate"]), AXES[cost]
    paid = first[cost]["estimate"]
    at = f"{percent(paid)} % {axis.label}" if axis.is_share else f"{paid:.1f} {axis.label}"
    if not others:
        return f"{title} keeps {kept} % of worlds, at {at}"
    return f"{title} keeps most worlds, {kept} %, at {at}; {which} dominated"


class Axis(NamedTuple):
    """How a cost is drawn: better is right, so costs run to the left."""

    key: str
    label: str
    sign: int  # 1 where more is better
    is_share: bool


AXES = {
    axis.key: axis
    for axis in (
        Axis("growth_lost", "growth lost", -1, True),
        Axis("audited", "trajectories audited", -1, True),
        Axis("months_paused_a_year", "months paused a year", -1, False),
        Axis("false_alarms_a_year", "months with a false alarm a year", -1, False),
        Axis(USEFULNESS, "usefulness", 1, True),
    )
}


def _draw_policies(ax, frontier: dict, looks: dict, axis: Axis):
    places, kept = [], []
    for name, point in frontier.items():
        worse = bool(point["dominated_by"])
        place = _mark(ax, point, axis, looks[name].ink, hollow=worse)
        places.append((*place, looks[name].title, SOFT if worse else INKS[0]))
        if not worse:
            kept.append(place)
    _join(ax, kept, SOFT)
    _scale(ax, places, axis)
    name_points(ax, places)


def _draw_budgets(ax, budgets: dict, looks: dict, axis: Axis):
    places = []
    for name, line in budgets.items():
        title, ink, dash = looks[name]
        marks = [
            (*_mark(ax, point, axis, ink), f"{point['audit_budget']:g}", ink) for point in line
        ]
        _join(ax, [(x, y) for x, y, *_ in marks], ink, label=title, linestyle=dash)
        places += marks
    _scale(ax, places, axis)
    name_points(ax, places)
    ax.legend(loc="center left", title="policy, at audit budgets", fontsize=points(8))


def _mark(ax, point, axis: Axis, ink, hollow=False):
    """A point with its intervals; returns where it is."""
    cost, safe = point[axis.key], point["no_takeover"]
    x, y = axis.sign * cost["estimate"], safe["estimate"]
    bar = {"color": ink, "linewidth": thick(), "zorder": 2, "clip_on": False}
    if cost["low"] is not None:
        ends = [axis.sign * cost["low"], axis.sign * cost["high"]]
        ax.plot(ends, [y, y], **(bar | {"clip_on": True}))  # an end may lie beyond the axis
    ax.plot([x, x], [safe["low"], safe["high"]], **bar)
    ax.plot(
        x,
        y,
        marker="o",
        markersize=points(5.5),
        color=ink,
        markerfacecolor="white" if hollow else ink,
        markeredgewidth=1.2 * thick(),
        linestyle="none",
        clip_on=False,
        zorder=4,
    )
    return x, y


def _join(ax, places, ink, **line):
    x, y = np.array(sorted(places)).T
    ax.plot(x, y, color=ink, linewidth=0.9 * thick(), alpha=0.55, zorder=1, **line)


def _scale(ax, places, axis: Axis):
    share_axis(ax)
    ax.set_ylim(-0.03, 1.03)
    low, high = min(x for x, *_ in places), max(x for x, *_ in places)
    wide = max(high - low, 0.1 if axis.is_share else 1.0)
    right = high + 0.06 * wide
    margins = [(x, min(0.05 + size_of_name(ax, len(name))[0], 0.7)) for x, _, name, _ in places]
    left = min((x - share * right) / (1 - share) for x, share in margins)
    ax.set_xlim(min(left, right - wide), right)
    unit, size = (" %", 100) if axis.is_share else ("", 1)
    ax.xaxis.set_major_formatter(lambda x, _: f"{rounded(axis.sign * size * x, '.3g')}{unit}")
    ax.set_xlabel(f"{axis.label} (further right is better)")
    ax.set_ylabel("worlds without a takeover")


def _panels(count, axes):
    """(axes, figure): `count` panels, one above the other, in a new figure without `axes`."""
    if axes is not None:
        axes = flat_axes(axes, count)
        return axes, None
    unit, width = scale(), width_for(2)
    tall = TALL * min(unit, max(1, width / 7.2))
    height = (TOP + BELOW + 0.1) * unit + count * tall + (count - 1) * BETWEEN * unit
    figure = Figure(figsize=(width, height))
    axes = []
    for k in range(count):
        bottom = height - TOP * unit - (k + 1) * tall - k * BETWEEN * unit
        box = (LEFT * unit, bottom, width - (LEFT + RIGHT) * unit, tall)
        axes.append(figure.add_axes(np.array(box) / [width, height, width, height]))
    return np.array(axes), figure
