"""Ranges: parameters that vary between two ends, and parameters that would change nothing."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Real
from typing import NamedTuple, TypeVar

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.model.world.records import MONITORS
from regimesim.scenario import Scenario
from regimesim.scenario.columns import Column
from regimesim.scenario.declaration import Declaration, Distribution
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.event_values import EventValue
from regimesim.scenario.parameters import SWITCHED, Settings, Tables, active, declared_by_key
from regimesim.scenario.plausible_ranges import plausible
from regimesim.sweeps.axes import Drawn

OF_THE_RUN = ("worlds", "seed")
EXAMPLE = "as in oversight.audit_budget=0.01:0.1"
# Parameters that act only with at least so many safeguards.
MONITORS_NEEDED = {
    "oversight.audit_budget": 1,
    "oversight.trajectories": 1,
    "oversight.common_cause": 2,
    **{f"oversight.{monitor}.share": 2 for monitor in MONITORS},
}

Ends = tuple[float, float]
T = TypeVar("T")


class Varied(NamedTuple):
    """A parameter that varies from `low` to `high`; `whole` where only whole numbers count."""

    key: str
    low: float
    high: float
    whole: bool = False


def read_ranges(
    source: Mapping[str, object] | Iterable[str],
    option: str,
    make: Callable[[str, Ends | None], T],
    forms: str = "KEY or KEY=LOW:HIGH",
    open_ends: bool = True,
    example: str = EXAMPLE,
) -> dict[str, T]:
    """Read ranges of parameters, from Python or from the command line.

    Parameters
    ----------
    source : mapping or iterable of str
        {"oversight.audit_budget": (0.01, 0.1)}, or texts such as
        "oversight.audit_budget=0.01:0.1".
    option : str
        The option of the command line; every sentence of a refusal begins with it.
    make : callable
        Makes an entry of the result from a key and its two ends, the lower one first; raises
        Refusal where the parameter cannot vary like that.
    forms : str
        The texts that are allowed, in words.
    open_ends : bool
        Whether a range may be left out (as a text `KEY`, in a mapping None), so that `make`
        gets None instead of ends.
    example : str
        A text that is allowed.

    Returns
    -------
    dict
        The results of `make`, by key.

    Raises
    ------
    Refusal
        With a sentence for each range that cannot be used.
    """
    expected = f"expected {forms}, {example}"
    if not isinstance(source, str | Iterable):
        raise Refusal(f"{option}: found {shown(source)}; {expected}")
    pairs = source.items() if isinstance(source, Mapping) else _texts(source)
    ranges: dict[str, T] = {}
    lines: list[str] = []
    for key, written in pairs:
        if key is None or (written is None and not open_ends):
            lines.append(f"{option}: found {shown(key or written)}; {expected}")
            continue
        with gathering(lines, f"{option}: {key}: "):
            if key in ranges:
                raise Refusal("given twice")
            ranges[key] = make(key, None if written is None else _ends(key, written, open_ends))
    if lines:
        raise Refusal(lines)
    return ranges


def _texts(texts):
    """(key, ends or None) of each text; (None, text) of one that cannot be read."""
    for text in [texts] if isinstance(texts, str) else texts:
        if not isinstance(text, str):
            yield None, text
            continue
        key, equals, written = (part.strip() for part in text.partition("="))
        low, colon, high = (part.strip() for part in written.partition(":"))
        if not key or (equals and not (low and colon and high)):
            yield None, text
        else:
            yield key, (low, high) if equals else None


def _ends(key: str, written, open_ends: bool) -> Ends:
    """Two finite numbers, the lower one first."""
    if not isinstance(written, tuple | list) or len(written) != 2:
        allowed = "two numbers, (low, high)" + (", or None" if open_ends else "")
        raise Refusal(f"found {shown(written)}; allowed is {allowed}")
    low, high = map(as_number, written)
    for number, end in zip((low, high), written, strict=True):
        if number is None:
            raise Refusal(f"found {shown(end)}; allowed is a number")
    if low == high:
        raise Refusal(f"the range from {shown(low)} to {shown(high)} holds one value only")
    if low > high:
        ordered = f"{key}={shown(high)}:{shown(low)}"
        raise Refusal(f"the range is the wrong way round; write {ordered}")
    return low, high


def as_number(value) -> float | None:
    """A finite number from a number or a text, or None."""
    try:
        number = float(value) if isinstance(value, str | Real) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def read_varied(
    source: Mapping[str, object] | Iterable[str], scenario: Scenario, option: str = "--vary"
) -> tuple[Varied, ...]:
    """Declared parameters that vary, at least one; `read_ranges` explains the arguments.

    The default of a range is the plausible one, widened to hold the values of the scenario.
    Raises Refusal with one sentence for each parameter that cannot vary like that.
    """

    def make(key, ends):
        return vary(key, ends, values_in(scenario, key))

    varied = tuple(read_ranges(source, option, make).values())
    if not varied:
        raise Refusal(f"{option}: no parameter; name one, as in oversight.audit_budget")
    return varied


def vary(key: str, ends: Ends | None = None, values: Iterable[float] = ()) -> Varied:
    """A declared parameter that varies between two ends, by default over its plausible range.

    The plausible range is widened to hold `values`.  Raises Refusal where the parameter cannot
    vary.
    """
    declared = declared_by_key().get(key)
    if one := inner_value(tuple(key.split("."))):
        if ends is None:
            raise Refusal(f"its range is missing; write it, as in {key}=LOW:HIGH")
        declared = Declaration(key, one.quantity, None, one.words)
    if declared is None:
        raise Refusal(f"unknown parameter; the nearest is '{_nearest_key(key)}'")
    if key in OF_THE_RUN:
        raise Refusal(f"is a setting of the run and cannot vary; set it with --{key}")
    if declared.kind not in ("number", "whole"):
        raise Refusal(f"takes a {declared.kind}; only a single number can vary")
    quantity = declared.quantity
    if ends is None:
        if key in Settings.model_fields:
            raise Refusal(f"its range is missing; write it, as in {key}=1:5")
        ends = plausible(key).around(*values)[:2]
    for end in ends:
        if quantity.whole and end != int(end):
            raise Refusal(f"found {shown(end)}; allowed is a whole number, {quantity.range}")
        if not quantity.allows(end):
            raise Refusal(f"found {shown(end)}; allowed is {quantity.range}")
    return Varied(key, *ends, quantity.whole)


def values_in(scenario: Scenario, key: str) -> Iterator[float]:
    """What the policies of a scenario set a parameter to, of a distribution its median.

    Nothing for a fit to measurements, and for a table that is off.
    """
    if "." not in key and key not in Tables.model_fields:
        return
    declared = declared_by_key().get(key)
    for value in scenario.policies.values() if declared else ():
        for name in key.split("."):
            value = getattr(value, name, None)
        if isinstance(value, Distribution):
            yield float(Drawn(value, declared.quantity).at(0.5))
        elif isinstance(value, Column):
            yield value.median
        elif isinstance(value, Real):
            yield value


def _nearest_key(key: str) -> str:
    """The declared key with the same last name, or else the one most like `key`."""
    same = [
        known for known in declared_by_key() if known.rpartition(".")[2] == key.rpartition(".")[2]
    ]
    return nearest(key, same or declared_by_key())


def idle(scenario: Scenario, policy: str, key: str) -> str | None:
    """Why `key` would change nothing under a policy of the scenario, or None."""
    reason = idle_in(scenario.policies[policy], key)
    return reason and f"would change nothing: policy '{policy}' has {reason}"


def idle_in(tables: Tables, key: str) -> str | None:
    """What a policy has too little of for `key` to change anything, or None."""
    one = inner_value(tuple(key.split(".")))
    if isinstance(one, EventValue) and len(tables.events) < one.number:
        return f"no event {one.number}"
    on = active(tables)
    table = key.split(".")[1] if key.count(".") > 1 else ""
    if table in SWITCHED and not on[table]:
        return f"no oversight.{table}"
    monitors = sum(on[name] for name in MONITORS)
    if monitors < (needed := MONITORS_NEEDED.get(key, 0)):
        return "no monitor" if needed == 1 else "fewer than two monitors"
    return None
