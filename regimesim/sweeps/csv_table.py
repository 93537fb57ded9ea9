"""A design from a CSV file: a header of dotted keys, and one row for each point.

The table of a finished sweep, points.csv, is read too: its points are run again.
"""

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.input_errors import wrong_separator
from regimesim.scenario.sweep_table import MOST_POINTS
from regimesim.sweeps.axes import Axis, Listed
from regimesim.sweeps.variables import POLICY, find_subject, from_text, read_value

POINT, ERROR = "point", "error"  # the first and the last column of points.csv
MOST_MISTAKES = 20  # reported mistakes in cells: a wrong column is wrong in every row


def read_table(
    scenario: Scenario, file: str, folders: Iterable[Path], ignored: Iterable[str] = ()
) -> list[Axis]:
    """The axes of the table at `file`, which may be in any of the folders.

    ignored: columns that are not read.  Raises Refusal.
    """
    folders = list(folders)
    path = next((f / file for f in folders if (f / file).exists()), folders[0] / file)
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.reader(opened, strict=True, skipinitialspace=True)
            return _read(scenario, path, rows, tuple(ignored))
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: not UTF-8 text") from None
    except csv.Error as error:
        raise Refusal(f"{path}: not a CSV file: {error}") from None


def _read(scenario, path, rows, ignored) -> list[Axis]:
    header = [key.strip() for key in next(rows, [])]
    if message := wrong_separator(header):
        raise Refusal(f"{path}: line 1: {message}")
    of_sweep = header[:1] == [POINT] and header[-1:] == [ERROR] and POLICY in header
    read = range(1, header.index(POLICY)) if of_sweep else range(len(header))
    read = _without(path, header, read, ignored)
    subjects = _subjects(scenario, path, header, read)
    seen: set[str] = set()  # numbers of points, of which a sweep writes a row for each policy
    columns = [[] for _ in subjects]
    lines = []
    for cells in rows:
        if not cells:
            continue
        if len(columns[0]) == MOST_POINTS:
            raise Refusal(f"{path}: more than {MOST_POINTS:,} rows, the most of a design")
        if of_sweep and cells[0] in seen:
            continue
        seen.update(cells[:1] if of_sweep else ())
        mistakes = _row(header, read, subjects, columns, cells, path, rows.line_num)
        lines += islice(mistakes, MOST_MISTAKES)
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


def _without(path, header, read, ignored) -> list[int]:
    """The places of the columns that are read, without those that are ignored."""
    if unknown := [name for name in ignored if name not in header]:
        raise Refusal(
            f"{path}: line 1: no column {shown(name)} to ignore; "
            f"the nearest is '{nearest(name, header)}'"
            for name in unknown
        )
    left = [place for place in read if header[place] not in ignored]
    if any(header) and not left:
        raise Refusal(f"{path}: line 1: every column is ignored")
    return left


def _subjects(scenario, path, header, read):
    """What each column varies; raises Refusal."""
    if not any(header):
        raise Refusal(f"{path}: line 1: no header; its cells are keys, as in feedback.density")
    subjects, lines = [], []
    for place in read:
        number, key = place + 1, header[place]
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


def _row(header, read, subjects, columns, cells, path, line):
    """Add a row to the columns.  Yields a line for each mistake in it."""
    if len(cells) != len(header):
        count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        yield f"{path}: line {line}: found {count}; the header has {len(header)}"
        return
    for subject, column, place in zip(subjects, columns, read, strict=True):
        try:
            column.append(read_value(subject, from_text(subject, cells[place])))
        except Refusal as refusal:
            column.append(None)
            for reason in refusal.lines:
                yield f"{path}: line {line}, column {shown(subject.key)}: {reason}"
