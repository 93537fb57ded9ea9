"""A table of the cost of sweeps on larger machines, from measurements on this one.

    python benchmarks/beyond.py

A core's rate, the size of a chunk's record and of a point's results, and the time that a
scheduler takes for a chunk are measured here; the rest is arithmetic, described in
docs/performance.md.
"""

import statistics
import time
from functools import partial

from c_reference import make_work, run_in_kernel
from measured import in_turns, machine
from sweep import bytes_of_a_point, handed_out, through_dask
from yardsticks import MONTHS, scenario

from regimesim.ensemble.workload import OVERHEAD, weigh
from regimesim.sweeps.chunking import WORK

SYSTEMS = 60
OVER = 0.05  # of the engine's own processor time over that of the kernel: its target, at most
SWEEPS = (  # points, worlds at each
    (400, 200),
    (10_000, 1_000),
    (100_000, 10_000),
    (1_000_000, 1_000),
    (1_000_000, 10_000),
)


def rate():
    """System-months a second of one core."""
    worlds = 320
    sides = {"kernel": partial(run_in_kernel, make_work(scenario(worlds)))}
    spent = in_turns(sides, 5, time.thread_time)["kernel"]
    return worlds * SYSTEMS * MONTHS / statistics.median(spent)


def main():
    a_second, dask, (_, entered, record, _) = rate(), through_dask(), handed_out()
    result = bytes_of_a_point()
    a_chunk = WORK * 1000 * SYSTEMS / (SYSTEMS + OVERHEAD) / a_second
    print("  \n".join(machine()))
    print(f"\n- a core: {a_second / 1e6:.1f} million system-months a second")
    print(f"- a chunk of {SYSTEMS} systems: {a_chunk:.2f} s")
    print(f"- handing one out: {1e3 * entered:.2g} ms, through Dask {1e3 * dask:.2g} ms")
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
        hours = total * SYSTEMS * MONTHS / a_second / 3600 * (1 + OVER)
        chunks = total * float(weigh(SYSTEMS, MONTHS, 1)) / WORK
        records = (chunks + points) * record
        cells = (f"{points:,}", f"{worlds:,}", f"{total:,}", f"{hours:,.3g}", f"{chunks:,.0f}")
        sizes = (f"{each / 1e6:,.3g} MB" for each in (records, points * result))
        print(f"| {' | '.join((*cells, *sizes))} |")


if __name__ == "__main__":  # worker processes read this file as well
    main()
