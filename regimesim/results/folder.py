"""The folder of results of one run: complete, or absent.

Everything is written to a folder beside it, which is renamed when it is complete.  A
folder is replaced only when its manifest says that it is one of ours.
"""

import json
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

from regimesim.errors import Refusal, shown
from regimesim.results.partial import REPLACED, partial_beside
from regimesim.results.reading import MAKER

OUTPUTS = Path("outputs")
WIDTH = 80  # of a terminal


@contextmanager
def complete_or_absent(target: Path, maker: str = MAKER):
    """A folder to write to, which becomes `target` when the block ends well and vanishes
    when it does not.

    `maker` is the command that writes it, and that its manifest must name: a folder
    of another command, or of somebody else, is not replaced but refused.
    """
    target = _real(Path(target).expanduser())
    _check_replaceable(target, maker)
    made = [above for above in target.parents if not above.exists()]
    try:
        with partial_beside(target) as folder:
            yield folder
            _check_replaceable(target, maker)
            _put_in_place(folder, target)
    finally:
        with suppress(OSError):  # it is in use once something is in it
            for above in made:
                above.rmdir()


def _real(target):
    """The folder that `target` stands for; refuses one that the process itself is in."""
    real = Path(os.path.realpath(target))  # which lets a loop of links pass, to be refused
    if Path.cwd().resolve().is_relative_to(real):
        raise Refusal(f"{target}: is the current folder or above it; name a folder inside")
    return real


def _check_replaceable(target, maker):
    if not (target.exists() or target.is_symlink()):
        return
    if not target.is_dir():
        raise Refusal(f"{target}: a file is in the way of the folder of results")
    if not any(target.iterdir()):
        return
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        ours = manifest["made_by"] == maker
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise Refusal(
            f"{target}: holds files that are no results of {shown(maker)}; "
            "choose another folder with --out"
        )


def _put_in_place(folder, target):
    """Rename `folder` to `target`, moving what was there out of the way first."""
    if not target.exists():
        folder.rename(target)
        return
    old = folder.with_suffix(REPLACED)
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
