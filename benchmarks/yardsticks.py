"""The kernel against other ways to write the same model, in turns and in processor time.

Two programs in C, one as fast as the algorithm can be written there and one as it would be
written at first; numpy arrays over the systems of a world; and plain Mesa.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter, thread_time

import array_month
import numpy as np
import plain_mesa
import plain_numpy
import tuned_mesa
from c_reference import (
    BITS,
    CLANG,
    COMPILER,
    Reference,
    described,
    make_work,
    run_in_kernel,
    wide,
)
from measured import child, forget_peak, in_turns, peak_memory, ratios, report

import regimesim as rs
from regimesim.model.world.layout import WIDTH

MONTHS = 180
# systems, worlds, rounds: a call lasts so long that what surrounds the months does not count
SIZES = ((60, 1_920, 5), (10_000, 32, 3))
SIDES = {
    "kernel": "the kernel",
    "month": "C",
    "naive": "naive C",
    "numpy": "numpy over systems",
    "mesa": "plain Mesa",
}
IN_C = ("month", "naive")
LASTING = 60.0  # a difficulty out of reach: no world ends before the horizon


def scenario(worlds, systems=60, **tables):
    """Worlds of one policy, control alone, as long as the horizon."""
    lasting = {"takeover": {"difficulty": LASTING}, "oversight": {"control": {}}}
    size = {"worlds": worlds, "systems": systems, "months": MONTHS}
    return rs.parse({**size, **lasting, **tables})


def early(worlds):
    """Two policies, in one of which worlds end after a few months."""
    soon = {"capability": {"initial": 14}, "takeover": {"difficulty": 12}}
    return scenario(worlds, policies={"soon": soon, "late": {}})


@contextmanager
def programs():
    """Both programs in C, and the first by clang where it is installed, by what they are called;
    built into a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        built = {SIDES[name]: Reference(name, folder) for name in IN_C}
        for bits in BITS if CLANG else ():
            built[by_clang(bits)] = Reference("month", folder, wide(bits), CLANG)
        yield built


def by_clang(bits):
    """What the program that clang makes is called."""
    return f"C by {CLANG}, {bits} bits"


def report_rate(name, amount, spent):
    """The speed of one side."""
    report(name, [amount / second / 1e6 for second in spent], unit="M/s")


def c():
    """The kernel against C: the same algorithm, and naive; one thread, then two."""
    if COMPILER is None:
        print("  there is no C compiler `cc`")
        return
    if CLANG is None:
        print("  clang is not installed: left out")
    with programs() as built:
        for program in built.values():
            print(described(program))
        print("M/s are million system-months a second")
        for systems, worlds, rounds in SIZES:
            work = make_work(scenario(worlds, systems))
            sides = {"kernel": partial(run_in_kernel, work)}
            sides |= {name: partial(side.run, work) for name, side in built.items()}
            compare(f"{systems:,} systems", sides, worlds * systems * MONTHS, rounds, thread_time)
        work, threads = make_work(scenario(960)), 2
        sides = {
            name: partial(in_threads, simulate, work, threads)
            for name, simulate in (
                ("kernel", run_in_kernel),
                *((n, b.run) for n, b in built.items()),
            )
        }
        compare("60 systems, two threads", sides, 960 * 60 * MONTHS, 5, perf_counter)


def compare(size, sides, amount, rounds, clock):
    """Rates of the kernel and the programs in C, and how many times faster the kernel is."""
    spent = in_turns(sides, rounds, clock)
    targets = {"C": 0.9, "naive C": None if "threads" in size else 3}
    if size == "60 systems":
        targets[by_clang(512)] = 1.15
    for name in sides:
        report_rate(f"{name}, {size}", amount, spent[name])
    for name in list(sides)[1:]:
        ratio = ratios(spent[name], spent["kernel"])
        report(f"kernel / {name}, {size}", ratio, targets.get(name))


def in_threads(simulate, work, threads):
    """Simulate a Work on several threads, in shares of whole tiles."""
    size = max(len(work.numbers) // (6 * threads) // WIDTH, 1) * WIDTH
    bounds = [*range(0, len(work.numbers), size), len(work.numbers)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda interval: simulate(work, *interval), pairwise(bounds)))


