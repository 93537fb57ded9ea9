"""The folder of a sweep: begun, gone on with, finished.

While it is unfinished it holds the plan and the journal alone; a manifest says that it is
complete.  A finished sweep that is replaced stays beside, as NAME.previous, until the new
one is complete.
"""

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np

from regimesim.refusal import Refusal, shown
from regimesim.sweeps.journal import Journal
from regimesim.sweeps.plan import Plan, differences, read_plan
from regimesim.sweeps.result import slabs, write_dataset
from regimesim.world.records import THRESHOLDS

MAKER = "regimesim sweep"
PLAN, JOURNAL, RESULT, TABLE, MANIFEST, FIGURES = (
    "plan.json",
    "journal",
    "sweep.nc",
    "points.csv",
    "manifest.json",
    "figures",
)
RESULTS = (MANIFEST, RESULT, TABLE, FIGURES)
ABSENT, UNFINISHED, FINISHED = "absent", "unfinished", "finished"
SHOWN_FAILURES = 3
COLUMNS = (
    *("no_takeover", "held_first_critical_try"),
    *("evidence_gap", "believed_catch_rate", "true_catch_rate", "critical_tries"),
)


class Opened(NamedTuple):
    """A folder that is written to: its plan, which may have grown, and its open journal."""

    plan: Plan
    journal: Journal

    @property
    def left(self) -> int:
        """How many chunks are still to be run."""
        return sum(number not in self.journal for number in self.plan.cuts.numbers())


class Failures:
    """What is found at each point, handed on; points that failed are counted on the way."""

    def __init__(self, found: Callable):
        self._found, self.number, self.first = found, 0, []

    def __call__(self, point: int):
        """What is found at a point."""
        found = self._found(point)
        if isinstance(found, str):
            self.number += 1
            if len(self.first) < SHOWN_FAILURES:
                self.first.append((point, found))
        return found


def state_of(folder: Path) -> str:
    """ABSENT, UNFINISHED or FINISHED; raises Refusal where the folder is of something else."""
    if not (folder.exists() or folder.is_symlink()):
        return ABSENT
    if not folder.is_dir():
        raise Refusal(f"{folder}: a file is in the way of the folder of results")
    there = {path.name for path in folder.iterdir() if path.name[0] != "."}
    if not there or (there == {JOURNAL} and not (folder / JOURNAL).stat().st_size):
        return ABSENT
    if MANIFEST in there and _made_by(folder / MANIFEST) == MAKER:
        return FINISHED
    if PLAN in there and MANIFEST not in there and _made_by(folder / PLAN) == MAKER:
        return UNFINISHED
    raise Refusal(
        f"{folder}: holds files that are no results of {shown(MAKER)}; "
        "choose another folder with --out"
    )


def check_target(folder: Path, plan: Plan, resume: bool) -> bool:
    """Whether the folder holds this very sweep, finished; raises Refusal where the sweep
    cannot be written there."""
    if Path.cwd().resolve().is_relative_to(folder.resolve()):
        raise Refusal(f"{folder}: is the current folder or above it; name a folder inside")
    state = state_of(folder)
    if state == UNFINISHED and not resume:
        raise Refusal(
            f"{folder}: holds an unfinished sweep; go on with it with --resume, or remove it"
        )
    if state == ABSENT or not resume:
        return False
    kept = plan_in(folder)
    if continued(plan, kept, folder).worlds != kept.worlds or state == UNFINISHED:
        return False
    with Journal(folder / JOURNAL) as journal:
        return all(number in journal for number in kept.cuts.numbers())


@contextmanager
def opened(folder: Path, plan: Plan, resume: bool) -> Iterator[Opened]:
    """The folder, locked and ready to be written to.

    Where the block is refused before anything was finished in it, it vanishes again.
    """
    previous, empty = folder.with_name(f"{folder.name}.previous"), False
    try:
        moved = state_of(folder) == FINISHED and not resume
        if moved:
            _set_aside(folder, previous)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with Journal(folder / JOURNAL, write=True) as journal:
                empty = not (folder / PLAN).exists()
                if not empty:
                    plan = continued(plan, plan_in(folder), folder)
                _remove_results(folder)
                write_plan(folder, plan)
                try:
                    yield Opened(plan, journal)
                finally:
                    empty = empty and not len(journal)
        except (Refusal, OSError):
            if empty:
                shutil.rmtree(folder)
                if moved:
                    previous.rename(folder)
            raise
        if previous.exists() and state_of(previous) == FINISHED:
            shutil.rmtree(previous)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written: {error.strerror or error}") from None


