"""Ranges: parameters that vary between two ends, and where that would change nothing."""

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from numbers import Real
from typing import NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import SAFEGUARDS
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Declaration
from regimesim.scenario.parameters import SWITCHED, Settings, active, declarations

OF_THE_RUN = ("worlds", "seed")
EXPECTED = "KEY or KEY=LOW:HIGH, as in oversight.audit_budget=0.01:0.1"
# Parameters that act only where at least so many safeguards catch.
CATCHERS_NEEDED = {
    "oversight.audit_budget": 1,
    "oversight.actions": 1,
    "oversight.common_cause": 2,
}


class Varied(NamedTuple):
    """A parameter that varies from `low` to `high`."""

    key: str
    low: float
    high: float
    whole: bool = False


def read_range(text: str, expected: str = EXPECTED) -> tuple[str, tuple[str, str] | None]:
    """Key and, where it is given, range of `KEY` or `KEY=LOW:HIGH`, its ends as texts.

    Raises Refusal for what is no such text.
    """
    if isinstance(text, str):
        key, equals, written = (part.strip() for part in text.partition("="))
        low, colon, high = (part.strip() for part in written.partition(":"))
        if key and (not equals or (colon and low and high)):
            return key, (low, high) if equals else None
    raise Refusal(f"found {shown(text)}; expected {expected}")


def read_varied(
    given: Mapping[str, object] | Iterable[str], option: str = "--vary"
) -> tuple[Varied, ...]:
    """Parameters that vary, from {"oversight.audit_budget": (0.01, 0.1)} or from texts.

    A range that is not given (None) is the declared one.  Raises Refusal with one
    sentence for each parameter that cannot vary so; `option` is what it begins with.
    """
    given = [given] if isinstance(given, str) else given
    if isinstance(given, tuple) and all(isinstance(one, Varied) for one in given) and given:
        return given
    varied, lines = {}, []
    for item in given.items() if isinstance(given, Mapping) else given:
        place = option
        try:
            key, ends = item if isinstance(given, Mapping) else read_range(item)
            place = f"{option}: {key}"
            if key in varied:
                raise Refusal("given twice")
            varied[key] = _vary(key, ends)
        except Refusal as refusal:
            lines += [f"{place}: {line}" for line in refusal.lines]
    if not varied and not lines:
        lines = [f"{option}: no parameter; name one, as in oversight.audit_budget"]
    if lines:
        raise Refusal(lines)
    return tuple(varied.values())


def _vary(key: str, ends) -> Varied:
    declared = _declared().get(key)
    if declared is None:
        raise Refusal(f"unknown parameter; the nearest is '{_nearest_key(key)}'")
    if key in OF_THE_RUN:
        raise Refusal(f"a number of the run, not of its worlds; set it with --{key}")
    if declared.kind not in ("number", "whole"):
        raise Refusal(f"takes a {declared.kind}; only a single number can vary")
    quantity = declared.quantity
    if ends is None:
        if key in Settings.model_fields:
            raise Refusal(f"its range is missing; write it, as in {key}=1:5")
        if quantity.open_low or quantity.open_high:
            raise Refusal(
                f"allowed is {quantity.range}; write a range within, as in {key}=LOW:HIGH"
            )
        ends = (quantity.low, quantity.high)
    low, high = map(as_number, ends)
    for found, end in zip((low, high), ends, strict=True):
        whole = found is not None and found == int(found)
        if found is None or (quantity.whole and not whole):
            kind = "a whole number" if quantity.whole else "a number"
            raise Refusal(f"found {shown(end)}; allowed is {kind}, {quantity.range}")
        if not quantity.allows(found):
            raise Refusal(f"found {shown(found)}; allowed is {quantity.range}")
    if low == high:
        raise Refusal(f"the range from {shown(low)} to {shown(high)} holds one value only")
    if low > high:
        ordered = f"{key}={shown(high)}:{shown(low)}"
        raise Refusal(f"the range is the wrong way round; write {ordered}")
    return Varied(key, low, high, quantity.whole)


def as_number(given) -> float | None:
    """A finite number from a number or a text, or None."""
    try:
        number = float(given) if isinstance(given, str | Real) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and not isinstance(given, bool) else None