def plain():
    """The kernel against numpy over systems, over worlds as well, and against plain Mesa."""
    over_worlds()
    parameters = plain_mesa.defaults(difficulty=LASTING)
    slow = {
        "numpy over systems": plain_numpy,
        "plain Mesa": plain_mesa,
        "plain Mesa, tuned": tuned_mesa,
    }
    targets = {("plain Mesa", 60): 150}
    for systems, worlds, months, rounds in ((60, 480, MONTHS, 5), (10_000, 16, 24, 3)):
        work = make_work(scenario(worlds, systems, months=months))
        sides = {"kernel": partial(run_in_kernel, work)}
        for name, module in slow.items():
            short = 3 if systems > 60 and module is not plain_numpy else months
            sides[name] = partial(module.run, systems, short, 1, parameters)
        spent = in_turns(sides, rounds, thread_time)
        ours = [worlds * systems * months / each for each in spent["kernel"]]
        for name, module in slow.items():
            short = 3 if systems > 60 and module is not plain_numpy else months
            theirs = [systems * short / each for each in spent[name]]
            report_rate(f"{name}, {systems:,} systems", systems * short, spent[name])
            target = targets.get((name, systems))
            report(f"kernel / {name}, {systems:,} systems", ratios(ours, theirs), target)


def over_worlds():
    """The kernel against arrays of numpy over worlds and systems, in blocks of two sizes."""
    systems, worlds, parameters = 60, 256, plain_mesa.defaults(difficulty=LASTING)
    sides = {"kernel": partial(run_in_kernel, make_work(scenario(worlds)))}
    for block in (64, 256):
        run = partial(array_month.run, systems, MONTHS, worlds, parameters, block=block)
        sides[f"numpy over {block} worlds x 60 systems"] = run
    spent = in_turns(sides, 5, thread_time)
    for name in list(sides)[1:]:
        report_rate(name, worlds * systems * MONTHS, spent[name])
        report(f"kernel / {name}", ratios(spent[name], spent["kernel"]))


def memory():
    """Memory of each side beyond what the program takes before it begins."""
    program = "import sys, yardsticks; print(yardsticks.memory_of(sys.argv[1], int(sys.argv[2])))"
    sides = [side for side in SIDES if COMPILER or side not in IN_C]
    for systems in (60, 10_000):
        for side in sides:
            report(
                f"memory of {SIDES[side]}, {systems:,} systems",
                [float(child(program, side, systems))],
                unit="MiB",
            )


def memory_of(side, systems):
    """Peak memory of a side in this process, in MiB, beyond what there was before."""
    parameters, work = plain_mesa.defaults(LASTING), make_work(scenario(16, systems, months=3))
    with tempfile.TemporaryDirectory() as folder:
        if side in ("numpy", "mesa"):
            module = {"numpy": plain_numpy, "mesa": plain_mesa}[side]
            simulate = partial(module.run, systems, 3, 1, parameters)
        elif side == "kernel":
            simulate = partial(run_in_kernel, work)
            run_in_kernel(make_work(scenario(1, 1, months=1)))  # machine code is not counted
        else:
            simulate = partial(Reference(side, Path(folder)).run, work)
        before = forget_peak()
        simulate()
        return max(peak_memory() - before, 0.0)


def exactness():
    """How far naive C, with the C library's mathematics, leaves the kernel's worlds."""
    if COMPILER is None:
        print("  there is no C compiler `cc`")
        return
    lost = {"takeover": {"difficulty": 15}, "oversight": {"control": {}, "cot_monitor": {}}}
    work = make_work(scenario(2000, **lost))
    ours = run_in_kernel(work)
    with programs() as built:
        for name, program in built.items():
            theirs = program.run(work)
            same = [
                np.array_equal(a["crossing"], b["crossing"]) and a["strikes"] == b["strikes"]
                for a, b in zip(ours.outcomes, theirs.outcomes, strict=True)
            ]
            bits = ours.outcomes.tobytes() == theirs.outcomes.tobytes()
            report(
                f"worlds that differ, {name}{', not a bit' if bits else ''}",
                [same.count(False)],
                unit="of 2,000",
                target=None if name == "naive C" else 0,
                most=True,
            )
