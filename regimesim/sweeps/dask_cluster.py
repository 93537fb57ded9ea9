"""A Dask cluster as the worker pool of a sweep."""

import logging
import time
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager

import numpy as np

from regimesim.errors import Refusal, shown
from regimesim.sweeps.chunk_runner import run_pickled
from regimesim.sweeps.executors import SLOTS_PER_WORKER, RemotePool

ANSWER = 5.0  # seconds to wait for an answer of the scheduler
PATIENCE = 60.0  # seconds to wait for a worker
CHECK_AFTER = 1.0  # seconds between two checks of the workers


class Cluster(RemotePool):
    """A Dask cluster: the address of its scheduler, or a `distributed.Client`.

    patience: seconds to wait while there is no worker.  If a worker is lost, another one runs
    its chunk again.
    """

    def __init__(self, scheduler, patience: float | None = None):
        super().__init__()
        self._scheduler, self._patience = scheduler, PATIENCE if patience is None else patience
        self._checked, self._last_worker = -np.inf, time.monotonic()
        self.slots = SLOTS_PER_WORKER

    def __enter__(self):
        with ExitStack() as stack:
            _need_dask()
            stack.enter_context(_quiet())
            self._client = self._scheduler
            if isinstance(self._scheduler, str):
                self._client = _connected(self._scheduler)
                stack.callback(self._client.close, timeout=1)
            self._executor = self._client.get_executor(pure=False)
            stack.callback(self._executor.shutdown, wait=False)
            self._place = self._client.scheduler.address
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._open.close()

    def submit(self, units) -> Future:
        """Start a chunk."""
        return self._executor.submit(run_pickled, *self._pickled_arguments(units))

    def check_workers(self):
        """Count the workers.  Raises Refusal if there was none for too long."""
        now = time.monotonic()
        if now - self._checked < CHECK_AFTER:
            return
        self._checked = now
        threads = self._count_threads()
        self.slots = SLOTS_PER_WORKER * max(threads, 1)
        if threads:
            self._last_worker = now
        elif now - self._last_worker > self._patience:
            waited = f"no worker came within {self._patience:g} seconds"
            raise Refusal(f"{self._place}: {waited}; start some with: dask worker {self._place}")

    def _count_threads(self):
        try:
            if self._client.status == "running":
                return sum(self._client.nthreads().values())
        except OSError:
            pass
        raise Refusal(f"{self._place}: the scheduler no longer answers")

    def must_rerun(self, error) -> bool:
        """Whether a chunk must be run again, by the error that ended it (None: no error)."""
        from distributed.scheduler import KilledWorker

        if isinstance(error, CancelledError):  # every future, when the scheduler is lost
            self._count_threads()
            return True
        if isinstance(error, KilledWorker):
            return self._died("workers of the cluster")
        return super().must_rerun(error)


def _connected(address):
    """A client of the scheduler at `address`.  Raises Refusal."""
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port, parse_address
    from distributed.comm.registry import get_backend

    try:
        get_address_host_port(address)
        get_backend(parse_address(address)[0])
    except ValueError:
        expected = "expected an address such as tcp://HOST:8786"
        raise Refusal(f"--scheduler: found {shown(address)}; {expected}") from None
    try:
        return Client(address, timeout=ANSWER, set_as_default=False)
    except OSError:
        message = f"does not answer within {ANSWER:g} seconds"
        raise Refusal(f"--scheduler {address}: {message}") from None


def _need_dask():
    try:
        import distributed  # noqa: F401
    except ImportError:
        needed = "pip install 'regimesim[cluster]'"
        raise Refusal(f"--executor dask: Dask is not installed; {needed} brings it") from None


@contextmanager
def _quiet():
    """Silence Dask's own messages on lost connections: a Refusal says the same."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
