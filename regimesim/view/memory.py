"""Memory of the server: what closed pages and replaced worlds held is returned to the system."""

import ctypes
import gc
import sys
import threading
import time

QUIET = 0.5  # seconds between a request and the release
ARENA_MAX = -8  # of `mallopt`: how many heaps the threads share

_wanted = threading.Event()


def _c_library():
    """The C library where it is glibc, else None."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


def prepare():
    """Call once before serving.  Threads share two heaps, because each heap keeps what it once
    held; and what is loaded so far is never searched for garbage, so a search takes a moment."""
    if library := _c_library():
        library.mallopt(ARENA_MAX, 2)
    gc.collect()
    gc.freeze()
    threading.Thread(target=_keep_releasing, name="memory", daemon=True).start()


def release_soon():
    """Ask for a release a moment later, one for all pages that ask meanwhile."""
    _wanted.set()


def release():
    """Free what nothing refers to any more, and return it to the system.  A world and its agents
    refer to each other, so Python does not free them by itself until much later."""
    gc.collect()
    if library := _c_library():
        library.malloc_trim(0)


def _keep_releasing():
    while _wanted.wait():
        time.sleep(QUIET)
        _wanted.clear()
        release()
