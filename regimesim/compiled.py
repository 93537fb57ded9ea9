"""The one way in which this package compiles.

`equation` marks a pure scalar function that is inlined wherever it is used: an
equation of the model.  `stage` marks a loop over a tile of worlds that applies
equations, `sequence` a list of stages, and `entry` a stage that Python calls.  All are
ordinary Python functions when `NUMBA_DISABLE_JIT=1`.

Numba's disk cache does not notice an edit in another file, so the cache folder
is named by a digest of every source that can reach compiled code: an edit of any
of them starts a new folder, and nothing stale is ever run.
"""

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

import numba
from numba import njit

INTERPRETED = bool(numba.config.DISABLE_JIT)
ROOMS = ("compiled.py", "world", "oversight", "dynamics")
KEPT_DIGESTS = 4
DIGEST_NAME = re.compile(r"[0-9a-f]{16}")


def digest(rooms=ROOMS):
    """Hexadecimal digest of the sources in `rooms`, paths relative to the package."""
    package = Path(__file__).parent
    sources = []
    for room in rooms:
        place = package / room
        sources += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    summary = hashlib.sha256()
    for source in sources:
        summary.update(source.relative_to(package).as_posix().encode())
        summary.update(source.read_bytes())
    return summary.hexdigest()[:16]


def cache_folder():
    """The folder of this version's machine code (created by the first compilation)."""
    if "REGIMESIM_CACHE_DIR" in os.environ:
        home = Path(os.environ["REGIMESIM_CACHE_DIR"])
    elif sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        home = Path(os.environ["LOCALAPPDATA"]) / "regimesim" / "compiled"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regimesim"
    return home / digest()


def _prepare_cache():
    """Point numba at the cache folder and drop the folders of long-gone sources."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        ours = [path for path in folder.parent.iterdir() if DIGEST_NAME.fullmatch(path.name)]
        for old in sorted(ours, key=lambda path: path.stat().st_mtime)[:-KEPT_DIGESTS]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return False  # nowhere to write: compile afresh in every process
    numba.config.CACHE_DIR = str(folder)
    return True


CACHED = False if INTERPRETED else _prepare_cache()


def equation(function):
    """A scalar equation: inlined into every stage that uses it."""
    return njit(forceinline=True, error_model="numpy", no_cfunc_wrapper=True)(function)


def stage(function):
    """A loop over a tile of worlds, called by compiled code alone."""
    bare = {"no_cfunc_wrapper": True, "no_cpython_wrapper": True}
    return njit(nogil=True, error_model="numpy", **bare)(function)


def sequence(function):
    """A list of stages, written out in the stage that calls it: one thing less to compile."""
    return njit(inline="always", error_model="numpy")(function)


def entry(function):
    """A stage that Python calls: compiled once, kept on disk, free of the GIL."""
    return njit(cache=CACHED, nogil=True, error_model="numpy", no_cfunc_wrapper=True)(function)


def rule(function):
    """A user's function, compiled in memory (its source may be a notebook cell)."""
    return njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True)(function)
