"""A Dask cluster as the crew of a sweep."""

import logging
import time
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from regimesim.errors import Refusal, shown
from regimesim.sweeps.chunk_runner import run_sent
from regimesim.sweeps.executors import SPARE, Sent

if TYPE_CHECKING:
    pass

ANSWER = 5.0  # seconds within which a scheduler answers
PATIENCE = 60.0  # seconds without any worker
LOOK_AFTER = 1.0  # seconds between looks at the workers


class Cluster(Sent):
    """A Dask cluster: the address of its scheduler, or a `distributed.Client`.

    patience: seconds to wait for a worker where there is none.  A chunk whose worker is
    lost is run again by another one.
    """

    def __init__(self, scheduler, patience: float | None = None):
        super().__init__()
        self._scheduler, self._patience = scheduler, PATIENCE if patience is None else patience
        self._looked, self._manned = -np.inf, time.monotonic()
        self.room = SPARE

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

    def submit(self, pieces) -> Future:
        """Have a chunk run."""
        return self._executor.submit(run_sent, *self._sent(pieces))

    def look(self):
        """See how many workers there are; raises Refusal where there are none for long."""
        now = time.monotonic()
        if now - self._looked < LOOK_AFTER:
            return
        self._looked = now
        threads = self._ask_for_threads()
        self.room = SPARE * max(threads, 1)
        if threads:
            self._manned = now
        elif now - self._manned > self._patience:
            waited = f"no worker came within {self._patience:g} seconds"
            raise Refusal(f"{self._place}: {waited}; start some with: dask worker {self._place}")

    def _ask_for_threads(self):
        try:
            if self._client.status == "running":
                return sum(self._client.nthreads().values())
        except OSError:
            pass
        raise Refusal(f"{self._place}: the scheduler no longer answers")

    def survives(self, error) -> bool:
        """Whether a chunk that ended with `error` is to be run again; None for no error."""
        from distributed.scheduler import KilledWorker

        if isinstance(error, CancelledError):  # as all are when the scheduler is lost
            self._ask_for_threads()
            return True
        if isinstance(error, KilledWorker):
            return self._died("workers of the cluster")
        return super().survives(error)


def _connected(address):
    """A client of the scheduler at `address`, or a Refusal."""
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
        told = f"does not answer within {ANSWER:g} seconds"
        raise Refusal(f"--scheduler {address}: {told}") from None


def _need_dask():
    try:
        import distributed  # noqa: F401
    except ImportError:
        needed = "pip install 'regimesim[cluster]'"
        raise Refusal(f"--executor dask: Dask is not installed; {needed} brings it") from None


@contextmanager
def _quiet():
    """Without Dask's own words on lost connections: a Refusal says the same."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
