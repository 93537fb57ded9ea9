"""What runs cost as a user starts them: threads, sizes, numbers of worlds, memory."""

import time
from functools import partial
from statistics import median

from measured import child, in_turns, peak_memory, ratios, report, written
from yardsticks import MONTHS, early, scenario

import regimesim as rs

COMMAND = (
    "import sys; from regimesim.cli import main; from measured import peak_memory\n"
    "assert main(sys.argv[1:]) == 0; print(peak_memory())"
)


def threads():
    """Two threads against one, where worlds are alike and where they end early at one side."""
    for name, work in (
        ("two threads / one, worlds of one length", scenario(2400)),
        ("two threads / one, worlds ending early", early(3000)),
    ):
        sides = {count: partial(rs.run, work, threads=count) for count in (1, 2)}
        spent = in_turns(sides, 5)
        report(name, ratios(spent[1], spent[2]), 1.85)


def sizes():
    """The cost of a system-month at 10 to 10,000 systems, on one thread."""
    amounts = {10: 3200, 60: 512, 1000: 32, 10_000: 32}  # full tiles
    sides = {
        systems: partial(rs.run, scenario(worlds, systems), threads=1)
        for systems, worlds in amounts.items()
    }
    spent = in_turns(sides, 3, time.process_time)
    cost = {
        systems: [1e9 * each / (amounts[systems] * systems * MONTHS) for each in values]
        for systems, values in spent.items()
    }
    for systems, values in cost.items():
        report(f"a system-month of {systems:,} systems", values, unit="ns")
    report("10 systems / 1,000, cost", ratios(cost[10], cost[1000]), 1.25, most=True)
    report("1,000 systems / 10, cost", ratios(cost[1000], cost[10]), 1.25, most=True)


def flat():
    """The cost of a system-month of 100 to 1,000,000 worlds, beyond what any run takes."""
    size = {"systems": 20, "months": 60}
    a_world = size["systems"] * size["months"]
    least = partial(rs.run, scenario(1, **size, labs=1).override({"months": 1}), threads=1)
    beyond, fixed = {}, []
    for worlds, rounds in ((100, 101), (10_000, 5), (1_000_000, 1)):
        sides = {worlds: partial(rs.run, scenario(worlds, **size), threads=1), "least": least}
        turns = in_turns(sides, rounds, time.process_time, warm=worlds <= 100)
        fixed += turns["least"]
        # what a run takes in any case is that of the same turn: speeds drift from one to the next
        pairs = zip(turns[worlds], turns["least"], strict=True)
        beyond[worlds] = [whole - start for whole, start in pairs]
    report("a run of one world and month", [1e3 * each for each in fixed], unit="ms")
    cost = {}
    for worlds, values in beyond.items():
        cost[worlds] = [1e9 * each / (worlds * a_world) for each in values]
        report(f"a system-month of {worlds:,} worlds, beyond that", cost[worlds], unit="ns")
    middle = [median(values) for values in cost.values()]
    report("dearest / cheapest of these", [max(middle) / min(middle)], 1.3, most=True)


def large():
    """10,000 worlds x 60 systems x 180 months of one policy: time and memory."""
    program = "import whole_runs; print(*whole_runs.run_worlds(10_000))"
    spent, memory = map(float, child(program).split())
    report("10,000 worlds x 60 x 180", [spent], 15, "s", most=True)
    report("its memory", [memory], 1024, "MiB", most=True)


def run_worlds(worlds):
    """Seconds of a warm run, and peak memory in MiB."""
    work = scenario(worlds)
    rs.run(work.override({"worlds": 16}))
    began = time.perf_counter()
    rs.run(work)
    return time.perf_counter() - began, peak_memory()


def memory_of_many():
    """Peak memory of a run to files, whatever the number of worlds."""
    with written("name = 'many'\nmonths = 2\nsystems = 1\nlabs = 1\n") as (file, folder):
        for worlds in (10_000, 1_000_000):
            arguments = ("run", file, "--worlds", worlds, "--out", folder / "out")
            peak = float(child(COMMAND, *arguments))
            report(f"memory of a run of {worlds:,} worlds", [peak], 1024, "MiB", most=True)
