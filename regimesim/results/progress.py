"""What a user sees while worlds are run: a bar with the time left and the latest finding."""

import sys
import threading
import warnings
from collections.abc import Callable

from regimesim.ensemble.ensemble import warm_up
from regimesim.model.machine_code import NotKept
from regimesim.scenario import parse

PATIENCE = 1.5  # seconds of silence


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
        """Show in a few words what has been found so far."""

    def line(self, words: str) -> None:
        """Print a line above the bar."""

    def total(self, worlds: int) -> None:
        """Say how many worlds there are in all."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


class Bar(Progress):
    """The same as a bar on the terminal, with the time left; nothing where there is none."""

    def __init__(self, total: int | None = None, unit: str = " worlds", desc: str | None = None):
        self._bar = progress_bar(unit, total=total, desc=desc)
        super().__init__(self._bar.update)

    def finding(self, words: str) -> None:
        self._bar.set_postfix_str(words)

    def line(self, words: str) -> None:
        self._bar.write(words, file=sys.stderr)

    def total(self, worlds: int) -> None:
        self._bar.total = worlds
        self._bar.refresh()

    def __exit__(self, *error):
        self._bar.close()


def as_progress(progress) -> Progress:
    """The Progress that a function of a number of worlds, a Progress or None stands for."""
    return progress if isinstance(progress, Progress) else Progress(progress)


def progress_bar(unit=" worlds", **options):
    """A bar that counts worlds, where there is a terminal to show it."""
    from tqdm import tqdm

    return tqdm(unit=unit, ncols=79, file=sys.stderr, leave=False, disable=None, **options)


def compile_model():
    """Compile the model, or load it from disk; say so where that takes its time."""
    notice = "Compiling the model for this machine: once, some 15 seconds."
    waiting = threading.Timer(PATIENCE, print, [notice], {"file": sys.stderr, "flush": True})
    waiting.daemon = True
    waiting.start()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", NotKept)
            warm_up(parse({}))
    finally:
        waiting.cancel()
    for message in dict.fromkeys(str(w.message) for w in caught):
        print(message, file=sys.stderr, flush=True)
