"""The question of `discover`: an outcome, and worlds that will be run or were saved."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regimesim.analysis.estimand_table import SHARES
from regimesim.ensemble.ensemble import as_scenario, listed, select
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.model.oversight.policy import Policy
from regimesim.results.reading import check_manifest
from regimesim.scenario import Scenario, parse
from regimesim.scenario.parameters import declarations
from regimesim.studies.ranges import read_ranges, values_in, vary
from regimesim.studies.saved_worlds import already_run, is_folder, worlds_to_run

OF_A_POLICY = re.compile(r"^policies\.[^.]+\.")


@dataclass(frozen=True)
class Question:
    """Under which assumptions the policies of `scenario` fail at `outcome`.

    `density` is the least share of failures in a box, None for halfway to the densest box;
    `rules` are the policies written in Python, by name; `left_out` gives, by policy, the reason
    why it has no answer; `insist` means that the user named the policies, so that such a policy
    is refused; `run` is the folder of a run whose saved worlds are the samples.
    """

    scenario: Scenario
    outcome: str = "no_takeover"
    density: float | None = None
    rules: Mapping[str, Policy] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    insist: bool = False
    run: Path | None = None
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-discover"

    @property
    def total(self) -> int:
        return worlds_to_run(self.scenario, self.run)


def ask(
    scenario,
    policies: Iterable[str | Policy] = (),
    over: Mapping[str, object] | Iterable[str] | None = None,
    outcome: str = "no_takeover",
    density: float | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `discover`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    if outcome not in SHARES:
        close, known = nearest(str(outcome), SHARES), ", ".join(SHARES)
        lines.append(f"--outcome: no share {shown(outcome)}; the nearest is '{close}', of {known}")
    if density is not None and not 0 < density <= 1:
        lines.append(f"--density: found {shown(density)}; allowed is more than 0 and at most 1")
    run = Path(scenario) if is_folder(scenario) else None
    if run:
        scenario = parse(check_manifest(run)["scenario"], str(run))
        lines += _changes(run, policies, over, threads)
        if lines:
            raise Refusal(lines)
    scenario = as_scenario(scenario)
    rules: Mapping[str, Policy] = {}
    with gathering(lines):
        scenario, rules = select(scenario, policies)
    with gathering(lines):
        scenario = drawn_over(scenario, over or ())
    if lines:
        raise Refusal(lines)
    left_out = {
        name: f"no parameter is uncertain under '{name}'; name some with --over"
        for name, tables in scenario.policies.items()
        if not uncertain(tables)
    }
    left, insist = [name for name in scenario.policies if name not in left_out], bool(policies)
    if left_out and (insist or not left):
        raise Refusal(f"{scenario.source}: {reason}" for reason in left_out.values())
    scenario = scenario.choose(left)
    return Question(scenario, outcome, density, rules, left_out, insist, run, threads)


def _changes(run, policies, over, threads):
    """A sentence for each argument that would require new worlds."""
    written = [one for one in listed(policies) if isinstance(one, Policy)]
    changes = {"--over": over, "--threads": threads, "policies written in Python": written}
    return [already_run(run, name) for name, change in changes.items() if change]


def drawn_over(scenario: Scenario, over: Mapping[str, object] | Iterable[str]) -> Scenario:
    """The scenario with parameters drawn uniformly from ranges, by dotted key.

    Without ends, a range is the plausible one, widened to hold the values of the scenario.  As
    with any replaced value, a policy that sets the parameter itself keeps its own.  Raises
    Refusal for a key or a range that is not allowed.
    """

    def make(key, ends):
        own = OF_A_POLICY.sub("", key)
        return ends or vary(own, None, values_in(scenario, own))[1:3]

    ranges = read_ranges(over, "--over", make)
    if not ranges:
        return scenario
    uniform = {key: {"uniform": list(ends)} for key, ends in ranges.items()}
    changed = scenario.override(uniform, "--over")
    allowed = {declared.key: declared.quantity for declared in declarations()}
    lines = []
    for key, (low, high) in ranges.items():
        quantity = allowed[OF_A_POLICY.sub("", key)]
        if low < quantity.low or high > quantity.high:
            lines.append(f"--over: {key}: found {low:g}:{high:g}; allowed is {quantity.range}")
    if lines:
        raise Refusal(lines)
    return changed
