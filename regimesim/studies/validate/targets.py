"""Targets: what is published or exact, read from a file, and how a number is held against one."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.errors import Refusal, dotted, nearest, shown
from regimesim.scenario.toml_reader import read_toml

SHIPPED = Path(__file__).parent / "targets.toml"
BOUNDS = ("above", "below")


class Target(NamedTuple):
    """A number to be met: within a tolerance or, of what is simulated, by its interval (kind
    "is"); or a bound that the whole interval must keep (kinds "above" and "below")."""

    kind: str
    value: float
    tolerance: float = 0.0

    def holds(self, ours: Estimate) -> bool:
        """Whether ours agrees with it; what does not exist never does."""
        if ours.estimate is None:
            return False
        low = ours.estimate if ours.low is None else ours.low
        high = ours.estimate if ours.high is None else ours.high
        if self.kind == "above":
            return low > self.value
        if self.kind == "below":
            return high < self.value
        if ours.low is not None:
            return low <= self.value <= high
        return abs(ours.estimate - self.value) <= self.tolerance


class RowTargets(NamedTuple):
    """What a row asks: its name, what it is about, where its targets come from, how many decimals
    are told, its targets by what they are of, and the scenario that shows it, if one does."""

    name: str
    title: str
    source: str
    digits: int
    targets: dict[str, Target]
    scenario: str | None = None


def read_targets(path: str | Path | None = None) -> dict[str, RowTargets]:
    """The rows by name; what the file at `path` has is laid over the shipped targets.

    Raises Refusal with every name in it that they do not have, and every value that is no
    target.
    """
    rows = _read(SHIPPED)
    if path is not None:
        lines = _lay_over(rows, _read(path))
        if lines:
            raise Refusal(f"{path}: {line}" for line in lines)
    return {name: _row_targets(name, row) for name, row in rows.items()}


def _read(path) -> dict:
    """The tables of a TOML file; raises Refusal for one that cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        given, repeated = read_toml(text)
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: is not a text file in UTF-8") from None
    except Refusal as refusal:
        raise Refusal(f"{path}: {line}" for line in refusal.lines) from None
    if repeated:
        raise Refusal(f"{path}: {dotted(one.path)}: {one.reason}" for one in repeated)
    return given


def _lay_over(rows: dict, given: Mapping) -> list[str]:
    """Put what is given in the place of what is there: what is wrong with it."""
    lines = []
    for name, row in given.items():
        if name not in rows:
            lines.append(f"{shown(name)}: no such row; the nearest is '{nearest(name, rows)}'")
        elif not isinstance(row, Mapping) or not isinstance(row.get("values", {}), Mapping):
            lines.append(f"{name}: found {shown(row)}; allowed is a table with values")
        else:
            lines += [f"{name}.{line}" for line in _lay_row(rows[name], row)]
    return lines


def _lay_row(there: dict, given: Mapping):
    for key, value in given.items():
        if key not in there:
            yield f"{key}: unknown key; the nearest is '{nearest(key, there)}'"
        elif key != "values":
            allows, kind = ALLOWED[key]
            if not allows(value):
                yield f"{key}: found {shown(value)}; allowed is {kind}"
            there[key] = value
    for label, value in given.get("values", {}).items():
        if label not in there["values"]:
            close = nearest(label, there["values"])
            yield f"values: no value {shown(label)}; the nearest is '{close}'"
        elif not _is_target(value):
            allowed = "a number, { is, within }, { above } or { below }"
            yield f"values: {shown(label)}: found {shown(value)}; allowed is {allowed}"
        else:
            there["values"][label] = value


def _is_number(value) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_tolerance(value) -> bool:
    return _is_number(value) and value >= 0


def _is_text(value) -> bool:
    return isinstance(value, str) and bool(value.strip())


# What each key of a row may be, and how that is told.
ALLOWED = {
    "title": (_is_text, "a text"),
    "source": (_is_text, "a text"),
    "scenario": (_is_text, "a text"),
    "tolerance": (_is_tolerance, "a number of at least 0"),
    "digits": (lambda value: type(value) is int and 0 <= value <= 15, "a whole number, 0 to 15"),
}


def _is_target(value) -> bool:
    if isinstance(value, Mapping):
        known = set(value) in ({"is", "within"}, {"above"}, {"below"})
        numbers = all(map(_is_number, value.values()))
        return known and numbers and _is_tolerance(value.get("within", 0))
    return _is_number(value)


def _row_targets(name, row) -> RowTargets:
    targets = {label: _target(value, row["tolerance"]) for label, value in row["values"].items()}
    return RowTargets(
        name, row["title"], row["source"], row["digits"], targets, row.get("scenario")
    )  # fmt: skip


def _target(value, tolerance) -> Target:
    if not isinstance(value, Mapping):
        return Target("is", float(value), float(tolerance))
    if "is" in value:
        return Target("is", float(value["is"]), float(value["within"]))
    ((kind, bound),) = value.items()
    return Target(kind, float(bound))
