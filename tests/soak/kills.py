"""Commands killed at random moments: nothing half-written, nothing in the way of the next one."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fuzz import SCENARIOS

BASE = SCENARIOS / "first_critical_try.toml"
SIZE = ("--worlds", "400", "--set", "systems=12", "--set", "months=60", "--threads", "1")
SWEEP = ("--vary", "feedback.density=0.3:1:6", "--worlds", "96", "--set", "systems=6", "--set",
         "months=36", "--policy", "none", "--policy", "control", "--threads", "1")  # fmt: skip


class Job(NamedTuple):
    """A command to be killed: what it is given, what it leaves in `result`, how it is gone on
    with after a kill, and what it needs before."""

    name: str
    arguments: tuple[str, ...]
    result: str
    again: tuple[str, ...]
    numbers: Callable[[Path], object]


def of_json(*names):
    """What the JSON files of a folder of results say, whatever the code that made them."""

    def numbers(folder):
        read = {name: json.loads((folder / name).read_text()) for name in names}
        return [{k: v for k, v in one.items() if k != "code_digest"} for one in read.values()]

    return numbers


def of_sweep(folder):
    """The estimates of a sweep."""
    import xarray

    with xarray.open_dataset(
        folder / "sweep.nc", engine="h5netcdf", decode_timedelta=False
    ) as found:
        return {
            name: found[name].values.tobytes() for name in found if found[name].dtype != object
        }


def size_of(file):
    """That there is a picture."""
    return file.read_bytes()[:4]


RUN = Job("run", ("run", str(BASE), *SIZE, "--out", "r"), "r", (), of_json("summary.json"))
SWEEPING = Job("sweep", ("sweep", str(BASE), *SWEEP, "--out", "s"), "s", ("--resume",), of_sweep)
MERGE = Job("merge", ("merge", "s1", "s2", "--out", "m"), "m", (), of_sweep)
CLAIM = Job("claims", ("claims", "C6", "--worlds", "200", "--threads", "1", "--out", "c"), "c", (),
            of_json("claim.json"))  # fmt: skip
COMPARE = Job("compare", ("compare", "one", "two", "--out", "x"), "x", (),
              of_json("compare.json"))  # fmt: skip
PLOT = Job("plot", ("plot", "one"), "one/figures/survival.png", (), size_of)
CONTRIBUTIONS = Job(
    "contributions",
    ("contributions", str(BASE), *SIZE, "--policy", "control_and_cot", "--out", "k"),
    "k", (), of_json("contributions.json"),
)  # fmt: skip
MOST_TRIED = 4  # kills that are tried for each that must come in time
FIRST = 0.15  # of its life a command does nothing but start
JOBS = (RUN, SWEEPING, MERGE, CLAIM, COMPARE, PLOT, CONTRIBUTIONS)


def start(arguments, place, **how) -> subprocess.Popen:
    """Start a command in a group of its own."""
    command = [sys.executable, "-m", "regimesim", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=place, start_new_session=True, **quiet, **how)


def ended(arguments, place) -> tuple[int, str]:
    """How a command ends that nobody kills, and what it says of errors."""
    process = start(arguments, place)
    err = process.communicate(timeout=300)[1].decode()
    return process.returncode, err


def prepare(place: Path) -> None:
    """Make what commands read: two runs, and both shards of a sweep."""
    place.mkdir(parents=True, exist_ok=True)
    for out, seed in (("one", "1"), ("two", "2")):
        must(["run", str(BASE), *SIZE, "--seed", seed, "--out", out, "--no-figures"], place)
    for shard in ("1", "2"):
        must(["sweep", str(BASE), *SWEEP, "--shard", f"{shard}/2", "--out", f"s{shard}"], place)


def must(arguments, place):
    """Have a command end well."""
    code, err = ended(arguments, place)
    assert code == 0, f"{arguments}: {code}: {err[-2000:]}"


def killed(number: int, seed: int, place: Path, say=print) -> Counter:
    """Kill commands at so many random moments of their lives, each once more after that: how
    often what came.  A kill that comes too late is told, and another one is tried."""
    dice, counts = random.Random(seed), Counter()
    shutil.rmtree(place, ignore_errors=True)
    prepare(place)
    wanted = {}
    lengths = {}  # of a whole life, where an earlier result is there and where none is
    for job, there in itertools.product(JOBS, (False, True)):
        began = time.monotonic()
        must(_given(job, there), place)
        lengths[job, there] = time.monotonic() - began
        wanted[job] = job.numbers(place / job.result)
        if there:
            _remove(place / job.result)
    tried = 0
    while counts["kills"] < number and tried < MOST_TRIED * number:
        job = JOBS[counts["kills"] % len(JOBS)]
        there = dice.random() < 0.3
        if there:
            must(job.arguments, place)
        after = dice.uniform(FIRST, 1) * lengths[job, there]
        ended_at = _end(job, there, after, place)
        reason = _what_was_left(job, there, wanted[job], place, counts)
        tried += 1
        if ended_at is None:
            counts["kills"] += 1
            counts[f"killed: {job.name}"] += 1
        else:  # the machine has become faster: the next one comes sooner
            counts["ended before"] += 1
            lengths[job, there] = ended_at
        if reason:
            counts["failed"] += 1
            say(f"kill {seed}/{tried}: {job.name} after {after:.2f} s: {reason}")
        _remove(place / job.result)
    if counts["kills"] < number:
        counts["failed"] += 1
        say(f"only {counts['kills']} of {number} kills came in time")
    return counts


def _given(job, there):
    """What a command is given where its results are there or not."""
    return (*job.arguments, "--resume") if there and job is SWEEPING else job.arguments


def _end(job, there, after, place) -> float | None:
    """Kill a command after so many seconds; if it had ended by itself, after how many."""
    began = time.monotonic()
    process = start(_given(job, there), place)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stderr.close()
    return None if process.returncode == -signal.SIGKILL else time.monotonic() - began


def _what_was_left(job, there, wanted, place, counts) -> str | None:
    """What is wrong with what a kill left, or with the next one after it, or None."""
    result = place / job.result
    whole = result.exists() and (job is not SWEEPING or (result / "manifest.json").exists())
    if whole:
        counts["whole"] += 1
        if job.numbers(result) != wanted:
            return "what is there is not what it is without a kill"
    elif there and job is not PLOT and not _set_aside(result):
        return "what was there before is lost"
    again = (*job.arguments, *job.again) if result.exists() else job.arguments
    code, err = ended(again, place)
    if code:
        return f"the next one ended with {code}: {err[-1500:]}"
    if job.numbers(result) != wanted:
        return "the next one gave other numbers"
    left = [path.name for path in place.rglob(".*") if path.name != ".matplotlib"]
    if left:
        return f"left behind: {left}"
    return None


def _set_aside(result):
    """Whether what was there is beside, under a name that says so."""
    beside = result.parent.glob(f".{result.name}.*.replaced")
    return any(beside) or result.with_name(f"{result.name}.previous").exists()


def _remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
