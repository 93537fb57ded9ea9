"""Progress of a run: a bar with the remaining time and the latest result."""

import sys
import warnings
from collections.abc import Callable

from regimesim.analysis.terminal import filled, width
from regimesim.ensemble.ensemble import warm_up
from regimesim.model.compilation import noticing
from regimesim.model.machine_code import NotKept
from regimesim.scenario import parse

LEAST_BAR = 70  # columns; a bar and its numbers need them
SHORT = "{desc}{percentage:.0f}% of {total_fmt}, {remaining} left{postfix}"


class Progress:
    """Counts worlds, for a caller's own function; shows nothing.

    Parameters
    ----------
    count : callable, optional
        Called with the number of worlds just finished.
    """

    def __init__(self, count: Callable[[int], object] | None = None):
        self._count = count

    def __call__(self, worlds: int) -> None:
        """Count `worlds` more worlds as finished."""
        if self._count:
            self._count(worlds)

    def finding(self, words: str) -> None:
        """Show the latest result in a few words."""

    def line(self, words: str) -> None:
        """Print a line above the bar."""

    def total(self, worlds: int) -> None:
        """Set the number of worlds in all."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


class Bar(Progress):
    """A bar on the terminal with the remaining time; without a terminal it shows nothing."""

    def __init__(self, total: int | None = None, unit: str = " worlds", desc: str | None = None):
        self._bar = progress_bar(unit, total=total, desc=desc)
        super().__init__(self._bar.update)

    def finding(self, words: str) -> None:
        self._bar.set_postfix_str(words)

    def line(self, words: str) -> None:
        self._bar.write(filled(words), file=sys.stderr)

    def total(self, worlds: int) -> None:
        self._bar.total = worlds
        self._bar.refresh()

    def __exit__(self, *error):
        self._bar.close()


def as_progress(progress) -> Progress:
    """The Progress itself, or one that calls a function of the number of worlds, or None."""
    return progress if isinstance(progress, Progress) else Progress(progress)


def progress_bar(unit=" worlds", **options):
    """A tqdm bar that counts worlds; it is disabled where there is no terminal.

    It follows the width of the terminal.  A narrow one shows no bar, but the numbers and the
    remaining time.
    """
    from tqdm import tqdm

    columns = width() - 1
    form = SHORT if columns < LEAST_BAR else None
    options |= {"unit": unit, "ncols": columns, "bar_format": form, "leave": False}
    return tqdm(file=sys.stderr, disable=None, **options)


def compile_model():
    """Compile the model, with a notice, or load it from disk."""
    with warnings.catch_warnings(record=True) as caught, noticing(_say_compiling):
        warnings.simplefilter("always", NotKept)
        warm_up(parse({}))
    for message in dict.fromkeys(str(w.message) for w in caught):
        print(filled(message), file=sys.stderr, flush=True)


def _say_compiling():
    notice = "Compiling the model for this machine: once, some 15 seconds."
    print(filled(notice), file=sys.stderr, flush=True)
