"""Machine code on disk, in files that are checked before they are used.

Numba's own cache trusts what it reads: a damaged file ends the process, in a traceback at best.
Here every file begins with a digest of its name and of the rest, and the name stands for all that
the code depends on.  A file that is damaged, or that is a copy of another one, is compiled again.
A folder that cannot be written costs compiling time, but never a run; what it holds already is
still read.  A wheel may hold such files, too, which `.ci/wheel` puts into it.

A file holds code that Python calls, and nothing that other code could be linked with.  So it is
small, and loading it needs neither the compiler nor the linear algebra that numba imports for it.
"""

import hashlib
import io
import os
import pickle
import sysconfig
import warnings
from pathlib import Path
from uuid import uuid4

import llvmlite
import numba
from numba.core import sigutils
from numba.core.caching import _Cache
from numba.core.compiler import compile_result
from numba.core.serialize import NumbaPickler

HEAD = b"regimesim machine code 3\n"
DIGEST = hashlib.sha256().digest_size
SHIPPED = Path(__file__).parent / "compiled"  # the folder of files in a wheel
_reported: set[Path | None] = set()  # folders of which this process has said that it cannot write


class NotKept(UserWarning):
    """Machine code could not be written, and will be compiled again by the next process."""


class MachineCode(_Cache):
    """The machine code of one function, a file for each signature and target.

    Parameters
    ----------
    function : function
        The Python function that is compiled.
    folder : Path or None
        The folder of the files that are written.  None where the user has no home folder, so that
        every process compiles what did not come with the package.
    build : str
        What the code depends on beyond the signature, the versions of libraries and the processor:
        its sources, and settings of the compiler.
    level : str, optional
        The level of processors that it is compiled for; by default the one processor for which
        numba compiles.
    shipped : Path, optional
        A folder of files that are only read; it may be missing.
    """

    def __init__(
        self,
        function,
        folder: Path | None,
        build: str = "",
        level: str | None = None,
        shipped: Path = SHIPPED,
    ):
        self._name, self._build, self._level = function.__qualname__, build, level
        self._folder, self._shipped, self._enabled = folder, shipped, True

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
        if not self._enabled:
            return None
        arguments, _ = sigutils.normalize_signature(sig)
        name = self._file_name(arguments, target_context.codegen())
        for folder in filter(None, (self._folder, self._shipped)):
            content = _read(folder / name)
            if content is not None:
                try:
                    return _rebuild(target_context, arguments, content)
                except Exception:  # written by libraries with differences that no name shows
                    continue
        return None

    def save_overload(self, sig, data) -> None:
        """Write a compiled function, or warn that it cannot be kept."""
        if not self._enabled:
            return
        arguments = tuple(data.signature.args)
        try:
            if self._folder is None:
                raise OSError("there is no home folder")
            _write(self._folder / self._file_name(arguments, data.codegen), _reduce(data))
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

    def _file_name(self, arguments, codegen) -> str:
        python = sysconfig.get_config_var("EXT_SUFFIX")  # its version and platform
        versions = (numba.__version__, llvmlite.__version__, python)
        processor = self._level or codegen.magic_tuple()
        key = repr((str(arguments), processor, versions, self._build))
        return f"{self._name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


class _Pickler(NumbaPickler):
    """Pickles what belongs to machine code, with the types of arguments named by their places: a
    process that loads it has them already, and those of a tile are large."""

    def __init__(self, file, arguments):
        super().__init__(file, protocol=4)
        self._places = {kind: place for place, kind in enumerate(arguments)}

    def persistent_id(self, value):
        return self._places.get(value) if isinstance(value, numba.types.Type) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, arguments):
        super().__init__(file)
        self._arguments = arguments

    def persistent_load(self, place):
        return self._arguments[place]


def _reduce(result) -> bytes:
    """A compiled function as bytes.  Raises ValueError if it holds for this process alone."""
    library, descriptor = result.library, result.fndesc
    if library.has_dynamic_globals or result.lifted or result.reload_init or result.objectmode:
        raise ValueError(f"{descriptor.qualname}: its code depends on objects of this process")
    descriptor.typemap = descriptor.calltypes = None  # of the compiler, and large
    environments = tuple(result._find_referenced_environments())
    code = library._get_compiled_object()
    parts = (library.name, code, descriptor, result.signature, result.environment, environments)
    file = io.BytesIO()
    _Pickler(file, result.signature.args).dump(parts)
    return file.getvalue()


def _rebuild(target_context, arguments, content: bytes):
    """The compiled function that `_reduce` has made into bytes."""
    parts = _Unpickler(io.BytesIO(content), arguments).load()
    name, code, descriptor, signature, environment, environments = parts
    codegen = target_context.codegen()
    library = codegen.create_library(name)
    library.enable_object_caching()
    library._set_compiled_object(code)
    library._finalize_final_module()
    # numba looks up an address only of a name that it knows to be defined
    codegen._engine._defined_symbols.add(descriptor.llvm_cpython_wrapper_name)
    function = target_context.get_executable(library, descriptor, environment)
    for each in environments:
        codegen.set_env(each.env_name, each)
    return compile_result(
        target_context=target_context,
        typing_context=target_context.typing_context,
        library=library,
        environment=environment,
        entry_point=function,
        fndesc=descriptor,
        type_annotation="",
        signature=signature,
        objectmode=False,
        lifted=(),
        reload_init=[],
        referenced_envs=environments,
    )


def _read(path: Path) -> bytes | None:
    """What was written to `path`; None if the file is missing or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, rest = content[: len(HEAD) + DIGEST], content[len(HEAD) + DIGEST :]
    return rest if head == _head(path, rest) else None


def _head(path: Path, content: bytes) -> bytes:
    """How the file at `path` begins: the name stands for all that the code depends on."""
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
