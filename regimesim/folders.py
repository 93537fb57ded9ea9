"""Files in a folder of results: those that its command wrote, and those of the user.

The manifest lists what the command wrote.  Everything else belongs to the user, and stays when the
folder is replaced.
"""

import json
import os
import shutil
from pathlib import Path

MANIFEST = "manifest.json"
PARTIAL = ".partial"  # ends the hidden name of what is being written


def written_in(folder: Path) -> set[str]:
    """The paths of what a command wrote into its folder, by the manifest there."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest.get("files", ()), *manifest.get("written", ())}
    except (OSError, ValueError, AttributeError, TypeError):
        return {MANIFEST}


def carry_over(old: Path, new: Path) -> None:
    """Keep in `new` the files of `old` that its command did not write, such as a user's notes."""
    ours = written_in(old)
    for path in old.rglob("*"):
        name = path.relative_to(old)
        remains = any(part[0] == "." and part.endswith(PARTIAL) for part in name.parts)
        folder = path.is_dir() and not path.is_symlink()
        to = new / name
        if folder or remains or name.as_posix() in ours or os.path.lexists(to):
            continue
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, to, follow_symlinks=False)
        except OSError:  # a file system without links
            shutil.copy2(path, to, follow_symlinks=False)
