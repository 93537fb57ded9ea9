"""The model in C, built here and called without the interpreter's lock.

Two sources, `reference/month.c` (written for speed, the algorithm of the package's kernel)
and `reference/naive.c` (as it would be written at first, with the C library's mathematics),
get their layout from the package's own dtypes and take what the kernel takes: drawn
parameters, seeds and numbers of worlds.
"""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.ensemble import run_batch
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.model.dynamics import record as thresholds
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Stack
from regimesim.model.world import mathematics, normal
from regimesim.model.world.layout import OUTCOME, PARAMETERS, TAUGHT_ROWS, WIDTH
from regimesim.model.world.records import COUNTS, MONITORS, MONTHLY, REALS, SAFEGUARDS, names
from regimesim.scenario.events import MOST_EVENTS
from regimesim.scenario.parameters import Tables

SOURCES = Path(__file__).parent / "reference"
COMPILER = shutil.which("cc")
NEWEST, OLDEST = 40, 14  # versions of clang that are looked for


def find_clang():
    """The newest clang that is installed, or None."""
    names = [*(f"clang-{version}" for version in range(NEWEST, OLDEST - 1, -1)), "clang"]
    return next(filter(shutil.which, names), None)


CLANG = find_clang()
PLAIN = ("-std=gnu11", "-O3", "-march=native", "-ffp-contract=off")
# for vectors, at no change of a bit: nothing reads errno or the flags of floating point
VECTORS = ("-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math")
BITS = (512, 256)  # of the vectors that clang is asked for; where there are none of 512, 256
FLAGS = {"month": (*PLAIN, *VECTORS), "naive": PLAIN}
POLYNOMIALS = (
    *("EXP", "ARTANH", "TAIL_ABOVE", "TAIL_BELOW", "CENTRE_ABOVE", "CENTRE_BELOW"),
    *("LOG_ABOVE", "LOG_BELOW"),
    *("QUANTILE_ABOVE", "QUANTILE_BELOW", "NORMAL_ABOVE", "NORMAL_BELOW"),
)
KIND = {"i": "int64_t", "f": "double"}


class Simulated(NamedTuple):
    """What a batch of worlds leaves: (worlds,) OUTCOME, and monthly sums."""

    outcomes: np.ndarray
    monthly: np.ndarray


class Work(NamedTuple):
    """A batch of worlds to be simulated, by any implementation."""

    scenario: object
    stack: Stack
    seeds: np.ndarray
    numbers: np.ndarray
    drawn: np.ndarray


def make_work(scenario, policy=0):
    """All worlds of one policy of a scenario, with drawn parameters."""
    tables = list(scenario.policies.values())[policy]
    numbers = np.arange(scenario.worlds, dtype=np.int64)
    seeds = np.full(scenario.worlds, scenario.seed, np.int64)
    drawn = np.ascontiguousarray(draw_parameters(tables, scenario.start, seeds, numbers))
    return Work(scenario, make_stack(tables), seeds, numbers, drawn)


def run_in_kernel(work, first=0, last=None):
    """Simulate worlds `first` to `last` (not included) of a Work in the package's kernel."""
    own, size = slice(first, last), work.scenario
    batch = make_batch(work.seeds[own], work.numbers[own], work.drawn[own], size.months)
    run_batch(make_tile(size.labs, size.systems), work.stack, batch)
    return Simulated(batch.outcomes, batch.monthly)


def wide(bits):
    """The flag that asks a compiler for vectors of so many bits."""
    return (f"-mprefer-vector-width={bits}",)


class Reference:
    """A C program of the model, built into `folder` from `reference/<name>.c`."""

    def __init__(self, name, folder, flags=(), compiler="cc"):
        folder, self.compiler = Path(folder), compiler
        (folder / "layout.h").write_text(layout())
        made = folder / f"{name}-{compiler}{''.join(flags)}.so"
        self.flags = (*FLAGS[name], *flags)
        command = [compiler, *self.flags, "-shared", "-fPIC", f"-I{folder}", f"-I{SOURCES}"]
        command += [str(SOURCES / f"{name}.c"), "-o", str(made), "-lm"]
        subprocess.run(command, check=True)
        self.library = made
        self._run = ctypes.CDLL(str(made)).live  # a CDLL gives the interpreter's lock away
        self._run.argtypes = [ctypes.c_int64] * 4 + [ctypes.c_void_p] * 6

    def run(self, work, first=0, last=None):
        """Simulate worlds `first` to `last` (not included) of a Work."""
        own = slice(first, last)
        size = work.scenario
        outcomes = np.zeros(len(work.numbers[own]), OUTCOME)
        monthly = np.zeros((size.months, thresholds.MONTHLY_COLUMNS), np.int64)
        stack = np.array(list(_flags(work.stack).values()), np.int64)
        arrays = (work.seeds[own], work.numbers[own], work.drawn[own], stack, outcomes, monthly)
        failed = self._run(
            len(outcomes), size.systems, size.labs, size.months, *(a.ctypes.data for a in arrays)
        )
        if failed:
            raise MemoryError(f"{self.library.name}: no memory for {size.systems} systems")
        return Simulated(outcomes, monthly)


