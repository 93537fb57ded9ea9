"""What `require` is asked: the targets, and the parameters that vary along a line."""

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from numbers import Real
from typing import NamedTuple

from regimesim.analysis.first_try import ESTIMANDS, WITHIN
from regimesim.declared import Declaration
from regimesim.refusal import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.world.parameters import SWITCHED, Settings, active, declarations

TARGET = re.compile(r"\s*(\w+)\s*(<=|>=|=)\s*(\S+)\s*")
MORE_IS_BETTER = (
    "no_takeover",
    "held_first_critical_try",
    "believed_catch_rate",
    "true_catch_rate",
)
OF_THE_RUN = ("worlds", "seed")
CATCHING = ("control", "cot_monitor", "interpretability")
# Parameters that act only where at least so many safeguards catch.
CATCHERS_NEEDED = {
    "oversight.audit_budget": 1,
    "oversight.actions": 1,
    "oversight.common_cause": 2,
}


class Target(NamedTuple):
    """An estimand that is to be at least (sense ">=") or at most ("<=") a value."""

    estimand: str
    sense: str
    value: float

    def __str__(self):
        return f"{self.estimand} {self.sense} {shown(self.value)}"

    def slack(self, estimate: float) -> float:
        """How far an estimate lies on the good side of the target."""
        return estimate - self.value if self.sense == ">=" else self.value - estimate


class Varied(NamedTuple):
    """A parameter that varies from `low` to `high`."""

    key: str
    low: float
    high: float
    whole: bool = False


def read_targets(given: Mapping[str, float] | Iterable[str | Target]) -> tuple[Target, ...]:
    """Targets from {"no_takeover": 0.99} or from texts such as "evidence_gap<=0.1".

    Raises Refusal with one sentence for each that cannot be one.
    """
    if isinstance(given, Mapping):
        given = [f"{name}={value}" for name, value in given.items()]
    targets, lines = [], []
    for item in [given] if isinstance(given, str) else given:
        try:
            targets.append(item if isinstance(item, Target) else _read_target(item))
        except Refusal as refusal:
            lines += refusal.lines
    if not targets and not lines:
        lines = ["no target; name one, as in no_takeover=0.99"]
    if lines:
        raise Refusal(f"--for: {line}" for line in lines)
    return tuple(dict.fromkeys(targets))


def _read_target(text: str) -> Target:
    parts = TARGET.fullmatch(text)
    if not parts:
        raise Refusal(f"found {shown(text)}; expected NAME=VALUE, as in no_takeover=0.99")
    name, sense, value = parts.groups()
    if name not in ESTIMANDS:
        close = nearest(name, ESTIMANDS)
        raise Refusal(f"unknown estimand {shown(name)}; the nearest is '{close}'")
    if sense == "=" and name not in MORE_IS_BETTER:
        raise Refusal(f"{name} may be meant as most or as least; write {name}<= or {name}>=")
    number = _number(value)
    if number is None:
        raise Refusal(f"{name}: found {shown(value)}; allowed is a number")
    low, high = WITHIN[name]
    if not low <= number <= high:
        allowed = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
        raise Refusal(f"{name}: found {shown(number)}; allowed is {allowed}")
    return Target(name, ">=" if sense == "=" else sense, number)


def read_range(text: str) -> tuple[str, tuple[str, str] | None]:
    """Key and, where it is given, range of `KEY` or `KEY=LOW:HIGH`."""
    key, equals, written = (part.strip() for part in text.partition("="))
    low, colon, high = (part.strip() for part in written.partition(":"))
    if not key or (equals and not (colon and low and high)):
        raise Refusal(
            f"--vary: found {shown(text)}; expected KEY or KEY=LOW:HIGH, "
            "as in oversight.audit_budget=0.01:0.1"
        )
    return key, (low, high) if equals else None


def read_varied(given: Mapping[str, object] | Iterable[str]) -> tuple[Varied, ...]:
    """Parameters that vary, from {"oversight.audit_budget": (0.01, 0.1)} or from texts.

    A range that is not given (None) is the declared one.  Raises Refusal with one
    sentence for each parameter that cannot vary so.
    """
    given = [given] if isinstance(given, str) else given
    if isinstance(given, tuple) and all(isinstance(one, Varied) for one in given) and given:
        return given
    pairs = given.items() if isinstance(given, Mapping) else map(read_range, given)
    varied, lines = [], []
    for key, ends in pairs:
        try:
            varied.append(_vary(key, ends))
            if key in [one.key for one in varied[:-1]]:
                raise Refusal("given twice")
        except Refusal as refusal:
            lines += [f"--vary: {key}: {line}" for line in refusal.lines]
    if not varied and not lines:
        lines = ["--vary: no parameter; name one, as in oversight.audit_budget"]
    if lines:
        raise Refusal(lines)
    return tuple(varied)


def _vary(key: str, ends) -> Varied:
    declared = _declared().get(key)
    if declared is None:
        raise Refusal(f"unknown parameter; the nearest is '{_nearest_key(key)}'")
    if key in OF_THE_RUN:
        raise Refusal("a number of the run, not of its worlds; set it with " + f"--{key}")
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
    low, high = map(_number, ends)
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


def _number(given) -> float | None:
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
    catchers = sum(on[name] for name in CATCHING)
    if catchers < (needed := CATCHERS_NEEDED.get(key, 0)):
        has = (
            "no safeguard that catches" if needed == 1 else "fewer than two safeguards that catch"
        )
        return f"{key} would change nothing: policy '{policy}' has {has}"
    return None
