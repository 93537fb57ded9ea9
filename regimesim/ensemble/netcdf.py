"""NetCDF files that are written safely, also where the disk is full."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from regimesim.ensemble.interrupts import interrupted_by_flag


class Patient(io.RawIOBase):
    """A file in which no write fails at once: `check` raises the first OSError.

    The HDF5 library would crash, even at the end of the process, where it cannot write its data
    or read them again.  So data that do not fit on the disk are kept here.
    """

    def __init__(self, path: Path, mode: str):
        self._file = io.FileIO(path, mode)
        self._error: OSError | None = None
        self._size, self._place = self._file.seek(0, io.SEEK_END), 0
        self._kept: list[tuple[int, bytes]] = []  # place and content of what was not written

    def check(self) -> None:
        """Raise the error of the first write that failed."""
        if self._error is not None:
            raise self._error

    def write(self, content) -> int:
        """Write, or keep, all of the content."""
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
        """Make the file `size` bytes long."""
        size = self._place if size is None else size
        try:
            self.check()
            self._file.truncate(size)
        except OSError as error:
            self._error = error
        self._size = size
        return size

    def readinto(self, buffer) -> int:
        """Read into `buffer` what is on the disk or kept; returns the number of bytes."""
        buffer, place = memoryview(buffer).cast("B"), self._place
        count = max(min(len(buffer), self._size - place), 0)
        self._file.seek(place)
        done = self._file.readinto(buffer[:count])
        buffer[done:] = bytes(len(buffer) - done)  # beyond the end too: the library reads there
        for begin, content in self._kept:
            first, last = max(begin, place), min(begin + len(content), place + count)
            if first < last:
                buffer[first - place : last - place] = content[first - begin : last - begin]
        self._place += count
        return count

    def seek(self, offset, whence=io.SEEK_SET) -> int:
        """Move to a position."""
        base = (0, self._place, self._size)[whence]
        self._place = base + offset
        return self._place

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@contextmanager
def netcdf(path: Path, new: bool = False) -> Iterator[tuple]:
    """An open h5netcdf file, and a function that raises the OSError of a write that failed.

    The end of the block raises that error too, and answers Ctrl-C: the library calls Python for
    its input and output, and drops an exception that is raised there.
    """
    import h5netcdf

    from regimesim.ensemble import open_objects

    # h5netcdf asks for the order of creation to be kept, as netCDF-4 does
    with (
        _patiently(open_objects.File, path, new, track_order=True) as (kept, check),
        h5netcdf.File(kept, "w" if new else "r+") as file,
    ):
        yield file, check


@contextmanager
def hdf5(path: Path) -> Iterator[tuple]:
    """The same of an existing file as h5py opens it, which names no dimensions but takes a tenth
    of the time to write to."""
    import h5py

    with _patiently(h5py.File, path, new=False) as opened:
        yield opened


def create_variable(file, name: str, scales: Sequence, about: dict, **how):
    """Create a variable in a file that h5py has opened; returns it.

    The bytes are those that h5netcdf writes, in three fifths of its time.

    scales: the datasets that are its dimensions · about: its attributes · how: options of
    `h5py.Group.create_dataset`.
    """
    made = file.create_dataset(name, [len(scale) for scale in scales], track_order=True, **how)
    for dim, scale in zip(made.dims, scales, strict=True):
        dim.attach_scale(scale)
    if scales:
        numbers = [scale.attrs["_Netcdf4Dimid"] for scale in scales]
        made.attrs["_Netcdf4Coordinates"] = np.array(numbers, "int32")
        made.attrs["_Netcdf4Dimid"] = numbers[0]
    made.attrs.update(about)
    return made


@contextmanager
def _patiently(make, path, new, **options):
    with interrupted_by_flag(), Patient(path, "w+b" if new else "r+b") as raw:
        try:
            # without caches of chunks, values are written where they belong, and no chunk is
            # read to write a part of it
            with make(raw, "w" if new else "r+", rdcc_nbytes=0, **options) as file:
                yield file, raw.check
        except Exception:
            raw.check()  # the cause of whatever failed
            raise
        raw.check()


def write_dataset(path: Path, dataset, unlimited=()) -> None:
    """Write a dataset to a new file; raises OSError where that fails."""
    from xarray.backends import H5NetCDFStore

    with netcdf(path, new=True) as (file, _):
        dataset.dump_to_store(H5NetCDFStore(file), unlimited_dims=unlimited)


@contextmanager
def reading(path: Path) -> Iterator:
    """An h5netcdf file that is read."""
    import h5netcdf

    from regimesim.ensemble import open_objects

    # a cache of chunks for each object that stays open would take a tenth of a gigabyte
    with (
        open_objects.File(path, "r", rdcc_nbytes=0) as kept,
        h5netcdf.File(kept, "r", decode_vlen_strings=True) as file,
    ):
        yield file


def reading_hdf5(path: Path):
    """The same as h5py opens it: h5netcdf looks at each variable, and a sweep has hundreds."""
    import h5py

    return h5py.File(path, rdcc_nbytes=0)


@contextmanager
def read_dataset(path: Path, **decoding) -> Iterator:
    """The dataset of a file, while it is open; its numbers are read when they are used.

    decoding: options of `xarray.open_dataset`.
    """
    import xarray
    from xarray.backends import H5NetCDFStore

    with (
        reading(path) as file,
        xarray.open_dataset(H5NetCDFStore(file), **decoding) as dataset,
    ):
        yield dataset


def placed_at_once():
    """The creation properties of a variable whose values will all be written, in any order.

    Each chunk gets its place when the variable is created or grows, so that the bytes of the file
    do not depend on the order of writing.
    """
    from h5py import h5d, h5p

    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5d.FILL_TIME_NEVER)
    return properties
