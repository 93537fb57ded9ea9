"""Read the values of an axis from a file, the command line or Python."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from numbers import Integral

import numpy as np
from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.columns import Column
from regimesim.scenario.distribution import KINDS as DISTRIBUTIONS
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.event_values import EVENTS
from regimesim.scenario.overlay import own_path, policies_affected
from regimesim.scenario.sweep_table import LINEAR, LOG, MOST_POINTS, SAMPLED, SCALES
from regimesim.sweeps.axes import PRESET, Drawn, Listed, Range, Values
from regimesim.sweeps.variables import POLICY, SWITCH, Subject, from_text, read_value

ENDS = ("low", "high")
RANGE_KEYS = (*ENDS, "points", "scale")
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
EXAMPLES = {SWITCH: "[true, false]", POLICY: '["a", "b"]', PRESET: '["a.toml", "b.toml"]'}


def split_text(text: str) -> tuple[str, str | None]:
    """The key of a `--vary` text, and its rest or None."""
    key, equals, written = (part.strip() for part in text.partition("="))
    if not key or (equals and not written):
        raise Refusal(
            f"found {shown(text)}; expected KEY=LOW:HIGH:N, KEY=A,B,C, KEY=LOW:HIGH or KEY, "
            "as in feedback.density=0.1:1:20"
        )
    return key, written if equals else None


def from_command(subject: Subject, written: str | None):
    """The rest of a `--vary` text, as the value that a file would hold."""
    if written is None:
        return True
    if written[0] in "[{":
        return _toml(written)
    if not (subject.numeric and ":" in written):
        return [from_text(subject, part) for part in written.split(",")]
    parts = [part.strip() for part in written.split(":")]
    values = {"scale": parts.pop()} if len(parts) > 2 and parts[-1].isalpha() else {}
    if not 2 <= len(parts) <= 3:
        raise Refusal(f"found {shown(written)}; allowed is LOW:HIGH, LOW:HIGH:N or LOW:HIGH:N:log")
    values |= {end: from_text(subject, part) for end, part in zip(ENDS, parts, strict=False)}
    if len(parts) == 3:
        values["points"] = int(parts[2]) if WHOLE.fullmatch(parts[2]) else parts[2]
    return values


def _toml(written: str):
    try:
        read = tomllib.loads(f"value = {written}")
    except (ValueError, RecursionError):
        raise Refusal(f"{shown(written)} is not a TOML value") from None
    if set(read) != {"value"}:
        raise Refusal(f"{shown(written)} is more than one value")
    return read["value"]


def read_values(subject: Subject, how, kind: str, scenario: Scenario) -> Values:
    """The values of an axis of a design of this kind.  Raises Refusal with every mistake.

    how: a list of values · {low, high, points, scale} · a distribution as in a scenario file,
    with its number of points in a grid · True: the distribution of the scenario.
    """
    if isinstance(how, Distribution):
        how = how.plain()
    if isinstance(how, np.ndarray):
        how = how.tolist()
    if isinstance(how, list | tuple):
        return _listed(subject, how, kind)
    if how is True or isinstance(how, Mapping):
        if not subject.numeric:
            example = EXAMPLES.get(subject.kind) or '["a", "b"]'
            raise Refusal(f"found {shown(how)}; name its values, as in {example}")
        if how is True:
            return _own(subject, kind, scenario)
        if set(how) & set(DISTRIBUTIONS):
            return _drawn(subject, how, kind)
        if set(how) & set(ENDS):
            return _range(subject, how, kind)
    raise Refusal(
        f"found {shown(how)}; allowed are a list of values, {{ low = , high = }}, "
        f"a distribution ({', '.join(DISTRIBUTIONS)}), or true for its own"
    )


def read_points(value) -> int:
    """A number of points; raises Refusal."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise Refusal(f"found {shown(value)}; allowed is a whole number, 1 or more")
    if value > MOST_POINTS:
        raise Refusal(f"found {shown(int(value))}; a design has at most {MOST_POINTS:,} points")
    return int(value)


def _listed(subject, how: Iterable, kind: str) -> Listed:
    values, lines = [], []
    for item in how:
        try:
            values.append(read_value(subject, item))
        except Refusal as refusal:
            lines += refusal.lines
    if not lines and not values:
        lines = ["found no values; name at least one"]
    if (kind != "zip" or subject.kind == POLICY) and not lines:
        lines = [f"{shown(value)} is there twice" for value in _repeated(values)]
    if lines:
        raise Refusal(lines)
    return Listed(tuple(values))


