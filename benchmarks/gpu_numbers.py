"""What docs/gpu.md needs to know of the kernel: bytes of a world, and how often columns differ.

    python benchmarks/gpu_numbers.py [SCENARIO]

Without a scenario, that of the speed benchmark.  A group is 32 worlds that a GPU runs in step.
"""

import sys
import time

import numpy as np
from c_reference import make_work, run_in_kernel
from yardsticks import scenario

import regimesim as rs
from regimesim.ensemble.parameter_sampling import draw_parameters
from regimesim.model.dynamics.tiles import make_tile
from regimesim.model.world.layout import LAB, PARAMETERS, SYSTEM, WIDTH, WORLD

LABS, SYSTEMS, GROUP, WORLDS = 3, 60, 32, 320
VIEWS = ("rows", "taught", "measures")  # of arrays that the tile has already


def memory():
    """Bytes of each part of a world, and of all of it."""
    for name, record in (("system", SYSTEM), ("lab", LAB), ("world", WORLD)):
        print(f"a {name}: {record.itemsize // WIDTH:,} bytes")
    print(f"parameters of a world: {PARAMETERS.itemsize // WIDTH:,} bytes")
    parts = make_tile(LABS, SYSTEMS)._asdict()
    whole = sum(array.nbytes for name, array in parts.items() if name not in VIEWS) // WIDTH
    print(
        f"a world of {LABS} labs and {SYSTEMS} systems, with what a month needs: {whole:,} bytes"
    )


def rarity(asked):
    """How often a system acts, and some system of a group of worlds does."""
    for place, policy in enumerate(asked.policies):
        work = make_work(asked, place)
        outcomes, monthly = run_in_kernel(work)
        acts = sum(outcomes[name].sum() for name in ("story_incidents", "strikes", "feints"))
        months = monthly[:, 0].sum()
        chance = acts / (months * asked.systems)
        print(
            f"{policy}: {100 * chance:.2g} % of systems act in a month, in "
            f"{100 * (1 - (1 - chance) ** GROUP):.0f} % of groups one in a given place; "
            f"a world lasts {months / len(outcomes):.0f} months"
        )


def drawing(asked):
    """Seconds of processor time that drawing the parameters of a world takes."""
    tables = next(iter(asked.policies.values()))
    numbers, seeds = np.arange(2000), np.full(2000, asked.seed)
    draw_parameters(tables, asked.start, seeds, numbers)
    began = time.process_time()
    draw_parameters(tables, asked.start, seeds, numbers)
    print(f"drawing its parameters: {1e6 * (time.process_time() - began) / 2000:.2g} us a world")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asked = rs.load(sys.argv[1]).override({"worlds": WORLDS})
    else:
        asked = scenario(WORLDS)
    memory()
    rarity(asked)
    drawing(asked)
