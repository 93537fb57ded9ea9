"""A sweep as its figures read it: its axes, its outcomes, and how both are labelled."""

import re
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from regimesim.analysis.first_try import RATE
from regimesim.analysis.outcome import OUTCOMES
from regimesim.dates import months_later
from regimesim.plots.style import make_room, scale, shortened, words
from regimesim.world.records import THRESHOLDS, names

LINEAR, LOG, NAMED = "linear", "log", "named"
PLAIN = ("", "1")  # units that are not worth telling
EVEN = 1.5  # how much more even in ratios than in steps an axis is that is drawn by ratios
WIDE = 4.0  # and how many times its low end its high end is at least
OF_A_POLICY = re.compile(r"(?:policies\.([^.]+)\.)?(.*)")
TICK, MOST_TICKS = 0.42, 6  # inches of paper for a number side by side
RATIOS, STEPS = ((1, 2, 5), (1, 3), (1,)), (1, 2, 4, 5, 10)  # of ticks
LETTER, LINE = 0.062, 0.14  # inches of paper that a letter and a line of a label take


class Varied(NamedTuple):
    """One axis of a sweep: values in the order in which they are drawn, `order` (their places
    in the dataset), where they stand (`places`, numbers), and the scale of that."""

    key: str
    values: np.ndarray
    order: np.ndarray
    places: np.ndarray
    scale: str
    unit: str
    words: str

    @property
    def name(self) -> str:
        """Its name in words, without its first table; of one policy's, whose it is."""
        *whose, path = OF_A_POLICY.fullmatch(self.key).groups()
        name = words(path.rpartition(".")[2] if path.count(".") < 2 else path.partition(".")[2])
        name = name.replace(".", " ")
        return f"{name} of {whose[0]}" if whose[0] else name

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit not in PLAIN else self.name

    def told(self, value) -> str:
        """A value as text."""
        if isinstance(value, bool | np.bool_):
            return "on" if value else "off"
        return str(value) if isinstance(value, str) else f"{value:.4g}"


class Outcome(NamedTuple):
    """What is drawn of a sweep: a variable with `_low` and `_high`, in words, the range that
    its axis has (None: that of the numbers), and whether it is a share or counts months."""

    name: str
    words: str
    low: float | None
    high: float | None
    is_share: bool
    in_months: bool


def keys_of(sweep) -> list[str]:
    """The dotted keys of what a sweep varies."""
    return [str(key) for key in sweep.coords if key not in ("policy", "point")]


def varied(sweep, key: str) -> Varied:
    """An axis of a sweep."""
    coordinate = sweep[key]
    values, unit = coordinate.values, str(coordinate.attrs.get("units", ""))
    about = str(coordinate.attrs.get("long_name", "")).rstrip(".")
    if values.dtype.kind in "iuf":
        order = np.argsort(values, kind="stable")
        values = values[order].astype(float)
        return Varied(key, values, order, values, _scale(np.unique(values)), unit, about)
    order = places = np.arange(len(values))  # names stay in the order in which they were given
    if "point" in sweep.dims:
        places = np.unique(values, return_inverse=True)[1]
    return Varied(key, values, order, places.astype(float), NAMED, unit, about)


def _scale(values) -> str:
    if len(values) < 3 or values[0] <= 0 or values[-1] < WIDE * values[0]:
        return LINEAR
    uneven = [np.std(np.diff(some)) / np.mean(np.diff(some)) for some in (values, np.log(values))]
    return LOG if uneven[0] > EVEN * uneven[1] + 0.05 else LINEAR


def outcome_of(sweep, name: str) -> Outcome:
    """An outcome of a sweep by name; that of a threshold is the share of worlds that cross it.

    Raises ValueError where the sweep has no such outcome.
    """
    name = f"{name}_crossed" if name in names(THRESHOLDS) else name
    if name not in outcomes_of(sweep):
        there = ", ".join(outcomes_of(sweep))
        raise ValueError(f"the sweep has no outcome {name!r}; it has {there}")
    told = OUTCOMES[name]
    if told.unit == "months":
        return Outcome(name, told.words, 0.0, float(sweep.attrs["months"]), False, True)
    is_share = told.within == RATE
    return Outcome(name, told.words, *(RATE if is_share else (None, None)), is_share, False)


def outcomes_of(sweep) -> list[str]:
    """The names of all outcomes of a sweep."""
    return [name for name in OUTCOMES if name in sweep.data_vars]