def _repeated(values):
    return dict.fromkeys(value for k, value in enumerate(values) if value in values[:k])


def _range(subject: Subject, how: Mapping, kind: str) -> Range:
    unknown = {key: nearest(str(key), RANGE_KEYS) for key in how if key not in RANGE_KEYS}
    lines = [
        f"unknown key {shown(key)}; the nearest is '{close}'" for key, close in unknown.items()
    ]
    ends = {}
    for end in ENDS:
        if end not in how and end in unknown.values():
            continue  # misspelt, which has its line already
        try:
            if end not in how:
                raise Refusal("missing; write { low = , high = }")
            ends[end] = read_value(subject, how[end])
        except Refusal as refusal:
            lines += [f"{end}: {line}" for line in refusal.lines]
    if (scale := how.get("scale", LINEAR)) not in SCALES:
        lines.append(f"scale: found {shown(scale)}; allowed are {LINEAR} and {LOG}")
    if len(ends) == 2:
        lines += _wrong_ends(ends["low"], ends["high"], scale)
    points, mistakes = _levels(how, kind)
    lines += mistakes
    if lines:
        raise Refusal(lines)
    made = Range(ends["low"], ends["high"], scale, points, subject.kind == "whole")
    if made.whole and kind == "grid" and len(levels := made.levels()) > len(set(levels.tolist())):
        fewer = "take fewer" if scale == LOG else f"at most {made.high - made.low + 1} do not"
        levels = f"{points} points from {made.low} to {made.high}"
        raise Refusal(f"{levels} repeat whole numbers; {fewer}")
    return made


def _wrong_ends(low, high, scale) -> list[str]:
    ends = f"{shown(low)} to {shown(high)}"
    if low == high:
        return [f"the range from {ends} holds one value only"]
    if low > high:
        return [f"the range from {ends} is the wrong way round"]
    return [f"a log range begins above 0; found low = {shown(low)}"] * (scale == LOG and low <= 0)


def _levels(how: Mapping, kind: str) -> tuple[int | None, list[str]]:
    """The number of levels of an axis, and the mistakes in it."""
    if kind in SAMPLED:
        wrong = f"points: a {kind} has one number of points for all its axes"
        return None, [wrong] if "points" in how else []
    if "points" not in how:
        return None, [f"points: missing; a {kind} needs a number of them, as in points = 5"]
    try:
        return read_points(how["points"]), []
    except Refusal as refusal:
        return None, [f"points: {line}" for line in refusal.lines]


def _drawn(subject: Subject, how: Mapping, kind: str) -> Drawn:
    written = {key: value for key, value in how.items() if key != "points"}
    points, lines = _levels(how, kind)
    try:
        if subject.kind == "whole":
            raise Refusal(f"found {shown(written)}; a whole number takes no distribution")
        distribution = subject.quantity.read(written)
        if not isinstance(distribution, Distribution):
            raise Refusal(f"found {shown(written)}; its spread is 0: it does not vary")
    except (Refusal, PydanticCustomError) as error:
        reason = error.context["reason"] if isinstance(error, PydanticCustomError) else str(error)
        lines = [reason, *lines]
    if lines:
        raise Refusal(lines)
    return Drawn(distribution, subject.quantity, points)


def _own(subject: Subject, kind: str, scenario: Scenario) -> Drawn:
    """The distribution of a parameter in the scenario, for policies that do not set it."""
    if kind not in SAMPLED:
        raise Refusal(
            f"a {kind} does not draw; write {{ low = , high = , points = }} or a list, "
            f"or choose the design {' or '.join(SAMPLED)}"
        )
    if subject.kind == "whole":
        raise Refusal("a whole number takes no distribution; write a range or a list")
    _, path = own_path(subject.path)
    if inner_value(path):
        what = "an event" if path[0] == EVENTS else "a distribution"
        raise Refusal(f"a number of {what} is not drawn itself; write a range or a list")
    value = scenario.policies[policies_affected(scenario.raw, subject.path)[0]]
    for key in path:
        value = getattr(value, key)
    if isinstance(value, Column):
        raise Refusal(f"its draws are rows of {value.file}; write a range, or a distribution")
    if not isinstance(value, Distribution):
        fixed = shown(value.plain()) if isinstance(value, Fit) else shown(value)
        raise Refusal(
            f"the scenario gives it {fixed}; write a range, or a distribution of its own"
        )
    return Drawn(value, subject.quantity)
