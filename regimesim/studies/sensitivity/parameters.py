"""The parameters in question, and the values that they take at points of uniforms."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal, shown
from regimesim.scenario import Scenario
from regimesim.scenario.calibration import fit_growth
from regimesim.scenario.declaration import Declaration, Quantity, declared_in, plain
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.parameters import Settings, Tables, declarations
from regimesim.studies.ranges import idle, mistaken_ranges, read_range, read_varied
from regimesim.sweeps.axes import Axis, Drawn, Range
from regimesim.sweeps.designs import Design

ALL = "all"
APART = 0.2  # of its value: how far a fixed number is moved to either side
STEP, MOST_STEP = 0.1, 1.0  # of its declared range, and at most: how far a 0 is moved
LEVEL, DOUBLING = "capability.initial", "capability.doubling_time"
FINE = 2**14  # draws from which the quantiles of a fitted level are read off


class Fitted(NamedTuple):
    """One of the two numbers that a fit to measurements gives, which it draws jointly."""

    fit: Fit
    start: str
    level: bool

    def at(self, u):
        """Quantiles of the number by itself, at the uniforms `u` on (0, 1)."""
        if not self.level:
            return fitted(self.fit, self.start, np.full_like(u, 0.5), u)[1]
        return np.quantile(_levels(self.fit, self.start), u)


class Parameter(NamedTuple):
    """One parameter in question, and how it varies.

    key: its dotted name, with the name of the part behind where it is one number of a list ·
    own: the number that the scenario has, where that lies in the range.
    """

    key: str
    values: Range | Drawn | Fitted
    unit: str
    words: str
    own: float | None = None

    def at(self, u):
        """Values at the uniforms `u` on (0, 1); for NaN the scenario's own, else the median."""
        there = ~np.isnan(u)
        values = np.asarray(self.values.at(np.where(there, u, 0.5)))
        return values if self.own is None else np.where(there, values, self.own)

    @property
    def varies(self) -> list[float] | str:
        """Its range, or its distribution as in a scenario file."""
        if isinstance(self.values, Range):
            return [self.values.low, self.values.high]
        source = self.values.fit if isinstance(self.values, Fitted) else self.values.distribution
        return shown(source.plain())


class _Found(NamedTuple):
    """A number of a policy: its declaration and the value that the policy has."""

    declared: Declaration
    value: object


def parameters_in_question(scenario: Scenario, policy: str, over=None) -> tuple[Parameter, ...]:
    """What `over` names, under a policy of the scenario.

    over: texts "KEY", "KEY=LOW:HIGH" or "all", or a mapping from keys to (low, high) or None;
    nothing means every parameter with a distribution.  A range is the one that is given, else
    the distribution that the scenario gives, else what is plausible around its value.  Raises
    Refusal with a sentence for each that cannot vary.
    """
    known = numbers_of(scenario, policy)
    asked, lines = _asked(over)
    if not asked and not lines:
        asked = [(key, None) for key, one in known.items() if not _fixed(one.value)]
        if not asked:
            lines = [
                f"{scenario.source}: nothing that policy '{policy}' has is a distribution; name "
                "parameters with --over KEY=LOW:HIGH, or --over all"
            ]
    if (ALL, None) in asked:
        given = {key for key, _ in asked}
        asked = [*(a for a in asked if a[0] != ALL), *((k, None) for k in known if k not in given)]
    parameters: dict[str, Parameter] = {}
    for key, ends in asked:
        try:
            if key in parameters:
                raise Refusal(f"--over: {key}: given twice")
            parameters[key] = _parameter(scenario, policy, known, key, ends)
        except Refusal as refusal:
            lines += refusal.lines
    if lines:
        raise Refusal(lines)
    order = {key: place for place, key in enumerate([*Settings.model_fields, *known])}
    return tuple(sorted(parameters.values(), key=lambda one: order[one.key]))


def numbers_of(scenario: Scenario, policy: str) -> dict[str, _Found]:
    """Every number in the active tables of a policy, by dotted name."""
    found = {}
    for declared in declared_in(Tables):
        value = scenario.policies[policy]
        for name in declared.key.split("."):
            value = value if value is None else getattr(value, name)
        if value is None or not isinstance(declared.quantity, Quantity):
            continue
        if declared.kind == "list":
            parts = zip(declared.quantity.parts, value, strict=True)
            found |= {f"{declared.key}.{part}": _Found(declared, item) for part, item in parts}
        else:
            found[declared.key] = _Found(declared, value)
    return found


def design_of(scenario, policy, parameters, uniforms) -> "Explicit":
    """The design at whose points the parameters have the values that belong to `uniforms`
    (points, parameters), each in the policy's own tables; see `Parameter.at` for NaN."""
    u = dict(zip((one.key for one in parameters), np.transpose(uniforms), strict=True))
    columns = {one.key: one.at(u[one.key]) for one in parameters}
    fits = {one.key: one.values for one in parameters if isinstance(one.values, Fitted)}
    if len(fits) == 2 and fits[LEVEL].fit == fits[DOUBLING].fit:
        # one line gives both: the doubling time, and the level given it
        both = (np.nan_to_num(u[key], nan=0.5) for key in (LEVEL, DOUBLING))
        columns[LEVEL] = fitted(*fits[LEVEL][:2], *both)[0]
    known, values, lists, axes = numbers_of(scenario, policy), {}, {}, []
    for one in parameters:
        key, declared = one.key, known[one.key].declared if one.key in known else None
        if declared and declared.kind == "list":
            parts = [f"{declared.key}.{part}" for part in declared.quantity.parts]
            own = {part: plain(known[part].value) for part in parts}
            lists[f"policies.{policy}.{declared.key}"] = own
        elif declared:
            key = f"policies.{policy}.{key}"
        values[key] = column = columns[one.key]
        axes.append(Axis(key, Range(column.min(), column.max()), one.unit, one.words))
    return Explicit("table", tuple(axes), values, (policy,), lists=lists)


