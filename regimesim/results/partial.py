"""Temporary folders and files beside what they will become, and remains of killed processes.

The process that fills a folder holds a lock on it, which ends with the process; so a later process
can see which folders are remains.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from regimesim.errors import Refusal
from regimesim.folders import PARTIAL

REPLACED = ".replaced"


@contextmanager
def partial_beside(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, named `.NAME.*.partial`, which vanishes at the end.

    The remains of killed processes are cleared first.  Raises Refusal for an OSError.
    """
    folder: Path | None = None
    lock = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        put_right(target)
        while lock is None:  # another process may have mistaken it for remains
            folder = Path(mkdtemp(prefix=f".{target.name}.", suffix=PARTIAL, dir=target.parent))
            lock = _lock(folder)
        assert folder is not None  # it was made before its lock
        folder.chmod(0o755)
        yield folder
    except OSError as error:
        raise Refusal(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if lock:
            os.close(lock)


@contextmanager
def files_into(target: Path) -> Iterator[Path]:
    """A temporary folder whose files move to the folder `target` if the block succeeds."""
    with partial_beside(target) as partial:
        yield partial
        target.mkdir(exist_ok=True)
        for path in partial.iterdir():
            os.replace(path, target / path.name)


def write_whole(path: Path, text: str) -> None:
    """Write a text file that is whole or absent; an older file stays until then."""
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def put_right(target: Path) -> None:
    """Remove folders that killed processes left beside `target`; where a process was killed while
    it replaced `target`, restore the old folder."""
    for folder in _beside(target, PARTIAL):
        lock = _lock(folder)
        if lock:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
    for old in _beside(target, REPLACED):
        lock = _lock(old)
        if lock and target.exists():
            shutil.rmtree(old, ignore_errors=True)
        elif lock:
            old.rename(target)
        if lock:
            os.close(lock)


def _beside(target, suffix):
    begin = f".{target.name}."
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(begin)
        and path.suffix == suffix
        and "." not in path.name[len(begin) : -len(suffix)]
    ]


def _lock(folder: Path) -> int | None:
    """A lock on a folder; None where another process holds it or the folder is gone, 0 where the
    system has no such locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return 0
    lock = None
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists():
            return lock
    if lock is not None:
        os.close(lock)
    return None
