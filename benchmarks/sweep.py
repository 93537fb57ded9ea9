"""What sweeps cost: the engine's own time, memory, and a large phase map.

    python benchmarks/sweep.py [overhead | dispatch | memory | phase_map]...

Overhead is wall time of the engine over that of the same chunks run by bare calls of the
kernel on as many threads, measured in turns, since the speed of a shared machine drifts.
"""

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from measured import report, seconds, written

import regimesim as rs
from regimesim.ensemble.ensemble import FOREVER
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.ensemble.threads import available_cores
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.sweeps import chunking, plan
from regimesim.sweeps.chunk_runner import Job, run_chunk
from regimesim.sweeps.designs import make_design, scenario_at
from regimesim.sweeps.engine import complete, evaluate
from regimesim.sweeps.executors import SLOTS_PER_WORKER, WorkerPool
from regimesim.sweeps.journal import Journal
from regimesim.sweeps.plan import make_plan

ROUNDS = 3
PHASE_MAP = """
name = "map"
months = 180
systems = 60
worlds = 200
[oversight]
control = true
cot_monitor = true
"""
FEW_POINTS = {"feedback.density": [0.5]}
AXES = ("feedback.density=0.05:1:20", "oversight.audit_budget=0.001:0.3:20:log")


def swept(worlds=200, points=40, difficulty=60):
    """A scenario and a design of points with much to do; by default no world ends early."""
    lasting = {"takeover": {"difficulty": difficulty}, "oversight": {"control": {}}}
    scenario = rs.parse({"worlds": worlds, "systems": 60, "months": 180, **lasting})
    axes = {"feedback.density": {"low": 0.1, "high": 1, "points": points}}
    return scenario, make_design(scenario, axes)


def bare(scenario, design):
    """Nothing but the kernel: full batches of worlds of all points, on all threads."""
    tables = [
        next(iter(scenario_at(scenario, design, point).policies.values()))
        for point in range(len(design))
    ]
    numbers = np.tile(np.arange(scenario.worlds, dtype=np.int64), len(design))
    points = np.repeat(np.arange(len(design)), scenario.worlds)
    seeds = np.full(len(numbers), scenario.seed, np.int64)
    stack, batches = make_stack(tables[0]), []
    for first in range(0, len(numbers), MOST_WORLDS):
        own = slice(first, first + MOST_WORLDS)
        drawn = np.concatenate(
            [
                draw_parameters(tables[k], scenario.start, seeds[own][here], numbers[own][here])
                for k in dict.fromkeys(points[own].tolist())
                for here in [points[own] == k]
            ]
        )
        batches.append(make_batch(seeds[own], numbers[own], drawn, scenario.months))

    def work(batch):
        tile = make_tile(scenario.labs, scenario.systems)
        simulate(tile, stack, batch, GOVERN | PROCEED, FOREVER)

    def run():
        with ThreadPoolExecutor(available_cores()) as pool:
            list(pool.map(work, batches))

    return run


