"""Sentences and tables for a terminal: they follow its width, and no number is left out.

A table whose columns do not fit side by side is stacked: each row becomes its label and a line
for every cell, after the heading of its column.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

USUAL = 80  # columns, where there is no terminal
NARROWEST, WIDEST = 40, 120
LEAST_LABEL = 12  # columns that are left for labels, or else they get lines of their own
LEAST_WORDS = 24  # the same for words at the right of a table
INDENT = "  "  # of the numbers below a label on a line of its own, where there is no more space
KEPT_TOGETHER = "\xa0"  # a space at which no line ends

Row = str | Sequence[str]


def width() -> int:
    """The columns of the terminal, or of the variable COLUMNS; 80 where there is neither.

    A narrower terminal than 40 columns counts as 40, a wider one than 120 as 120.
    """
    columns = shutil.get_terminal_size((USUAL, 24)).columns
    return min(max(columns, NARROWEST), WIDEST)


def filled(text: str, first: str = "", rest: str | None = None) -> str:
    """A text in lines as wide as the terminal, which end between words.

    Parameters
    ----------
    text : str
        A paragraph; a number and its % stay on one line.
    first, rest : str
        The indents of the first line and of the others, by default that of the first.

    Returns
    -------
    str
    """
    return "\n".join(_lines(text, width(), first, first if rest is None else rest))


def json_text(content, ascii_only: bool = False) -> str:
    """Plain values as JSON, indented; numbers that JSON lacks are refused with a ValueError.

    What is printed has ASCII letters only: a text from somebody else's file could hold marks that
    reverse the text around them on a terminal.
    """
    return json.dumps(content, indent=2, ensure_ascii=ascii_only, allow_nan=False)


def _lines(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    lines = wrap(
        text.replace(" %", f"{KEPT_TOGETHER}%"),
        columns,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,  # which would divide an interval
    )
    return [line.replace(KEPT_TOGETHER, " ") for line in lines]


def table(head: Sequence[str], rows: Iterable[Row], words: bool = False) -> list[str]:
    """The lines of a table, none of which is longer than the terminal is wide.

    Parameters
    ----------
    head : sequence of str
        The headings of the columns; "\\n" divides one into lines.  If all are empty, the table
        has no lines of headings.
    rows : iterable
        The cells of each row, as many as headings.  The first is the label of the row, at the
        left; the others stand at the right of their columns.  A text instead of cells is a line
        of its own.
    words : bool
        Whether the last column has words, which are wrapped, instead of numbers.

    Returns
    -------
    list of str
        Side by side where the columns fit: with two spaces between them, or with one; or with
        long labels, or all of them, on lines of their own.  Otherwise stacked.
    """
    rows = list(rows)
    cells = [row for row in rows if not isinstance(row, str)]
    numbers = len(head) - words
    widths = [
        max(len(line) for text in column for line in text.split("\n"))
        for column in zip(head, *cells, strict=True)
    ][:numbers]
    left = width() - sum(widths[1:]) - (2 + LEAST_WORDS if words else 0)
    gap = 2 if widths[0] <= left - 2 * (numbers - 1) and not words else 1
    if widths[0] > left - gap * (numbers - 1):  # long labels get lines of their own
        gap = 1 if words or left - 2 * (numbers - 1) < LEAST_LABEL else 2
        left -= gap * (numbers - 1)
        if left < (LEAST_LABEL if words else len(INDENT)):
            return list(_stacked(head, rows, words))
        short = (len(row[0]) for row in (head, *cells) if len(row[0]) <= left)
        widths[0] = max(short, default=0) if left >= LEAST_LABEL else len(INDENT)
    return list(_side_by_side(head, rows, widths, gap, words))


def _side_by_side(head, rows, widths, gap, words) -> Iterator[str]:
    total = sum(widths) + gap * (len(widths) - 1)
    right = width() - total - 2
    if any(head):
        if len(head[0]) > widths[0]:
            yield head[0]
            head = ("", *head[1:])
        yield from _headings(head, widths, gap)
        yield "-" * (width() if words else total)
    for row in rows:
        if isinstance(row, str):
            yield from _lines(row, width(), rest=_indent(row) + "  ")
            continue
        label, *cells = row
        if len(label) > widths[0]:
            yield from _lines(label, width(), rest=_indent(label) + "  ")
            label = ""
        line = _line((label, *cells), widths, gap)
        if not words:
            yield from [line] if line else []
            continue
        texts = [text for part in cells[-1].split("\n") for text in _lines(part, right)]
        yield f"{line:{total}}  {texts[0] if texts else ''}".rstrip()
        yield from (" " * (total + 2) + text for text in texts[1:])


def _headings(head, widths, gap) -> Iterator[str]:
    """The headings, whose last lines are on one line."""
    parts = [text.split("\n") for text in head]
    height = max(map(len, parts))
    for column in zip(*([""] * (height - len(part)) + part for part in parts), strict=True):
        line = _line(column, widths, gap)
        yield line if len(head) == len(widths) else f"{line}  {column[-1]}".rstrip()


def _line(cells, widths, gap) -> str:
    label, *numbers = (
        f"{cell:>{size}}" if k else f"{cell:{size}}"
        for k, (cell, size) in enumerate(zip(cells, widths, strict=False))
    )
    return (" " * gap).join((label, *numbers)).rstrip()


def _stacked(head, rows, words) -> Iterator[str]:
    names = [" ".join(text.replace("-\n", "").split()) for text in head]
    longest = max(map(len, names[1 : len(names) - words]), default=0)
    for row in rows:
        if isinstance(row, str):
            yield from _lines(row, width(), rest=_indent(row) + "  ")
            continue
        indent = _indent(row[0])
        label = f"{names[0]} {row[0].strip()}".strip()
        if row[0]:
            yield from _lines(label, width(), indent, indent + "  ")
        for place, (name, cell) in enumerate(zip(names[1:], row[1:], strict=True), 1):
            if words and place == len(names) - 1:
                name = ""
            for text in filter(None, cell.split("\n")):
                yield from _stacked_cell(name, text, longest, indent + "  ")


def _stacked_cell(name, text, longest, indent) -> Iterator[str]:
    start = f"{indent}{name:{longest}}  " if name else indent
    if len(start + text) <= width() or not name:
        yield from _lines(text, width(), start, " " * len(start))
    else:
        yield from _lines(name, width(), indent, indent + "  ")
        yield from _lines(text, width(), indent + "  ", indent + "  ")


def _indent(label: str) -> str:
    return label[: len(label) - len(label.lstrip())]
