"""The scenario on display.  The page reads it here, because the server imports it by name."""

from typing import NamedTuple

from regimesim.view.choices import Choices, Shelf


class Opened(NamedTuple):
    """The scenario on display, and the first choices of a page."""

    shelf: Shelf
    first: Choices


_opened: list[Opened] = []


def open_for_pages(shelf: Shelf, first: Choices):
    """Set what every page shows."""
    _opened[:] = [Opened(shelf, first)]


def opened() -> Opened:
    """What every page shows."""
    return _opened[0]
