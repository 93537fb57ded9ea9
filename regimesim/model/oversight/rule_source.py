"""What the rule of a policy in Python reads from outside: helper functions, numbers, arrays.

Compilation fixes what a rule reads.  So the rule is compiled again, and a sweep is resumed, by a
digest of the rule and of all that it reads.  Its code also shows which observations it uses, and
whether it uses random numbers that differ from run to run.
"""

import builtins
import dis
import enum
import hashlib
import sys
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

import numpy as np

RANDOM = ("random", "numpy.random", "secrets")  # modules whose numbers no seed fixes
UNSTABLE = "?"  # begins the text that replaces a digest where none is possible
KNOWN = {*sys.stdlib_module_names, "numpy", "numba", "scipy", "regimesim"}
PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...))
LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF")
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")


def functions(rule: FunctionType) -> list[FunctionType]:
    """The rule and its helpers, and theirs."""
    known = [rule]
    for function in known:
        helpers = (helper_in(value) for _, value in _reads(function))
        known += dict.fromkeys(one for one in helpers if one and one not in known)
    return known


def helper_in(value: object) -> FunctionType | None:
    """The Python function of a user's helper, compiled or not; None for anything else."""
    function = getattr(value, "py_func", value)
    if not isinstance(function, FunctionType) or _home(function) in KNOWN:
        return None
    return function


def attributes(function: FunctionType) -> set[str]:
    """Names of the attributes that a function reads, `getattr(x, "name")` among them."""
    codes = list(_codes(function.__code__))
    steps = (step for code in codes for step in dis.get_instructions(code))
    names = {step.argval for step in steps if step.opname in ATTRIBUTES}
    return names | {item for code in codes for item in code.co_consts if isinstance(item, str)}


def imports(function: FunctionType) -> bool:
    """Whether there is an import in the function's code."""
    steps = (step for code in _codes(function.__code__) for step in dis.get_instructions(code))
    return any(step.opname == "IMPORT_NAME" for step in steps)


def calls_compiled(function: FunctionType) -> bool:
    """Whether a function calls one that the user has compiled."""
    return any(helper_in(value) not in (None, value) for _, value in _reads(function))


def random_source(function: FunctionType) -> str | None:
    """The name by which a function reads random numbers from outside, if it does."""
    return next((name for name, value in _reads(function) if _is_random(value)), None)


def _is_random(value) -> bool:
    """Whether a value is a module or generator of random numbers, or a function of one."""
    owner = getattr(value, "__self__", None)
    homes = [value.__name__] if isinstance(value, ModuleType) else []
    homes += [str(getattr(one, "__module__", "")) for one in (value, type(value), type(owner))]
    return any(f"{home}.".startswith(f"{name}.") for home in homes for name in RANDOM)


def _home(value) -> str:
    """The library of a function or class."""
    return (getattr(value, "__module__", None) or "").partition(".")[0]


class _Unstable(Exception):
    """A value has no form that is the same in every process."""


def digest_of(function: FunctionType) -> str:
    """A digest of a rule, or UNSTABLE and the name of a value without a stable form."""
    try:
        content = repr(_described(function, "its rule", ()))
    except _Unstable as values:
        return f"{UNSTABLE}{values}"
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _described(value, name: str, above: tuple):
    """A value as nested tuples of plain values, the same in every process.

    above: ids of the values that contain it, which may refer to themselves.
    """
    if isinstance(value, PLAIN):
        return type(value).__name__, repr(value)
    if id(value) in above:
        return "again", above.index(id(value))
    above = (*above, id(value))
    if isinstance(value, CodeType):
        consts = [_described(item, name, above) for item in value.co_consts]
        return "code", value.co_code.hex(), value.co_names, consts
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        return "array", str(value.dtype), value.shape, value.tobytes().hex()
    if isinstance(value, enum.Enum):
        return _named(value), value.name, _described(value.value, name, above)
    if isinstance(value, tuple | list):
        return _named(value), [_described(item, name, above) for item in value]
    if isinstance(value, set | frozenset):
        return _named(value), sorted(repr(_described(item, name, above)) for item in value)
    if isinstance(value, Mapping):
        pairs = value.items()
        return _named(value), [_described(item, name, above) for pair in pairs for item in pair]
    return _of_code(value, name, above)


def _of_code(value, name, above):
    """Functions, classes and modules: by name if they are of a known library, else by content."""
    function = getattr(value, "py_func", value)
    if isinstance(value, ModuleType):
        return "module", value.__name__
    home = _home(value)
    by_name = isinstance(value, type | np.ufunc | BuiltinFunctionType) or home in KNOWN
    if by_name and hasattr(value, "__name__"):
        fields = getattr(value, "_fields", ()) if isinstance(value, type) else ()
        return "named", home, getattr(value, "__qualname__", value.__name__), fields
    if not isinstance(function, FunctionType):
        raise _Unstable(f"'{name}', a {type(value).__name__}")
    read = [(key, _described(item, key, above)) for key, item in _reads(function)]
    defaults = (function.__defaults__, function.__kwdefaults__)
    return (
        "function",
        _described(function.__code__, name, above),
        _described(defaults, name, above),
        read,
    )


def _named(value) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _reads(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Names that a function reads from outside, also from modules, and their values."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    closed = {}
    for name, cell in cells:
        try:
            closed[name] = cell.cell_contents
        except ValueError:
            continue  # not yet set: the rule cannot be compiled, and that is refused elsewhere
    outside = vars(builtins) | function.__globals__ | closed
    values = {}
    for code in _codes(function.__code__):
        name, value = None, None
        for step in dis.get_instructions(code):
            if step.opname in LOADS:
                name, value = step.argval, outside.get(step.argval, ...)
                if name in code.co_varnames or name not in outside:
                    name = None
            elif name and step.opname in ATTRIBUTES and isinstance(value, ModuleType):
                name, value = f"{name}.{step.argval}", getattr(value, step.argval, ...)
            else:
                name = None
            if name:
                values[name] = value
    yield from sorted(values.items())


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _codes(item)
