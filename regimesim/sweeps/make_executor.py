"""The worker pool that runs a sweep, by name."""

from concurrent.futures import Executor

from regimesim.errors import Refusal, nearest, shown
from regimesim.sweeps.dask_cluster import Cluster
from regimesim.sweeps.executors import BorrowedExecutor, Processes, Threads

EXECUTORS = ("threads", "processes", "dask")


def make_worker_pool(executor=None, threads: int | None = None, scheduler: str | None = None):
    """Make a worker pool from a name of EXECUTORS, an executor of concurrent.futures, or a
    `distributed.Client`.  Raises Refusal for anything else."""
    if (executor == "dask") != (scheduler is not None):
        raise Refusal(
            "--executor dask: name its scheduler, as in --scheduler tcp://HOST:8786"
            if scheduler is None
            else "--scheduler: is for --executor dask alone"
        )
    if executor is None or executor == "threads":
        return Threads(threads)
    if executor == "processes":
        return Processes(threads)
    if executor == "dask":
        return Cluster(scheduler)
    if isinstance(executor, Executor):
        return BorrowedExecutor(executor)
    if hasattr(executor, "get_executor"):
        return Cluster(executor)
    close = nearest(str(executor), EXECUTORS)
    raise Refusal(f"--executor: found {shown(executor)}; the nearest is '{close}'")
