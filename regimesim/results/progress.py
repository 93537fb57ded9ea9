"""Progress of a run: a bar with the remaining time and the latest result."""

import sys
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

from regimesim.analysis.terminal import filled, width
from regimesim.ensemble.ensemble import warm_up
from regimesim.ensemble.workload import duration
from regimesim.model.compilation import noticing
from regimesim.model.machine_code import NotKept
from regimesim.scenario import parse

LEAST_BAR = 70  # columns; a bar and its numbers need them
SHORT = "{desc}{percentage:.0f}% of {total_fmt}, {remaining} left{postfix}"


class Standing(NamedTuple):
    """The answer of a finished stage of a study.

    Attributes
    ----------
    stage : str
        How far the study had come, as in "96 of 2,000 worlds".
    answer : object
        The result of the study, had it ended there.
    """

    stage: str
    answer: object


class Progress:
    """Counts worlds, for a caller's own function; shows nothing.

    Parameters
    ----------
    count : callable, optional
        Called with the number of worlds just finished.

    Attributes
    ----------
    done : int
        The number of worlds that are finished.
    standing : Standing or None
        The answer of the last stage that is finished.
    """

    def __init__(self, count: Callable[[int], object] | None = None):
        self._count = count
        self.done = 0
        self.standing: Standing | None = None

    def __call__(self, worlds: int) -> None:
        """Count `worlds` more worlds as finished."""
        self.done += worlds
        if self._count:
            self._count(worlds)

    def finding(self, words: str) -> None:
        """Show the latest result in a few words."""

    def line(self, words: str) -> None:
        """Print a line above the bar."""

    def stand(self, stage: str, answer: object, words: str) -> None:
        """Keep the answer of a finished stage, and print what it says, in `words`."""
        self.standing = Standing(stage, answer)
        self.line(f"{stage}: {words}.")

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
        self._total = total
        self._first: tuple[float, int] | None = None  # when worlds first finished, and how many
        super().__init__(self._bar.update)

    def __call__(self, worlds: int) -> None:
        super().__call__(worlds)
        if self._first is None:
            self._first = time.monotonic(), self.done

    def finding(self, words: str) -> None:
        self._bar.set_postfix_str(words)

    def line(self, words: str) -> None:
        self._bar.write(filled(words), file=sys.stderr)

    def stand(self, stage: str, answer: object, words: str) -> None:
        super().stand(stage, answer, words + self._left())

    def _left(self) -> str:
        """The time that is left at the pace since the first worlds finished, as the end of a
        sentence: what came before was loading, compilation, or a look that is not counted."""
        began, before = self._first or (0.0, self.done)
        if not self._total or self.done == before:
            return ""
        left = max(self._total - self.done, 0)
        seconds = (time.monotonic() - began) / (self.done - before) * left
        return f"; about {duration(seconds)} left"

    def total(self, worlds: int) -> None:
        self._total = self._bar.total = worlds
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