@cache
def _declared() -> dict[str, Declaration]:
    return {declared.key: declared for declared in declarations()}


def _nearest_key(key: str) -> str:
    """The declared key of the same last name, else the one most like `key`."""
    same = [known for known in _declared() if known.rpartition(".")[2] == key.rpartition(".")[2]]
    return nearest(key, same or _declared())


def idle(scenario: Scenario, policy: str, key: str) -> str | None:
    """Why `key` would change nothing under a policy of the scenario, or None."""
    on = active(scenario.policies[policy])
    table = key.split(".")[1] if key.count(".") > 1 else ""
    if table in SWITCHED and not on[table]:
        return f"{key} would change nothing: policy '{policy}' has no oversight.{table}"
    catchers = sum(on[name] for name in SAFEGUARDS)
    if catchers < (needed := CATCHERS_NEEDED.get(key, 0)):
        has = (
            "no safeguard that catches" if needed == 1 else "fewer than two safeguards that catch"
        )
        return f"{key} would change nothing: policy '{policy}' has {has}"
    return None


EXPECTED = "KEY=LOW:HIGH, as in takeover.difficulty=12:18"


OF_A_POLICY = re.compile(r"^policies\.[^.]+\.")


def read_ranges(texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Range by dotted key, from `KEY=LOW:HIGH`; raises Refusal for what is no such text."""
    ranges, lines = {}, []
    for text in texts:
        try:
            key, ends = read_range(text, EXPECTED)
            low, high = map(as_number, ends or (None, None))
            if low is None or high is None:
                raise Refusal(f"found {shown(text)}; expected {EXPECTED}")
            if key in ranges:
                raise Refusal(f"{key}: given twice")
            ranges[key] = low, high
        except Refusal as refusal:
            lines += [f"--over: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    return ranges


def mistaken_ranges(ranges: Mapping, open_ends: bool = False) -> dict[str, str]:
    """A sentence for each range, by its key, that is no pair of ends; with `open_ends` None
    stands for a range that follows from the scenario."""
    allowed, found = "two numbers, (low, high)" + (", or None" if open_ends else ""), {}
    for key, ends in ranges.items():
        try:
            pair = len(tuple(ends)) == 2 and not isinstance(ends, str | Mapping)
        except TypeError:
            pair = ends is None and open_ends
        if not pair:
            found[key] = f"--over: {key}: found {shown(ends)}; allowed is {allowed}"
    return found


def _turned(ranges):
    """A sentence for each range whose ends are the wrong way round."""
    for key, ends in ranges.items():
        if key not in mistaken_ranges({key: ends}) and all(isinstance(x, Real) for x in ends):
            low, high = ends
            if low > high:
                written = f"{key}={shown(high)}:{shown(low)}"
                yield f"--over: {key}: the range is the wrong way round; write {written}"
            elif low == high:
                yield f"--over: {key}: the range holds one value only, {shown(low)}"


def drawn_over(scenario: Scenario, ranges: Mapping[str, tuple[float, float]]) -> Scenario:
    """The scenario with parameters drawn uniformly from ranges, by dotted key.

    As with any replaced value, a policy that sets the parameter itself keeps its own.  Raises
    Refusal for a key or a range that is not allowed.
    """
    if not ranges:
        return scenario
    if not isinstance(ranges, Mapping):
        wanted = "ranges by key, as in {'takeover.difficulty': (12, 18)}"
        raise Refusal(f"--over: found {shown(ranges)}; expected {wanted}")
    if lines := [*mistaken_ranges(ranges).values(), *_turned(ranges)]:
        raise Refusal(lines)
    uniform = {key: {"uniform": list(ends)} for key, ends in ranges.items()}
    changed = scenario.override(uniform, "--over")
    allowed = {declared.key: declared.quantity for declared in declarations()}
    lines = []
    for key, (low, high) in ranges.items():
        quantity = allowed[OF_A_POLICY.sub("", key)]
        if low < quantity.low or high > quantity.high:
            lines.append(f"--over: {key}: found {low:g}:{high:g}; allowed is {quantity.range}")
    if lines:
        raise Refusal(lines)
    return changed
