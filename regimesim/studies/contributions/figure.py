"""The figure of contributions: Shapley values and leave-one-out differences."""

from textwrap import wrap

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from regimesim.analysis.formatting import listed, percent
from regimesim.plots.axes import striped
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    flat_axes,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
    words,
)
from regimesim.studies.contributions.frontier_figure import frontier

PALE = 0.5  # of the ink of a bar, on which its black interval is seen
ESTIMANDS = {
    "no_takeover": "share of worlds without a takeover",
    "first_try_not_lost": "share of worlds whose first critical try was not lost",
}
ROW, HEAD, NAMES, SIDE, FOOT = 0.38, 0.62, 1.25, 0.25, 0.45  # inches on paper
LETTERS, LINES = 18, 3  # of the name of a part; one of as many lines is written smaller


@styled
def contributions(content: dict, axes=None, estimand: str = "no_takeover"):
    """Draw how much each part contributes, with a panel for each policy and a row for each part.

    The bar is the Shapley value, the diamond the loss without that part, both with 95 %
    intervals, in percentage points.

    Parameters
    ----------
    content : dict
        The content of contributions.json.
    axes : Axes or array of Axes, optional
        One for each policy; by default a new figure.
    estimand : str
        A key of ESTIMANDS.

    Returns
    -------
    array of Axes
        A panel for each policy.

    Raises
    ------
    ValueError
        Where the number of axes is not that of policies.
    """
    policies = content["policies"]
    looks = looks_in(content, policies)
    axes, figure = _panels([len(policy["parts"]) for policy in policies.values()], axes)
    for ax, (name, policy) in zip(axes, policies.items(), strict=True):
        _draw(ax, policy[estimand]["parts"], looks[name].ink)
        shares = policy[estimand]
        of = f"{_share(shares['nothing'])} → {_share(shares['full'])}"
        ax.set_title(f"{shortened(looks[name].title, 26)}:  {of}", fontsize=points(9))
    for ax in axes[-2:]:
        ax.set_xlabel("percentage points")
    low = min(ax.get_xlim()[0] for ax in axes)
    high = max(ax.get_xlim()[1] for ax in axes)
    for ax in axes:
        ax.set_xlim(low, high)
    note = (
        f"of the {ESTIMANDS[estimand]}: without any of the parts → with all of them, and what "
        "each part adds, averaged over all orders or as the last; 95 % intervals"
    )
    finish(figure, axes, content, note, columns=2, finding=_finding(policies, looks, estimand))
    return axes


def _finding(policies: dict, looks: dict, estimand: str) -> str:
    """Which part of which policy adds most, and how much; parts that add the same, together."""
    added = {
        (name, part): values["shapley"]["estimate"]
        for name, policy in policies.items()
        for part, values in policy[estimand]["parts"].items()
        if values["shapley"]["low"] is not None and values["shapley"]["low"] > 0
    }
    if not added:
        return f"No part clearly adds to the {ESTIMANDS[estimand]}"
    name, part = max(added, key=lambda one: added[one])
    most = percent(added[name, part])
    alike = [p for (n, p), value in added.items() if n == name and percent(value) == most]
    verb, each = ("adds", "") if len(alike) == 1 else ("add", " each")
    which = listed([words(one) for one in alike], len(alike))
    policy = looks[name].title
    return f"Under {policy}, {which} {verb} most: {most} points{each} of the {ESTIMANDS[estimand]}"


def _draw(ax, parts: dict, ink: str):
    at = np.arange(len(parts))[::-1]
    fair = [values["shapley"] for values in parts.values()]
    alone = [values["leave_one_out"] for values in parts.values()]
    line = {"fmt": "none", "elinewidth": thick(), "capsize": points(2)}
    striped(ax, at)  # which keeps a row's two marks together
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    ax.barh(
        at + 0.16,
        _points(fair),
        height=0.36,
        color=to_rgba(ink, PALE),
        label="Shapley value",
        zorder=2,
    )
    ax.errorbar(*_centred(fair, at + 0.16), ecolor=INKS[0], zorder=3, **line)
    ax.errorbar(*_centred(alone, at - 0.2), ecolor=SOFT, zorder=3, **line)
    ax.plot(
        _points(alone),
        at - 0.2,
        marker="D",
        markersize=points(4),
        linestyle="none",
        color="white",
        markeredgecolor=INKS[0],
        markeredgewidth=0.8 * thick(),
        label="lost without it",
        zorder=4,
    )
    names = [_in_lines(words(part)) for part in parts]
    ax.set_yticks(at, names)
    for label, name in zip(ax.get_yticklabels(), names, strict=True):
        if name.count("\n") == LINES - 1:
            label.set_fontsize(points(7))
    ax.set_ylim(-0.6, len(parts) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _in_lines(name: str) -> str:
    """The name of a part, in lines that fit beside its row."""
    return "\n".join(wrap(name, LETTERS, max_lines=LINES, placeholder="…"))


def _points(estimates):
    """Estimates in percentage points, NaN where only the interval is known."""
    return 100 * np.array([value["estimate"] for value in estimates], np.float64)


def _centred(estimates, at):
    """(x, y, no y error, x errors) of intervals, from their own middles."""
    low = np.array([100 * value["low"] for value in estimates])
    high = np.array([100 * value["high"] for value in estimates])
    return (low + high) / 2, at, None, (high - low) / 2


def _share(estimate: dict) -> str:
    value = estimate["estimate"]
    return f"{100 * value:.1f} %" if 0.001 <= value <= 0.999 else f"{100 * value:.3g} %"


def _panels(sizes, axes):
    """(axes, figure): a panel for each policy, as tall as it has parts, two in a row."""
    if axes is not None:
        axes = flat_axes(axes, len(sizes), "policies")
        return axes, None
    unit, width = scale(), width_for(3)
    columns = 2 if len(sizes) > 1 and width > 5.5 * unit else 1
    rows = [max(sizes[k : k + columns]) for k in range(0, len(sizes), columns)]
    tall = [(HEAD + ROW * size) * unit for size in rows]
    height = sum(tall) + FOOT * unit
    figure, across = Figure(figsize=(width, height)), width / columns
    axes = []
    for k, size in enumerate(sizes):
        row, column = divmod(k, columns)
        top = sum(tall[:row]) + 0.3 * unit
        deep = ROW * size * unit
        left = column * across + NAMES * unit
        box = (left, height - top - deep, across - (NAMES + SIDE) * unit, deep)
        axes.append(figure.add_axes(np.array(box) / [width, height, width, height]))
    return np.array(axes), figure


FIGURES = (
    Drawing("contributions", contributions, ("contributions",)),
    Drawing("frontier", frontier, ("contributions",)),
)
