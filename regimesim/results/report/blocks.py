"""The parts of a page, as plain data; `blocks.html.jinja` says how each is written as HTML.

A part that has nothing to show is false, and is left out of the page.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from regimesim.analysis.formatting import MARK


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
        What it says.
    small : tuple of str
        Lines below it in small print.
    marked : bool
        Whether the mark of a conditional estimate stands behind the text.
    link : str
        Where the text leads to; empty where it is no link.
    """

    text: str
    small: tuple[str, ...] = ()
    marked: bool = False
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table whose first column heads the rows; in a table of `words` all text is to the left."""

    kind: ClassVar = "table"
    headings: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    caption: str = ""
    words: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a `soft` one is in grey."""

    kind: ClassVar = "paragraph"
    text: str
    soft: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    kind: ClassVar = "heading"
    text: str


@dataclass(frozen=True)
class Items:
    """A list; one of `verdicts` has a box around each item."""

    kind: ClassVar = "items"
    lines: Sequence[str]
    verdicts: bool = False


@dataclass(frozen=True)
class Code:
    """Text in a fixed pitch."""

    kind: ClassVar = "code"
    text: str


@dataclass(frozen=True)
class Figure:
    """An image with its caption.

    Attributes
    ----------
    caption : str
        What it draws.
    source : str
        The image, as a data URL.
    finding : str
        What it shows, for readers who do not see it.
    narrow : str
        The image for narrow screens, as a data URL; empty where there is none.
    """

    kind: ClassVar = "figure"
    caption: str
    source: str
    finding: str = ""
    narrow: str = ""


@dataclass(frozen=True)
class Section:
    """A section of a page; `anchor` is the name by which it is linked.

    Of one that is `folded`, a reader sees the heading, and opens the rest.
    """

    heading: str
    blocks: Sequence
    anchor: str
    folded: bool = False

    def __bool__(self) -> bool:
        return any(self.blocks)


def data_url(content: bytes, kind: str) -> str:
    """An image of a kind such as "png" as a URL that holds the image itself."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def render(title: str, opening: Sequence, sections: Sequence[Section], links: bool) -> str:
    """Write a page that loads nothing and runs nothing.

    Parameters
    ----------
    title : str
        The title, which is the first heading too.
    opening : sequence of blocks
        What stands before the first section.
    sections : sequence of Section
        Sections that have something to show.
    links : bool
        Whether links to all sections stand before the first.

    Returns
    -------
    str
        The page as HTML.
    """
    shown = [section for section in sections if section]
    template = _environment().get_template("page.html.jinja")
    return template.render(title=title, opening=opening, sections=shown, links=links)


@cache
def _environment():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["breakable"] = _breakable
    environment.globals["mark"] = MARK
    return environment


def _breakable(name: str):
    """A name that a narrow column may break after an underscore, a hyphen or a dot."""
    from markupsafe import Markup, escape

    return Markup("<wbr>").join(escape(part) for part in re.split("(?<=[-_.])", str(name)))
