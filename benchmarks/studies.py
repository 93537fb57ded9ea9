"""Sweeps and studies of this checkout against those of another one, in turns.

    python benchmarks/studies.py OTHER [--caches FOLDER] [--rounds N] [PART]...

OTHER is a checkout, as for `builds.py`.  Each side runs in a process of its own, with a cache of
its own, and a line gives the ratio of processor time (or of peak memory), here over there.

points: a sweep of 1,000 points, each with 20 worlds of one system and one month, so that nearly
all of it is the engine's own time · contributions: of the main scenario, in 496 worlds ·
require: of two policies of the main scenario in all worlds · sensitivity: the screening of one
policy of the main scenario · sensitivity_over: the whole study of named parameters, while all
others are drawn in each world · memory: of a run of a million worlds into a folder.  The intervals
of studies are printed as ratios too, since time is only worth comparing at equal precision.  Each
round has a seed of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measured import report

HERE = Path(__file__).resolve().parents[1]
MAIN = HERE / "scenarios" / "first_critical_try.toml"
MANY = "name = 'many'\nmonths = 2\nsystems = 1\nlabs = 1\n"


def points():
    """Processor seconds of a sweep that is nearly all overhead."""
    import regimesim as rs
    from regimesim.sweeps.designs import make_design
    from regimesim.sweeps.engine import evaluate

    size = {"worlds": 20, "months": 1, "systems": 1, "labs": 1}
    scenario = rs.load(MAIN).choose(["control"]).override(size)
    axes = {
        "feedback.density": {"low": 0.1, "high": 1},
        "oversight.audit_budget": {"low": 0.01, "high": 0.3},
    }

    def swept(number):
        design = make_design(scenario, axes, kind="latin_hypercube", points=number)
        began = time.process_time()
        evaluate(scenario, design, threads=1)
        return time.process_time() - began

    swept(10)
    return swept(1000), {}


def contributions():
    """Processor seconds of the study, and the lengths of its intervals."""
    import regimesim as rs

    scenario = rs.load(MAIN).override({"worlds": 496})
    rs.run(scenario.override({"worlds": 16}))
    began = time.process_time()
    found = rs.contributions(scenario)
    spent = time.process_time() - began
    return spent, {
        f"{policy} {estimand} {part} {measure}": one["high"] - one["low"]
        for policy, result in found.policies.items()
        for estimand in ("no_takeover", "first_try_not_lost")
        for part, measures in result[estimand]["parts"].items()
        for measure, one in measures.items()
    }


REQUIRED = (
    ("halt", "no_takeover=0.9", "takeover.difficulty=10:25"),
    ("defence_in_depth", "no_takeover=0.2", "feedback.density=0.3:1"),
)
OVER = ("feedback.density", "takeover.difficulty", "training.scheming.prior", "goals.value")


def require():
    """Processor seconds of the study for two policies, and the lengths of their intervals."""
    import regimesim as rs

    scenario = rs.load(MAIN).override({"seed": seed()})
    rs.run(scenario.override({"worlds": 16}))
    began, lengths = time.process_time(), {}
    for policy, target, varied in REQUIRED:
        (answer,) = rs.require(scenario, [target], [varied], policies=[policy])
        if answer.low and answer.high:
            lengths[policy] = answer.high[0] - answer.low[0]
    return time.process_time() - began, lengths


def sensitivity(options=("--screen-only",)):
    """Processor seconds of the command, and the lengths of its intervals."""
    from regimesim.cli import main

    with tempfile.TemporaryDirectory() as folder:
        command = ["sensitivity", str(MAIN), "--policy=control", "--outcome=no_takeover"]
        command += [f"--seed={seed()}", f"--out={folder}/out", *options]
        began = time.process_time()
        assert main(command) == 0
        spent = time.process_time() - began
        found = json.loads(Path(folder, "out", "sensitivity.json").read_text())["parameters"]
    return spent, {
        f"{key} {measure}": one[measure]["high"] - one[measure]["low"]
        for key, one in found.items()
        for measure in ("mu_star", "first", "total")
        if one[measure]
    }


def sensitivity_over():
    """The same of named parameters, with their indices."""
    return sensitivity([f"--over={key}" for key in OVER])


def memory():
    """Peak memory, in MiB."""
    from regimesim.cli import main

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "many.toml")
        file.write_text(MANY)
        command = ["run", str(file), "--worlds=1000000", "--no-figures", f"--out={folder}/out"]
        assert main(command) == 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, {}


def seed():
    """The seed of the round."""
    return int(os.environ.get("BENCHMARK_SEED", "1"))


PARTS = {
    part.__name__: part
    for part in (points, contributions, require, sensitivity, sensitivity_over, memory)
}


def measured(part, checkout, cache, turn):
    """What a part gives in a checkout: a number, and lengths of intervals by name."""
    paths = os.pathsep.join([str(checkout), str(HERE / "benchmarks")])
    environment = {**os.environ, "PYTHONPATH": paths, "REGIMESIM_CACHE_DIR": str(cache)}
    environment["BENCHMARK_SEED"] = str(turn + 1)
    # -P: the modules of this folder do not come before those of the checkout
    program = [sys.executable, "-P", __file__, "--serve", part]
    output = subprocess.run(
        program, env=environment, check=True, text=True, stdout=subprocess.PIPE
    ).stdout
    return json.loads(output.splitlines()[-1])


def compare(part, checkouts, rounds):
    """Report the ratio of a part, here over there, and that of its intervals."""
    ratios, lengths = [], []
    for turn in range(rounds):
        both = {}
        for checkout, cache in list(checkouts) if turn % 2 else reversed(checkouts):
            both[checkout] = measured(part, checkout, cache, turn)
        (ours, here), (theirs, there) = (both[checkout] for checkout, _ in checkouts)
        ratios.append(ours / theirs)
        both_given = sorted(name for name in here.keys() & there.keys() if there[name])
        lengths += [here[name] / there[name] for name in both_given]
    report(f"{part}, here / there", ratios)
    if lengths:
        report(f"  lengths of {len(lengths)} intervals, median {median(lengths):.2f}", lengths)


def main():
    if sys.argv[1:2] == ["--serve"]:
        print(json.dumps(PARTS[sys.argv[2]]()))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, metavar="OTHER")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--caches", metavar="FOLDER", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_intermixed_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no part is named {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.caches or Path(passing)
        checkouts = [(HERE, folder / "ours"), (asked.other.resolve(), folder / "theirs")]
        for part in asked.parts or PARTS:
            compare(part, checkouts, asked.rounds)


if __name__ == "__main__":
    main()
