"""The question of `cruxes`: two scenarios, an outcome, and groups of what differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from regimesim.analysis.outcome import Outcome, read_outcome
from regimesim.ensemble.ensemble import as_scenario, default_policy, listed, select_one
from regimesim.ensemble.medians import at_place
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario, load, prepare
from regimesim.scenario.toml_reader import STDIN
from regimesim.studies.cruxes.groups import (
    TABLE,
    Differing,
    Side,
    combinations,
    differing,
    grouped,
)


@dataclass(frozen=True)
class Question:
    """Which of `groups` make two sides disagree on `outcome`.

    `scenarios` has every combination of groups, in order; `other` is the second scenario with
    its own worlds and seed; `rule` is the policy, where it is written in Python.
    """

    ours: Side
    theirs: Side
    outcome: Outcome
    groups: Mapping[str, list[Differing]]
    scenarios: tuple[Scenario, ...] = field(repr=False)
    other: Scenario = field(repr=False)
    rule: Policy | None = None
    threads: int | None = None

    @property
    def scenario(self) -> Scenario:
        """The first scenario, whose worlds are run."""
        return self.ours.scenario

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-{self.other.name}-cruxes"

    @property
    def total(self) -> int:
        return len(self.scenarios) * self.scenario.worlds

    @property
    def more(self) -> dict:
        """Further content of the manifest: the second scenario."""
        return {"other": {"scenario": self.other.resolved(), "given": self.other.raw}}


def ask(
    a,
    b,
    outcome: str,
    policies: Iterable[str | Policy] = (),
    by: str = TABLE,
    groups: Mapping[str, Iterable[str]] | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `cruxes`, which explains them.  Raises Refusal."""
    a, other, lines = as_scenario(a), as_scenario(b), []
    sides, rules, named = [], {}, listed(policies)
    for scenario in (a, replace(other, worlds=a.worlds, seed=a.seed)):
        with gathering(lines):
            chosen, rules = select_one(scenario, named or _policy_of(scenario, a))
            sides.append(Side(chosen, next(iter(chosen.policies))))
    with gathering(lines):
        chosen_outcome = read_outcome(outcome)
    if lines:
        raise Refusal(dict.fromkeys(lines))
    if any(side.tables.adopters is not None for side in sides):
        sides = [side.with_outside() for side in sides]
    everything = differing(*sides)
    if not everything:
        names = " and ".join(f"{side.scenario.source}, policy '{side.policy}'" for side in sides)
        raise Refusal(f"{names}: nothing differs, so they cannot disagree")
    parts = grouped(everything, by, groups)
    scenarios = tuple(combinations(*sides, parts))
    rule = next(iter(rules.values()), None)
    return Question(*sides, chosen_outcome, parts, scenarios, other, rule, threads)


def _policy_of(scenario: Scenario, a: Scenario) -> str:
    """The policy of a side where none is named: that of the first side, if it is there."""
    policy = default_policy(a)
    return policy if policy in scenario.policies else default_policy(scenario)


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


def read_pair(a: Path, b: Path, settings: Iterable[str], at: str | None = None) -> list[Scenario]:
    """The scenarios in two files, the first with settings, both `at` a place of their
    distributions; mistakes of both come at once."""
    scenarios, lines = [], []
    if a == b == STDIN:
        raise Refusal("standard input can be one of the two scenarios, not both")
    with gathering(lines):
        scenarios.append(at_place(prepare(a, settings), at))
    with gathering(lines):
        scenarios.append(at_place(load(b), at))
    if lines:
        raise Refusal(lines)
    return scenarios
