"""From the tables of a policy to the parameters of each world.

Uncertain parameters are drawn once in each world.  A draw is keyed by the seed, the world and the
dotted name of the parameter, so all policies share it, and a new parameter changes no other one.
"""

from functools import cache, lru_cache, wraps
from typing import NamedTuple
from zlib import crc32

import numpy as np

from regimesim.ensemble.copula import correlated
from regimesim.ensemble.growth_draws import draw_growth
from regimesim.ensemble.quantiles import (
    beta,
    beta_below,
    exp_of,
    log_of,
    standard_normal,
)
from regimesim.model.compilation import entry
from regimesim.model.oversight.adoption import ADOPTERS, EVERY_LAB
from regimesim.model.oversight.policy import CURVES, RESPONSES, Stack
from regimesim.model.world.draws import INITIALISATION, PARAMETER, fine_unit, words
from regimesim.model.world.layout import EVENT_FIELDS, LOOSEST
from regimesim.model.world.records import MONITORS, SAFEGUARDS
from regimesim.scenario.calibration import growth_behind
from regimesim.scenario.columns import Column
from regimesim.scenario.dates import months_between
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.events import MOST_EVENTS, OBSERVED, WITHDRAWALS
from regimesim.scenario.monitor_numbers import measured_together
from regimesim.scenario.parameters import (
    OUTSIDE_OF,
    active,
    choices,
    declarations,
    groups,
    quantities_of,
)

DECLARED = {
    (declared.table.rpartition(".")[2], declared.name): declared for declared in declarations()
}
DRAWN_AS = {f"outside.{name}": key for name, key in OUTSIDE_OF.items()}


class _Same:
    """Tables as a key of a cache, by identity: equal tables may differ in the sign of a zero."""

    def __init__(self, tables):
        self.tables = tables

    def __hash__(self):
        return id(self.tables)

    def __eq__(self, other):
        return self.tables is other.tables


def _once(function):
    """Cache the results of `function` for the tables of the policies that were used last."""
    kept = lru_cache(maxsize=64)(lambda key: function(key.tables))
    return wraps(function)(lambda tables: kept(_Same(tables)))


@_once
def make_stack(tables):
    """Which safeguards and responses of a policy are active, and in which variant."""
    on = {name: int(is_active) for name, is_active in active(tables).items()}
    safeguards = tuple(on.pop(name) for name in SAFEGUARDS)
    chosen = {f"{table}.{key}": value for table, key, value in choices(tables)}
    adopters = tables.adopters
    return Stack(
        **on,
        active=safeguards,
        curves=tuple(CURVES.index(chosen[f"{name}.curve"]) for name in MONITORS),
        audits=int(any(safeguards[: len(MONITORS)])),
        control_untrusted=int(chosen["control.monitor"] == "untrusted"),
        evaluations_response=RESPONSES.index(chosen["evaluations.response"]),
        audits_hidden=int(tables.cognition.audit_sight != 1),
        events=len(tables.events),
        adopters=EVERY_LAB if adopters is None else adopters,
        adopters_are=ADOPTERS.index(tables.adopters_are),
    )


def uncertain(tables):
    """The parameters of a policy that differ from world to world: column by dotted name."""
    return {
        name: column
        for column, (name, value, _) in enumerate(_numbers(tables))
        if not isinstance(value, float)
    }


def drawn_jointly(tables) -> frozenset[str]:
    """The parameters of a policy that are drawn together with others: they are correlated, rows of
    a table of draws, or area and slope of a measured monitor."""
    pairs = (*tables.correlations, *measured_together(tables))
    rows = {name for name, value, _ in _numbers(tables) if isinstance(value, Column)}
    return frozenset({name for pair in pairs for name in pair.of} | rows)


def columns(tables):
    """The column of every parameter of a policy, by dotted name."""
    return {name: column for column, (name, *_) in enumerate(_numbers(tables))}


