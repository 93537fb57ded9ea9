"""What a user waits for: commands, the first world, compilation, Ctrl-C; and wider vectors."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from measured import child, in_turns, ratios, report, seconds, written

CONTROL = "name = 'bench'\nworlds = 1000\n[oversight]\ncontrol = true\n"
HEAVY = ("numpy", "numba", "pydantic", "matplotlib", "xarray")
SLOW_IMPORTS = (
    "import sys; from regimesim.cli import main\n"
    "try: main(['--help'])\n"
    "except SystemExit: pass\n"
    f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
)
FIRST_WORLD = (
    "import time, regimesim as rs\n"
    "first = []\n"
    "rs.run(rs.parse({'worlds': 16}), progress=lambda worlds: first.append(time.time()))\n"
    "print(first[0])"
)
COMPILE = (
    "import time, regimesim as rs; from regimesim.ensemble.ensemble import warm_up\n"
    "work = rs.parse({}); began = time.time(); warm_up(work); print(time.time() - began)"
)
WIDE = "import whole_commands; print(*whole_commands.kernel_seconds())"


def quiet(command):
    """Run a command to its end and throw its words away."""
    subprocess.run(command, check=True, capture_output=True)


def command_line():
    """Whole commands, warm."""
    with written(CONTROL) as (file, folder):
        out = ["--out", str(folder / "out")]
        for name, arguments, target in (
            ("--help", ["--help"], 0.2),
            ("params", ["params"], 0.5),
            ("schema", ["schema"], 0.5),
            ("check", ["check", file], 0.5),
            ("run, 1,000 worlds, no figures", ["run", file, "--no-figures", *out], 4),
            ("run, 1,000 worlds, figures", ["run", file, *out], 8),
        ):
            work = partial(quiet, [sys.executable, "-m", "regimesim", *arguments])
            seconds(work)
            rounds = 3 if arguments[0] == "run" else 7
            spent = [seconds(work) for _ in range(rounds)]
            report(f"regimesim {name}", spent, target, "s", most=True)
    loaded = child(SLOW_IMPORTS).split()
    loaded = [name for name in loaded if name in HEAVY[:2]]
    report("numpy and numba loaded by --help", [len(loaded)], 0, "", most=True)


def first_world():
    """From the start of Python to the first finished worlds, with machine code on disk."""
    child(FIRST_WORLD)
    spent = []
    for _ in range(5):
        began = time.time()
        spent.append(float(child(FIRST_WORLD)) - began)
    report("start of Python to the first worlds, warm", spent, 1.5, "s", most=True)


def compilation():
    """The first run on a machine: compilation, all of it."""
    cold, warm = [], []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as cache:
            environment = {**os.environ, "REGIMESIM_CACHE_DIR": cache}
            cold.append(float(child(COMPILE, env=environment)))
            warm.append(float(child(COMPILE, env=environment)))
    report("compilation, once", cold, 10, "s", most=True)
    report("the same from the cache", warm, unit="s")


def interruption():
    """Ctrl-C, to the end of the process: in a run, and while the month is compiled."""
    with written("name = 'long'\nworlds = 2000000\n") as (file, folder):
        command = [sys.executable, "-m", "regimesim", "run", file, "--out", str(folder / "out")]

        def begun(_):
            return any(path.name.startswith(".out") for path in folder.iterdir())

        spent = [interrupted(command, os.environ, begun, 0.5 + 0.13 * k) for k in range(7)]
        report("Ctrl-C in a run", spent, 0.3, "s", most=True)
        left = [path.name for path in folder.iterdir() if path != Path(file)]
        report("files that it leaves", [len(left)], 0, "", most=True)
        spent = []
        for k in range(4):
            with tempfile.TemporaryDirectory() as cache:
                environment = {**os.environ, "REGIMESIM_CACHE_DIR": cache}
                spent.append(interrupted(command, environment, compiling, 0.3 + 0.9 * k))
        report("Ctrl-C while the month is compiled", spent, 0.3, "s", most=True)


def compiling(process):
    """Whether a command has said that it compiles; waits for a line of it."""
    return "Compiling" in process.stderr.readline()


def interrupted(command, environment, ready, later):
    """Seconds from an interrupt to the end of a command, sent so much later than it is ready."""
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        while not ready(process):
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(command)}: ended before it was interrupted")
            time.sleep(0.01)
        time.sleep(later)
        process.send_signal(signal.SIGINT)
        return seconds(process.wait)


def width():
    """Vectors of 512 bits against 256, by REGIMESIM_VECTOR_BITS."""
    spent = {"256": [], "512": []}
    for turn in range(4):
        for bits in spent:
            line = child(WIDE, env={**os.environ, "REGIMESIM_VECTOR_BITS": bits})
            if turn:  # the first may compile
                spent[bits] += map(float, line.split())
    report("kernel with 512 bits / 256, 60 systems", ratios(spent["256"], spent["512"]), 1.3)


def kernel_seconds():
    """Processor seconds of the kernel over the same work, three times."""
    from c_reference import make_work, run_in_kernel
    from yardsticks import scenario

    work = make_work(scenario(320))
    return in_turns({"kernel": partial(run_in_kernel, work)}, 3, time.thread_time)["kernel"]
