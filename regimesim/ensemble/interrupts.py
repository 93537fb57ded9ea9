"""Ctrl-C, answered at a safe point."""

import signal
import sys
import threading
from contextlib import contextmanager

LOOK = 0.1  # seconds between looks at a pending interruption


@contextmanager
def interrupted_by_flag():
    """A list that Ctrl-C makes non-empty, instead of raising KeyboardInterrupt at once.

    An exception that is raised in a callback of the interpreter would be lost.  It is raised at
    the end of the block.
    """
    pressed = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed and sys.exc_info()[0] is None:
            raise KeyboardInterrupt
