"""How this package compiles its model.

`equation` marks a pure scalar function that is inlined wherever it is used: an
equation of the model.  `stage` marks a loop over a tile of worlds that applies
equations, `sequence` a list of stages, and `entry` a stage that Python calls.  All are
ordinary Python functions when `NUMBA_DISABLE_JIT=1`.

The name of the folder of machine code is a digest of every source that can reach compiled
code.  An edit of any of them starts a new folder, so old code is never run, nor is code that came
with another version of the package.

The class `Equation`, and `parts.py` and what it imports, use internals of numba, which
`tests/model/test_numba_internals.py` lists.
"""

import atexit
import gc
import hashlib
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path

import numba
from numba import njit
from numba.core import event
from numba.core.registry import CPUDispatcher

from regimesim.model.machine_code import MachineCode
from regimesim.model.parts import PartCompiler, ProgramCompiler
from regimesim.model.processor import choose_target, set_target
from regimesim.model.row_access import access_rows_quickly

INTERPRETED = bool(numba.config.DISABLE_JIT)
# Sources that can reach compiled code, relative to the package.
SOURCES = (
    "model",
    "scenario/columns.py",
    "scenario/correlations.py",
    "scenario/declaration.py",
    "scenario/development_parameters.py",
    "scenario/distribution.py",
    "scenario/events.py",
    "scenario/monitor_strength.py",
    "scenario/parameters.py",
    "scenario/quantity.py",
    "scenario/safeguard_parameters.py",
    "ensemble/parameter_sampling.py",
    "ensemble/quantiles.py",
    "studies/validate/problems",
)
KEPT_FOLDERS = 4
LOOK = 0.05  # seconds between two checks for Ctrl-C
INTERRUPTED = 130  # the exit code after Ctrl-C
FOLDER_NAME = re.compile(r"[0-9a-f]{16}(-[0-9]+)?")


@cache
def digest(places=SOURCES):
    """Hexadecimal digest of the sources at `places`, files and folders relative to the package,
    as they were when it was first computed."""
    package = Path(__file__).parents[1]
    sources = []
    for name in places:
        place = package / name
        sources += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    summary = hashlib.sha256()
    for source in sources:
        summary.update(source.relative_to(package).as_posix().encode())
        summary.update(source.read_bytes())
    return summary.hexdigest()[:16]


def cache_folder():
    """The folder of this version's machine code (created by the first compilation)."""
    if "REGIMESIM_CACHE_DIR" in os.environ:
        home = Path(os.environ["REGIMESIM_CACHE_DIR"]).expanduser()
    elif "NUMBA_CACHE_DIR" in os.environ:
        home = Path(os.environ["NUMBA_CACHE_DIR"]).expanduser() / "regimesim"
    elif sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        home = Path(os.environ["LOCALAPPDATA"]) / "regimesim" / "compiled"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regimesim"
    return home / (digest() if TARGET is None else f"{digest()}-{TARGET.bits}")


TARGET = None if INTERPRETED else choose_target()
WIDTH = TARGET.columns if TARGET else 1  # columns of a tile
if TARGET:
    set_target(TARGET)
    access_rows_quickly()


def _prepare_cache() -> Path | None:
    """Create the folder for machine code, and remove the folders of older sources beside it.

    Where it cannot be written, it is still read.  None if the user has no home folder.
    """
    try:
        folder = cache_folder()
    except RuntimeError:
        return None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        ours = [path for path in folder.parent.iterdir() if FOLDER_NAME.fullmatch(path.name)]
        for old in sorted(ours, key=lambda path: path.stat().st_mtime)[:-KEPT_FOLDERS]:
            shutil.rmtree(old, ignore_errors=True)
    return folder


# Nothing is allocated, so references need not be counted, which is atomic and slow.
PLAIN = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
CACHE = None if INTERPRETED else _prepare_cache()


class Equation(CPUDispatcher):
    """A function that is inlined into its callers.  When Python calls it, a separate copy is
    compiled."""

    def __call__(self, *arguments, **named):
        return self.alone(*arguments, **named)

    @cached_property
    def alone(self):
        """The function that Python calls."""
        return njit(pipeline_class=ProgramCompiler, **PLAIN)(self.py_func)


def equation(function):
    """A scalar equation: inlined into every stage that uses it."""
    if INTERPRETED:
        return function
    inlined = {"nopython": True, "forceinline": True, "no_cpython_wrapper": True}
    return Equation(function, targetoptions={**inlined, **PLAIN}, pipeline_class=PartCompiler)


def stage(function):
    """A loop over a tile of worlds, called by compiled code alone."""
    options = {"nogil": True, "no_cpython_wrapper": True, **PLAIN}
    return njit(pipeline_class=PartCompiler, **options)(function)


def sequence(function):
    """A list of stages, inlined into the stage that calls it: one function less to compile."""
    return njit(inline="always", **PLAIN)(function)


def in_turn(stages):
    """One stage that applies each of `stages` in order to the same arguments.

    It is a loop over a table of stages that is unrolled when it is compiled.  Raises ValueError
    if there are no stages."""
    first, *others = stages
    if not others:
        return first
    rest = in_turn(others)

    @stage
    def apply(*arguments):
        first(*arguments)
        rest(*arguments)

    return apply


def assignments(line, table, arguments):
    """A stage that executes `line` for each row of a table; its source is generated.

    line: an assignment with {fields} of a row · table: a dict for each row · arguments: the
    names of the stage's arguments.
    """
    body = "\n".join(f"    {line.format(**row)}" for row in table)
    source = f"def assign({', '.join(arguments)}):\n{body}\n"
    names = {"nan": float("nan")}
    exec(source, names)
    return stage(names["assign"])


def entry(function):
    """A stage that Python alone calls: compiled once, kept on disk, run without the GIL."""
    compiled = njit(nogil=True, pipeline_class=ProgramCompiler, **PLAIN)(function)
    if not INTERPRETED:
        compiled._cache = MachineCode(function, CACHE, f"{digest()} {TARGET}", TARGET.level)
    return compiled


def in_background(work):
    """Do `work`, which may compile, such that Ctrl-C takes effect at once.

    The compiler cannot be interrupted, so it runs in a thread of its own.  After Ctrl-C that
    thread continues until the process ends."""
    if threading.current_thread() is not threading.main_thread():
        work()
        return
    raised, done = [], threading.Event()

    def do():
        try:
            work()
        except BaseException as error:  # raised again below, in the thread that waits
            raised.append(error)
        finally:
            done.set()

    with _rare_collections():
        threading.Thread(target=do, daemon=True).start()
        try:
            while not done.wait(LOOK):
                pass
        except KeyboardInterrupt:
            atexit.register(_leave, done)
            raise
    if raised:
        raise raised[0]


def _leave(done):
    """End the process at once unless the compilation is `done`, which would crash otherwise."""
    if not done.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


class _Notice(event.Listener):
    """Calls a function when the first compilation begins."""

    def __init__(self, notify: Callable[[], object]):
        self._notify: Callable[[], object] | None = notify

    def on_start(self, event):
        notify, self._notify = self._notify, None
        if notify:
            notify()

    def on_end(self, event):
        pass


@contextmanager
def noticing(notify: Callable[[], object]) -> Iterator[None]:
    """Call `notify` when a compilation begins in the block; not where code is loaded from disk."""
    with event.install_listener("numba:compile", _Notice(notify)):
        yield


@contextmanager
def _rare_collections():
    """Collect garbage rarely: compiling makes millions of objects, few of them garbage."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
