"""Columns of tables of joint draws, as values of parameters.

A table that was read is known by its digest, so that a value which is a column of it can be read
again wherever its scenario is.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of joint draws: each world takes the value of one row.

    `name` is the dotted name at its head, `of` the digest of its table, `file` what the table is
    called, and `values` has a number for each row (an array of doubles).
    """

    name: str
    of: str
    file: str = field(compare=False)
    values: array = field(compare=False, repr=False)

    @property
    def ends(self) -> tuple[float, float]:
        """Its least and its greatest value."""
        return min(self.values), max(self.values)

    @property
    def median(self) -> float:
        """The median of its values."""
        return float(median(self.values))

    def plain(self) -> dict:
        """As written in a scenario whose table was read."""
        return {"column": self.name, "of": self.of}


@dataclass(frozen=True, eq=False)
class DrawsTable:
    """Joint draws of parameters.

    file: what it is called · digest: of its text · columns: the values of each parameter, one for
    each row, by dotted name.
    """

    file: str
    digest: str
    text: str
    columns: Mapping[str, array]

    def plain(self) -> dict:
        """As a scenario carries it that was read, so that it needs no other file."""
        return {"file": self.file, "table": self.text}

    def column(self, name: str) -> Column:
        """One of its columns."""
        return Column(name, self.digest, self.file, self.columns[name])


_KNOWN: dict[str, DrawsTable] = {}


def keep(table: DrawsTable) -> None:
    """Let the columns of a table be read as values from now on."""
    _KNOWN[table.digest] = table


def known(digest: str) -> DrawsTable | None:
    """The table of this digest, where it was read before."""
    return _KNOWN.get(digest)


def column_of(written: Mapping) -> Column | None:
    """The column that a value of a scenario names, or None where there is no such table."""
    if set(written) != {"column", "of"} or not all(isinstance(x, str) for x in written.values()):
        return None
    table = _KNOWN.get(written["of"])
    return (
        table.column(written["column"]) if table and written["column"] in table.columns else None
    )
