"""Storage of the worlds of a run while it goes on: in memory, or in its folder.

Both classes run further worlds in a context that yields all worlds so far, as
`until_precise` needs it.  A run that is small enough stays in memory until it is saved, because
a file is slow where it is written, or read, one row at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regimesim.ensemble.datasets import WorldsFile, bytes_of_worlds, grown, labelled
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.labelled import Labelled
from regimesim.results.progress import Progress
from regimesim.studies.run.question import Question

WORLDS, MONTHS = "worlds.nc", "months.nc"
SMALL = 2**26  # bytes of all outcomes of a run that stays in memory until it is saved


def is_small(scenario) -> bool:
    """Whether the outcomes of a run stay in memory until they are saved."""
    return bytes_of_worlds(scenario) <= SMALL


class InMemory:
    """Worlds in memory: all that have been run, and the monthly sums."""

    def __init__(self, question: Question, progress: Progress):
        self._question, self._progress = question, progress
        self._store, self.sums = {}, None

    @contextmanager
    def add(self, stage, first, looks) -> Iterator[Labelled]:
        """Run the worlds of `stage`, a scenario, from `first` on."""
        rules, threads = self._question.rules, self._question.threads
        self._store = grown(self._store, stage, other_luck=True)
        self.sums = fill_store(
            stage, self._store, rules, threads, self._progress, first, self.sums
        )
        self._stage, self._looks = stage, looks
        self.worlds = labelled(self._store, stage, looks)
        yield self.worlds

    def save(self, folder: Path, months: Labelled) -> None:
        """Write the worlds, and `months`."""
        with WorldsFile(folder / WORLDS, self._stage, self._looks) as file:
            for name, values in self._store.items():
                file[name][...] = values
        months.write(folder / MONTHS)


class InFolder:
    """Worlds in the files of a folder, which may be larger than the memory: `worlds` is None."""

    def __init__(self, question: Question, progress: Progress, folder: Path):
        self._question, self._progress, self._folder = question, progress, folder
        self.worlds, self.sums = None, None

    @contextmanager
    def add(self, stage, first, looks) -> Iterator[Labelled]:
        """Run the worlds of `stage`, a scenario, from `first` on."""
        question = self._question
        file = WorldsFile(self._folder / WORLDS, stage, looks, bool(question.targets))

        def count(worlds):
            file.check()
            self._progress(worlds)

        with file as store:
            self.sums = fill_store(
                stage, store, question.rules, question.threads, count, first, self.sums
            )
        with read_large(self._folder, stage, looks) as worlds:
            yield worlds

    def save(self, folder: Path, months: Labelled) -> None:
        """Write `months`; the worlds are in the folder."""
        months.write(folder / MONTHS)


def read_large(folder: Path, scenario, looks: int):
    """All worlds that `InFolder` has written, as a context; numbers are read when they are
    used."""
    from regimesim.ensemble.worlds_on_disk import read_worlds

    return read_worlds(folder / WORLDS, scenario, looks)
