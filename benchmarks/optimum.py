"""How many system-months a race saves over measuring every policy: 64 stacks × 8 audit budgets.

    python benchmarks/optimum.py [WORLDS]

Both find the policy that keeps most worlds without a takeover, of those that keep 95 % of growth,
in the same worlds.  Both bound by how much any other policy may be better, with the same
confidence; equal precision is an equal bound.  The systems and months of the scenario are fewer
than those that it ships with, so that all policies can be measured in minutes.
"""

import sys
import time
from pathlib import Path

from regimesim.scenario import load
from regimesim.studies.candidates import CommonWorlds
from regimesim.studies.race import looks_at, race
from regimesim.studies.search import every_candidate
from regimesim.studies.search_space import make_space
from regimesim.studies.targets import read_aims, read_targets
from regimesim.sweeps.make_executor import make_worker_pool

SCENARIO = Path(__file__).parents[1] / "scenarios" / "fixed_assumptions.toml"
SIZE = {"systems": 12, "months": 120}
# under which no stack is perfect: systems try early, and auditors overlook one attempt in five
HARD = {"takeover.difficulty": {"normal": [11, 2]}, "oversight.recognition": 0.8}
STACKS = "control,cot_monitor,interpretability,honeypots,evaluations,pause"
BUDGETS = "oversight.audit_budget=0.0005,0.001,0.002,0.005,0.01,0.02,0.05,0.1"
PRECISION = 0.004


def main(worlds: int = 4096):
    """Run the race, then every policy in as many worlds as its last look, and print both."""
    scenario = load(SCENARIO).override({**SIZE, **HARD, "worlds": worlds})
    space = make_space(scenario, "control_and_cot", [BUDGETS], [STACKS])
    policies = every_candidate(space).candidates
    about = read_aims(["no_takeover"]), read_targets(["growth_kept>=0.95"])
    print(f"{space.size} points, {len(policies)} different policies, {worlds:,} worlds")
    spent, until = {}, worlds
    for name, looks in (("race", looks_at(worlds)), ("every policy", ())):
        began = time.perf_counter()
        with make_worker_pool() as workers:
            common = CommonWorlds(scenario, workers)
            if name == "every policy":
                common.run(policies, until)
                looks = (until,)
            for look in race(common, policies, *about, looks, PRECISION):
                print(
                    f"  {name}: {look.worlds:,} worlds, {len(look.left)} left, bound {look.bound}"
                )
            until = look.worlds
            seconds = time.perf_counter() - began
            value = common.linear(look.best, "no_takeover", look.worlds).each.mean()
            spent[name] = common.system_months()
        print(f"{name}: {look.best.words}, {value:.4f}, bound {look.bound}")
        print(f"  {spent[name] / 1e6:,.0f} million system-months, {seconds:.0f} s", flush=True)
    print(f"{spent['every policy'] / spent['race']:.1f} times fewer system-months")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
