"""Ctrl-C, answered where it can be."""

import signal
import sys
import threading
from contextlib import contextmanager

LOOK = 0.1  # seconds between looks at a pending interruption


@contextmanager
def interrupted_by_flag():
    """A list that Ctrl-C makes non-empty, instead of raising KeyboardInterrupt wherever the
    main thread happens to be: raised in a callback of the interpreter, it would be lost."""
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
