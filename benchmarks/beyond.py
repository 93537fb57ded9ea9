"""A table of the cost of sweeps on larger machines, from measurements on this one.

    python benchmarks/beyond.py

What a chunk costs the workers and the scheduler of a local Dask cluster, the size of a chunk's
record and of a point's results, and the time that a scheduler takes for a chunk are measured
here; the rest is arithmetic, described in docs/performance.md.
"""

import statistics
import time
from functools import partial

from c_reference import make_work, run_in_kernel
from measured import in_turns, machine
from sweep import bytes_of_a_point, cluster, handed_out, swept, through_dask
from yardsticks import MONTHS, scenario

from regimesim.ensemble.workload import OVERHEAD, weigh
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.sweeps import chunking
from regimesim.sweeps.chunking import WORK
from regimesim.sweeps.engine import evaluate
from regimesim.sweeps.plan import make_plan

SYSTEMS = 60
ROUNDS = 5
CORES = 100  # for which the time of a billion worlds is stated
SWEEPS = (  # points, worlds at each
    (400, 200),
    (10_000, 1_000),
    (100_000, 10_000),
    (1_000_000, 1_000),
    (1_000_000, 10_000),
)


def on_cluster():
    """On a local Dask cluster, of full chunks: how many there were, and of each round the
    system-months a second of processor time of its workers, and the processor time that a chunk
    takes of the scheduler and the engine, which share a process."""
    from distributed import Client

    chunking.FEW = 1  # so that a sweep of seconds has chunks of the full size
    varied, design = swept(worlds=12 * MOST_WORLDS // 40)
    chunks = make_plan(varied, design).chunking.total
    rates, handing = [], []
    with cluster() as address, Client(address) as client:
        how = {"executor": "dask", "scheduler": address}

        def workers():
            return sum(client.run(time.process_time).values())

        for turn in range(ROUNDS + 1):
            before, own = workers(), time.process_time()
            evaluate(varied, design, **how)
            if turn:  # in the first, workers load machine code
                worked = len(design) * varied.worlds * SYSTEMS * MONTHS
                handing.append((time.process_time() - own) / chunks)
                rates.append(worked / (workers() - before))
    return chunks, rates, handing


def rate():
    """System-months a second of the kernel on one core."""
    worlds = 320
    sides = {"kernel": partial(run_in_kernel, make_work(scenario(worlds)))}
    spent = in_turns(sides, 5, time.thread_time)["kernel"]
    return worlds * SYSTEMS * MONTHS / statistics.median(spent)


def main():
    bare, dask, (_, entered, record, _) = rate(), through_dask(), handed_out()
    result, (number, rates, handing) = bytes_of_a_point(), on_cluster()
    a_second = statistics.median(rates)
    a_chunk = WORK * 1000 * SYSTEMS / (SYSTEMS + OVERHEAD) / a_second
    print("  \n".join(machine()))
    low, high = min(rates) / 1e6, max(rates) / 1e6
    print(
        f"\n- a core of the cluster: {a_second / 1e6:.1f} million system-months a second "
        f"({low:.1f} to {high:.1f}, {ROUNDS} times {number} chunks); of the kernel alone "
        f"{bare / 1e6:.1f}"
    )
    billion = [1e9 * SYSTEMS * MONTHS / each / 3600 for each in rates]
    middle = statistics.median(billion)
    print(
        f"- a billion worlds of {SYSTEMS} systems and {MONTHS} months: {middle:,.0f} core-hours "
        f"({min(billion):,.0f} to {max(billion):,.0f}), {middle / CORES:.2g} hours on "
        f"{CORES} cores"
    )
    print(f"- a chunk of {SYSTEMS} systems: {a_chunk:.2f} s")
    print(
        f"- handing one out: {1e3 * entered:.2g} ms, through Dask {1e3 * dask:.2g} ms where "
        f"chunks are nearly empty; of full ones, scheduler and engine take "
        f"{1e3 * statistics.median(handing):.2g} ms of processor time"
    )
    print(
        f"- a record of one point in the journal: {record:,.0f} bytes; a point in sweep.nc: "
        f"{result:,.0f} bytes"
    )
    print(
        f"- one scheduler keeps {a_chunk / dask:,.0f} workers busy, the engine's own part "
        f"{a_chunk / entered:,.0f}\n"
    )
    print("| points | worlds each | worlds | core-hours | chunks | journal | results |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for points, worlds in SWEEPS:
        total = points * worlds
        hours = total * SYSTEMS * MONTHS / a_second / 3600
        chunks = total * float(weigh(SYSTEMS, MONTHS, 1)) / WORK
        records = (chunks + points) * record
        cells = (f"{points:,}", f"{worlds:,}", f"{total:,}", f"{hours:,.3g}", f"{chunks:,.0f}")
        sizes = (f"{each / 1e6:,.3g} MB" for each in (records, points * result))
        print(f"| {' | '.join((*cells, *sizes))} |")


if __name__ == "__main__":  # worker processes read this file as well
    main()
