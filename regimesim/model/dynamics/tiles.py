"""Tiles and batches: the arrays that hold worlds, and the batches that pass through them."""

from typing import NamedTuple

import numpy as np

from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.record import MONTHLY_COLUMNS
from regimesim.model.oversight.rule_call import make_call
from regimesim.model.world.layout import (
    LAB,
    LESSON,
    MEASURED,
    OUTCOME,
    PARAMETERS,
    SCRATCH,
    SYSTEM,
    WIDTH,
    WORLD,
    Tile,
)

LINE = 64  # bytes of a line of the cache, and of the widest vector


class Batch(NamedTuple):
    """Worlds that pass through a tile, and their results.

    seeds, numbers: (worlds,) int64 · drawn: (worlds, numbers) parameters · rows: (WIDTH,) the
    world of the batch in each column, or −1 · tally: (2,) worlds started and done · outcomes:
    (worlds,) OUTCOME · monthly: (months, MONTHLY_COLUMNS) int64 sums · stop: (1,) int64, which
    another thread sets to end early · continuation_rate: (1,) how often lost worlds are
    continued for their expectations (`continuation_chance`; 0: never) · call: how to call the
    rule of a policy in Python (`regimesim.model.oversight.rule_call`).
    """

    seeds: np.ndarray
    numbers: np.ndarray
    drawn: np.ndarray
    rows: np.ndarray
    tally: np.ndarray
    outcomes: np.ndarray
    monthly: np.ndarray
    stop: np.ndarray
    continuation_rate: np.ndarray
    call: np.ndarray


def make_batch(seeds, numbers, drawn, months, stop=None, continuation_rate=0.0):
    """A batch of worlds that have yet to be simulated."""
    outcomes = np.zeros(len(numbers), OUTCOME)
    return Batch(
        seeds,
        numbers,
        drawn,
        np.full(WIDTH, -1, np.int64),
        np.zeros(2, np.int64),
        outcomes.view(np.recarray) if INTERPRETED else outcomes,
        np.zeros((months, MONTHLY_COLUMNS), np.int64),
        np.zeros(1, np.int64) if stop is None else stop,
        np.full(1, float(continuation_rate)),
        make_call(),
    )


def _zeros(shape, kind):
    """An array of zeros that begins where a line of the processor's cache does."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    memory = np.zeros(size + LINE, np.uint8)
    begin = -memory.ctypes.data % LINE
    return memory[begin : begin + size].view(kind).reshape(shape)


def make_tile(labs, systems):
    """A tile of free columns for worlds of `labs` labs and `systems` systems."""
    parameters, measured = _zeros(1, PARAMETERS), _zeros(1, MEASURED)
    lessons = _zeros(1, LESSON)
    taught = lessons.view(np.float64).reshape(-1, WIDTH)
    measures = measured.view(np.float64).reshape(-1, WIDTH)
    arrays = Tile(
        _zeros(systems, SYSTEM),
        _zeros(labs, LAB),
        _zeros(1, WORLD),
        parameters,
        parameters.view(np.float64).reshape(-1, WIDTH),
        _zeros(1, SCRATCH),
        _zeros(systems * WIDTH, np.int64),
        _zeros(1, SYSTEM),
        lessons,
        taught,
        _zeros(len(taught), np.int64),
        _zeros(systems * WIDTH, np.int64),
        measured,
        measures,
        _zeros((2 * len(measures), WIDTH), np.int64),
    )
    if INTERPRETED:  # plain Python reads the fields of a record only from a recarray
        recorded = [a.view(np.recarray) if a.dtype.names else a for a in arrays]
        return Tile(*recorded)
    return arrays
