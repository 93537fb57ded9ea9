"""What the server shows: the page looks here, because the server imports it by name."""

from typing import NamedTuple

from regimesim.view.choices import Choices, Shelf


class Opened(NamedTuple):
    """What there is to show, and the choices that a page begins with."""

    shelf: Shelf
    first: Choices


_opened: list[Opened] = []


def open_for_pages(shelf: Shelf, first: Choices):
    """Have every page show this from now on."""
    _opened[:] = [Opened(shelf, first)]


def opened() -> Opened:
    """What was opened."""
    return _opened[0]
