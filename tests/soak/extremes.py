"""A long campaign over the whole declared range of every parameter, run by hand.

    python tests/soak/extremes.py [SCENARIOS] [SEED]

draws scenarios with every parameter between its declared ends, the ends among them, lives
through 16 worlds of each in the kernel and checks what must hold of every world; every fifth
is compared with its twin besides.  Prints what it found; exit code 1 where something fails.
"""

import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from any_scenario import any_scenario
from twin_pairs import Found, Pairs
from what_must_hold import check

WORLDS, MONTHS, SYSTEMS, EVERY, MOST_FAILURES = 16, 40, 12, 5, 20


def over_ranges(scenarios: int, seed: int) -> Counter:
    """Check this many scenarios of a seed: how often what came.  Ctrl-C ends it early."""
    found, failures, lived, number = Found(), [], 0, -1
    try:
        for number in range(scenarios):
            scenario = any_scenario(Random(f"{seed}.{number}"), MONTHS, SYSTEMS, WORLDS)
            try:
                lived += check(scenario)
                if number % EVERY == 0:
                    Pairs(scenario, worlds=2).run(found)
            except Exception as error:  # every kind of failure is told, with its scenario
                failures.append(number)
                tell(f"{seed}.{number}", error, scenario)
            if len(failures) >= MOST_FAILURES:
                break
    except KeyboardInterrupt:
        print("ended early")
    print(f"{number + 1} scenarios x {WORLDS} worlds, {lived} world-months in the kernel")
    print(f"twins: {found.scenarios} scenarios, {found.world_months} world-months, ", end="")
    print(f"of which ties: {found.ties['months']} {dict(found.ties)}")
    for name, off in sorted(found.largest.items(), key=lambda item: -item[1])[:5]:
        print(f"  largest difference of {name}: {off:.1e}")
    print(f"{len(failures)} failures")
    told = {"scenarios": number + 1, "world-months": lived, "twins": found.scenarios}
    return Counter(told | {"failed": len(failures)})


def main(scenarios=2000, seed=0) -> int:
    """0 where all hold, else 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return 1 if over_ranges(scenarios, seed)["failed"] else 0


def tell(number, error, scenario):
    """What failed where, and the scenario that shows it."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    print(f"scenario {number}: {type(error).__name__}: {error}")
    print(f"  at {where.name}: {where.line}")
    print(f"  { {item.key: str(item.value) for item in scenario.differences()} }", flush=True)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
