"""Which numbers that the main scenario does not draw move a policy, around what it draws.

`python tests/screen_of_assumptions.py` prints a table in Markdown, as in docs/assumptions.md.
Every number that explain takes for an assumption, and that is not drawn, is moved to both ends of
its plausible range by itself, in the same worlds.  What moves P(no takeover) by enough in few
worlds is run again in many.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import regimesim as rs
from regimesim.analysis.estimates import Estimate
from regimesim.errors import shown
from regimesim.results.progress import as_progress
from regimesim.scenario import Scenario
from regimesim.studies.explain.assumptions import Assumption
from regimesim.studies.explain.points import Points
from regimesim.studies.explain.question import ask

MAIN = Path(__file__).parents[1] / "scenarios" / "first_critical_try.toml"
FEW, MANY = 160, 1000  # worlds that find candidates, and worlds that decide
CANDIDATE, DECIDES = 0.06, 0.10  # moves of P(no takeover) in few worlds, and in many


class Moved(NamedTuple):
    """P(no takeover) of a policy at both ends of an assumption, and as the scenario has it."""

    policy: str
    assumption: Assumption
    low: Estimate
    own: Estimate
    high: Estimate

    @property
    def by(self) -> float:
        """How far apart the greatest and the least of the three are."""
        shares = [one.estimate for one in (self.low, self.own, self.high)]
        return max(shares) - min(shares)

    def row(self) -> str:
        """A line of the table."""
        one = self.assumption
        shares = (f"{100 * x.estimate:.0f}" for x in (self.low, self.own, self.high))
        ends = f"{shown(one.low)} to {shown(one.high)}"
        return f"| `{one.key}` | {ends} | `{self.policy}` | {' | '.join(shares)} |"


def moved(scenario: Scenario, policy: str, worlds: int, keys=None) -> list[Moved]:
    """Every assumption that is not drawn, or those of `keys`, moved by itself under a policy."""
    question = ask(scenario.override({"worlds": worlds}), policy)
    chosen = [
        one
        for one in question.assumptions
        if one.is_fixed and (keys is None or one.key in keys)
    ]
    question = ask(question.scenario, policy, over=[one.key for one in chosen]) if chosen else None
    if question is None:
        return []
    points = Points(question, as_progress(None))
    ends = [{one.key: x} for one in chosen for x in one.ends if x != one.centre]
    first = {chosen[0].key: chosen[0].centre}
    own, *shares = points.look([first, *ends], worlds)
    at = {tuple(end.items()): share for end, share in zip(ends, shares, strict=True)}
    assert own is not None
    return [
        Moved(policy, one, *((at.get(((one.key, x),), own) or own) for x in (one.low, one.centre, one.high)))
        for one in chosen
    ]


def screened(scenario: Scenario, policies: Iterable[str], few=FEW, many=MANY) -> Iterator[Moved]:
    """What moves a policy by more than ten points or nearly so, in many worlds."""
    for policy in policies:
        found = [one.assumption.key for one in moved(scenario, policy, few) if one.by > CANDIDATE]
        yield from moved(scenario, policy, many, found)


def main():
    """Print the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("policies", nargs="*")
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    chosen = parser.parse_args()
    scenario = rs.load(MAIN)
    for policy in chosen.policies or scenario.policies:
        print(policy, flush=True)
        first = moved(scenario, policy, chosen.few)
        for one in sorted(first, key=lambda one: -one.by):
            if one.by > 0.03:
                print("   ", one.row(), flush=True)
        found = [one.assumption.key for one in first if one.by > CANDIDATE]
        for one in sorted(moved(scenario, policy, chosen.many, found), key=lambda one: -one.by):
            print(one.row(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
