"""Memory and disk space that a run needs, checked before it starts."""

import shutil
from pathlib import Path

from regimesim.errors import Refusal
from regimesim.model.dynamics.record import FAN, FAN_STEPS, MOST_WORLDS
from regimesim.model.world.layout import LAB, PARAMETERS, SYSTEM

SPARE = 2**26  # bytes that are left for other processes
WHOLE_NUMBER = 40  # bytes of a Python integer, and of its place in an array
A_WORLD = 6_000  # bytes of a running world, besides its tile
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
RAN_OUT = "memory ran out; ask for fewer worlds, months, systems, points or --threads"
UNITS = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10), ("bytes", 1))
LARGE = 2**28  # bytes; smaller requests are not checked


def check_memory(what: str, needed: float, advice: str) -> None:
    """Refuse `what` where it needs more bytes of memory than are free."""
    free = free_memory() if needed > LARGE else None
    if free is not None and needed > free - SPARE:
        _refuse(what, needed, "memory", free, advice)


def check_disk(what: str, needed: float, folder: Path, advice: str) -> None:
    """Refuse `what` where it needs more bytes than are free on the disk of `folder`, which need
    not exist."""
    there = next((place for place in (folder, *folder.parents) if place.is_dir()), None)
    free = shutil.disk_usage(there).free if there else needed
    if needed > free:
        _refuse(what, needed, "disk", free, advice)


def memory_of_threads(threads: int, labs: int, systems: int) -> int:
    """Bytes that threads take to run worlds of this size."""
    tile = systems * SYSTEM.itemsize + labs * LAB.itemsize + PARAMETERS.itemsize
    return threads * (tile + MOST_WORLDS * A_WORLD)


def memory_of_sums(policies: int, months: int) -> int:
    """Bytes of the monthly sums of a run."""
    return policies * months * (FAN * WHOLE_NUMBER + FAN_STEPS * 8)


def free_memory() -> int | None:
    """Bytes of memory that this process may still take; None where that is unknown."""
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
    try:  # the limit of a container
        limit, taken = (int((CGROUP / f"memory.{x}").read_text()) for x in ("max", "current"))
    except (OSError, ValueError):
        return free
    return min(free, max(limit - taken, 0))


def _refuse(what, needed, of, free, advice):
    raise Refusal(f"{what}: needs {_size(needed)} of {of}, and {_size(free)} are free; {advice}")


def _size(count: float) -> str:
    """Bytes in words."""
    unit, scale = next((unit, scale) for unit, scale in UNITS if count >= scale or scale == 1)
    return f"{count / scale:,.0f} {unit}"
