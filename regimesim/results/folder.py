"""The folder of results of one command: complete, or absent.

Everything is written to a temporary folder beside it, which is renamed when it is complete.  An
existing folder is replaced only where its manifest names the same command.  Files in it that the
command did not write are kept.
"""

import json
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from regimesim.errors import Refusal, shown
from regimesim.folders import MANIFEST, carry_over
from regimesim.results.partial import REPLACED, partial_beside
from regimesim.results.reading import MAKER

OUTPUTS = Path("outputs")
PICTURES = (".png", ".svg", ".pdf")


@contextmanager
def complete_or_absent(target: Path, maker: str = MAKER):
    """A folder to write to, which becomes `target` where the block succeeds and vanishes where
    it fails.  A line on standard error says where earlier results were replaced.

    Parameters
    ----------
    target : Path
        The folder of results.
    maker : str
        The command that writes it, which its manifest must name.

    Raises
    ------
    Refusal
        Where `target` holds files of anything else, or cannot be written.
    """
    named, target = target, _real(Path(target).expanduser())
    _check_replaceable(target, maker)
    created = [above for above in target.parents if not above.exists()]
    try:
        with partial_beside(target) as folder:
            yield folder
            _check_replaceable(target, maker)
            replaced = _put_in_place(folder, target)
        if replaced:
            print(f"Replaced the earlier results in {named}{os.sep}.", file=sys.stderr, flush=True)
    finally:
        with suppress(OSError):  # a folder that is not empty stays
            for above in created:
                above.rmdir()


def _real(target):
    """The folder behind symbolic links; refuses the current folder and those above it."""
    real = Path(os.path.realpath(target))  # accepts a loop of links, which is refused later
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
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        ours = manifest["made_by"] == maker
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise Refusal(
            f"{target}: holds files that are not results of {shown(maker)}; "
            "choose another folder with --out"
        )


def _holds_results(folder) -> bool:
    """Whether a folder holds results, and not only what an unfinished command left."""
    try:
        return not json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("unfinished")
    except (OSError, ValueError, AttributeError):
        return False


def _put_in_place(folder, target) -> bool:
    """Rename `folder` to `target`, after an existing folder is moved out of the way; whether it
    held earlier results."""
    if not target.exists():
        folder.rename(target)
        return False
    earlier = _holds_results(target)
    carry_over(target, folder)
    old = folder.with_suffix(REPLACED)
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return earlier
