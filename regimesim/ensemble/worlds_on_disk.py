"""The dataset of a file of worlds, read by someone who knows what the file holds.

h5netcdf asks every variable of a growing file for its size whenever it needs that of one, so it
takes seconds to open a file with many variables.  Names, dimensions and attributes follow from the
scenario, so only numbers need to be read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import xarray
from xarray.backends import BackendArray
from xarray.core import indexing

from regimesim.ensemble.datasets import dataset, world_variables
from regimesim.scenario import Scenario


class _Stored(BackendArray):
    """An array of an open file, of which xarray reads the parts that it uses."""

    def __init__(self, array: h5py.Dataset):
        self._array = array
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, key):
        some = indexing.IndexingSupport.OUTER_1VECTOR
        return indexing.explicit_indexing_adapter(key, self.shape, some, self._array.__getitem__)


@contextmanager
def read_worlds(path: Path, scenario: Scenario, looks: int = 1) -> Iterator[xarray.Dataset]:
    """The dataset of a file that `WorldsFile` has written, while it is open.

    It is the one that `xarray.open_dataset` gives.

    Parameters
    ----------
    path : Path
        The file.
    scenario : Scenario
        With the number of worlds in the file.
    looks : int
        The number of looks at which the run could have stopped.
    """
    with h5py.File(path, rdcc_nbytes=0) as file:
        stored = {
            variable.name: indexing.LazilyIndexedArray(_Stored(file[variable.name]))
            for variable in world_variables(scenario)
        }
        yield dataset(stored, scenario, looks)
