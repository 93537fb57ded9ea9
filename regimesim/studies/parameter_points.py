"""The numbers of a policy, how each varies, and the values that they take at uniforms."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.growth_draws import draw_growth, even_uniforms
from regimesim.errors import Refusal, shown
from regimesim.scenario import Scenario
from regimesim.scenario.calibration import growth_behind
from regimesim.scenario.declaration import Declaration, Quantity, declared_in, plain
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.distribution_numbers import NumberOf, inner_value
from regimesim.scenario.event_values import EventValue
from regimesim.scenario.growth import IndexGrowth
from regimesim.scenario.overlay import inner_at
from regimesim.scenario.parameters import Settings, Tables, declarations
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.ranges import idle, read_ranges, vary
from regimesim.sweeps.axes import Axis, Drawn, Range
from regimesim.sweeps.designs import Design

ALL = "all"
ADOPTERS = "adopters"
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
    """One parameter, and how it varies.

    key: its dotted name; one number of a list has the name of its part appended · own: the
    value that the scenario sets, where it lies in the range · named: whether it was asked for
    by its name, and not by `all`.
    """

    key: str
    values: Range | Drawn | Fitted
    unit: str
    words: str
    own: float | None = None
    named: bool = True

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


class Number(NamedTuple):
    """A number of a policy: its declaration and the value that the policy has."""

    declared: Declaration
    value: object


def parameters_in_question(scenario: Scenario, policy: str, over=None) -> tuple[Parameter, ...]:
    """The parameters that `over` names, under a policy of the scenario.

    over: texts "KEY", "KEY=LOW:HIGH" or "all", or a mapping from keys to (low, high) or None;
    an empty one means every parameter with a distribution.  A parameter varies over the range
    in `over`, or else by the distribution in the scenario, or else over its plausible range,
    widened to hold the value of the scenario.  Raises Refusal with a sentence for each that
    cannot vary.
    """
    known = numbers_of(scenario, policy)

    def make(key, ends=None):
        everything = key == ALL and ends is None
        return None if everything else _parameter(scenario, policy, known, key, ends)

    parameters = read_ranges(over or (), "--over", make, "KEY, KEY=LOW:HIGH or all")
    others, everything = [], ALL in parameters
    if everything:
        del parameters[ALL]
        others = [key for key in known if key not in parameters]
    elif not parameters:
        others = [key for key in known if not _fixed(known[key].value)]
    parameters |= {key: make(key)._replace(named=not everything) for key in others}
    if not parameters:
        raise Refusal(
            f"{scenario.source}: no parameter of policy '{policy}' has a distribution; name "
            "parameters with --over KEY=LOW:HIGH, or --over all"
        )
    order = {key: place for place, key in enumerate([*Settings.model_fields, *known])}
    return tuple(sorted(parameters.values(), key=lambda one: order.get(one.key, len(order))))


def numbers_of(scenario: Scenario, policy: str) -> dict[str, Number]:
    """Every number in the active tables of a policy, by dotted name.

    All labs adopt a policy that does not say how many; the only lab of a world always does.
    """
    numbers: dict[str, Number] = {}
    for declared in declared_in(Tables):
        value = scenario.policies[policy]
        for name in declared.key.split("."):
            value = value if value is None else getattr(value, name)
        if declared.key == ADOPTERS and value is None and scenario.labs > 1:
            value = scenario.labs
        if value is None or not isinstance(declared.quantity, Quantity):
            continue
        if declared.kind == "list":
            parts = zip(declared.quantity.parts, value, strict=True)
            numbers |= {f"{declared.key}.{part}": Number(declared, item) for part, item in parts}
        else:
            numbers[declared.key] = Number(declared, value)
    return numbers


def plausible_ends(scenario: Scenario, key: str, *values: float) -> tuple[float, float]:
    """Both ends of the plausible range of a number, widened to hold `values`; any number of the
    labs may adopt a policy."""
    low, high = plausible(key).around(*values)[:2]
    return low, scenario.labs if key == ADOPTERS else high


def design_of(scenario, policy, parameters, uniforms) -> "Explicit":
    """The design whose points belong to `uniforms` (points, parameters).

    Each value is set in the policy's own tables; `Parameter.at` explains NaN.
    """
    u = dict(zip((one.key for one in parameters), np.transpose(uniforms), strict=True))
    columns = {one.key: one.at(u[one.key]) for one in parameters}
    fits = {one.key: one.values for one in parameters if isinstance(one.values, Fitted)}
    if len(fits) == 2 and fits[LEVEL].fit == fits[DOUBLING].fit:
        # one fitted line gives both: the doubling time, and the level at that doubling time
        both = (np.nan_to_num(u[key], nan=0.5) for key in (LEVEL, DOUBLING))
        columns[LEVEL] = fitted(*fits[LEVEL][:2], *both)[0]
    known, values, lists, axes = numbers_of(scenario, policy), {}, {}, []
    for one in parameters:
        key, declared = one.key, known[one.key].declared if one.key in known else None
        if declared and declared.kind == "list":
            parts = [f"{declared.key}.{part}" for part in declared.quantity.parts]
            own = {part: plain(known[part].value) for part in parts}
            lists[f"policies.{policy}.{declared.key}"] = own
        elif declared or inner_value(tuple(key.split("."))):
            key = f"policies.{policy}.{key}"
        values[key] = column = columns[one.key]
        axes.append(Axis(key, Range(column.min(), column.max()), one.unit, one.words))
    return Explicit("table", tuple(axes), values, (policy,), lists=lists)


@dataclass(frozen=True, eq=False)
class Explicit(Design):
    """A design whose axes may be single numbers of lists.

    lists: by key of a list with such an axis, the numbers that the policy sets, by the keys of
    their axes.
    """

    lists: dict[str, dict] = field(default_factory=dict)

    def settings(self, point: int) -> dict[str, object]:
        """The plain value of each parameter at a point, by key."""
        settings = super().settings(point)
        for key, own in self.lists.items():
            settings[key] = [settings.pop(part, value) for part, value in own.items()]
        return settings


def fitted(fit: Fit, start: str, level, doubling):
    """(level at the start, doubling time) of a fit, as worlds draw them: from uniforms on (0, 1),
    one for the doubling time, and one for the level at that doubling time."""
    growth = growth_behind(fit)
    if isinstance(growth, IndexGrowth):
        return _of_index(fit, start, np.asarray(level), np.asarray(doubling))
    levels, months = draw_growth(growth, doubling, level, start, *_bounds(DOUBLING))
    return np.clip(levels, *_bounds(LEVEL)), months


def _of_index(fit, start, level, doubling):
    """`fitted` of the growth of an index, whose worlds draw four numbers: by the quantiles of its
    doubling times, and of the levels at doubling times alike."""
    levels, months = _index_table(fit, start)
    rows, columns = levels.shape
    row = np.minimum((doubling * rows).astype(int), rows - 1)
    column = np.minimum((level * columns).astype(int), columns - 1)
    return levels[row, column], np.quantile(months, doubling)


@cache
def _index_table(fit, start):
    """(levels, doubling times) of many draws: sorted by doubling times, and the levels in rows of
    doubling times alike, each sorted."""
    first, second, *link = even_uniforms(FINE, 4)
    growth = growth_behind(fit)
    levels, months = draw_growth(growth, first, second, start, *_bounds(DOUBLING), tuple(link))
    order = np.argsort(months)
    alike = np.clip(levels, *_bounds(LEVEL))[order].reshape(math.isqrt(FINE), -1)
    return np.sort(alike, axis=1), months[order]


@cache
def _levels(fit, start):
    if isinstance(growth_behind(fit), IndexGrowth):
        return _index_table(fit, start)[0].ravel()
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


def _parameter(scenario, policy, known: Mapping[str, Number], key, ends) -> Parameter:
    """How a number of the policy varies: over its range, else as the scenario has it."""
    if one := inner_value(tuple(key.split("."))):
        return _inner(scenario, policy, key, one, ends)
    number = known.get(key)
    if number is None or (ends is not None and number.declared.kind != "list"):
        values = _ranged(key, ends)
    elif ends is not None:
        values = _ranged_part(number.declared.quantity, ends)
    else:
        values = _own(scenario, key, number)
    if number is None and key not in Settings.model_fields:
        raise Refusal(idle(scenario, policy, key))
    declared = number.declared if number else _declared()[key]
    own = number.value if number else getattr(scenario, key)
    within = isinstance(values, Range) and _fixed(own) and values.low <= own <= values.high
    unit, words = declared.quantity.unit, declared.words
    return Parameter(key, values, unit, words, own if within else None)


def _inner(scenario, policy, key, one: NumberOf | EventValue, ends) -> Parameter:
    """How a number of a distribution varies, such as an sd, or one of an event."""
    if reason := idle(scenario, policy, key):
        raise Refusal(reason)
    values = _ranged(key, ends)
    own = inner_at(scenario.raw, ("policies", policy, *key.split(".")))
    within = own is not None and values.low <= own <= values.high
    return Parameter(key, values, one.quantity.unit, one.words, own if within else None)


def _own(scenario, key, number: Number) -> Range | Drawn | Fitted:
    """How a number varies for which `over` names no range."""
    quantity, value = number.declared.quantity, number.value
    if isinstance(value, Distribution):
        return Drawn(value, quantity)
    if isinstance(value, Fit):
        return Fitted(value, scenario.start, key == LEVEL)
    low, high = plausible_ends(scenario, key, value)
    return Range(low, high, whole=quantity.whole)


def _ranged(key, ends) -> Range:
    one = vary(key, ends)
    low, high = (int(end) if one.whole else end for end in (one.low, one.high))
    return Range(low, high, whole=one.whole)


def _ranged_part(quantity, ends) -> Range:
    if not all(map(quantity.allows, ends)):
        written = ":".join(f"{end:g}" for end in ends)
        raise Refusal(f"found {written}; allowed is LOW:HIGH within {quantity.range}")
    return Range(*ends)