def draw_parameters(tables, start, seeds, numbers, uniforms=None):
    """Every parameter of a policy in every world.

    Parameters
    ----------
    tables : tables of a scenario
        The parameters of the policy.
    start : str
        "YYYY-MM", the month at which a fitted capability is evaluated.
    seeds, numbers : ndarray of int64, shape (worlds,)
        The seed and the number of each world.
    uniforms : callable, optional
        Takes the name of a draw and returns two uniforms on (0, 1) for each world, (worlds, 2);
        by default those that follow from the seeds and the numbers (`Keyed`).

    Returns
    -------
    ndarray, shape (worlds, parameters)
        In the order of the rows of a tile.

    Raises
    ------
    Refusal
        Where a fit contradicts the allowed range.
    """
    declared = _numbers(tables)
    uniforms = uniforms or Keyed(seeds, numbers)
    fixed = [value if isinstance(value, float) else np.nan for _, value, _ in declared]
    row = np.concatenate([fixed, event_numbers(tables, start)])
    drawn = np.tile(row, (len(numbers), 1))

    def own_uniform(name):
        return uniforms(name)[:, 0]

    together = correlated((*tables.correlations, *measured_together(tables)), own_uniform)
    for column, number in enumerate(declared):
        if not isinstance(number[1], float):
            drawn[:, column] = draw_number(number, start, uniforms, together)
    return drawn


def draw_number(number, start, uniforms, together):
    """The values (worlds,) of one of `numbers_in` that is drawn.

    together: the uniforms of those that are correlated, by dotted name.
    """
    name, value, quantity = number
    if isinstance(value, Fit):
        return _fitted(value, name, quantity, start, uniforms)
    if isinstance(value, Column):
        return quantile(value, uniforms(f"draws.{value.of}")[:, 0], quantity)
    key = DRAWN_AS.get(name, name)
    uniform = together[key] if key in together else uniforms(key)[:, 0]
    return quantile(value, uniform, quantity)


def event_numbers(tables, start):
    """The numbers of the events of a policy, in the order of the rows of a tile."""
    rows = np.zeros((len(EVENT_FIELDS), MOST_EVENTS))
    for k, event in enumerate(tables.events):
        on = months_between(start, event.on) if event.on else None
        least, most = (on, on) if event.on else (event.at_least, event.at_most)
        levers = event.set.model_dump()
        numbers = {
            "observed": OBSERVED.index(event.when),
            "least": -np.inf if least is None else least,
            "most": np.inf if most is None else most,
            "months": event.months or np.inf,
            "withdraw": WITHDRAWALS.index(event.withdraw),
            **{name: LOOSEST[name] if value is None else value for name, value in levers.items()},
        }
        rows[:, k] = [numbers[name] for name in EVENT_FIELDS]
    return rows.ravel()


@_once
def _numbers(tables):
    """(dotted name, number or what it is drawn from, Quantity) of every parameter of a policy."""
    return [one for group, table in groups(tables) for one in numbers_in(group, table)]


def numbers_in(group, table):
    """The same of one table, by the last part of its name."""
    numbers = []
    if not table:
        return numbers  # what a policy has itself, such as its adopters, is no row of a tile
    for key, names, quantity in _named_in(type(group), table):
        value = getattr(group, key)
        if not quantity.parts:
            numbers.append((names[0], _plain(0.0 if value is None else value), quantity))
            continue
        values = (0.0,) * len(names) if value is None else value  # lines that are not given
        numbers += [(n, _plain(one), quantity) for n, one in zip(names, values, strict=True)]
    return numbers


@cache
def _named_in(group, table):
    """(key, dotted names, Quantity) of every quantity of a table."""
    named = []
    for key in quantities_of(group):
        declared = DECLARED[table, key]
        parts = declared.quantity.parts
        names = [f"{declared.key}.{part}" for part in parts] if parts else [declared.key]
        named.append((key, names, declared.quantity))
    return named


