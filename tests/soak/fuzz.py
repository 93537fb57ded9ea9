"""Thousands of mutated scenario files: each gives a valid run, or one refusal in words."""

import contextlib
import io
import subprocess
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mutations import cases

from regimesim import cli, load, run
from regimesim.ensemble.datasets import AGAIN
from regimesim.errors import Refusal
from regimesim.scenario import prepare
from regimesim.sweeps.designs import read_design

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EXTENDED = SCENARIOS / "claims" / "first_part.toml"
SMALL = ("--worlds", "3", "--set", "systems=4", "--set", "months=9", "--threads", "1")
SMALL_CLAIM = ("--worlds", "24", "--set", "systems=3", "--threads", "1")
SMALLER = ("worlds=3", "systems=4", "months=9")
RUNS, CLAIMS = 12, 15  # of so many valid ones one is run, or put to the test, with its files
FEW_POINTS = 12  # a sweep of more is only planned
SLOW = 30.0  # seconds of a core; the first run may have to compile
# of a world without a critical try
NAN = {"believed_catch_rate", "true_catch_rate", "foreseeable_catch_rate"}
ABSENT = -1


class Told(NamedTuple):
    """What a command said, and how it ended."""

    code: int | None
    out: str
    err: str


def in_process(arguments) -> Told:
    """A command in this process, with every warning an error; code None where it raised."""
    out, err = io.StringIO(), io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        warnings.simplefilter("error")
        try:
            code = cli.main([str(argument) for argument in arguments])
        except BaseException:
            code = None
            err.write(traceback.format_exc())
    return Told(code, out.getvalue(), err.getvalue())


def in_a_process(arguments, **how) -> Told:
    """A command in a process of its own, with every warning an error."""
    command = [sys.executable, "-W", "error", "-m", "regimesim", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=300, **how)
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())


def what_is_wrong(told: Told, allowed=(0, 2)) -> str | None:
    """Why this is no way to end, or None."""
    if told.code not in allowed or "Traceback" in told.err:
        return f"exit code {told.code}"
    if told.code == 0:
        return None
    lines = told.err.splitlines()
    if not lines:
        return "refused without a word"
    if odd := [line for line in lines if ": " not in line]:
        return f"a line that does not say where: {odd[0][:200]!r}"
    if odd := [line for line in lines if len(line) > 1000]:
        return f"a line of {len(odd[0])} letters: {odd[0][:200]!r}"
    if odd := [c for line in lines for c in line if not c.isprintable()]:
        return f"an unprintable letter {odd[0]!r}"
    return None


def lived(file: Path) -> str | None:
    """Why a valid scenario cannot be run, small, in memory, or what came out that is no number
    where one is declared; None where all is well."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = run(prepare(file, SMALLER), threads=1)
        except Refusal:
            return None
        except Exception:
            return traceback.format_exc()[-3000:]
    return not_numbers(*found)


def not_numbers(worlds, months) -> str | None:
    """Which numbers of a run are none where one is declared, or None."""
    tried = ~np.isnan(worlds.crossing.sel(threshold="first_critical_try").values)
    there = months.worlds_not_lost.values > 0
    for name, values in worlds.data_vars.items():
        if np.isinf(values.values).any():
            return f"{name}: infinite"
        if name == AGAIN:  # of the worlds alone that are repeated
            continue
        absent = values.encoding.get("_FillValue") == ABSENT
        expected = ~tried if name in NAN else np.zeros(tried.shape, bool)
        if not absent and (np.isnan(values.values) != expected).any():
            return f"{name}: not a number"
    for name, values in months.data_vars.items():
        if values.dtype.kind != "f" or name == "leader_quantile":  # of which some lie beyond
            continue
        finite = np.isfinite(values.values)
        if not (finite[there] if values.ndim == 2 else finite).all():
            return f"months: {name}: not a number"
    return None


def placed(origin: Path, content: bytes, place: Path) -> Path:
    """The file of a case, in a folder that has what shipped files extend."""
    file, extended = (place / path.relative_to(SCENARIOS) for path in (origin, EXTENDED))
    for folder in (file.parent, extended.parent):
        folder.mkdir(parents=True, exist_ok=True)
    extended.write_bytes(EXTENDED.read_bytes())
    file.write_bytes(content)
    return file


def fuzz(number: int, seed: int, place: Path, failed: Path, say=print) -> Counter:
    """Try so many mutated files; those that fail are kept in `failed`. How often each came."""
    counts, place = Counter(), Path(place)
    place.mkdir(parents=True, exist_ok=True)
    for k, origin, content in cases(SCENARIOS, seed, number):
        file = placed(origin, content, place)
        began = time.process_time()
        try:
            reason = _tried(file, origin, place, counts)
        except AssertionError as error:
            reason = str(error)
        spent = time.process_time() - began
        if not reason and spent > SLOW:
            reason = f"took {spent:.0f} s"
        if reason:
            counts["failed"] += 1
            failed.mkdir(parents=True, exist_ok=True)
            (failed / f"{seed}_{k}_{origin.name}").write_bytes(content)
            say(f"case {seed}/{k} ({origin.name}): {reason}")
        counts["cases"] += 1
        file.unlink()
        if counts["cases"] % 500 == 0:
            print(f"{counts['cases']:,} of {number:,} cases", file=sys.stderr, flush=True)
    return counts


def _tried(file, origin, place, counts) -> str | None:
    """Check a case and, where it is valid, run it: why that failed, or None."""
    told = in_process(["check", file])
    if reason := what_is_wrong(told):
        return f"check: {reason}\n{told.err[-3000:]}"
    if told.code:
        counts["refused"] += 1
        return None
    counts["valid"] += 1
    if reason := lived(file):
        return reason
    for name, arguments in _asked(file, origin, place, counts["valid"]):
        told = in_process(arguments)
        if reason := what_is_wrong(told):
            return f"{name}: {reason}\n{told.err[-3000:]}"
        counts[f"{name} {'refused' if told.code else 'done'}"] += 1
        if left := [path.name for path in place.iterdir() if path.name.startswith(".")]:
            return f"{name}: left behind: {left}"
    return None


def _asked(file, origin, place, number):
    """What is done with some valid scenarios, besides a run in memory."""
    if number % RUNS == 0:
        yield "run", ["run", file, *SMALL, "--no-figures", "--out", place / "run"]
    if origin.parent.name == "claims" and number % CLAIMS == 0:
        of = ["claims", f"C{int(origin.name[1:3])}", "--from", place]
        yield "claims", [*of, *SMALL_CLAIM, "--out", place / "claims"]
    if "sweep" in load(file).raw:
        arguments = ["sweep", file, *SMALL, "--no-figures", "--out", place / "sweep"]
        yield "sweep", [*arguments, *_only_planned(file)]


def _only_planned(file):
    try:
        few = len(read_design(load(file))) <= FEW_POINTS
    except Refusal:
        return []
    return [] if few else ["--dry-run"]


def in_processes(number: int, seed: int, place: Path, say=print) -> Counter:
    """The same in real processes, for some cases."""
    counts = Counter()
    place.mkdir(parents=True, exist_ok=True)
    for k, origin, content in cases(SCENARIOS, seed, number):
        file = placed(origin, content, place)
        told = in_a_process(["run", file, *SMALL, "--no-figures", "--out", place / "run"])
        counts["processes"] += 1
        counts["done" if told.code == 0 else "refused"] += 1
        if reason := what_is_wrong(told):
            counts["failed"] += 1
            say(f"case {seed}/{k} ({origin.name}) in a process: {reason}\n{told.err[-2000:]}")
        file.unlink()
    return counts
