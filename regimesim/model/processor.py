"""Which processors machine code is compiled for, and how wide its vectors and tiles are.

On an x86-64 processor, code is compiled for the highest level that the processor reaches, and not
for the processor itself.  So code that was compiled once runs on all processors of the level,
whether they share a folder of it or it came with the package.  On other processors, and where
numba has been set to compile for one, or has begun to before this package was imported, code
is compiled for that processor alone.

The names of the levels and their features are those of the System V ABI:
https://gitlab.com/x86-psABIs/x86-64-ABI
"""

import os
import platform
from typing import NamedTuple

import numba
from llvmlite import binding
from numba.core import registry

from regimesim.errors import Refusal

LANE = 64  # bits of a number
LONGEST_UNROLLED = 12  # turns of an unrolled loop: a draw's rounds, but not the columns
V2 = "cx16 popcnt sahf sse3 ssse3 sse4.1 sse4.2"
V3 = f"{V2} avx avx2 bmi bmi2 f16c fma lzcnt movbe xsave"
V4 = f"{V3} avx512bw avx512cd avx512dq avx512f avx512vl"
LEVELS = {"x86-64-v4": V4.split(), "x86-64-v3": V3.split()}  # and the features, highest first


class Target(NamedTuple):
    """What machine code is compiled for.

    level: of x86-64 processors; None: the processor for which numba compiles · bits:
    of a vector · columns: of a tile.  The more columns there are, the more often a constant that
    has been loaded is used; but all vectors of a row must fit into registers, of which AVX-512
    has twice as many.
    """

    level: str | None
    bits: int
    columns: int


def reached(features):
    """The levels that a processor with these features reaches, highest first."""
    return [level for level, needed in LEVELS.items() if all(map(features.get, needed))]


def choose_target():
    """The target of this process; raises Refusal for a width or a level that is not allowed."""
    wanted = os.environ.get("REGIMESIM_VECTOR_BITS", "")
    if wanted not in ("", "256", "512"):
        raise Refusal(f"REGIMESIM_VECTOR_BITS: found {wanted!r}; allowed is 256 or 512")
    features = binding.get_host_cpu_features()
    level = _choose_level(reached(features))
    widest = 512 if features.get("avx512f") else (256 if features.get("avx") else 128)
    columns = 32 if features.get("avx512vl") else 16
    if level:
        widest, columns = (512, 32) if level == "x86-64-v4" else (256, 16)
    return Target(level, min(int(wanted or widest), widest), columns)


def _choose_level(levels):
    """The highest of these levels, or the one that REGIMESIM_PROCESSOR names."""
    wanted = os.environ.get("REGIMESIM_PROCESSOR", "")
    if wanted and wanted not in levels:
        allowed = " or ".join(levels) or "none, as this processor is of no level"
        raise Refusal(f"REGIMESIM_PROCESSOR: found {wanted!r}; allowed is {allowed}")
    # numba sets up its code generator once, when the first function is to be compiled
    decided = "_toplevel_target_context" in vars(registry.cpu_target)
    if decided or numba.config.CPU_NAME or numba.config.CPU_FEATURES is not None:
        if wanted:
            raise Refusal(
                f"REGIMESIM_PROCESSOR: found {wanted!r}, but numba compiles for another "
                "processor; import regimesim before functions are compiled, and set neither "
                "NUMBA_CPU_NAME nor NUMBA_CPU_FEATURES"
            )
        return None
    return wanted or next(iter(levels), None)


def set_target(target):
    """Compile for `target`, with all columns of a tile side by side.

    By default, the compiler prefers narrow vectors on some processors.  It then makes loops of
    two or four turns, in which each step waits for the one before and constants are loaded
    again.  It also unrolls a short loop over the columns to scalar code before it tries
    vectors.  These settings apply to everything that numba compiles in this process, and
    change only its speed."""
    side_by_side = target.columns * LANE // target.bits
    binding.set_option("regimesim", f"-force-vector-interleave={side_by_side}")
    binding.set_option("regimesim", f"-unroll-full-max-count={LONGEST_UNROLLED}")
    if platform.machine() not in ("x86_64", "AMD64"):
        return
    features = numba.config.CPU_FEATURES or ""
    if target.level:
        numba.config.CPU_NAME = target.level
    else:
        features = features or binding.get_host_cpu_features().flatten()
    prefer = f"{'-' if target.bits == 512 else '+'}prefer-256-bit"
    numba.config.CPU_FEATURES = ",".join(filter(None, (features, prefer)))
    _ = registry.cpu_target.target_context  # set up now, whatever happens to these settings
