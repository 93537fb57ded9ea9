"""NetCDF files that are written to, also where the disk is full."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regimesim.ensemble.interrupts import interrupted_by_flag


class Patient(io.RawIOBase):
    """A file whose writing never fails at once: `check` raises the OSError that came first.

    The library below would crash, even when the process ends, where it cannot write what it
    holds or read it again.  So what has no place on the disk is kept here until somebody asks.
    """

    def __init__(self, path: Path, mode: str):
        self._file = io.FileIO(path, mode)
        self._error: OSError | None = None
        self._size, self._place = self._file.seek(0, io.SEEK_END), 0
        self._kept: list[tuple[int, bytes]] = []  # place and content of what was not written

    def check(self) -> None:
        """Raise what kept something from being written."""
        if self._error is not None:
            raise self._error

    def write(self, content) -> int:
        """Take it all."""
        rest, place = memoryview(content).cast("B"), self._place
        try:
            self.check()
            self._file.seek(place)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._error = error
            self._kept.append((place, bytes(content)))
        self._place += len(memoryview(content).cast("B"))
        self._size = max(self._size, self._place)
        return self._place - place

    def truncate(self, size=None) -> int:
        """Make the file so many bytes long."""
        size = self._place if size is None else size
        try:
            self.check()
            self._file.truncate(size)
        except OSError as error:
            self._error = error
        self._size = size
        return size

    def readinto(self, room) -> int:
        """Read into `room` what is on the disk or kept: how many bytes."""
        room, place = memoryview(room).cast("B"), self._place
        count = max(min(len(room), self._size - place), 0)
        self._file.seek(place)
        found = self._file.readinto(room[:count])
        room[found:] = bytes(len(room) - found)  # beyond the end too: the library reads there
        for begin, content in self._kept:
            first, last = max(begin, place), min(begin + len(content), place + count)
            if first < last:
                room[first - place : last - place] = content[first - begin : last - begin]
        self._place += count
        return count

    def seek(self, offset, whence=io.SEEK_SET) -> int:
        """Go to a place."""
        base = (0, self._place, self._size)[whence]
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """The place."""
        return self._place

    def close(self) -> None:
        """Close it."""
        self._file.close()
        super().close()


@contextmanager
def netcdf(path: Path, new: bool = False) -> Iterator[tuple]:
    """An open file to write to, as h5netcdf gives it, and a function that raises the OSError of
    what could not be written, as the end of the block does.  Ctrl-C is answered at that end too:
    the library calls Python for each byte, and drops what is raised there."""
    import h5netcdf

    with interrupted_by_flag(), Patient(path, "w+b" if new else "r+b") as raw:
        try:
            with h5netcdf.File(raw, "w" if new else "r+") as file:
                yield file, raw.check
        except Exception:
            raw.check()  # whatever followed from it
            raise
        raw.check()


def write_dataset(path: Path, dataset, unlimited=()) -> None:
    """Write a dataset to a new file; raises OSError where that fails."""
    from xarray.backends import H5NetCDFStore

    with netcdf(path, new=True) as (file, _):
        dataset.dump_to_store(H5NetCDFStore(file), unlimited_dims=unlimited)


def placed_at_once():
    """How to make a variable all of whose values will be written, in any order: each chunk gets
    its place when the variable is made or grows, so the file's bytes do not hang on the order."""
    from h5py import h5d, h5p

    wish = h5p.create(h5p.DATASET_CREATE)
    wish.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    wish.set_fill_time(h5d.FILL_TIME_NEVER)
    return wish
