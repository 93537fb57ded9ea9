"""The axes and outcomes of a sweep, as its figures read and label them."""

import re
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter

from regimesim.analysis.estimand_table import RATE
from regimesim.analysis.outcome import OUTCOMES
from regimesim.analysis.present_sweep import axes_of, fixed_axes
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import THRESHOLDS, names
from regimesim.plots.style import words
from regimesim.scenario.dates import months_later
from regimesim.scenario.event_values import event_value

LINEAR, LOG, NAMED = "linear", "log", "named"
PLAIN = ("", "1")  # units that a label leaves out
PRESET = "preset"  # the axis of scenario files
CROSSED = "_crossed"  # behind a threshold: the share of worlds that cross it
EVEN = 1.5  # how much more even in ratios than in steps an axis is that is drawn by ratios
WIDE = 4.0  # and how many times its low end its high end is at least
OF_A_POLICY = re.compile(r"(?:policies\.([^.]+)\.)?(.*)")
SENTENCE = re.compile(r"\.\s")


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
        """The name in words, with its table unless the name contains it, and with its policy if
        only one policy has this axis."""
        *whose, path = OF_A_POLICY.fullmatch(self.key).groups()
        *_, table, name = ["", *map(words, path.split("."))]
        if event := event_value(tuple(path.split("."))):
            table = f"event {event.number}"
        name = name if table in name else f"{table} {name}"
        return f"{name} of {whose[0]}" if whose[0] else name

    @property
    def label(self) -> str:
        """Name and unit."""
        unitless = self.unit in PLAIN or self.name.endswith(self.unit)
        return self.name if unitless else f"{self.name} ({self.unit})"

    def as_text(self, value) -> str:
        """A value as text."""
        return _as_text(value)


def _as_text(value) -> str:
    if isinstance(value, bool | np.bool_):
        return "on" if value else "off"
    return str(value) if isinstance(value, str) else f"{value:.4g}"


class Outcome(NamedTuple):
    """An outcome to draw: a variable with `_low` and `_high`, its words, the range of its axis
    (None: that of the numbers), whether it is a share, and whether it counts months."""

    name: str
    words: str
    low: float | None
    high: float | None
    is_share: bool
    in_months: bool

    @property
    def label(self) -> str:
        """The label of its axis."""
        threshold, crossed = self.name.removesuffix(CROSSED), self.name.endswith(CROSSED)
        return f"{words(threshold)}: share that has crossed" if crossed else words(self.name)


def keys_of(sweep) -> list[str]:
    """The dotted keys of what a sweep varies."""
    return axes_of(sweep)


def varied(sweep, key: str) -> Varied:
    """An axis of a sweep."""
    coordinate = sweep[key]
    values, unit = coordinate.values, str(coordinate.attrs.get("units", ""))
    about = SENTENCE.split(str(coordinate.attrs.get("long_name", "")))[0].rstrip(".")
    if values.dtype.kind in "iuf":
        order = np.argsort(values, kind="stable")
        values = values[order].astype(float)
        return Varied(key, values, order, values, _scale(np.unique(values)), unit, about)
    values = _named(values) if key == PRESET else values
    order = places = np.arange(len(values))  # names stay in the order in which they were given
    if "point" in sweep.dims:
        places = np.unique(values, return_inverse=True)[1]
    return Varied(key, values, order, places.astype(float), NAMED, unit, about)


def _named(files):
    """The names of scenario files, or their paths where two have the same name."""
    stems = {str(file): PurePath(str(file)).stem for file in files}
    alike = len(set(stems.values())) < len(stems)
    return np.array([str(file) if alike else stems[str(file)] for file in files])


def _scale(values) -> str:
    if len(values) < 3 or values[0] <= 0 or values[-1] < WIDE * values[0]:
        return LINEAR
    uneven = [np.std(np.diff(some)) / np.mean(np.diff(some)) for some in (values, np.log(values))]
    return LOG if uneven[0] > EVEN * uneven[1] + 0.05 else LINEAR


def outcome_of(sweep, name: str) -> Outcome:
    """An outcome of a sweep by name; that of a threshold is the share of worlds that cross it.

    Raises ValueError where the sweep has no such outcome.
    """
    name = f"{name}{CROSSED}" if name in names(THRESHOLDS) else name
    if name not in outcomes_of(sweep):
        close = nearest(str(name), outcomes_of(sweep))
        raise ValueError(f"the sweep has no outcome {name!r}; the nearest is {close!r}")
    known = OUTCOMES[name]
    if known.unit == "months":
        return Outcome(name, known.words, 0.0, float(sweep.attrs["months"]), False, True)
    is_share = known.within == RATE
    return Outcome(name, known.words, *(RATE if is_share else (None, None)), is_share, False)


def estimates(part, outcome: Outcome) -> tuple:
    """(estimate, low, high) of an outcome, each an array with the dimensions of `part`.

    A date, or an end of its interval, that is later than the end of the run is infinite; NaN
    is left for points that have no results.
    """
    ends = tuple(part[f"{outcome.name}{end}"].astype(float) for end in ("", "_low", "_high"))
    if not outcome.in_months:
        return ends
    crossed = f"{threshold_of(outcome.name)}{CROSSED}"
    if crossed not in part:
        raise Refusal(f"sweep: found {shown(outcome.name)} without {shown(crossed)}; keep both")
    ran = part[crossed].notnull()
    return tuple(one.where(one.notnull() | ~ran, np.inf) for one in ends)


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
    """(the part of a grid with all axes but `kept` at their middle values, these by key)."""
    at = {}
    middles = {key: _as_text(value) for key, value in fixed_axes(sweep).items()}
    for key in keys_of(sweep):
        if key not in kept:
            axis = varied(sweep, key)
            middle = (len(axis.values) - 1) // 2
            at[key] = int(axis.order[middle])
            middles[key] = axis.as_text(axis.values[middle])
    return sweep.isel(at), middles


def formatter(outcome: Outcome, start: str):
    """How numbers of an outcome are written along an axis."""
    if outcome.is_share:
        return FuncFormatter(lambda value, _: f"{100 * value:.3g} %")
    if outcome.in_months:
        return FuncFormatter(lambda month, _: months_later(start, round(max(month, 0))))
    return FuncFormatter(lambda value, _: f"{value:.3g}")


def writer(outcome: Outcome, start: str):
    """How a number of an outcome is written in a sentence."""
    write = formatter(outcome, start)
    return lambda value: "never by the end" if np.isinf(value) else write(value, None)


def about_sweep(sweep, axes, middles) -> str:
    """For a caption: the number of points, the axes, and the values of all other axes."""
    points = int(np.prod([sweep.sizes[dim] for dim in sweep.dims if dim != "policy"]))
    notes = [f"{a.key}: {a.words[0].lower()}{a.words[1:]}" for a in axes if a.words]
    if middles:
        notes.append("other axes at " + ", ".join(f"{k} = {at}" for k, at in middles.items()))
    worlds = "worlds of its own" if sweep.attrs.get("independent") else "the same worlds"
    count = f"{points:,} points, at each {worlds}" if points > 1 else "1 point"
    return "; ".join([count, *notes])
