"""The worlds of a file, read by someone who knows what the file holds.

h5netcdf asks every variable of a growing file for its size whenever it needs that of one, so it
takes seconds to open a file with many variables.  Names, dimensions and attributes follow from the
scenario, so only numbers need to be read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from regimesim.ensemble.datasets import labelled, world_variables
from regimesim.ensemble.labelled import Labelled
from regimesim.scenario import Scenario


@contextmanager
def read_worlds(path: Path, scenario: Scenario, looks: int = 1) -> Iterator[Labelled]:
    """The worlds of a file that `WorldsFile` has written, while it is open; numbers are read when
    they are used.

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
        stored = {one.name: file[one.name] for one in world_variables(scenario)}
        yield labelled(stored, scenario, looks)
