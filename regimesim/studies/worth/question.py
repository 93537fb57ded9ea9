"""The question of `worth`: policies to choose between, and what they are worth in a world."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regimesim.ensemble.ensemble import as_scenario, listed, select
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.errors import Refusal, gathering
from regimesim.model.oversight.policy import Policy
from regimesim.results.reading import check_manifest
from regimesim.scenario import Scenario, parse
from regimesim.studies.saved_worlds import already_run, is_folder, worlds_to_run
from regimesim.studies.value import EXAMPLE, Value, read_value
from regimesim.studies.worth.information import FEWEST
from regimesim.studies.worth.measurement import Measurement
from regimesim.studies.worth.observation import Observation
from regimesim.studies.worth.reading import read_measurements


@dataclass(frozen=True)
class Question:
    """What knowing each assumption would be worth before one of the policies of `scenario` is
    chosen by their `value`.

    `measurements` of parameters and `observations` of worlds could be made before; `rules` are the
    policies written in Python, by name; `run` is the folder of a run whose saved worlds are used.
    """

    scenario: Scenario
    value: Value
    measurements: tuple[Measurement, ...] = ()
    observations: tuple[Observation, ...] = ()
    rules: Mapping[str, Policy] = field(default_factory=dict)
    run: Path | None = None
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-worth"

    @property
    def total(self) -> int:
        return worlds_to_run(self.scenario, self.run)


def ask(
    scenario,
    policies: Iterable[str | Policy] = (),
    value: str = EXAMPLE,
    measure: Iterable[str] = (),
    threads: int | None = None,
) -> Question:
    """Check the arguments of `worth`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    run = Path(scenario) if is_folder(scenario) else None
    if run:
        scenario = parse(check_manifest(run)["scenario"], str(run))
        if any(isinstance(one, Policy) for one in listed(policies)) or threads:
            what = "--threads" if threads else "policies written in Python"
            lines.append(already_run(run, what))
    scenario, rules, read = as_scenario(scenario), {}, None
    with gathering(lines):
        scenario, rules = select(scenario, policies)
    with gathering(lines):
        read = read_value(value)
    measurements: tuple[Measurement, ...] = ()
    observations: tuple[Observation, ...] = ()
    with gathering(lines):
        measurements, observations = read_measurements(measure, scenario)
    if not lines:
        lines += [f"{scenario.source}: {reason}" for reason in _nothing_to_choose(scenario)]
    if lines or read is None:
        raise Refusal(lines)
    return Question(scenario, read, measurements, observations, rules, run, threads)


def _nothing_to_choose(scenario: Scenario):
    """A sentence for each reason why there is nothing to choose, or nothing to know."""
    if len(scenario.policies) < 2:
        yield "--between: a choice is between two policies at least; found one"
    if not any(map(uncertain, scenario.policies.values())):
        yield "no parameter has a distribution, so there is nothing to learn"
    if scenario.worlds < FEWEST:
        yield f"worlds: found {scenario.worlds}; what is worth knowing needs at least {FEWEST}"
