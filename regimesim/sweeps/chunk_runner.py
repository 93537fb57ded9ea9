"""Run a chunk of a sweep, in this process or, sent as bytes, in another."""

import pickle
import signal
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal
from regimesim.model.compilation import digest
from regimesim.sweeps.journal import pack
from regimesim.sweeps.plan import NUMBERS
from regimesim.sweeps.work_units import run_units

LIBRARIES = ("numpy", "numba", "scipy")


class Job(NamedTuple):
    """What all chunks of a sweep have in common."""

    scenario: object
    design: object
    independent: bool
    rules: dict


def run_chunk(job: Job, units, stop=None) -> bytes:
    """Run a chunk in the calling thread.  Returns the packed results of its work units."""
    stop = np.zeros(1, np.int64) if stop is None else stop
    return pack(run_units(job.scenario, job.design, units, job.independent, stop, job.rules))


def run_pickled(job: bytes, code: str, units: bytes) -> bytes:
    """Run a chunk in another process, which must have the same code of the model."""
    if code != own_code():
        raise Refusal(f"a worker has {_other(code)}; install the same version everywhere")
    return run_chunk(_unpickled(job), pickle.loads(units), _shared_stop[0])


_shared_stop = [None]  # set from outside to end a worker of `Processes` early
_unpickled = lru_cache(2)(pickle.loads)


def _other(code: str) -> str:
    """What differs here from the code and the libraries of the process that sent a chunk."""
    (ours, *here), (theirs, *there) = own_code().split(), code.split()
    if ours != theirs:
        return "other code of the model"
    pairs = [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]]
    return " and ".join(f"{one} where the sweep was started with {other}" for one, other in pairs)


@cache
def own_code() -> str:
    """A digest of the code on which the numbers of a chunk depend, and the versions of the
    libraries that compute them, here in this process."""
    from importlib.metadata import version

    return " ".join([digest(NUMBERS), *(f"{name}-{version(name)}" for name in LIBRARIES)])


def listen(stop):
    """Prepare a worker process: it ignores Ctrl-C, and the process that started it sets `stop`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared_stop[0] = np.frombuffer(stop, np.int64)