def overhead():
    """The engine against bare calls of the kernel, on threads and on a local Dask cluster."""
    chunking.FEW = 1  # so that a sweep of half a minute has chunks of the full size
    scenario, design = swept(worlds=12 * MOST_WORLDS // 40)
    chunks = make_plan(scenario, design).chunking.total
    print(f"{len(design)} points of {scenario.worlds} worlds, {chunks} chunks")
    evaluate(scenario.override({"worlds": 16}), design)

    def compared(name, target, clock, **how):
        ratios = []
        for _ in range(ROUNDS):
            ours = spent(clock, lambda: evaluate(scenario, design, **how))
            theirs = spent(clock, bare(scenario, design))
            ratios.append(100 * (ours / theirs - 1))
        report(name, ratios, target, "%", most=True)

    compared("engine over kernel, threads, processor time", 5, time.process_time)
    compared("engine over kernel, threads", 10, time.perf_counter)
    with cluster() as address:
        how = {"executor": "dask", "scheduler": address}
        evaluate(scenario.override({"worlds": 16}), design, **how)
        compared("engine over kernel, local Dask", 10, time.perf_counter, **how)


def spent(clock, work):
    """Seconds of a clock that `work` takes."""
    began = clock()
    work()
    return clock() - began


@contextmanager
def cluster():
    """The address of a local Dask scheduler with a worker of one thread a core."""
    from distributed import LocalCluster

    size = {"n_workers": available_cores(), "threads_per_worker": 1}
    with LocalCluster(**size, processes=True, dashboard_address=":0") as machines:
        yield machines.scheduler_address


def memory():
    """Peak memory of a sweep into its folder against numbers of points and of worlds."""
    program = (
        "import resource, sys; from regimesim.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    small = "name = 'many'\nmonths = 12\nsystems = 2\nlabs = 1\n[policies.a]\n[policies.b]\n"
    with written(small) as (file, folder):
        for points, worlds in ((100, 16), (10_000, 16), (100_000, 16), (100, 100_000)):
            options = ["--design", "latin_hypercube", "--points", points, "--worlds", worlds]
            vary = ["--vary", "feedback.density=0:1", "--vary", "oversight.audit_budget=0:1"]
            out = ["--out", folder / f"{points}-{worlds}", "--no-figures"]
            command = [sys.executable, "-c", program, "sweep", file, *vary, *options, *out]
            began = time.perf_counter()
            output = subprocess.check_output(list(map(str, command)), text=True)
            peak = int(output.split()[-1]) / 1024
            spent = time.perf_counter() - began
            name = f"memory, {points:,} points, {worlds:,} worlds ({spent:.0f} s)"
            report(name, [peak], 1024, "MiB", most=True)


def phase_map():
    """20 x 20 points, 200 worlds, 60 systems, 180 months, of one policy: the whole command."""
    with written(PHASE_MAP) as (file, folder):
        command = [sys.executable, "-m", "regimesim", "sweep", file, "--out", folder / "map"]
        for axis in AXES:
            command += ["--vary", axis]
        spent = seconds(lambda: subprocess.run(list(map(str, command)), check=True))
        manifest = json.loads((Path(folder) / "map" / "manifest.json").read_text())
        assert manifest["points"] == 400
        report(f"phase map of 400 points, {available_cores()} cores", [spent], 480, "s", most=True)


def dispatch():
    """The cost of a finished chunk to the process that distributes chunks, and its bytes."""
    chunks, took, size, worlds = handed_out()
    report(f"starting and entering one of {chunks:,} chunks", [1e3 * took], unit="ms")
    report("one of 2,000 chunks through a local Dask scheduler", [1e3 * through_dask()], unit="ms")
    report("a chunk in the journal", [size], unit="bytes")
    report("worlds of 60 systems, 180 months in a chunk", [worlds], unit="")
    report("a point and policy in sweep.nc", [bytes_of_a_point()], unit="bytes")


def handed_out():
    """Of chunks that are done before they are begun: how many there are, the seconds and the
    bytes of the journal that each takes, and the worlds in the first."""
    scenario, design = swept(worlds=1_280_000, difficulty=15)
    whole = make_plan(scenario, design)
    payload = run_chunk(Job(scenario, design, False, {}), whole.chunking.units(0))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal"
        with Journal(file, write=True) as journal:
            took = spent(time.perf_counter, lambda: complete(whole, journal, Ready(payload)))
        size = file.stat().st_size
    chunks = whole.chunking.total
    return chunks, took / chunks, size / chunks, whole.chunking.worlds(0)


class Ready(WorkerPool):
    """A worker pool whose chunks are finished at once, all with the same payload."""

    slots = 2 * SLOTS_PER_WORKER

    def __init__(self, payload):
        self._payload = payload

    def prepare(self, job):
        """Nothing to prepare."""

    def submit(self, units):
        """A finished chunk."""
        future = Future()
        future.set_result(self._payload)
        return future


def through_dask(chunks=2000):
    """Seconds for each of many chunks of next to no work, on a local Dask cluster."""
    small = {"worlds": 16, "systems": 1, "labs": 1, "months": 1}
    scenario = rs.parse(small)
    vary = {"feedback.density": {"low": 0.1, "high": 1, "points": chunks}}
    work, plan.WORK = plan.WORK, chunking.SETTING_UP  # a chunk a point
    try:
        design = make_design(scenario, vary)
        chunks_in_all = make_plan(scenario, design).chunking.total
        with cluster() as address:
            how = {"executor": "dask", "scheduler": address}
            evaluate(scenario, make_design(scenario, vary | FEW_POINTS), **how)
            return (
                spent(time.perf_counter, lambda: evaluate(scenario, design, **how)) / chunks_in_all
            )
    finally:
        plan.WORK = work


def bytes_of_a_point():
    """What a point adds to the results of a sweep of one policy."""
    few, many, sizes = 256, 2048, []
    with written("name = 'many'\nmonths = 180\nsystems = 1\nlabs = 1\nworlds = 16\n") as files:
        for points in (few, many):
            out = files[1] / str(points)
            options = ["--design", "latin_hypercube", "--points", points, "--no-figures"]
            vary = ["--vary", "feedback.density=0:1", "--out", out]
            command = [sys.executable, "-m", "regimesim", "sweep", files[0], *vary, *options]
            subprocess.run(list(map(str, command)), check=True, capture_output=True)
            sizes.append((out / "sweep.nc").stat().st_size)
    return (sizes[1] - sizes[0]) / (many - few)


def main():
    for part in (overhead, dispatch, memory, phase_map):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part()


if __name__ == "__main__":  # worker processes read this file as well
    main()
