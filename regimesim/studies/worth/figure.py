"""The figure of worth: what assumptions and measurements would be worth before the choice.

Where none would change the choice, the figure shows the values of the policies instead.
"""

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.assumptions import shortened as shortened_source
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import digits_for, interval
from regimesim.plots.policies import looks_in
from regimesim.plots.rows import draw_mark
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
)
from regimesim.studies.worth.text import clear_ones, nothing_changes, shown

CLEAR, REST = INKS[1], "#B5B5BB"
# In inches of paper: a row, the margins of the panel, and a letter of a name.
ROW, HEAD, FOOT, RIGHT, LETTER = 0.26, 0.3, 0.8, 0.3, 0.064
LETTERS, FEW, NARROW = 50, 34, 5.5  # letters of a name, fewer in a figure of so few inches
ALL = "all, where effects add up"
READ = (
    "value: {value}; bars: how much more of it is expected where the assumption, or the result of "
    "the measurement, is known before the choice, with 95 % intervals; grey: not clearly above 0; "
    "assumptions that would not change the choice are left out"
)
UNCHANGED = "value: {value}; means over worlds with 95 % intervals; {most}"


@styled
def worth(content: dict, ax=None):
    """Draw a bar for each assumption that would change the choice in some world, the one that is
    worth most at the top, one for each measurement, and one for all assumptions; or the values
    of the policies, where nothing is clearly worth anything.

    Parameters
    ----------
    content : dict
        The content of worth.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    return _values(content, ax) if nothing_changes(content) else _bars(content, ax)


def _bars(content: dict, ax):
    groups = [shown(content), content["measurements"], [content["everything"]]]
    bars = [one for group in groups for one in group]
    names = [shortened_source(one["source"]) for one in bars[:-1]]
    labels = [*(shortened(name, _letters()) for name in names), ALL]
    figure = None
    if ax is None:
        figure, ax = _panel(labels)
    for place, one in enumerate(bars):
        middle, low, high = (one["worth"][end] for end in ("estimate", "low", "high"))
        ax.barh(place, middle, height=0.6, color=CLEAR if one["is_clear"] else REST, zorder=2)
        if low is not None and high > low:
            bar = {"fmt": "none", "ecolor": INKS[0], "elinewidth": thick(), "capsize": points(2)}
            ax.errorbar([(low + high) / 2], [place], xerr=[(high - low) / 2], zorder=3, **bar)
        elif not middle:  # what changes no choice at all
            ax.plot([0], [place], "o", color=SOFT, markersize=points(3), zorder=3)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    ends = np.cumsum([len(group) for group in groups])[:-1] - 0.5
    for end in ends:
        ax.axhline(end, color=SOFT, linewidth=0.4 * thick(), zorder=1)
    if content["measurements"]:
        look = {"fontsize": points(7), "color": SOFT, "ha": "right", "va": "top"}
        ax.text(1, ends[0] + 0.1, "measurements", transform=ax.get_yaxis_transform(), **look)
    _rows(ax, labels)
    ax.set_xlabel("worth, in the unit of the value")
    finish(figure, [ax], content, READ.format(value=content["value"]), finding=_finding(content))
    return ax


def _values(content: dict, ax):
    """The policies with their values, the best at the top."""
    policies = content["policies"]
    names = sorted(policies, key=lambda name: -policies[name]["value"]["estimate"])
    labels = [shortened(policies[name]["title"], _letters()) for name in names]
    figure = None
    if ax is None:
        figure, ax = _panel(labels)
    looks = looks_in(content, names)
    for place, name in enumerate(names):
        draw_mark(ax, place, Estimate(**policies[name]["value"]), looks[name].ink)
    _rows(ax, labels)
    ax.set_xlabel("value of the policy")
    note = UNCHANGED.format(value=content["value"], most=_most(content))
    title = policies[content["best"]]["title"]
    finding = f"Nothing here would change the choice: {title}"
    finish(figure, [ax], content, note, finding=finding)
    return ax


def _most(content) -> str:
    """What is worth most of what is not clearly worth anything."""
    known = [*content["assumptions"], *content["measurements"]]
    first = max(known, key=lambda one: one["worth"]["estimate"])
    if first["worth"]["estimate"] <= 0:
        return "no assumption or measurement shows a worth above 0"
    size = interval(first["worth"], digits_for(first["worth"]["high"]))
    return f"worth most, but not clearly above 0: {shortened_source(first['source'])}, {size}"


def _letters() -> int:
    """How many letters of a name are written."""
    return LETTERS if width_for(2) / scale() >= NARROW else FEW


def _rows(ax, labels) -> None:
    ax.set_yticks(range(len(labels)), labels, fontsize=points(8))
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _finding(content) -> str:
    """What the figure shows, in a sentence."""
    clear = clear_ones(content)
    if clear:
        return f"Most worth knowing: {shortened_source(clear[0]['source'])}"
    made = [one for one in content["measurements"] if one["is_clear"]]
    if made:
        return f"Most worth measuring: {made[0]['source']}"
    return "No single assumption would clearly change the choice"


def _panel(labels):
    unit, width = scale(), width_for(2)
    height = (HEAD + ROW * len(labels) + FOOT) * unit
    figure = Figure(figsize=(width, height))
    left = (0.15 + LETTER * max(map(len, labels))) * unit
    box = (left, FOOT * unit, width - left - RIGHT * unit, ROW * len(labels) * unit)
    return figure, figure.add_axes(np.array(box) / [width, height, width, height])


FIGURES = (Drawing("worth", worth, ("worth",)),)
