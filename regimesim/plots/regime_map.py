"""The regime that most worlds are in, policy under policy."""

from itertools import pairwise

import numpy as np

from regimesim.plots.style import (
    LEFT,
    LETTER,
    REGIME_INKS,
    SOFT,
    date_axis,
    finish,
    percent,
    points,
    policies_of,
    shortened,
    single,
    styled,
    thick,
    words,
)

TALLEST = 0.8  # of a row: the ribbon where all worlds are in one regime
ROOM = 0.45  # of all worlds: a ribbon that is tall enough for a name in it
DARK = ("#22222A", "#00735C")  # inks on which a name is white


@styled
def regime_map(months, ax=None):
    """The most likely regime in each month, a ribbon a policy, as tall as its share of worlds.

    `months` is the dataset of the months.  Of two regimes that are as likely the one that
    is further gone is shown.  Beside each ribbon stands the regime at the end.
    """
    policies, length = policies_of(months), months.sizes["month"]
    names = [words(name) for name in months["regime"].values]
    shares = [months["regime_share"].sel(policy=policy).values for policy in policies]
    labels = [shortened(policy) for policy in policies]
    ends = [f"{names[last.argmax()]} {percent(last.max())}" for last in (s[:, -1] for s in shares)]
    left, right = (0.25 + LETTER * max(map(len, texts)) for texts in (labels, ends))
    ax, figure = single(ax, max(LEFT, left), right, 1.2 + 0.42 * len(policies))
    for name, ink in zip(names, REGIME_INKS, strict=True):
        ax.fill_between([], [], color=ink, edgecolor=SOFT, linewidth=0.5 * thick(), label=name)
    letters = _inches(ax) / (LETTER * points(1)) / length  # that go into a month
    for row, (of_policy, end) in enumerate(zip(shares, ends, strict=True)):
        leading = of_policy.argmax(axis=0)
        for first, after in _stretches(leading):
            regime = leading[first]
            stretch = of_policy[regime, first:after]
            _draw_ribbon(ax, row, first, stretch, REGIME_INKS[regime])
            if len(names[regime]) + 1 < letters * np.count_nonzero(stretch > ROOM):
                _write(ax, row, first, stretch, names[regime], REGIME_INKS[regime])
        across = ax.get_yaxis_transform()
        ax.text(1.015, row, end, transform=across, va="center", fontsize=points(8))
    ax.set_yticks(range(len(policies)), labels)
    ax.set_ylim(len(policies) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    date_axis(ax, months.attrs["start"], length)
    ax.set_xlim(0, length)
    note = "the regime that most worlds are in; the taller, the larger its share of worlds"
    finish(figure, [ax], months, note, columns=5)
    return ax


def _inches(ax) -> float:
    return ax.get_position().width * ax.figure.get_size_inches()[0]


def _stretches(leading):
    """(first, after) of each stretch of months with one leading regime."""
    changes = np.flatnonzero(np.diff(leading)) + 1
    edges = [0, *changes.tolist(), len(leading)]
    return list(pairwise(edges))


def _draw_ribbon(ax, row, first, shares, ink):
    """A ribbon from month `first`, a step a month, half its height above and below the row."""
    month = first + np.arange(len(shares) + 1)
    half = 0.5 * TALLEST * np.append(shares, shares[-1])
    edge = {"edgecolor": SOFT, "linewidth": 0.3 * thick()}
    ax.fill_between(month, row - half, row + half, step="post", facecolor=ink, **edge)


def _write(ax, row, first, shares, name, ink):
    """The name of a regime in the middle of where its ribbon has room."""
    middle = first + np.flatnonzero(shares > ROOM).mean() + 0.5
    color = "white" if ink in DARK else "black"
    place = {"ha": "center", "va": "center_baseline"}
    ax.text(middle, row, name, color=color, fontsize=points(7.5), **place)
