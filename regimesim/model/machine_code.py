"""Machine code on disk, in files that are checked before they are used.

Numba's own cache trusts what it reads: a damaged file ends the process, in a traceback at best.
Here every file begins with the digest of the rest.  If a file is damaged, the code is compiled
again.  A folder that cannot be written costs compiling time, but never a run.
"""

import hashlib
import os
import pickle
import platform
import warnings
from pathlib import Path
from uuid import uuid4

import llvmlite
import numba
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

HEAD = b"regimesim machine code 1\n"
DIGEST = hashlib.sha256().digest_size


class NotKept(UserWarning):
    """Machine code could not be written, and will be compiled again by the next process."""


class MachineCode(_Cache):
    """The machine code of one function, a file for each signature and processor.

    Parameters
    ----------
    function : function
        The Python function that is compiled.
    folder : Path
        The folder of the files; its name must change with the sources of the code.
    """

    def __init__(self, function, folder: Path):
        self._name, self._folder, self._enabled = function.__qualname__, folder, True

    @property
    def cache_path(self) -> str:
        return str(self._folder)

    def enable(self) -> None:
        self._enabled = True

    def disable(self) -> None:
        self._enabled = False

    def flush(self) -> None:
        """Remove the files of this function."""
        for path in self._folder.glob(f"{self._name}-*"):
            path.unlink(missing_ok=True)

    def load_overload(self, sig, target_context):
        """The compiled function from disk, or None where it has to be compiled."""
        if not self._enabled:
            return None
        target_context.refresh()
        content = _read(self._path(sig, target_context.codegen()))
        if content is None:
            return None
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(content))
        except Exception:  # written by libraries with differences that the name does not show
            return None

    def save_overload(self, sig, data) -> None:
        """Write a compiled function, or warn that it cannot be kept."""
        if not self._enabled:
            return
        try:
            _write(self._path(sig, data.codegen), dumps(data._reduce()))
        except OSError as error:
            reason = error.strerror or error
            warnings.warn(
                f"The compiled model cannot be kept in {self._folder} ({reason}); "
                "the next process compiles it again.",
                NotKept,
                stacklevel=2,
            )
            self._enabled = False

    def _path(self, sig, codegen) -> Path:
        versions = (numba.__version__, llvmlite.__version__, platform.python_version())
        key = repr((str(sig), codegen.magic_tuple(), versions))
        return self._folder / f"{self._name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _read(path: Path) -> bytes | None:
    """What was written to `path`; None if the file is missing or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, rest = content[: len(HEAD) + DIGEST], content[len(HEAD) + DIGEST :]
    return rest if head == HEAD + hashlib.sha256(rest).digest() else None


def _write(path: Path, content: bytes) -> None:
    """Write a file that other processes see whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        partial.write_bytes(HEAD + hashlib.sha256(content).digest() + content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
