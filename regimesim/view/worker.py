"""The thread of one page, which alone changes what the page shows."""

import threading
import time
from collections.abc import Callable
from itertools import count


class Worker:
    """Runs jobs one after another in a thread of its own.

    Parameters
    ----------
    on_error : callable
        Called, in the thread, with an exception that a job raises.
    """

    def __init__(self, on_error: Callable[[Exception], None]):
        self._on_error = on_error
        self._changed = threading.Condition()
        self._jobs: dict[object, tuple[float, Callable[[], None]]] = {}  # due time, job
        self._numbers = count()
        self._ended = False

    def start(self):
        """Start the thread."""
        threading.Thread(target=self._run, name="page", daemon=True).start()

    def post(self, job: Callable[[], None], kind: str = "", after: float = 0.0):
        """Add a job.

        Parameters
        ----------
        job : callable
            What to run.
        kind : str
            A job of the same kind that still waits is dropped; "" drops nothing.
        after : float
            Seconds to wait before the job is run.
        """
        with self._changed:
            key = kind or next(self._numbers)
            self._jobs.pop(key, None)
            self._jobs[key] = (time.monotonic() + after, job)
            self._changed.notify()

    def drop(self, kind: str):
        """Drop the job of a kind, if one waits."""
        with self._changed:
            self._jobs.pop(kind, None)

    def end(self):
        """Drop all jobs; the thread ends after the current one."""
        with self._changed:
            self._ended = True
            self._jobs.clear()
            self._changed.notify()

    def _run(self):
        while job := self._next():
            try:
                job()
            except Exception as error:  # otherwise the page would stop answering
                self._on_error(error)

    def _next(self) -> Callable[[], None] | None:
        """The next job, once it is due; None at the end."""
        with self._changed:
            while not self._ended:
                key, (due, job) = min(
                    self._jobs.items(), key=lambda item: item[1][0], default=("", (None, None))
                )
                if due is None:
                    self._changed.wait()
                elif (remaining := due - time.monotonic()) > 0:
                    self._changed.wait(remaining)
                else:
                    del self._jobs[key]
                    return job
            return None
