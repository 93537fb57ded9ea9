"""A design from a CSV file: a header of dotted keys, and one row for each point."""

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from regimesim.errors import Refusal, shown
from regimesim.scenario import Scenario
from regimesim.scenario.sweep_table import MOST_POINTS
from regimesim.sweeps.axes import Axis, Listed
from regimesim.sweeps.variables import POLICY, find_subject, from_text, read_value

MOST_MISTAKES = 20  # reported mistakes in cells: a wrong column is wrong in every row


def read_table(scenario: Scenario, file: str, folders: Iterable[Path]) -> list[Axis]:
    """The axes of the table at `file`, which may be in any of the folders.  Raises Refusal."""
    folders = list(folders)
    path = next((f / file for f in folders if (f / file).exists()), folders[0] / file)
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            return _read(scenario, path, csv.reader(opened, strict=True, skipinitialspace=True))
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: not UTF-8 text") from None
    except csv.Error as error:
        raise Refusal(f"{path}: not a CSV file: {error}") from None


def _read(scenario, path, rows) -> list[Axis]:
    header = [key.strip() for key in next(rows, [])]
    if len(header) == 1 and (other := next((mark for mark in ";\t" if mark in header[0]), None)):
        message = f"cells are separated by {shown(other)}; a CSV file separates them by a comma"
        raise Refusal(f"{path}: line 1: {message}")
    subjects = _subjects(scenario, path, header)
    columns = [[] for _ in subjects]
    lines = []
    for cells in rows:
        if not cells:
            continue
        if len(columns[0]) == MOST_POINTS:
            raise Refusal(f"{path}: more than {MOST_POINTS:,} rows, the most of a design")
        lines += islice(_row(subjects, columns, cells, path, rows.line_num), MOST_MISTAKES)
        if len(lines) >= MOST_MISTAKES:
            raise Refusal([*lines[:MOST_MISTAKES], f"{path}: and maybe more after that"])
    if not lines and not columns[0]:
        lines = [f"{path}: no row below the header; each row is a point"]
    if lines:
        raise Refusal(lines)
    return [
        Axis(subject.key, Listed(tuple(column)), subject.unit, subject.words)
        for subject, column in zip(subjects, columns, strict=True)
    ]


def _subjects(scenario, path, header):
    """What each column varies; raises Refusal."""
    if not any(header):
        raise Refusal(f"{path}: line 1: no header; its cells are keys, as in feedback.density")
    subjects, lines = [], []
    for number, key in enumerate(header, 1):
        try:
            if not key:
                raise Refusal("no key in the header")
            if key in header[: number - 1]:
                raise Refusal("given twice")
            if key == POLICY:
                raise Refusal("every point is run under every policy; choose them with --policy")
            subjects.append(find_subject(scenario, key))
        except Refusal as refusal:
            name = f"column {shown(key)}" if key else f"column {number}"
            lines += [f"{path}: line 1, {name}: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    return subjects


def _row(subjects, columns, cells, path, line):
    """Add a row to the columns.  Yields a line for each mistake in it."""
    if len(cells) != len(subjects):
        count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        yield f"{path}: line {line}: found {count}; the header has {len(subjects)}"
        return
    for subject, column, cell in zip(subjects, columns, cells, strict=True):
        try:
            column.append(read_value(subject, from_text(subject, cell)))
        except Refusal as refusal:
            column.append(None)
            for reason in refusal.lines:
                yield f"{path}: line {line}, column {shown(subject.key)}: {reason}"
