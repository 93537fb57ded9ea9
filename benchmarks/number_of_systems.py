"""How far the number of systems decides: the table of docs/methods.md, in Markdown.

    python benchmarks/number_of_systems.py [WORLDS]

Runs scenarios/copies.toml with 15 to 240 systems.  Below the table stand the share of first
critical tries that are stories, and the attempts in them, where all copies are alike.
"""

import sys
from pathlib import Path

import numpy as np

import regimesim as rs

COPIES = Path(__file__).parents[1] / "scenarios" / "copies.toml"
NUMBERS = (15, 30, 60, 120, 240)
OWN_OF_A_COPY = {"goals.goal_drift": 0, "conduct.story_rate": 0}
ROWS = {  # the policy, and whether copies have drift and stories of their own
    "each its own (`shared` = 0)": ("each_its_own", True),
    "half shared (0.5)": ("half_shared", True),
    "all alike (1)": ("all_alike", True),
    "all alike, no own drift or stories": ("all_alike", False),
    "all alike, together": ("all_alike_together", True),
    "half shared, together": ("half_shared_together", True),
}


def outcomes(systems: int, row: str, worlds: int) -> dict[str, float]:
    """What is reported of a row with so many systems; shares in %."""
    policy, has_own = ROWS[row]
    changes = {"systems": systems, "worlds": worlds, **({} if has_own else OWN_OF_A_COPY)}
    result = rs.run(rs.load(COPIES).override(changes), [policy])
    first = result.worlds.crossing.sel(threshold="first_critical_try", policy=policy).values
    estimates = rs.estimates(result.worlds).set_index("estimand").estimate
    return {
        "no takeover, %": 100 * estimates.no_takeover,
        "month of the first critical try": np.nan_to_num(first, nan=result.worlds.months).mean(),
        "first critical try held, %": 100 * estimates.held_first_critical_try,
        "of them stories, %": 100 * estimates.first_try_was_story,
        "attempts in it": estimates.attempts_in_first_try,
    }


def main(worlds: int = 2000) -> None:
    """Print the table."""
    by_row = {row: [outcomes(number, row, worlds) for number in NUMBERS] for row in ROWS}
    print("| outcome | systems |", " | ".join(map(str, NUMBERS)), "|")
    print("| --- " * (2 + len(NUMBERS)) + "|")
    for outcome in next(iter(by_row.values()))[0]:
        for row, of in by_row.items():
            numbers = " | ".join(f"{one[outcome]:.1f}" for one in of)
            print(f"| {outcome} | {row} | {numbers} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
