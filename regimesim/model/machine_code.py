"""Machine code on disk, in files that are checked before they are used.

Numba's own cache trusts what it reads: a damaged file ends the process, in a traceback at best.
Here every file begins with a digest of its name and of the rest.  A file that is damaged, or was
copied from that of another processor, is compiled again.  A folder that cannot be written costs
compiling time, but never a run; what it holds already is still read.
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

HEAD = b"regimesim machine code 2\n"
DIGEST = hashlib.sha256().digest_size
_reported: set[Path | None] = set()  # folders of which this process has said that it cannot write


class NotKept(UserWarning):
    """Machine code could not be written, and will be compiled again by the next process."""


class MachineCode(_Cache):
    """The machine code of one function, a file for each signature and processor.

    Parameters
    ----------
    function : function
        The Python function that is compiled.
    folder : Path or None
        The folder of the files; its name must change with the sources of the code.  None where
        the user has no home folder, so that every process compiles.
    """

    def __init__(self, function, folder: Path | None):
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
        for path in self._folder.glob(f"{self._name}-*") if self._folder else ():
            path.unlink(missing_ok=True)

    def load_overload(self, sig, target_context):
        """The compiled function from disk, or None where it has to be compiled."""
        if not self._enabled or self._folder is None:
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
            if self._folder is None:
                raise OSError("there is no home folder")
            _write(self._path(sig, data.codegen), dumps(data._reduce()))
        except OSError as error:
            self._enabled = False
            if self._folder not in _reported:
                _reported.add(self._folder)
                place = f" in {self._folder}" if self._folder else ""
                warnings.warn(
                    f"The compiled model cannot be kept{place} ({error.strerror or error}); the "
                    "next process compiles it again. REGIMESIM_CACHE_DIR names another folder.",
                    NotKept,
                    stacklevel=2,
                )

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
    return rest if head == _head(path, rest) else None


def _head(path: Path, content: bytes) -> bytes:
    """How the file at `path` begins: the name stands for signature, processor and versions."""
    return HEAD + hashlib.sha256(path.name.encode() + content).digest()


def _write(path: Path, content: bytes) -> None:
    """Write a file that other processes see whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        partial.write_bytes(_head(path, content) + content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
