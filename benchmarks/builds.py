"""The kernel of this checkout against that of another one, in turns and in processor time.

    python benchmarks/builds.py OTHER SCENARIO [--theirs FILE] [--caches FOLDER]

OTHER is a checkout, such as `git worktree add OTHER COMMIT` makes; each compiles into a folder of
its own, which `--caches` keeps for the next comparison.  Every policy of the scenario runs in
both, and a line says how long a system-month takes here and there, in nanoseconds, and whether
both give the same bits.  Where the other one reads scenarios otherwise, `--theirs` is its own
form of the same scenario.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[1]


def serve(file, worlds, systems):
    """Run a policy of a scenario for each line of input that names one; print the nanoseconds of
    a system-month and a digest of all results.  Here `c_reference` is that of the checkout."""
    from dataclasses import replace

    from c_reference import make_work, run_in_kernel

    import regimesim as rs

    scenario, works = replace(rs.load(file), worlds=worlds, systems=systems), {}
    print(*scenario.policies, flush=True)
    for line in sys.stdin:
        place = int(line)
        if place not in works:
            works[place] = make_work(scenario, place)
            run_in_kernel(works[place], 0, 1)  # which may compile
        began = time.thread_time()
        outcomes, monthly = run_in_kernel(works[place])
        spent = time.thread_time() - began
        bits = hashlib.sha256(outcomes.tobytes() + monthly.tobytes()).hexdigest()
        print(1e9 * spent / (int(monthly[:, 0].sum()) * systems), bits, flush=True)


class Build:
    """A process that runs the policies of a scenario in the kernel of a checkout."""

    def __init__(self, checkout, cache, file, worlds, systems):
        paths = os.pathsep.join([str(checkout), str(checkout / "benchmarks")])
        environment = {**os.environ, "PYTHONPATH": paths, "REGIMESIM_CACHE_DIR": str(cache)}
        # -P: the modules of this folder do not come before those of the checkout
        program = [sys.executable, "-P", __file__, "--serve", file, str(worlds), str(systems)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(program, env=environment, **pipes)
        self.policies = self.process.stdout.readline().split()

    def run(self, place):
        """Nanoseconds of a system-month of a policy, and a digest of the results."""
        print(place, file=self.process.stdin, flush=True)
        spent, bits = self.process.stdout.readline().split()
        return float(spent), bits


def compare(ours, theirs, rounds):
    """Print a line for each policy: both medians, the median and the range of their ratio."""
    for place, policy in enumerate(ours.policies):
        here, there = [], []
        for turn in range(rounds + 1):  # the first does not count
            for build in (ours, theirs) if turn % 2 else (theirs, ours):
                (here if build is ours else there).append(build.run(place))
        ratios = [a / b for (a, _), (b, _) in zip(here[1:], there[1:], strict=True)]
        mine, other = (median(spent for spent, _ in side[1:]) for side in (here, there))
        bits = "the same bits" if here[0][1] == there[0][1] else "other bits"
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"{policy:<20}{mine:7.1f}{other:7.1f}  x {median(ratios):.3f}  {spread}  {bits}")


def main():
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], *map(int, sys.argv[3:]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, metavar="OTHER")
    parser.add_argument("scenario", metavar="SCENARIO")
    parser.add_argument("--theirs", metavar="FILE")
    parser.add_argument("--caches", metavar="FOLDER", type=Path)
    parser.add_argument("--worlds", type=int, default=320)
    parser.add_argument("--systems", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    size = asked.worlds, asked.systems
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.caches or Path(passing)
        ours = Build(HERE, folder / "ours", asked.scenario, *size)
        other, file = asked.other.resolve(), asked.theirs or asked.scenario
        compare(ours, Build(other, folder / "theirs", file, *size), asked.rounds)


if __name__ == "__main__":
    main()
