"""Take and report measurements: in turns, with their spread, against a target."""

import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Row(NamedTuple):
    """What was measured: its median, lowest and highest, and the target if it has one."""

    part: str
    name: str
    values: list
    unit: str
    target: float | None
    most: bool

    @property
    def reached(self):
        middle = statistics.median(self.values)
        return middle <= self.target if self.most else middle >= self.target

    def cells(self):
        """Name, median, spread, target and verdict, as text."""
        values = [short(self.values, statistics.median), short(self.values, min)]
        spread = f"{values[1]} to {short(self.values, max)}" if len(self.values) > 1 else ""
        middle = f"{values[0]} {self.unit}".strip()
        if self.target is None:
            return self.name, middle, spread, "", ""
        sign = "at most" if self.most else "at least"
        return self.name, middle, spread, f"{sign} {self.target:g}", self.verdict()

    def verdict(self):
        return "ok" if self.reached else "MISSED"


ROWS: list[Row] = []
STATE = {"part": ""}


def short(values, of):
    """Three digits of a number of some values."""
    number = of(values)
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def report(name, values, target=None, unit="x", most=False):
    """Keep and print one line: what was measured, its spread, and the target."""
    row = Row(STATE["part"], name, list(values), unit, target, most)
    ROWS.append(row)
    what, middle, spread, wanted, verdict = row.cells()
    print(f"{what:<56}{middle:>12}  {spread:<18}{wanted:<15}{verdict}".rstrip(), flush=True)


def seconds(work, clock=time.perf_counter):
    """Seconds of a clock that `work` takes."""
    began = clock()
    work()
    return clock() - began


def in_turns(sides, rounds, clock=time.perf_counter, warm=True):
    """Seconds of each side by name, run in turns: {name: [seconds] * rounds}.

    One round before does not count (warm).  The order is turned round every time, so that no side
    always follows the same other one.
    """
    spent = {name: [] for name in sides}
    for turn in range(rounds + warm):
        for name in list(sides) if turn % 2 else reversed(sides):
            spent[name].append(seconds(sides[name], clock))
    return {name: values[warm:] for name, values in spent.items()}


def ratios(over, under):
    """Ratios of what was measured in the same turn."""
    return [a / b for a, b in zip(over, under, strict=True)]


@contextmanager
def written(text):
    """A scenario file in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.toml"
        file.write_text(text)
        yield str(file), Path(folder)


def child(program, *arguments, **how):
    """The last line that a Python program, run on its own, prints."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    output = subprocess.check_output(command, text=True, cwd=HERE, **how)
    return output.strip().splitlines()[-1]


def peak_memory():
    """Peak resident memory of this process, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if "VmHWM" in line)
        return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def forget_peak():
    """Reset the peak of memory, where the system can.  Returns the memory used now, in MiB."""
    if sys.platform.startswith("linux"):
        Path("/proc/self/clear_refs").write_text("5")
    return peak_memory()


def machine():
    """What this is measured on, as lines of text."""
    from regimesim.ensemble.threads import available_cores

    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
        known = {key.strip(): value.strip() for key, _, value in reversed(list(lines))}
        flags = known.get("flags", "").split()
        widths = [flag for flag in ("avx2", "fma", "avx512f", "avx512dq") if flag in flags]
        family = f"family {known.get('cpu family', '?')}, model {known.get('model', '?')}"
        name = f"{known.get('model name', name)}, {family} ({' '.join(widths)})"
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "mesa"))
    yield f"{name}; {available_cores()} cores; {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}, {packages}"
    if compiler := shutil.which("cc"):
        answer = subprocess.run(
            [compiler, "--version"], capture_output=True, text=True, check=True
        )
        yield answer.stdout.splitlines()[0]


def markdown():
    """All reported measurements, as tables."""
    parts = list(dict.fromkeys(row.part for row in ROWS))
    for part in parts:
        yield f"\n**{part}**\n"
        yield "| measured | median | lowest to highest | target | |"
        yield "| --- | --- | --- | --- | --- |"
        for row in ROWS:
            if row.part == part:
                yield f"| {' | '.join(row.cells())} |"
