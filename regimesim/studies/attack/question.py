"""The question of `attack`: policies, and what an attacker of each may choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from regimesim.ensemble.ensemble import select
from regimesim.ensemble.workload import GRAIN
from regimesim.errors import Refusal, gathering
from regimesim.scenario import Scenario
from regimesim.studies.attacker import AttackerSpace, attacker_space

TRIALS = 64  # attackers that the sampler proposes
MOST_TRIALS = 10_000
SEARCHED = 256  # worlds in which an attacker is tried, at most
EACH_CHOICE = 6  # attackers that are tried besides for each choice, about
FIRST = 4  # the first stage has so many times fewer trials and worlds


@dataclass(frozen=True)
class Question:
    """Which attacker does most harm to each policy of `scenario`.

    `spaces` has what the attacker of each policy may choose; `trials` is how many attackers the
    sampler proposes.
    """

    scenario: Scenario
    spaces: Mapping[str, AttackerSpace]
    trials: int = TRIALS
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-attack"

    @property
    def searched(self) -> int:
        """The number of worlds in which an attacker is tried."""
        return min(SEARCHED, self.scenario.worlds)

    @property
    def total(self) -> int:
        """About: the search ends where no choice does more harm."""
        choices = sum(len(space.names) for space in self.spaces.values())
        tried = self.trials * len(self.spaces) + EACH_CHOICE * choices
        return tried * self.searched + (2 * len(self.spaces) + choices) * self.scenario.worlds

    @property
    def stages(self) -> tuple["Question", ...]:
        """The same question with few trials and worlds, and as it is."""
        few = self.trials // FIRST
        worlds = max(self.scenario.worlds // FIRST // GRAIN * GRAIN, GRAIN)
        if few == 0 or worlds >= self.scenario.worlds:
            return (self,)
        first = replace(self, trials=few, scenario=replace(self.scenario, worlds=worlds))
        return first, self


def ask(
    scenario,
    policies: Iterable[str] = (),
    over: Mapping[str, object] | Iterable[str] = (),
    trials: int = TRIALS,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `attack`, which explains them.  Raises Refusal."""
    scenario, rules = select(scenario, policies)
    lines: list[str] = []
    if rules:
        named = ", ".join(f"'{name}'" for name in rules)
        lines.append(f"policies: {named}: written in Python; allowed are policies of a scenario")
    if isinstance(trials, bool) or not isinstance(trials, int) or not 1 <= trials <= MOST_TRIALS:
        lines.append(
            f"--trials: found {trials}; allowed is a whole number from 1 to {MOST_TRIALS:,}"
        )
    spaces: dict[str, AttackerSpace] = {}
    for name, tables in scenario.policies.items():
        with gathering(lines):
            spaces[name] = attacker_space(scenario, {name: tables}, over)
    if lines:
        raise Refusal(dict.fromkeys(lines))
    return Question(scenario, spaces, trials, threads)