def _plain(value):
    if type(value) is float or isinstance(value, Distribution | Fit | Column):
        return value
    return float(value)


@entry
def _fill_units(seeds, numbers, entity, uniform):
    for row in range(len(numbers)):
        block = words(seeds[row], entity, INITIALISATION, numbers[row], PARAMETER)
        uniform[row, 0] = fine_unit(block[0], block[1])
        uniform[row, 1] = fine_unit(block[2], block[3])


class Keyed(NamedTuple):
    """The uniforms that follow from the seed and the number of each world. Eq. D.4.

    Attributes
    ----------
    seeds, numbers : ndarray of int64, shape (worlds,)
        The seed and the number of each world.
    """

    seeds: np.ndarray
    numbers: np.ndarray

    def __call__(self, name: str) -> np.ndarray:
        """Those of the draw of this name, (worlds, 2)."""
        return units(self.seeds, self.numbers, crc32(name.encode()))


def units(seeds, numbers, entity):
    """Two uniforms on (0, 1) for each world: (worlds, 2)."""
    uniform = np.empty((len(numbers), 2))
    _fill_units(seeds, numbers, np.int64(entity), uniform)
    return uniform


def quantile(distribution, uniform, quantity):
    """Values of a distribution truncated to a quantity's range, from uniforms on (0, 1).
    Eq. D.5.  Of a column they are the values in its rows, each with an equal share: Eq. D.8."""
    if isinstance(distribution, Column):
        values = np.asarray(distribution.values)
        return values[np.minimum((uniform * values.size).astype(np.int64), values.size - 1)]
    low, high = quantity.low, quantity.high
    numbers = distribution.numbers
    if distribution.kind == "normal":
        mean, sd = numbers
        drawn = mean + sd * standard_normal(uniform, (low - mean) / sd, (high - mean) / sd)
    elif distribution.kind == "lognormal":
        sigma = numbers[1]
        middle, top = log_of([numbers[0], high])
        least = (log_of(low) - middle) / sigma if low > 0.0 else -40.0
        drawn = exp_of(middle + sigma * standard_normal(uniform, least, (top - middle) / sigma))
    elif distribution.kind == "beta":
        least, most = beta_below(np.clip([low, high], 0.0, 1.0), *numbers)
        drawn = beta(least + uniform * (most - least), *numbers)
    else:
        least, most = distribution.below(low), distribution.below(high)
        drawn = _QUANTILE[distribution.kind](least + uniform * (most - least), *numbers)
    inside_low = np.nextafter(low, high) if quantity.open_low else low
    inside_high = np.nextafter(high, low) if quantity.open_high else high
    return np.clip(drawn, inside_low, inside_high)  # corrects rounding at the ends only


def _uniform_quantile(p, low, high):
    return low + p * (high - low)


def _triangular_quantile(p, low, mode, high):
    rising = low + np.sqrt(p * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - p) * (high - low) * (high - mode))
    return np.where(p * (high - low) < mode - low, rising, falling)


_QUANTILE = {
    "uniform": _uniform_quantile,
    "triangular": _triangular_quantile,
}


def _fitted(fit, name, quantity, start, uniforms):
    """Values of the fitted growth: the capability at the start, or its doubling time.

    Both come from the same uniforms, so they are drawn jointly.
    """
    both = [uniforms(fit.label), uniforms(f"{fit.label}.link")]
    return fitted_growth(fit, name, quantity, start, np.hstack(both).T)


def fitted_growth(fit, name, quantity, start, uniforms):
    """The parameter `name` of fitted growth, from four uniforms on (0, 1) for each world."""
    allowed = DECLARED["capability", "doubling_time"].quantity
    doubling, at_that, *link = uniforms
    growth = growth_behind(fit)
    level, months = draw_growth(
        growth, doubling, at_that, start, allowed.low, allowed.high, tuple(link)
    )
    if name == "capability.doubling_time":
        return months
    return np.clip(level, quantity.low, quantity.high)