@dataclass(frozen=True, eq=False)
class Explicit(Design):
    """A design of which axes may be single numbers of lists.

    lists: for each list that has such an axis, by key, its numbers as the policy has them by
    the keys of their axes.
    """

    lists: dict[str, dict] = field(default_factory=dict)

    def settings(self, point: int) -> dict[str, object]:
        """The plain value of each parameter at a point, by key."""
        found = super().settings(point)
        for key, own in self.lists.items():
            found[key] = [found.pop(part, value) for part, value in own.items()]
        return found


def fitted(fit: Fit, start: str, level, doubling):
    """(level at the start, doubling time) of a fit, as worlds draw them: from uniforms on (0, 1),
    one for the doubling time and one for the level given that."""
    from scipy.special import ndtri

    low, high = _bounds(DOUBLING)
    line = fit_growth(since=fit.since)
    found, months = line.draw(ndtri(doubling), ndtri(level), start, low, high)
    return np.clip(found, *_bounds(LEVEL)), months


@cache
def _levels(fit, start):
    even = (np.arange(FINE) + 0.5) / FINE
    # the golden ratio's multiples are spread evenly, whatever the order of the others
    spread = (0.5 + np.arange(FINE) * (5**0.5 - 1) / 2) % 1
    return fitted(fit, start, spread, even)[0]


@cache
def _declared() -> dict[str, Declaration]:
    return {declared.key: declared for declared in declarations()}


def _bounds(key):
    quantity = _declared()[key].quantity
    return quantity.low, quantity.high


def _fixed(value) -> bool:
    return not isinstance(value, Distribution | Fit)


def _asked(over) -> tuple[list, list[str]]:
    """(key, ends or None) of everything that is asked, and a line for each mistake."""
    expected = "KEY, KEY=LOW:HIGH or all, as in oversight.audit_budget=0.01:0.1"
    if isinstance(over, Mapping):
        wrong = mistaken_ranges(over, open_ends=True)
        return [(key, over[key]) for key in over if key not in wrong], list(wrong.values())
    if not (over is None or isinstance(over, str | Iterable)):
        return [], [f"--over: found {shown(over)}; expected {expected}"]
    asked, lines = [], []
    for text in [over] if isinstance(over, str) else over or ():
        try:
            asked.append(read_range(text, expected))
        except Refusal as refusal:
            lines += [f"--over: {line}" for line in refusal.lines]
    return asked, lines


def _parameter(scenario, policy, known: Mapping[str, _Found], key, ends) -> Parameter:
    found = known.get(key)
    if found is None or (ends is not None and found.declared.kind != "list"):
        values = _ranged(key, ends)
    elif ends is not None:
        values = _ranged_part(key, found.declared.quantity, ends)
    else:
        values = _own(scenario, key, found)
    if found is None and key not in Settings.model_fields:
        raise Refusal(f"--over: {idle(scenario, policy, key)}")
    declared = found.declared if found else _declared()[key]
    own = found.value if found else getattr(scenario, key)
    within = isinstance(values, Range) and _fixed(own) and values.low <= own <= values.high
    unit, words = declared.quantity.unit, declared.words
    return Parameter(key, values, unit, words, own if within else None)


def _own(scenario, key, found: _Found) -> Range | Drawn | Fitted:
    """How a number varies that is given no range."""
    quantity, value = found.declared.quantity, found.value
    if isinstance(value, Distribution):
        return Drawn(value, quantity)
    if isinstance(value, Fit):
        return Fitted(value, scenario.start, key == LEVEL)
    return Range(*plausible(value, quantity), whole=quantity.whole)


def _ranged(key, ends) -> Range:
    (one,) = read_varied({key: ends}, "--over")
    low, high = (int(end) if one.whole else end for end in (one.low, one.high))
    return Range(low, high, whole=one.whole)


def _ranged_part(key, quantity, ends) -> Range:
    try:
        low, high = map(float, ends)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (low < high and quantity.allows(low) and quantity.allows(high)):
        found = ":".join(map(str, ends))
        raise Refusal(f"--over: {key}: found {found}; allowed is LOW:HIGH within {quantity.range}")
    return Range(low, high)


def plausible(value: float, quantity: Quantity) -> tuple[float, float]:
    """A fifth to either side of a value, and of a 0 a tenth of the declared range but 1 at
    most, cut to that range; a whole number by one at least."""
    step = APART * abs(value) or min(STEP * (quantity.high - quantity.low), MOST_STEP)
    step = max(1, round(step)) if quantity.whole else step
    low, high = max(value - step, quantity.low), min(value + step, quantity.high)
    return (low, high) if quantity.whole else (float(f"{low:.6g}"), float(f"{high:.6g}"))
