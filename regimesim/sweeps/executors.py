"""Who does the work of a sweep: threads, processes, or any executor.

A crew takes chunks (`submit` gives a future of their packed pieces), says how many it
should have before it (`room`), is asked now and then whether it still stands (`look`), and
gives up at once what is under way (`leave`).  All crews give the same bits.
"""

import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from regimesim.ensemble.ensemble import warm_up
from regimesim.ensemble.threads import available_cores, number_of_threads
from regimesim.errors import Refusal
from regimesim.sweeps.chunk_runner import Job, excerpt, listen, own_code, run_chunk, run_sent
from regimesim.sweeps.designs import GRID
from regimesim.sweeps.work_units import sendable

SPARE = 2  # chunks a worker has before it, of which it runs one
MANY_POINTS = 5000  # of a design from which on it is sent in excerpts
DEATHS = 5  # workers that may die over chunks before one of them is finished


class Crew:
    """What crews do where they have nothing of their own to do."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def look(self):
        """See whether there are workers; raises Refusal where there are none for long."""

    def survives(self, _error) -> bool:
        """Whether a chunk that ended with an error (None: with none) is to be run again."""
        return False

    def leave(self):
        """Give up what is under way."""


class Threads(Crew):
    """Threads of this process, one a core by default: compiled code runs side by side."""

    def __init__(self, number: int | None = None):
        self.room = SPARE * number_of_threads(number)
        self.stop = np.zeros(1, np.int64)

    def __enter__(self):
        self._pool = ThreadPoolExecutor(self.room // SPARE)
        return self

    def __exit__(self, *_):
        self._pool.shutdown()

    def take(self, job: Job):
        """Make ready for the chunks of a job."""
        warm_up(job.scenario)
        self._job = job

    def submit(self, pieces) -> Future:
        """Have a chunk run."""
        return self._pool.submit(run_chunk, self._job, pieces, self.stop)

    def leave(self):
        """Give up what is under way."""
        self.stop[0] = 1


class Sent(Crew):
    """What crews have in common whose workers are other processes: chunks travel as bytes."""

    def __init__(self):
        self._deaths = 0

    def take(self, job: Job):
        """Make ready for the chunks of a job."""
        sendable(job.rules)
        warm_up(job.scenario)  # so that the workers of this machine find it compiled
        self._job, self._code = job, own_code()
        self._large = job.design.kind != GRID and len(job.design) > MANY_POINTS
        self._packed = None if self._large else pickle.dumps(job)

    def _sent(self, pieces):
        """The arguments of `run_sent`: the job of all chunks, and one of them.

        Of a design with many points only those of the chunk are sent.
        """
        job = self._packed
        if self._large:
            design = excerpt(self._job.design, pieces[0][0], pieces[-1][0] + 1)
            job = pickle.dumps(self._job._replace(design=design))
        return job, self._code, pickle.dumps(pieces)

    def _died(self, workers: str) -> bool:
        """Count a worker that died over a chunk; raises Refusal where too many have."""
        self._deaths += 1
        if self._deaths > DEATHS:
            raise Refusal(
                f"{workers}: {self._deaths} died over their chunks, one after the other; "
                "perhaps they lack memory"
            )
        return True

    def survives(self, error) -> bool:
        """Whether a chunk that ended with `error` is to be run again; None for no error."""
        self._deaths = 0 if error is None else self._deaths
        return False


class Processes(Sent):
    """Worker processes of this machine, one a core by default; one that dies is replaced."""

    def __init__(self, number: int | None = None):
        super().__init__()
        self.room = SPARE * number_of_threads(number)
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.RawArray("q", 1)

    def __enter__(self):
        self._open()
        return self

    def _open(self):
        number = self.room // SPARE
        ready = {"initializer": listen, "initargs": (self._stop,)}
        self._pool = ProcessPoolExecutor(number, self._context, **ready)

    def __exit__(self, *_):
        self._pool.shutdown()

    def submit(self, pieces) -> Future:
        """Have a chunk run."""
        try:
            return self._pool.submit(run_sent, *self._sent(pieces))
        except BrokenProcessPool:  # by another chunk, whose future says so
            self._pool.shutdown()
            self._open()
            return self._pool.submit(run_sent, *self._sent(pieces))

    def survives(self, error) -> bool:
        """Whether a chunk that ended with `error` is to be run again; None for no error."""
        if isinstance(error, BrokenProcessPool):
            return self._died("worker processes")
        return super().survives(error)

    def leave(self):
        """Give up what is under way."""
        self._stop[0] = 1


class Borrowed(Sent):
    """Any executor of concurrent.futures; it is its owner who shuts it down."""

    def __init__(self, executor: Executor):
        super().__init__()
        self._executor = executor
        self.room = SPARE * getattr(executor, "_max_workers", available_cores())

    def submit(self, pieces) -> Future:
        """Have a chunk run."""
        try:
            return self._executor.submit(run_sent, *self._sent(pieces))
        except RuntimeError as error:  # broken, or shut down
            raise Refusal(f"the executor takes no more work: {error}") from error