def described(program):
    """The flags of a program, and how wide the compiler made its vectors."""
    about = f"{program.compiler} {' '.join(program.flags)}"
    if shutil.which("objdump") is None:
        return about
    code = ["objdump", "-d", "--no-show-raw-insn", str(program.library)]
    text = subprocess.run(code, capture_output=True, text=True, check=True).stdout
    named = {bits: text.count(f"%{name}") for name, bits in (("ymm", 256), ("zmm", 512))}
    return f"{about}: mostly {max(named, key=named.get)} bits"


def layout():
    """The text of layout.h: what goes in and comes out as structs, the package's constants."""
    parts = [
        f"#include <math.h>\n#include <stdint.h>\n\n#define WIDTH {WIDTH}",
        f"#define NUMBERS {PARAMETERS.itemsize // 8 // WIDTH}",
        f"#define MOST_EVENTS {MOST_EVENTS}",
        f"#define MONTHLY {len(MONTHLY)}",
        f"#define MONTHLY_COLUMNS {thresholds.MONTHLY_COLUMNS}",
        f"#define FAN {thresholds.FAN}",
        f"#define FAN_LOW {thresholds.FAN_LOW!r}",
        f"#define FAN_STEP {thresholds.FAN_STEP!r}",
        f"#define FAN_STEPS {thresholds.FAN_STEPS}",
        f"#define MANY_TAUGHT {len(TAUGHT_ROWS)}",
        f"static const int TAUGHT[] = {{{', '.join(map(str, TAUGHT_ROWS))}}};",
        _constants("GRAIN", thresholds.GRAIN),
        _constants("LARGEST", thresholds.LARGEST),
        _names("OUTCOME_COUNTS", names(COUNTS)),
        _names("OUTCOME_REALS", names(REALS)),
    ]
    for table in PARAMETERS.names:
        parts.append(_struct(f"table_{table}", PARAMETERS[table]))
        parts.append(_struct(f"number_{table}", PARAMETERS[table], own=True))
    tables = "".join(f"    struct table_{table} {table};\n" for table in PARAMETERS.names)
    parts.append(f"struct parameters {{\n{tables}}};")
    tables = "".join(f"    struct number_{table} {table};\n" for table in PARAMETERS.names)
    parts.append(f"struct numbers {{\n{tables}}};  /* the same of one world */")
    parts.append(_struct("outcome", OUTCOME))
    flags = [(name, np.int64) for name in _flags(make_stack(Tables()))]
    parts.append(_struct("stack", np.dtype(flags)))
    parts += [_polynomial(name) for name in POLYNOMIALS]
    return "\n".join(parts) + "\n"


def _flags(stack):
    """The numbers of a stack, each under a name: the yardsticks name each safeguard."""
    flags = stack._asdict()
    active, curves = flags.pop("active"), flags.pop("curves")
    flags |= dict(zip(SAFEGUARDS, active, strict=True))
    return flags | {f"{name}_curve": curve for name, curve in zip(MONITORS, curves, strict=True)}


def _struct(name, record, own=False):
    """A record as a struct; `own` leaves out the last dimension, the columns."""
    fields = ""
    for field in record.names:
        kind = record[field]
        shape = kind.shape[:-1] if own else kind.shape
        extent = "".join(f"[{size}]" for size in shape)
        fields += f"    {KIND[kind.base.kind]} {field}{extent};\n"
    size = record.itemsize // (WIDTH if own else 1)
    return f'struct {name} {{\n{fields}}};\n_Static_assert(sizeof(struct {name}) == {size}, "");'


def _constants(name, numbers):
    return f"static const double {name}[] = {{{', '.join(float(x).hex() for x in numbers)}}};"


def _names(name, listed):
    return f"#define {name}(OF) {' '.join(f'OF({item})' for item in listed)}"


def _polynomial(name):
    """A polynomial by Horner's rule, one fma a power."""
    home = mathematics if hasattr(mathematics, name) else normal
    *lower, total = (float(number).hex() for number in getattr(home, name))
    for coefficient in reversed(lower):
        total = f"fma({total}, x, {coefficient})"
    return f"static inline double polynomial_{name}(double x)\n{{\n    return {total};\n}}"
