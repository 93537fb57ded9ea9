"""The table [draws] of a scenario file: joint draws of parameters, which a CSV file holds.

Its columns stand in place of what the scenario says of these parameters, and of every distribution
that a policy has for them.  A number that a policy sets stays.
"""

import csv
import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from regimesim.errors import Refusal, at_most, gathering, nearest, shown
from regimesim.scenario.columns import Column, DrawsTable, keep, known
from regimesim.scenario.declaration import plain
from regimesim.scenario.input_errors import holds, wrong_separator
from regimesim.scenario.overlay import changed, laid_over, nested, value_at
from regimesim.scenario.parameters import Tables, declared_by_key, drawable
from regimesim.scenario.toml_reader import read_bytes, source_of

DRAWS, FILE, TABLE = "draws", "file", "table"
LARGEST_TABLE = 2**24
MOST_MISTAKES = 20  # reported mistakes in cells: a wrong column is wrong in every row
DIGEST = 16  # letters of a SHA-256 by which a table is known

ALLOWED = 'a table with the path of a CSV file, as in file = "posterior.csv"'

Keys = tuple[str, ...]


def was_read(raw: Mapping) -> bool:
    """Whether the table of a raw scenario was read before, and its columns are in their places."""
    return isinstance(raw[DRAWS], Mapping) and TABLE in raw[DRAWS]


def keep_table(written: Mapping) -> None:
    """Let the columns of a table that was read before be values again.  Raises Refusal."""
    if set(written) != {FILE, TABLE} or not all(isinstance(x, str) for x in written.values()):
        raise Refusal(f"found {shown(written)}; allowed is {ALLOWED}")
    keep(read_draws(written[TABLE], written[FILE]))


def read_table(written, folder: Path) -> tuple[DrawsTable, str]:
    """The table of the file that [draws] names, and the SHA-256 of that file.

    Parameters
    ----------
    written : object
        What the scenario has as `draws`.
    folder : Path
        From which the path of the file leads.

    Raises
    ------
    Refusal
        With a sentence for each mistake.
    """
    file = written.get(FILE) if isinstance(written, Mapping) and set(written) == {FILE} else None
    if not isinstance(file, str) or not file.strip() or "\0" in file:
        raise Refusal(f"found {shown(written)}; allowed is {ALLOWED}")
    path = folder / Path(file).expanduser()
    lines: list[str] = []
    with gathering(lines, f"{source_of(path)}: "):
        content = read_bytes(path, LARGEST_TABLE + 1, "a CSV file")
        if len(content) > LARGEST_TABLE:
            raise Refusal(f"larger than {LARGEST_TABLE // 2**20} MiB, the most that it may be")
        try:
            table = read_draws(content.decode("utf-8-sig"), source_of(path))
        except UnicodeDecodeError:
            raise Refusal("not UTF-8 text") from None
    if lines:
        raise Refusal(lines)
    keep(table)
    return table, hashlib.sha256(content).hexdigest()


def read_draws(text: str, file: str) -> DrawsTable:
    """The table in a text.

    Parameters
    ----------
    text : str
        CSV: a header of dotted names, and a row for each draw.
    file : str
        What it is called.

    Raises
    ------
    Refusal
        With a sentence for each mistake.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST]
    before = known(digest)
    try:
        columns = before.columns if before else _columns(text.splitlines())
        return DrawsTable(file, digest, text, columns)
    except csv.Error as error:
        raise Refusal(f"not a CSV file: {error}") from None


def _columns(lines: Sequence[str]) -> dict[str, array]:
    rows = csv.reader(lines, strict=True, skipinitialspace=True)
    header = [name.strip() for name in next(rows, [])]
    if message := wrong_separator(header):
        raise Refusal(f"line 1: {message}")
    if not any(header):
        raise Refusal("line 1: no header; its cells are names, as in takeover.difficulty")
    if wrong := list(_wrong_names(header)):
        raise Refusal(at_most(wrong, MOST_MISTAKES))
    columns: list[list[float]] = [[] for _ in header]
    mistakes: list[str] = []
    for cells in rows:
        if cells:
            mistakes += islice(_row(header, columns, cells, rows.line_num), MOST_MISTAKES)
        if len(mistakes) >= MOST_MISTAKES:
            raise Refusal([*mistakes[:MOST_MISTAKES], "and maybe more after that"])
    if not mistakes and not columns[0]:
        mistakes = ["no row below the header; each row is a draw"]
    if mistakes:
        raise Refusal(mistakes)
    return {name: array("d", values) for name, values in zip(header, columns, strict=True)}


def _wrong_names(header: Sequence[str]) -> Iterator[str]:
    """A sentence for each head that names no parameter that may be drawn, or one twice."""
    places = drawable()
    for number, name in enumerate(header, 1):
        if not name:
            yield f"line 1, column {number}: no name; each column is a parameter"
        elif name not in places:
            close = nearest(name, places)
            reason = "takes no distribution" if name in declared_by_key() else "no such parameter"
            yield (
                f"line 1, column {shown(name)}: {reason}; the nearest that may be drawn is "
                f"'{close}'"
            )
        elif name in header[: number - 1]:
            yield f"line 1, column {shown(name)}: given twice"


def _row(header, columns, cells, line) -> Iterator[str]:
    """Add a row to the columns.  Yields a sentence for each mistake in it."""
    if len(cells) != len(header):
        count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        yield f"line {line}: found {count}; the header has {len(header)}"
        return
    places = drawable()
    for name, column, cell in zip(header, columns, cells, strict=True):
        quantity = places[name].quantity
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        column.append(value)
        if not quantity.allows(value):
            there = shown(cell.strip()) if cell.strip() else "nothing"
            yield f"line {line}, column {shown(name)}: found {there}; allowed is {quantity.range}"


def with_columns(raw: Mapping, table: DrawsTable) -> dict:
    """A raw scenario without mistakes, with each column of a table in its places.

    Raises Refusal for columns that no policy has.
    """
    lines: list[str] = []
    placed = dict(raw)
    for name in table.columns:
        with gathering(lines, f"{table.file}: column {shown(name)}: "):
            placed = _with_column(placed, table.column(name))
    if lines:
        raise Refusal(at_most(lines, MOST_MISTAKES))
    return placed


def _with_column(raw: dict, column: Column) -> dict:
    """The raw scenario with a column in place of what it says of that parameter, and of each
    distribution that a policy has for it."""
    path, _, number = drawable()[column.name]
    policies = dict(raw.get("policies") or {})
    drawing = [name for name, own in policies.items() if _draws(own, path, number)]
    for name in drawing:
        value = _with_part(value_at(raw, ("policies", name, *path)), number, column)
        policies[name] = laid_over(Tables, policies[name], nested(path, value))
    if drawing:
        raw = {**raw, "policies": policies}
    if not drawing or any(not holds(own, path) for own in policies.values()):
        try:
            raw = changed(raw, path, _with_part(value_at(raw, path), number, column))
        except Refusal:
            if not drawing:  # else those that have it have got it
                raise
    return raw


def _draws(overlay: Mapping, path: Keys, number: int | None) -> bool:
    """Whether a policy has a distribution or a fit of its own at `path`."""
    if not holds(overlay, path):
        return False
    value = value_at(overlay, path)
    return isinstance(value if number is None else value[number], Mapping)


def _with_part(value, number: int | None, column: Column):
    """The column as in a file, alone or as one number of the list `value`."""
    if number is None:
        return column.plain()
    if not isinstance(value, list | tuple):
        raise Refusal("the scenario has no such list")
    parts = list(plain(tuple(value)))
    parts[number] = column.plain()
    return parts
