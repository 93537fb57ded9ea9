"""The journal of a search in its folder of results, where an interruption leaves it.

Its records are named by what fixes them, so the next search in the folder takes from it what it
needs, whether it is the same one or has more trials or worlds.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from regimesim.folders import MANIFEST
from regimesim.results.manifest import write_json
from regimesim.sweeps.folder import JOURNAL
from regimesim.sweeps.journal import Journal


@contextmanager
def journal_at(folder: Path, made_by: str) -> Iterator[Journal]:
    """The journal in a folder, which is made where it is absent, with a manifest that names its
    command.  What holds no record at the end of a failed block vanishes."""
    folder = Path(folder).expanduser()
    began = not (folder / MANIFEST).exists()
    folder.mkdir(parents=True, exist_ok=True)
    if began:
        unfinished = {"made_by": made_by, "unfinished": True, "files": {JOURNAL: ""}}
        write_json(folder / MANIFEST, unfinished)
    empty = False
    try:
        with Journal(folder / JOURNAL, write=True) as journal:
            try:
                yield journal
            finally:
                empty = began and not len(journal)
    except BaseException:
        if empty:
            for name in (JOURNAL, MANIFEST):
                (folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # a folder with files of the user stays
                folder.rmdir()
        raise


def copied_to(folder: Path, journal: Journal, used: Iterable[int] | None = None) -> None:
    """Copy a journal into a folder, or those of its records that were used, in the order of their
    numbers: the same search leaves the same bytes."""
    wanted = journal.numbers() if used is None else sorted(set(used))
    with Journal(folder / JOURNAL, write=True) as copy:
        for number in wanted:
            copy.add_packed(number, journal.packed(number))
