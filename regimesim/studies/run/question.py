"""The question of `run`: a scenario, and the precision that its estimates may need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from regimesim.analysis.precision import checked
from regimesim.ensemble.ensemble import select
from regimesim.ensemble.threads import number_of_threads
from regimesim.model.oversight.policy import Policy
from regimesim.results.reading import MAKER
from regimesim.scenario import Scenario

__all__ = ["MAKER", "Question", "ask"]


@dataclass(frozen=True)
class Question:
    """The worlds of every policy of `scenario`.

    `targets` are half-widths by estimand: worlds are added until all are reached, and the
    scenario's number of worlds is the maximum.  `rules` are the policies written in Python.
    """

    scenario: Scenario
    targets: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None

    @property
    def folder(self) -> str:
        return self.scenario.name

    @property
    def total(self) -> int | None:
        """Worlds over all policies; None where they are added until estimates are precise."""
        return None if self.targets else self.scenario.worlds * len(self.scenario.policies)


def ask(
    scenario,
    policies: Iterable[str | Policy] = (),
    targets: Mapping[str, float] | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `run`; see there.  Raises Refusal."""
    targets = {name: checked(name, half_width) for name, half_width in (targets or {}).items()}
    scenario, rules = select(scenario, policies)
    number_of_threads(threads)
    return Question(scenario, targets, rules, threads)
