"""Tiles: allocating the arrays of a block of worlds."""

import numpy as np

from regimesim.compiled import INTERPRETED
from regimesim.world.state import LAB, PARAMETERS, SCRATCH, SYSTEM, WIDTH, WORLD, Tile


def make_tile(labs, systems):
    """A tile of free columns for worlds of `labs` labs and `systems` systems."""
    parameters = np.zeros(1, PARAMETERS)
    arrays = Tile(
        np.zeros(systems, SYSTEM),
        np.zeros(labs, LAB),
        np.zeros(1, WORLD),
        parameters,
        parameters.view(np.float64).reshape(-1, WIDTH),
        np.zeros(1, SCRATCH),
    )
    if INTERPRETED:  # plain Python reads the fields of a record only from a recarray
        recorded = [a if a is arrays.rows else a.view(np.recarray) for a in arrays]
        return Tile(*recorded)
    return arrays