def threshold_of(outcome: str) -> str | None:
    """The threshold that an outcome is of, or None."""
    if outcome in names(THRESHOLDS):
        return outcome
    return OUTCOMES[outcome].threshold if outcome in OUTCOMES else None


def no_axis(sweep, outcome=None) -> str | None:
    """Why a sweep has no axis of a grid, or None."""
    if "point" in sweep.dims or not keys_of(sweep):
        return "needs a grid, and this sweep is none"
    return None


def one_axis(sweep, outcome=None) -> str | None:
    """Why a sweep has fewer than two axes of a grid, or None."""
    if reason := no_axis(sweep):
        return reason
    return "needs two axes, and this sweep has one" if len(keys_of(sweep)) < 2 else None


def no_points(sweep, outcome=None) -> str | None:
    """Why a sweep has no scattered points, or None."""
    return None if "point" in sweep.dims else "needs scattered points, and this sweep is a grid"


def no_threshold(sweep, outcome=None) -> str | None:
    """Why an outcome has no date, or None."""
    if outcome is None or threshold_of(outcome):
        return None
    return f"needs a threshold, and '{outcome}' is none"


def through_the_middle(sweep, kept) -> tuple:
    """(the part of a grid in which all axes but the `kept` are at their middle value, these
    values by key)."""
    at, middles = {}, {}
    for key in keys_of(sweep):
        if key not in kept:
            axis = varied(sweep, key)
            middle = (len(axis.values) - 1) // 2
            at[key] = int(axis.order[middle])
            middles[key] = axis.told(axis.values[middle])
    return sweep.isel(at), middles


def draw_axis(axis: Varied, along) -> None:
    """Scale, ticks and label of the matplotlib axis `along` which a sweep's axis lies."""
    ax = along.axes
    level = along is ax.xaxis
    length = inches(ax)[0 if level else 1]
    room = max(min(int(length / (TICK if level else TICK / 2)), MOST_TICKS), 2)
    own, where = np.unique(axis.places, return_index=True)
    if axis.scale == LOG:
        (ax.set_xscale if level else ax.set_yscale)("log")
    shown = own[:: -(-len(own) // room)]
    if axis.scale == NAMED:
        along.set_ticks(own, [shortened(axis.told(axis.values[k]), 14) for k in where])
    elif all(float(f"{value:.2g}") == value for value in shown):
        along.set_ticks(shown, [f"{value:g}" for value in shown])
    elif axis.scale == LOG:
        decades = np.log10(own[-1] / own[0])
        fits = (subs for subs in RATIOS if len(subs) * decades <= room + 1)
        along.set_major_locator(LogLocator(subs=next(fits, RATIOS[-1]), numticks=room + 2))
        along.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    else:
        along.set_major_locator(MaxNLocator(room, steps=STEPS))
    along.set_minor_locator(NullLocator())
    along.set_label_text(fill(axis.label, int(length / LETTER)))


def make_room_for_labels(figure, axes) -> None:
    """Room below the panels of our own figure for the lines of their labels."""
    if figure is not None:
        lines = max(len(ax.get_xlabel().splitlines()) for ax in axes)
        make_room(figure, LINE * lines * scale())


def formatter(outcome: Outcome, start: str):
    """How numbers of an outcome are written along an axis."""
    if outcome.is_share:
        return FuncFormatter(lambda value, _: f"{100 * value:.3g} %")
    if outcome.in_months:
        return FuncFormatter(lambda month, _: months_later(start, round(max(month, 0))))
    return FuncFormatter(lambda value, _: f"{value:.3g}")


def about_sweep(sweep, axes, middles) -> str:
    """For a caption: how many points, what the axes are, and where the others are."""
    points = int(np.prod([sweep.sizes[dim] for dim in sweep.dims if dim != "policy"]))
    told = [f"{a.key}: {a.words[0].lower()}{a.words[1:]}" for a in axes if a.words]
    if middles:
        told.append("other axes at " + ", ".join(f"{k} = {at}" for k, at in middles.items()))
    worlds = "worlds of its own" if sweep.attrs.get("independent") else "the same worlds"
    count = f"{points:,} points, at each {worlds}" if points > 1 else "1 point"
    return "; ".join([count, *told])


def inches(ax) -> tuple[float, float]:
    """Width and height of axes, in inches of paper."""
    box, size = ax.get_position(), ax.figure.get_size_inches()
    return box.width * size[0] / scale(), box.height * size[1] / scale()
