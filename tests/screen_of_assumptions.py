"""What the main scenario does not draw, moved from end to end of its plausible range.

`python tests/screen_of_assumptions.py` prints, in Markdown, the rows of the last table of
docs/assumptions.md.  Every number that `explain` takes for an assumption and that is not drawn is
moved by itself, around what is drawn, in the same worlds, under every policy.  What moves
P(no takeover) much in few worlds is moved again in many.  With `--fixed KEY`, a number that is
drawn has its default instead, and is moved as well; `--fixed all` screens around the defaults
(but for takeover.difficulty, whose default is a distribution).
"""

from argparse import ArgumentParser
from collections.abc import Collection, Iterable, Iterator
from math import hypot
from pathlib import Path
from typing import NamedTuple

import regimesim as rs
from regimesim.analysis.estimates import Estimate
from regimesim.errors import shown
from regimesim.results.progress import as_progress
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import plain
from regimesim.scenario.distribution import Distribution
from regimesim.studies.explain.assumptions import Assumption, is_set, overlay_of
from regimesim.studies.explain.points import Points
from regimesim.studies.explain.question import ask
from regimesim.studies.parameter_points import numbers_of

MAIN = Path(__file__).parents[1] / "scenarios" / "first_critical_try.toml"
FEW, MANY = 160, 1000  # worlds that find candidates, and worlds that decide
CANDIDATE, SHOWN = 0.05, 0.08  # least moves of P(no takeover) in few worlds, and in many


class Moved(NamedTuple):
    """P(no takeover) of a policy with one assumption as the scenario has it, and at both ends."""

    policy: str
    assumption: Assumption
    low: Estimate
    here: Estimate
    high: Estimate

    @property
    def by(self) -> float:
        """How far the greatest of the three lies above the least."""
        shares = [one.estimate for one in self[2:]]
        return max(shares) - min(shares)

    @property
    def at_least(self) -> float:
        """The lower end of its 95 % interval, or less: the two are taken as independent."""
        least, *_, most = sorted(self[2:], key=lambda one: one.estimate)
        return self.by - hypot(most.estimate - most.low, least.high - least.estimate)

    def row(self) -> str:
        """A row of the table."""
        one = self.assumption
        shares = " | ".join(f"{100 * share.estimate:.0f}" for share in self[2:])
        return (
            f"| `{one.key}` | {shown(one.low)} to {shown(one.high)} | `{self.policy}` | {shares} |"
        )


def moved(
    scenario: Scenario, policy: str, worlds: int, keys: Collection[str] | None = None
) -> list[Moved]:
    """Every assumption of a policy that is not drawn, or those among `keys`, what moves most
    first."""
    scenario = scenario.override({"worlds": worlds})
    chosen = [
        one.key
        for one in ask(scenario, policy).assumptions
        if one.is_fixed and (keys is None or one.key in keys)
    ]
    if not chosen:
        return []
    question = ask(scenario, policy, over=chosen)
    ends = [{one.key: end} for one in question.assumptions for end in one.ends]
    own, *rest = Points(question, as_progress(None)).look([{}, *ends], worlds)
    assert own is not None
    both = zip(rest[::2], rest[1::2], strict=True)
    rows = [
        Moved(policy, one, low or own, own, high or own)
        for one, (low, high) in zip(question.assumptions, both, strict=True)
    ]
    return sorted(rows, key=lambda row: -row.by)


def screened(
    scenario: Scenario,
    policies: Iterable[str],
    few: int = FEW,
    many: int = MANY,
    least: float = SHOWN,
) -> Iterator[Moved]:
    """In many worlds, what moves a policy by nearly ten points or more, or by another least."""
    for policy in policies:
        found = {one.assumption.key for one in moved(scenario, policy, few) if one.by > CANDIDATE}
        yield from (one for one in moved(scenario, policy, many, found) if one.by > least)


def with_defaults(scenario: Scenario, keys: Collection[str]) -> Scenario:
    """The scenario with the defaults of some numbers, or of all, in place of distributions."""
    changes = {}
    for policy in scenario.policies:
        for key, (declared, value) in numbers_of(scenario, policy).items():
            # What labs outside a policy do has no default: they do as the scenario says.
            chosen = key in keys or ("all" in keys and declared.default is not None)
            if chosen and isinstance(value, Distribution):
                own = is_set(overlay_of(scenario, policy), key)
                place = f"policies.{policy}.{declared.key}" if own else declared.key
                changes[place] = plain(declared.default)
    return scenario.override(changes) if changes else scenario


def main():
    """Print the rows, as each policy ends."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("policies", nargs="*", help="policies of the scenario, by default all")
    parser.add_argument("--fixed", action="append", default=[], metavar="KEY")
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--least", type=float, default=SHOWN, help="move that is shown, a share")
    chosen = parser.parse_args()
    scenario = with_defaults(rs.load(MAIN), chosen.fixed)
    policies = chosen.policies or scenario.policies
    for one in screened(scenario, policies, chosen.few, chosen.many, chosen.least):
        print(one.row(), flush=True)


if __name__ == "__main__":
    main()
