"""The figure of an optimum: every policy that was tried, the best or the front, and the file's."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimand_table import UNITS, WITHIN
from regimesim.analysis.formatting import percent, rounded
from regimesim.analysis.policy_cells import LOST, SAFE
from regimesim.plots.named_points import name_points, size_of_name
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    SOFT,
    extend_below,
    finish,
    points,
    scale,
    single,
    styled,
    thick,
)
from regimesim.studies.optimise.text import BEST, RUNNER_UP
from regimesim.studies.optimise.words import said
from regimesim.studies.optimise.worst_case_figure import nothing_to_draw, worst_case

CHOSEN = "#C2185B"  # of what the search has chosen, which is no policy of the file
PALE = "#B9B9C0"
TALL = 4.6  # inches on paper
MARGIN = 0.06  # of the ranges of both axes
XLABEL = 0.2  # inches on paper


class Axis(NamedTuple):
    """An estimand along an axis, on which better is right, or up.

    Attributes
    ----------
    estimand : str
        Its name.
    sign : int
        1 where more is better, else −1.
    """

    estimand: str
    sign: int

    @property
    def is_share(self) -> bool:
        """Whether it is written in percent."""
        return UNITS[self.estimand] == "1"

    def at(self, estimates: Mapping) -> tuple[float, float, float]:
        """Where a policy lies, with the ends of its interval."""
        one = estimates[self.estimand]
        low, high = (one["estimate"] if one[end] is None else one[end] for end in ("low", "high"))
        return tuple(self.sign * value for value in (one["estimate"], low, high))

    def tried(self, row: Mapping) -> float:
        """Where a policy lies by its estimate in the race, which luck may carry out of range."""
        low, high = WITHIN[self.estimand]
        return self.sign * min(max(row[self.estimand], low), high)

    def written(self, value: float, _place=None) -> str:
        """A tick."""
        shown = rounded(self.sign * value * (100 if self.is_share else 1), ".3g")
        return f"{shown} %" if self.is_share else shown


@styled
def optimum(content: dict, ax=None):
    """Draw all policies that were tried by what they reach and cost, and mark the best.

    Further right and further up is better.  The best policy or the front, and the policies of the
    file, stand where fresh worlds put them, with 95 % intervals; small points are the estimates
    by which policies dropped out.

    Parameters
    ----------
    content : dict
        The content of optimise.json.
    ax : Axes, optional
        By default those of a new figure.

    Returns
    -------
    Axes
    """
    ax, figure = single(ax, left=0.85, tall=TALL)
    across, up = _axes(content)
    frame = _Frame(ax, content, across, up)
    frame.draw_tried()
    places = [*frame.draw_file(), *frame.draw_chosen()]
    frame.draw_targets()
    frame.scale(places)
    name_points(ax, places)
    if figure is not None:
        extend_below(figure, XLABEL * scale())
    finish(figure, [ax], content, _note(content, across), finding=_finding(content, across, up))
    return ax


def _axes(content) -> tuple[Axis, Axis]:
    """Along and up: of several aims the first two; of one what it may cost, and itself."""
    aims = [Axis(aim["estimand"], 1 if aim["maximise"] else -1) for aim in content["aims"]]
    if len(aims) > 1:
        safe = [axis for axis in aims if axis.estimand == SAFE] or aims[:1]
        return next(axis for axis in aims if axis != safe[0]), safe[0]
    for target in content["targets"]:
        if target["estimand"] != aims[0].estimand:
            return Axis(target["estimand"], 1 if target["sense"] == ">=" else -1), aims[0]
    other = Axis(LOST, -1) if aims[0].estimand != LOST else Axis(SAFE, 1)
    return other, aims[0]


class _Frame:
    """A panel, on which heights are shares of its range, so that names find their places."""

    def __init__(self, ax, content, across: Axis, up: Axis):
        self.ax, self.content, self.across, self.up = ax, content, across, up
        shown = [*content["chosen"].values(), *content["file"].values()]
        ends = [end for one in shown for end in up.at(one["fresh"])]
        ends += [up.tried(row) for row in content["candidates"] if row[up.estimand] is not None]
        low, high = min(ends), max(ends)
        if up.is_share and up.sign > 0 and low >= 0:
            low = 0.0
        wide = max(high - low, 0.02 if up.is_share else 1e-6)
        self.low, self.wide = low - MARGIN * wide, (1 + 2 * MARGIN) * wide

    def height(self, value: float) -> float:
        """The share of the panel's height at which a value lies."""
        return (value - self.low) / self.wide

    def draw_tried(self):
        """Small points: the estimates of the race."""
        rows = [
            row
            for row in self.content["candidates"]
            if None not in (row[self.across.estimand], row[self.up.estimand])
        ]
        x = [self.across.tried(row) for row in rows]
        y = [self.height(self.up.tried(row)) for row in rows]
        look = {"linestyle": "none", "marker": "o", "color": PALE, "zorder": 1}
        self.ax.plot(x, y, markersize=points(2.2), **look)

    def draw_file(self):
        """The policies of the file; returns the places of their names."""
        looks = looks_in(self.content, self.content["file"])
        for name, one in self.content["file"].items():
            title, ink, _ = looks[name]
            marked = f"{title} (base)" if name == self.content["base"] else title
            yield (*self._mark(one, ink, "o", points(5), hollow=True), marked, ink)

    def draw_chosen(self):
        """The best and the runner-up, or the front; returns the places of their names."""
        chosen, front = self.content["chosen"], []
        for name, one in chosen.items():
            marker, size = {BEST: ("*", 13), RUNNER_UP: ("D", 5)}.get(name, ("o", 5.5))
            x, y = self._mark(one, CHOSEN, marker, points(size), hollow=name == RUNNER_UP)
            if name in (BEST, RUNNER_UP):
                yield x, y, name, CHOSEN
            else:
                front.append((x, y))
        if front and len(self.content["aims"]) == 2:  # of more aims a line would lead nowhere
            x, y = np.array(sorted(front)).T
            self.ax.plot(x, y, color=CHOSEN, linewidth=0.9 * thick(), alpha=0.6, zorder=2)

    def _mark(self, one, ink, marker, size, hollow):
        x, *across = self.across.at(one["fresh"])
        y, *upright = self.up.at(one["fresh"])
        heights = [self.height(end) for end in upright]
        bar = {"color": ink, "linewidth": thick(), "zorder": 3}
        self.ax.plot(across, [self.height(y)] * 2, **bar)
        self.ax.plot([x, x], heights, **bar)
        self.ax.plot(
            x,
            self.height(y),
            marker=marker,
            markersize=size,
            color=ink,
            markerfacecolor="white" if hollow else ink,
            markeredgewidth=1.2 * thick(),
            linestyle="none",
            zorder=5 if hollow else 6,
        )
        return x, self.height(y)

    def draw_targets(self):
        """A dashed line where a target on either axis begins."""
        look = {"color": SOFT, "linestyle": (0, (4, 2)), "linewidth": thick(), "zorder": 2}
        for target in self.content["targets"]:
            if target["estimand"] == self.across.estimand:
                self.ax.axvline(self.across.sign * target["value"], **look)
            elif target["estimand"] == self.up.estimand:
                self.ax.axhline(self.height(self.up.sign * target["value"]), **look)

    def scale(self, places):
        """Ranges, ticks and labels; space at the left for names."""
        ax, across, up = self.ax, self.across, self.up
        everything = [x for line in ax.get_lines() for x in np.atleast_1d(line.get_xdata())]
        low, high = min(everything), max(everything)
        wide = max(high - low, 0.02 if across.is_share else 1e-6)
        right = high + MARGIN * wide
        shares = [(x, min(0.05 + size_of_name(ax, len(n))[0], 0.7)) for x, _, n, _ in places]
        left = min((x - share * right) / (1 - share) for x, share in shares)
        ax.set_xlim(min(left, low - MARGIN * wide), right)
        ax.set_ylim(0, 1)
        ax.xaxis.set_major_formatter(across.written)
        ticks = _ticks(self.low, self.low + self.wide)
        ax.set_yticks([self.height(tick) for tick in ticks], [up.written(tick) for tick in ticks])
        ax.set_xlabel(f"{said(across.estimand)} (further right is better)")
        ax.set_ylabel(said(up.estimand))


