"""Worker pools of a sweep: threads, processes, or any executor.

A pool gets ready for a sweep (`prepare`) and starts chunks (`submit` returns a future of the
packed results).  `slots` is the number of chunks that it should hold.  The engine calls
`check_workers` regularly, and `abort` to end all running chunks early.  All pools give the
same bits.
"""

import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from regimesim.ensemble.ensemble import warm_up
from regimesim.ensemble.threads import available_cores, number_of_threads
from regimesim.errors import Refusal
from regimesim.sweeps.chunk_runner import Job, listen, own_code, run_chunk, run_pickled
from regimesim.sweeps.work_units import sendable

SLOTS_PER_WORKER = 2  # chunks for each worker: one runs, the others wait
DEATHS = 5  # workers that may die in a row before a chunk is finished


class WorkerPool:
    """What worker pools have in common: by default, nothing to check and nothing to end."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def check_workers(self):
        """Count the workers.  Raises Refusal if there was none for too long."""

    def must_rerun(self, _error) -> bool:
        """Whether a chunk must be run again, by the error that ended it (None: no error)."""
        return False

    def abort(self):
        """End all running chunks early."""


class Threads(WorkerPool):
    """Threads of this process, by default one for each core: compiled code runs in parallel."""

    def __init__(self, number: int | None = None):
        self.slots = SLOTS_PER_WORKER * number_of_threads(number)
        self.stop = np.zeros(1, np.int64)

    def __enter__(self):
        self._executor = ThreadPoolExecutor(self.slots // SLOTS_PER_WORKER)
        return self

    def __exit__(self, *_):
        self._executor.shutdown()

    def prepare(self, job: Job):
        """Get ready for the chunks of a job."""
        warm_up(job.scenario)
        self._job = job

    def submit(self, units) -> Future:
        """Start a chunk."""
        return self._executor.submit(run_chunk, self._job, units, self.stop)

    def abort(self):
        """End all running chunks early."""
        self.stop[0] = 1


class RemotePool(WorkerPool):
    """What pools of other processes have in common: chunks are sent as bytes."""

    def __init__(self):
        self._deaths = 0

    def prepare(self, job: Job):
        """Get ready for the chunks of a job."""
        sendable(job.rules)
        warm_up(job.scenario)  # so that the workers of this machine load compiled code
        self._job, self._code = job, own_code()
        self._large = job.design.many
        self._packed = None if self._large else pickle.dumps(job)

    def _pickled_arguments(self, units):
        """The arguments of `run_pickled`: the job of all chunks, and one of them.

        If the design has many points, only those of the chunk are sent.
        """
        job = self._packed
        if self._large:
            design = self._job.design.excerpt(units[0][0], units[-1][0] + 1)
            job = pickle.dumps(self._job._replace(design=design))
        return job, self._code, pickle.dumps(units)

    def _died(self, workers: str) -> bool:
        """Count a worker that died.  Raises Refusal if too many did so in a row."""
        self._deaths += 1
        if self._deaths > DEATHS:
            raise Refusal(
                f"{workers}: {self._deaths} died over their chunks, one after the other; "
                "perhaps they lack memory"
            )
        return True

    def must_rerun(self, error) -> bool:
        """Whether a chunk must be run again, by the error that ended it (None: no error)."""
        self._deaths = 0 if error is None else self._deaths
        return False


class Processes(RemotePool):
    """Processes of this machine, by default one for each core; one that dies is replaced."""

    def __init__(self, number: int | None = None):
        super().__init__()
        self.slots = SLOTS_PER_WORKER * number_of_threads(number)
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.RawArray("q", 1)

    def __enter__(self):
        self._open()
        return self

    def _open(self):
        number = self.slots // SLOTS_PER_WORKER
        ready = {"initializer": listen, "initargs": (self._stop,)}
        self._executor = ProcessPoolExecutor(number, self._context, **ready)

    def __exit__(self, *_):
        self._executor.shutdown()

    def submit(self, units) -> Future:
        """Start a chunk."""
        try:
            return self._executor.submit(run_pickled, *self._pickled_arguments(units))
        except BrokenProcessPool:  # another chunk broke it, and its future has the error
            self._executor.shutdown()
            self._open()
            return self._executor.submit(run_pickled, *self._pickled_arguments(units))

    def must_rerun(self, error) -> bool:
        """Whether a chunk must be run again, by the error that ended it (None: no error)."""
        if isinstance(error, BrokenProcessPool):
            return self._died("worker processes")
        return super().must_rerun(error)

    def abort(self):
        """End all running chunks early."""
        self._stop[0] = 1


class BorrowedExecutor(RemotePool):
    """Any executor of concurrent.futures; the caller shuts it down."""

    def __init__(self, executor: Executor):
        super().__init__()
        self._executor = executor
        self.slots = SLOTS_PER_WORKER * getattr(executor, "_max_workers", available_cores())

    def submit(self, units) -> Future:
        """Start a chunk."""
        try:
            return self._executor.submit(run_pickled, *self._pickled_arguments(units))
        except RuntimeError as error:  # broken, or shut down
            raise Refusal(f"the executor takes no more work: {error}") from error
