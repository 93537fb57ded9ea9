"""How fast the model is, as ratios measured in one run: `make bench`.

Every comparison runs its sides in turns, and prints the median ratio with the lowest and
the highest, since the speed of a shared machine drifts.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from plain_mesa import defaults
from plain_mesa import run as run_plain_mesa

import regimesim as rs
from regimesim.experiment import ensemble

HERE = Path(__file__).parent
MONTHS = 180


def scenario(worlds, systems=60, **tables):
    """Worlds of one policy, control alone, as long as the horizon: difficulty out of reach."""
    lasting = {"takeover": {"difficulty": 60}, "oversight": {"control": {}}}
    return rs.parse({"worlds": worlds, "systems": systems, "months": MONTHS, **lasting, **tables})


def early(worlds):
    """Two policies, in one of which worlds end after a few months."""
    soon = {"capability": {"initial": 14}, "takeover": {"difficulty": 12}}
    return scenario(worlds, policies={"soon": soon, "late": {}})


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(ours, theirs, rounds=5):
    """Seconds of each side, run in turns; lists of `rounds`."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def told(name, ratios, target, unit="x", most=False):
    """One line: what was measured, its spread, and the target."""
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    reached = middle <= target if most else middle >= target
    sign = "at most" if most else "at least"
    spread = f"({low:.3g} to {high:.3g})" if len(ratios) > 1 else ""
    mark = "ok" if reached else "MISSED"
    print(f"{name:<46}{middle:8.3g} {unit:<3}{spread:<18}{sign} {target:g}  {mark}", flush=True)


def against_plain_mesa():
    """The compiled kernel against agents as Python objects, on one thread."""
    work = scenario(400)
    parameters, plain_rate, kernel_rate = defaults(difficulty=60.0), [], []
    for _ in range(5):
        rates = run_plain_mesa(systems=60, months=MONTHS, worlds=1, parameters=parameters)
        plain_rate.append(rates)
        spent = seconds(lambda: rs.run(work, threads=1))
        kernel_rate.append(400 * 60 * MONTHS / spent)
    told(
        "kernel / plain Mesa, one thread, 60 systems",
        [k / p for k, p in zip(kernel_rate, plain_rate, strict=True)],
        60,
    )
    print(
        f"  plain Mesa {statistics.median(plain_rate):,.0f} system-months a second, kernel "
        f"{statistics.median(kernel_rate):,.0f} "
        f"({1e9 / statistics.median(kernel_rate):.1f} ns each)"
    )


def threads():
    """Two threads against one."""
    for name, work in (
        ("two threads / one, worlds of one length", scenario(4000)),
        ("two threads / one, worlds ending early", early(4000)),
    ):
        one, two = in_turns(
            lambda work=work: rs.run(work, threads=1), lambda work=work: rs.run(work, threads=2)
        )
        told(name, [a / b for a, b in zip(one, two, strict=True)], 1.8)


def sizes():
    """Cost of a system-month at other sizes."""
    costs = {}
    for systems, worlds in ((10, 3000), (60, 500), (1000, 48), (10_000, 16)):
        work = scenario(worlds, systems)
        spent = min(seconds(lambda work=work: rs.run(work, threads=1)) for _ in range(2))
        costs[systems] = spent / (worlds * systems * MONTHS) * 1e9
    for systems, cost in costs.items():
        print(f"  {systems:6d} systems: {cost:6.1f} ns a system-month")


def large():
    """10,000 worlds x 60 systems x 180 months of one policy: time and memory."""
    program = (
        "import sys, resource, time; sys.path.insert(0, sys.argv[1]); import regimesim as rs\n"
        "from speed import scenario\n"
        "work = scenario(10_000); rs.run(work.override({'worlds': 16})); began = time.time()\n"
        "rs.run(work); spent = time.time() - began\n"
        "print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    output = subprocess.check_output([sys.executable, "-c", program, str(HERE)], text=True)
    spent, memory = map(float, output.split())
    told("10,000 worlds x 60 x 180", [spent], 15, "s", most=True)
    told("  its memory", [memory / 1024], 1024, "MiB", most=True)


def memory_of_many():
    """Peak memory of a run to files, whatever the number of worlds."""
    with written("name = 'many'\nmonths = 2\nsystems = 1\nlabs = 1\n") as (file, folder):
        for worlds in (10_000, 1_000_000):
            command = [
                *(sys.executable, "-m", "regimesim", "run", file, "--worlds", str(worlds)),
                *("--out", str(folder / "out")),
            ]
            subprocess.run(command, check=True, capture_output=True)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            told(f"memory of a run of {worlds:,} worlds", [peak], 1024, "MiB", most=True)


@contextmanager
def written(text):
    """A scenario file in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.toml"
        file.write_text(text)
        yield str(file), Path(folder)


def command_line():
    """Whole commands, warm."""
    with written("name = 'bench'\nworlds = 1000\n[oversight]\ncontrol = true\n") as (file, folder):
        out = ["--out", str(folder / "out")]
        for name, arguments, target in (
            ("--help", ["--help"], 0.25),
            ("params", ["params"], 0.5),
            ("schema", ["schema"], 0.5),
            ("check", ["check", file], 0.5),
            ("run, 1,000 worlds, no figures", ["run", file, "--no-figures", *out], 4),
            ("run, 1,000 worlds, figures", ["run", file, *out], 8),
        ):
            command = [sys.executable, "-m", "regimesim", *arguments]
            spent = [
                seconds(lambda c=command: subprocess.run(c, check=True, capture_output=True))
                for _ in range(6)
            ][1:]
            told(f"regimesim {name}", spent, target, "s", most=True)


def compilation():
    """The first run on a machine: compilation, all of it."""
    program = (
        "import time, regimesim as rs; from regimesim.experiment.ensemble import warm_up\n"
        "work = rs.parse({}); began = time.time(); warm_up(work); print(time.time() - began)"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "REGIMESIM_CACHE_DIR": cache}
        run = [sys.executable, "-c", program]
        cold = float(subprocess.check_output(run, env=environment, text=True))
        warm = float(subprocess.check_output(run, env=environment, text=True))
    told("compilation, once", [cold], 15, "s", most=True)
    print(f"  the same from the cache: {warm:.2f} s")


def main():
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {ensemble.available_cores()} cores, Python {platform.python_version()}\n")
    rs.run(scenario(16))
    for part in (
        against_plain_mesa,
        threads,
        sizes,
        large,
        memory_of_many,
        command_line,
        compilation,
    ):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part()


if __name__ == "__main__":
    main()
