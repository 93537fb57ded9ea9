"""A CSV file of time horizons with the columns of METR's shipped ones."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from regimesim.errors import Refusal, shown
from regimesim.scenario.input_errors import wrong_separator
from regimesim.scenario.measured.measurement import Measurement, minutes, release_date
from regimesim.scenario.toml_reader import read_text

SHIPPED = Path(__file__).parent / "metr_horizons.csv"
COLUMNS = ("model", "release_date", "published_file_version", "is_sota", "p50_min", "p80_min")
Made = TypeVar("Made")
INTERVAL = ("p50_ci_low", "p50_ci_high")  # columns that a file may have


def read_horizons(path: str | Path = SHIPPED) -> list[Measurement]:
    """The measurements of a CSV file with (at least) `COLUMNS`, in the file's order.

    Lines that start with `#` are comments.  Raises Refusal with a sentence a mistake.
    """
    try:
        text, _ = read_text(Path(path), "a file of measurements")
    except Refusal as refusal:
        raise Refusal(f"{path}: {line}" for line in refusal.lines) from None
    return horizons_in(text, str(path))


def horizons_in(text: str, place: str) -> list[Measurement]:
    """The measurements in a text; `place` is where it is from."""
    made, mistakes = each_row(text, place, COLUMNS, _measurement)
    if mistakes:
        raise Refusal(mistakes)
    return [measurement for _, measurement in made]


def each_row(
    text: str, place: str, needed, make: Callable[[Mapping], Made]
) -> tuple[list[tuple[Mapping, Made]], list[str]]:
    """Every row of a CSV text with what `make` makes of it, and a sentence for each mistake.

    `make` raises ValueError for a wrong row.  Raises Refusal where columns are missing.
    """
    made: list[tuple[Mapping, Made]] = []
    mistakes: list[str] = []
    for line, row in _rows(text, place, needed, mistakes):
        try:
            made.append((row, make(row)))
        except ValueError as error:
            mistakes.append(f"{place}, line {line}: {error}")
    return made, mistakes


def _rows(text: str, place: str, needed, mistakes: list[str]) -> Iterator[tuple[int, Mapping]]:
    """(line, cells by column) of every row of a CSV text, without blanks around cells.

    Raises Refusal where columns are missing; what is no CSV becomes one of the `mistakes`.
    """
    lines = text.splitlines()
    kept = [k for k, line in enumerate(lines) if not line.startswith("#")]
    rows = csv.DictReader(lines[k] for k in kept)
    try:
        if message := wrong_separator(rows.fieldnames or ()):
            raise Refusal(f"{place}, line {kept[0] + 1}: {message}")
        if missing := [name for name in needed if name not in (rows.fieldnames or ())]:
            raise Refusal(
                f"{place}: has no column {', '.join(missing)}; needed are {', '.join(needed)}"
            )
        for row in rows:
            cells = {name: (cell or "").strip() for name, cell in row.items() if name}
            yield kept[rows.line_num - 1] + 1, cells
    except csv.Error as error:
        mistakes.append(f"{place}: is not a CSV file ({error})")


def _measurement(cells: Mapping[str, str]) -> Measurement:
    """One row of the file; ValueError with a sentence about what is wrong in it."""
    released = release_date(cells["release_date"])
    if cells["is_sota"] not in ("0", "1"):
        raise ValueError(f"is_sota is {shown(cells['is_sota'])}; allowed are 0 and 1")
    p80, low, high = (
        minutes(cells[name], name) if cells.get(name) else math.nan
        for name in ("p80_min", *INTERVAL)
    )
    return Measurement(
        model=cells["model"],
        released=released,
        version=cells["published_file_version"],
        is_sota=cells["is_sota"] == "1",
        p50=minutes(cells["p50_min"], "p50_min"),
        p80=p80,
        p50_low=low,
        p50_high=high,
    )
