"""Targets: estimands that are to be at least, or at most, a value."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from regimesim.analysis.estimand_table import ESTIMANDS, MORE_IS_BETTER, WITHIN
from regimesim.errors import Refusal, nearest, shown
from regimesim.studies.ranges import as_number

TARGET = re.compile(r"\s*(\w+)\s*(<=|>=|=)\s*(\S+)\s*")


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


def read_targets(wanted: Mapping[str, float] | Iterable[str | Target]) -> tuple[Target, ...]:
    """Targets from {"no_takeover": 0.99} or from texts such as "evidence_gap<=0.1".

    Raises Refusal with one sentence for each that cannot be one.
    """
    if isinstance(wanted, Mapping):
        wanted = [f"{name}={value}" for name, value in wanted.items()]
    targets, lines = [], []
    for item in [wanted] if isinstance(wanted, str) else wanted:
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
    number = as_number(value)
    if number is None:
        raise Refusal(f"{name}: found {shown(value)}; allowed is a number")
    low, high = WITHIN[name]
    if not low <= number <= high:
        allowed = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
        raise Refusal(f"{name}: found {shown(number)}; allowed is {allowed}")
    return Target(name, ">=" if sense == "=" else sense, number)
