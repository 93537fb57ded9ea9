"""A chunk of a sweep, run: in this process, or sent to another as bytes."""

import pickle
import signal
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal
from regimesim.model.compilation import digest
from regimesim.sweeps.designs import Design
from regimesim.sweeps.journal import pack
from regimesim.sweeps.plan import NUMBERS
from regimesim.sweeps.work_units import run_pieces


class Job(NamedTuple):
    """What all chunks of a sweep have in common."""

    scenario: object
    design: object
    independent: bool
    rules: dict


class Excerpt:
    """The values of an axis at the points from `first` on, by the numbers of the points."""

    def __init__(self, values, first: int, last: int):
        self._values, self._first = values[first:last], first
        self._size, self.dtype = len(values), values.dtype

    def __len__(self):
        return self._size

    def __getitem__(self, point: int):
        return self._values[point - self._first]


def excerpt(design: Design, first: int, last: int) -> Design:
    """A design of which only the points `first` to `last` (not included) can be asked for."""
    values = {key: Excerpt(column, first, last) for key, column in design.values.items()}
    return replace(design, values=values)


def run_chunk(job: Job, pieces, stop=None) -> bytes:
    """Live through a chunk in the calling thread: its pieces, packed."""
    stop = np.zeros(1, np.int64) if stop is None else stop
    return pack(run_pieces(job.scenario, job.design, pieces, job.independent, stop, job.rules))


def run_sent(job: bytes, code: str, pieces: bytes) -> bytes:
    """The same in another process, which must have the same code of the model."""
    if code != own_code():
        raise Refusal("a worker has other code of the model; install the same version everywhere")
    return run_chunk(_unpickled(job), pickle.loads(pieces), _shared_stop[0])


_shared_stop = [None]  # what a process of Processes listens to
_unpickled = lru_cache(2)(pickle.loads)


@cache
def own_code() -> str:
    """A digest of the code on which the numbers of a chunk depend, here in this process."""
    return digest(NUMBERS)


def listen(stop):
    """In a worker process: Ctrl-C is for the process that started it, which sets `stop`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared_stop[0] = np.frombuffer(stop, np.int64)
