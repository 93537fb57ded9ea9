"""Targets: published or exact numbers, read from a file, and the comparison with a number."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.errors import Refusal, dotted, nearest, shown
from regimesim.scenario.toml_reader import read_toml

SHIPPED = Path(__file__).parent / "targets.toml"
BOUNDS = ("above", "below")


class Target(NamedTuple):
    """A number that ours must equal, or a bound.

    Kind "is": the number must lie within the tolerance or, if it is simulated, its interval must
    contain the target.  Kinds "above" and "below": the whole interval must lie beyond the bound.
    """

    kind: str
    value: float
    tolerance: float = 0.0

    def holds(self, ours: Estimate) -> bool:
        """Whether ours agrees with the target; a number that does not exist never agrees."""
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
    """The targets of a row.

    title: what it is about · source: of the targets · digits: decimals that are printed ·
    targets: by their labels · scenario: that shows the row, if one does.
    """

    name: str
    title: str
    source: str
    digits: int
    targets: dict[str, Target]
    scenario: str | None = None


def read_targets(path: str | Path | None = None) -> dict[str, RowTargets]:
    """The rows by name; entries of the file at `path` replace shipped ones.

    Raises Refusal with every name in the file that is not a shipped one, and every value that is
    not a target.
    """
    rows = _read(SHIPPED)
    if path is not None:
        lines = _replace_rows(rows, _read(path))
        if lines:
            raise Refusal(f"{path}: {line}" for line in lines)
    return {name: _row_targets(name, row) for name, row in rows.items()}


def _read(path) -> dict:
    """The tables of a TOML file; raises Refusal for one that cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        tables, repeated = read_toml(text)
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: is not a text file in UTF-8") from None
    except Refusal as refusal:
        raise Refusal(f"{path}: {line}" for line in refusal.lines) from None
    if repeated:
        raise Refusal(f"{path}: {dotted(one.path)}: {one.reason}" for one in repeated)
    return tables


def _replace_rows(rows: dict, changes: Mapping) -> list[str]:
    """Replace entries of `rows` by `changes`; returns their mistakes."""
    lines = []
    for name, row in changes.items():
        if name not in rows:
            lines.append(f"{shown(name)}: no such row; the nearest is '{nearest(name, rows)}'")
        elif not isinstance(row, Mapping) or not isinstance(row.get("values", {}), Mapping):
            lines.append(f"{name}: found {shown(row)}; allowed is a table with values")
        else:
            lines += [f"{name}.{line}" for line in _replace_entries(rows[name], row)]
    return lines


def _replace_entries(row: dict, changes: Mapping) -> Iterator[str]:
    """Replace entries of a row; yields their mistakes."""
    for key, value in changes.items():
        if key not in row:
            yield f"{key}: unknown key; the nearest is '{nearest(key, row)}'"
        elif key != "values":
            allows, kind = ALLOWED[key]
            if not allows(value):
                yield f"{key}: found {shown(value)}; allowed is {kind}"
            row[key] = value
    for label, value in changes.get("values", {}).items():
        if label not in row["values"]:
            close = nearest(label, row["values"])
            yield f"values: no value {shown(label)}; the nearest is '{close}'"
        elif not _is_target(value):
            allowed = "a number, { is, within }, { above } or { below }"
            yield f"values: {shown(label)}: found {shown(value)}; allowed is {allowed}"
        else:
            row["values"][label] = value


def _is_number(value) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_tolerance(value) -> bool:
    return _is_number(value) and value >= 0


def _is_text(value) -> bool:
    return isinstance(value, str) and bool(value.strip())


# What each key of a row may be, and the words for it.
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