def continued(ours: Plan, theirs: Plan, folder: Path) -> Plan:
    """Our plan as a continuation of that of the sweep in `folder`, perhaps with more worlds;
    raises Refusal with a sentence for each difference."""
    lines = [f"{line}; run it without --resume" for line in differences(ours, theirs, folder)]
    if ours.shard != theirs.shard:
        lines.append(f"shard: {_shard(ours)}, and the sweep in {folder} is {_shard(theirs)}")
    asked, there = ours.worlds[-1], theirs.worlds[-1]
    if asked < there:
        more = f"--resume can only add worlds: --worlds {there} goes on with it"
        lines.append(f"worlds: {asked}, and the sweep in {folder} has {there}; {more}")
    if lines:
        raise Refusal(lines)
    worlds = theirs.worlds if asked == there else (*theirs.worlds, asked)
    return ours._replace(worlds=worlds, work=theirs.work)


def plan_in(folder: Path) -> Plan:
    """The plan of the sweep in a folder; raises Refusal where there is none."""
    path = folder / PLAN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return read_plan(content)
    except FileNotFoundError:
        raise Refusal(f"{folder}: is not the folder of a sweep: it has no {PLAN}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{path}: cannot be read: {error}") from None
    except Refusal as refusal:
        raise Refusal(f"{path}: {line}" for line in refusal.lines) from None


def write_results(folder: Path, plan: Plan, found: Callable, progress=None) -> Failures:
    """Write the dataset and the table of a whole sweep to `folder`: the points that failed."""
    failures = Failures(found)
    told = (plan.scenario, plan.design, plan.worlds[-1])
    path = folder / RESULT
    write_dataset(path, *told, failures, plan.independent, progress=progress)
    _write_table(path, folder / TABLE, plan.design)
    return failures


@contextmanager
def results_in(folder: Path) -> Iterator[Path]:
    """A folder whose files move to `folder` when the block ends well, the manifest last."""
    partial = Path(mkdtemp(prefix=".results.", suffix=".partial", dir=folder))
    try:
        yield partial
        names = {path.name for path in partial.iterdir()}
        for name in sorted(names, key=lambda name: name == MANIFEST):
            os.replace(partial / name, folder / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_plan(folder: Path, plan: Plan) -> None:
    """Write plan.json."""
    text = json.dumps({"made_by": MAKER} | plan.plain(), indent=1, ensure_ascii=False)
    partial = folder / f".{PLAN}.partial"
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(folder / PLAN)


def _write_table(path, to, design):
    """points.csv: a row a point and policy, with its settings and the main estimates."""
    import h5netcdf

    tries = tuple(f"{t.name}_crossed" for t in THRESHOLDS if t.name == "first_critical_try")
    names = [f"{name}{end}" for name in (*COLUMNS, *tries) for end in ("", "_low", "_high")]
    with (
        h5netcdf.File(path, "r", decode_vlen_strings=True) as result,
        to.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(["point", *design.values, "policy", *names, "error"])
        for slab in slabs(design):
            errors = np.ravel(result["error"][slab.place])
            shape = (len(errors), len(design.policies))
            found = [result[name][slab.place].reshape(shape) for name in names]
            for (k, j), policy in zip(np.ndindex(shape), cycle(design.policies), strict=False):
                settings = design.settings(slab.first + k).values()
                numbers = ["" if np.isnan(v[k, j]) else repr(float(v[k, j])) for v in found]
                table.writerow([slab.first + k, *settings, policy, *numbers, errors[k]])


def _set_aside(folder, previous):
    """Move a finished sweep out of the way, to where it stays until it is replaced."""
    with Journal(folder / JOURNAL, write=True):
        pass  # nobody adds worlds to it
    if state_of(previous) == FINISHED:
        shutil.rmtree(previous)
    elif previous.exists():
        raise Refusal(f"{previous}: is in the way; it is where {folder} is kept meanwhile")
    folder.rename(previous)


def _remove_results(folder):
    for name in RESULTS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in folder.glob(".results.*.partial"):
        shutil.rmtree(path)


def _made_by(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))["made_by"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _shard(plan):
    return "all of it" if plan.shard is None else "shard {}/{}".format(*plan.shard)
