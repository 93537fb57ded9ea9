"""Targets: estimands that are to be at least, or at most, a value; and aims, which are to be as
large, or as small, as can be."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from regimesim.analysis.estimand_table import ESTIMANDS, MORE_IS_BETTER, WITHIN
from regimesim.errors import Refusal, nearest, shown
from regimesim.studies.ranges import as_number

COMPLEMENTS = {"growth_kept": "growth_lost"}  # what is kept is 1 less what is lost
ROUNDED = 12  # decimals of 1 less a number

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


class Aim(NamedTuple):
    """An estimand that is to be as large (or as small) as can be."""

    estimand: str
    maximise: bool

    def __str__(self):
        return f"{'maximise' if self.maximise else 'minimise'} {self.estimand}"

    @property
    def sign(self) -> int:
        """1 where more is better, else −1."""
        return 1 if self.maximise else -1


def read_targets(
    wanted: Mapping[str, float] | Iterable[str | Target], option: str = "--for"
) -> tuple[Target, ...]:
    """Targets from {"no_takeover": 0.99} or from texts such as "evidence_gap<=0.1".

    A target on `growth_kept` is one on 1 − growth_lost.  Raises Refusal with one sentence, which
    begins with `option`, for each that cannot be one.
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
        raise Refusal(f"{option}: {line}" for line in lines)
    return tuple(dict.fromkeys(targets))


def check_together(targets: Iterable[Target], option: str) -> None:
    """Raises Refusal where no value of an estimand reaches two of its targets."""
    lines = [
        f"{option}: {one} and {other} contradict each other"
        for one in targets
        for other in targets
        if one.estimand == other.estimand
        and (one.sense, other.sense) == ("<=", ">=")
        and one.value < other.value
    ]
    if lines:
        raise Refusal(lines)


def read_aims(maximise: Iterable[str] = (), minimise: Iterable[str] = ()) -> tuple[Aim, ...]:
    """Aims from the names of estimands, in the order given.

    Raises Refusal with one sentence for each that cannot be one, and where there is none.
    """
    aims, lines = [], []
    for option, names in (("--maximise", maximise), ("--minimise", minimise)):
        for name in [names] if isinstance(names, str) else names:
            complement = COMPLEMENTS.get(name)
            if complement is None and name not in ESTIMANDS:
                lines.append(f"{option}: {_unknown(name)}")
                continue
            more = (option == "--maximise") is (complement is None)
            aims.append(Aim(complement or name, more))
    names = [aim.estimand for aim in aims]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    lines += [f"--maximise, --minimise: {name} was named twice" for name in twice]
    if not aims and not lines:
        lines = ["--maximise: no aim; name one, as in no_takeover"]
    if lines:
        raise Refusal(lines)
    return tuple(aims)


def _unknown(name) -> str:
    close = nearest(str(name), (*ESTIMANDS, *COMPLEMENTS))
    return f"unknown estimand {shown(name)}; the nearest is '{close}'"


def _read_target(text: str) -> Target:
    parts = TARGET.fullmatch(text)
    if not parts:
        raise Refusal(
            f"found {shown(text)}; expected NAME>=VALUE, NAME<=VALUE or NAME=VALUE, as in "
            "no_takeover=0.99"
        )
    name, sense, value = parts.groups()
    if name in COMPLEMENTS:
        return _of_complement(name, sense, value)
    if name not in ESTIMANDS:
        raise Refusal(_unknown(name))
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


def _of_complement(name: str, sense: str, value: str) -> Target:
    """The target on what is lost that a target on what is kept means."""
    number = as_number(value)
    if number is None or number > 1:
        raise Refusal(f"{name}: found {shown(value)}; allowed is a number up to 1")
    lost = round(1 - number, ROUNDED)
    return Target(COMPLEMENTS[name], ">=" if sense == "<=" else "<=", lost)