def _ticks(low: float, high: float) -> list[float]:
    """Round values inside a range."""
    from matplotlib.ticker import MaxNLocator

    return [t for t in MaxNLocator(6).tick_values(low, high) if low <= t <= high]


def _value(axis: Axis, one: Mapping) -> str:
    value = one["fresh"][axis.estimand]["estimate"]
    return f"{percent(value)} %" if axis.is_share else rounded(value, ".3g")


def _finding(content, across: Axis, up: Axis) -> str:
    """The title."""
    chosen, title = content["chosen"], content["titles"].get(content["base"], content["base"])
    one, base = next(iter(chosen.values())), content["file"][content["base"]]
    if BEST not in chosen:
        last = list(chosen.values())[-1]
        return (
            f"The front runs from {_value(up, one)} {said(up.estimand)} at {_value(across, one)} "
            f"{said(across.estimand)} to {_value(up, last)} at {_value(across, last)}"
        )
    gained = content["gains"]["base"][up.estimand]
    ends = [up.sign * gained[end] for end in ("low", "high") if gained[end] is not None]
    verdicts = {held["verdict"] for held in one["targets"]}
    words = {"fails": "but misses a target", "unclear": "but may miss a target"}
    but = next((f", {words[v]}" for v in ("fails", "unclear") if v in verdicts), "")
    if not ends or min(ends) <= 0:
        return f"No policy that was tried is clearly better than {title}{but}"
    reached = f"{said(up.estimand)}: {_value(up, one)}"
    if up.estimand == SAFE:
        reached = f"{_value(up, one)} of worlds see no takeover"
    return f"With {one['words']}, {reached}, against {_value(up, base)} under {title}{but}"


def _note(content, across: Axis) -> str:
    filled = "filled points and line" if len(content["aims"]) == 2 else "filled points"
    what = "star: best" if BEST in content["chosen"] else f"{filled}: the front"
    dashed = "; dashed: targets" if content["targets"] else ""
    return (
        f"{what}; circles: policies of the file; both in fresh worlds, bars: 95 % intervals; "
        f"small points: all {content['policies_tried']:,} policies that were tried, by the worlds "
        f"of the search{dashed}"
    )


FIGURES = (
    Drawing(
        "optimum",
        optimum,
        ("optimise",),
        caption="Policies that were tried, and the best of them in fresh worlds.",
    ),
    Drawing(
        "worst_case",
        worst_case,
        ("optimise",),
        caption="What the best policies keep against attackers that answer them.",
        unless=nothing_to_draw,
    ),
)
