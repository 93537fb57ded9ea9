"""What `cruxes` is asked: two scenarios, an outcome, and groups of what differs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from regimesim.analysis.outcome import Outcome, read_outcome
from regimesim.ensemble.ensemble import as_scenario
from regimesim.errors import Refusal, shown
from regimesim.scenario import Scenario, load, prepare
from regimesim.studies.cruxes.groups import (
    TABLE,
    Differing,
    Side,
    combinations,
    differing,
    grouped,
)


class Asked(NamedTuple):
    """A question about two sides, checked; `scenarios` are those of every combination."""

    ours: Side
    theirs: Side
    outcome: Outcome
    groups: dict[str, list[Differing]]
    scenarios: list[Scenario]

    @property
    def all_worlds(self) -> int:
        """How many worlds are run."""
        return len(self.scenarios) * self.ours.scenario.worlds


def ask(
    a,
    b,
    outcome: str,
    policy: str | None = None,
    by: str = TABLE,
    groups: Mapping[str, Iterable[str]] | None = None,
) -> Asked:
    """The question, checked; raises Refusal with every mistake in it.

    a, b: scenarios; both are run in the worlds of `a` · policy: one that both have, else the
    first of each.
    """
    a, b, lines = as_scenario(a), as_scenario(b), []
    sides = []
    for scenario in (a, replace(as_scenario(b), worlds=a.worlds, seed=a.seed)):
        name = policy or next(iter(scenario.policies))
        try:
            sides.append(Side(scenario.choose([name]), name))
        except Refusal as refusal:
            lines += refusal.lines
    try:
        asked = read_outcome(outcome)
    except Refusal as refusal:
        lines += refusal.lines
    if lines:
        raise Refusal(lines)
    found = differing(*sides)
    if not found:
        names = " and ".join(f"{side.scenario.source}, policy '{side.policy}'" for side in sides)
        raise Refusal(f"{names}: nothing differs, so there is nothing to disagree about")
    parted = grouped(found, by, groups)
    return Asked(*sides, asked, parted, combinations(*sides, parted))


def read_groups(texts: Iterable[str]) -> dict[str, list[str]]:
    """Groups of keys from texts NAME=KEY,KEY; raises Refusal with a line for each that is none."""
    groups, lines = {}, []
    for text in texts:
        name, equals, written = (part.strip() for part in text.partition("="))
        keys = [key.strip() for key in written.split(",") if key.strip()]
        if not (name and equals and keys):
            example = "motives=goals,training.scheming"
            lines.append(f"--group: found {shown(text)}; expected NAME=KEY,KEY, as in {example}")
        elif name in groups:
            lines.append(f"--group: {name}: given twice")
        groups[name] = keys
    if lines:
        raise Refusal(lines)
    return groups


def _read(a, b, settings) -> tuple[Scenario, Scenario]:
    found, lines = [], []
    for read in (lambda: prepare(a, settings), lambda: load(b)):
        try:
            found.append(read())
        except Refusal as refusal:
            lines += refusal.lines
    if lines:
        raise Refusal(lines)
    return found[0], found[1]
