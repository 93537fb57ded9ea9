"""The results of a sweep as files: the dataset, the table, and their digests."""

import csv
import hashlib
import os
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np

from regimesim.analysis.policy_cells import COSTS
from regimesim.ensemble.netcdf import reading_hdf5
from regimesim.model.world.records import THRESHOLDS
from regimesim.sweeps.csv_table import ERROR, POINT
from regimesim.sweeps.dataset import slabs, write_dataset
from regimesim.sweeps.plan import Plan
from regimesim.sweeps.variables import POLICY

RESULT, TABLE = "sweep.nc", "points.csv"
SHOWN_FAILURES = 3
COLUMNS = (
    *("no_takeover", "held_first_critical_try"),
    *("evidence_gap", "believed_catch_rate", "true_catch_rate", "critical_tries"),
    *COSTS,
)


class Failures:
    """Passes on the result of each point, and counts the points that failed."""

    def __init__(self, result: Callable):
        self._result_at, self.number, self.first = result, 0, []

    def __call__(self, point: int):
        """The result of a point: its tallies, or the reason why it has none."""
        result = self._result_at(point)
        if isinstance(result, str):
            self.number += 1
            if len(self.first) < SHOWN_FAILURES:
                self.first.append((point, result))
        return result


def write_results(folder: Path, plan: Plan, result: Callable, progress=None) -> Failures:
    """Write the dataset and the table of a whole sweep.  Returns the points that failed."""
    failures = Failures(result)
    run = (plan.scenario, plan.design, plan.worlds[-1])
    path = folder / RESULT
    write_dataset(path, *run, failures, plan.independent, progress=progress)
    _write_table(path, folder / TABLE, plan.design)
    return failures


def failures_in(folder: Path) -> Failures | None:
    """The failed points of the sweep in a folder; None for a shard, which has no results."""
    path = folder / RESULT
    if not path.exists():
        return None
    with reading_hdf5(path) as result:
        errors = np.ravel(result[ERROR].asstr()[...])
    failures = Failures(lambda point: errors[point] or None)
    for point in range(len(errors)):
        failures(point)
    return failures


def digests(folder: Path) -> dict[str, dict]:
    """Size and digest of each file of results in a folder, by name."""
    result = {}
    for path in (folder / name for name in (RESULT, TABLE)):
        if path.exists():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            result[path.name] = {"bytes": path.stat().st_size, "sha256": digest}
    return result


def on_disk(path: Path) -> None:
    """Wait until a file, or the list of files of a folder, is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows writes folders by itself, and cannot open them
    file = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _write_table(path, to, design):
    """Write points.csv: a row for each point and policy, with settings and main estimates."""
    tries = tuple(f"{t.name}_crossed" for t in THRESHOLDS if t.name == "first_critical_try")
    names = [f"{name}{end}" for name in (*COLUMNS, *tries) for end in ("", "_low", "_high")]
    with (
        reading_hdf5(path) as result,
        to.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow([POINT, *design.values, POLICY, *names, ERROR])
        for slab in slabs(design):
            errors = np.ravel(result[ERROR].asstr()[slab.place])
            shape = (len(errors), len(design.policies))
            columns = [result[name][slab.place].reshape(shape) for name in names]
            for (k, j), policy in zip(np.ndindex(shape), cycle(design.policies), strict=False):
                settings = map(_cell, design.settings(slab.first + k).values())
                numbers = ["" if np.isnan(v[k, j]) else repr(float(v[k, j])) for v in columns]
                table.writerow([slab.first + k, *settings, policy, *numbers, errors[k]])


def _cell(value):
    """A setting as in a scenario file."""
    return str(value).lower() if isinstance(value, bool | np.bool_) else value
