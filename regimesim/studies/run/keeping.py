"""Storage of the worlds of a run while it goes on: in memory, or in its folder.

Both classes run further worlds in a context that yields the dataset of all worlds so far, as
`until_precise` needs it.  A run that is small enough stays in memory until it is saved, because
a file is slow where it is written, or read, one row at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from regimesim.ensemble.datasets import WorldsFile, bytes_of_worlds, dataset, grown
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.netcdf import write_dataset
from regimesim.results.progress import Progress
from regimesim.studies.run.question import Question

if TYPE_CHECKING:
    import xarray

WORLDS, MONTHS = "worlds.nc", "months.nc"
SMALL = 2**26  # bytes of all outcomes of a run that stays in memory until it is saved


def is_small(scenario) -> bool:
    """Whether the outcomes of a run stay in memory until they are saved."""
    return bytes_of_worlds(scenario) <= SMALL


class InMemory:
    """Worlds in memory."""

    def __init__(self, question: Question, progress: Progress):
        self._question, self._progress = question, progress
        self._store, self._sums = {}, None

    @contextmanager
    def add(self, stage, first, looks) -> Iterator["xarray.Dataset"]:
        """Run the worlds of `stage`, a scenario, from `first` on."""
        rules, threads = self._question.rules, self._question.threads
        self._store = grown(self._store, stage, other_luck=True)
        self._sums = fill_store(
            stage, self._store, rules, threads, self._progress, first, self._sums
        )
        self._stage, self._looks = stage, looks
        self._worlds = dataset(self._store, stage, looks)
        yield self._worlds

    def finish(self):
        """The datasets of the worlds and of the months."""
        self._months = self._sums.dataset()
        return self._worlds, self._months

    def save(self, folder: Path) -> None:
        """Write the datasets."""
        with WorldsFile(folder / WORLDS, self._stage, self._looks) as file:
            for name, values in self._store.items():
                file[name][...] = values
        write_dataset(folder / MONTHS, self._months)


class InFolder:
    """Worlds in the files of a folder, which may be larger than the memory."""

    def __init__(self, question: Question, progress: Progress, folder: Path):
        self._question, self._progress, self._folder = question, progress, folder
        self._sums = None

    @contextmanager
    def add(self, stage, first, looks) -> Iterator["xarray.Dataset"]:
        """Run the worlds of `stage`, a scenario, from `first` on."""
        question = self._question
        file = WorldsFile(self._folder / WORLDS, stage, looks, bool(question.targets))

        def count(worlds):
            file.check()
            self._progress(worlds)

        with file as store:
            self._sums = fill_store(
                stage, store, question.rules, question.threads, count, first, self._sums
            )
        with read_large(self._folder, stage, looks) as worlds:
            yield worlds

    def finish(self) -> None:
        """Write the months."""
        write_dataset(self._folder / MONTHS, self._sums.dataset())


def read_large(folder: Path, scenario, looks: int):
    """The dataset of all worlds that `InFolder` has written, as a context; its numbers are read
    when they are used."""
    from regimesim.ensemble.worlds_on_disk import read_worlds

    return read_worlds(folder / WORLDS, scenario, looks)
