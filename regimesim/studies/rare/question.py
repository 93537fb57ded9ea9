"""The question of `run --rare`: how precisely the probability of rare failures must be known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from regimesim.ensemble.ensemble import select
from regimesim.ensemble.threads import number_of_threads
from regimesim.ensemble.workload import GRAIN
from regimesim.errors import Refusal, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario

MAKER = "regimesim run --rare"
ERROR = 0.1  # the default relative error
GROUPS = 80  # the least number for which the worlds must suffice


@dataclass(frozen=True)
class Question:
    """How probable failures are under each policy of `scenario`.

    `relative_error` is the standard error over the estimate that is to be reached, in at most
    `scenario.worlds` worlds a policy.  `rules` are the policies written in Python.
    """

    scenario: Scenario
    relative_error: float = ERROR
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-rare"

    @property
    def total(self) -> None:
        """Not known: groups of worlds are added until the error is reached."""


def ask(
    scenario,
    policies: Iterable[str | Policy] = (),
    relative_error: float | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `rare`; see there.  Raises Refusal with every mistake."""
    scenario, rules = select(scenario, policies)
    error = ERROR if relative_error is None else relative_error
    lines = []
    least = GROUPS * GRAIN
    if isinstance(error, str) or not 0 < error < 1:
        what = f"found {shown(error)}; allowed is more than 0 and less than 1"
        lines.append(f"--relative-error: {what}")
    if scenario.worlds < least:
        what = f"found {scenario.worlds}; allowed is {least} or more for rare failures"
        lines.append(f"{scenario.source}: worlds: {what}")
    if lines:
        raise Refusal(lines)
    number_of_threads(threads)
    return Question(scenario, error, rules, threads)
