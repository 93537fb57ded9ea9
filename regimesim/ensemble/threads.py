"""Work in parallel threads: compiled code runs side by side, and Ctrl-C is answered at once."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice

from regimesim.ensemble.interrupts import LOOK, interrupted_by_flag
from regimesim.errors import Refusal

AHEAD = 2  # items for each thread, of which it works on one


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def number_of_threads(threads: int | None = None) -> int:
    """The number of threads, by default one a core; raises Refusal for fewer than one."""
    threads = available_cores() if threads is None else threads
    if threads < 1:
        raise Refusal(f"threads: found {threads}; allowed is 1 or more")
    return threads


def in_threads(
    work: Callable,
    items: Iterable,
    enter: Callable,
    threads: int | None = None,
    stop: Callable[[], object] | None = None,
) -> None:
    """Work on items in threads, and enter what comes of each as it is finished.

    Parameters
    ----------
    work : callable
        Called with an item, in a thread of the pool.
    items : iterable
        Taken a few at a time, so that there may be any number of them.
    enter : callable
        Called with an item and the result of `work`, in the calling thread, in the order in
        which items are finished.
    threads : int, optional
        By default one a core.
    stop : callable, optional
        Called once where something fails or Ctrl-C is pressed, so that `work` may end early.

    Raises
    ------
    KeyboardInterrupt
        Soon after Ctrl-C, whatever the threads are doing.
    Exception
        The first one that `work` or `enter` raises.
    """
    threads = number_of_threads(threads)
    waiting, running = iter(items), {}
    with interrupted_by_flag() as interruption, ThreadPoolExecutor(threads) as pool:

        def begin(count):
            running.update((pool.submit(work, item), item) for item in islice(waiting, count))

        try:
            begin(AHEAD * threads)
            while running:
                done, _ = wait(running, LOOK, FIRST_COMPLETED)
                if interruption:
                    raise KeyboardInterrupt
                begin(len(done))
                for future in done:
                    enter(running.pop(future), future.result())
        except BaseException:
            if stop:
                stop()
            for future in running:
                future.cancel()
            raise
