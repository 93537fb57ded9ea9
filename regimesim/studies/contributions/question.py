"""The question of `contributions`: a scenario, the policies to take apart, and audit budgets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path

from regimesim.ensemble.ensemble import listed, select
from regimesim.ensemble.workload import stages, weigh
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.oversight.policy import Policy
from regimesim.results.reading import scenario_of
from regimesim.scenario import Scenario, prepare
from regimesim.scenario.toml_reader import read_setting
from regimesim.studies.contributions.frontier import (
    COSTS_OF_FRONTIER,
    DEFAULT_COST,
    OF_BUDGETS,
    USEFULNESS,
    at_audit_budgets,
    with_unguarded,
)
from regimesim.studies.contributions.runs import Rules, Runs
from regimesim.studies.contributions.subsets import parts, subsets
from regimesim.studies.contributions.usefulness import untroubled_runs


@dataclass(frozen=True)
class Question:
    """How much each part of the policies `apart` of `scenario` contributes.

    `budgeted` has, for each of them, a scenario whose policies are that policy at several audit
    budgets; it is empty without budgets.  `cost` is what policies are compared by, beside safety.
    `rules` are the policies written in Python, by
    name.
    """

    scenario: Scenario
    apart: tuple[str, ...]
    budgeted: Mapping[str, Scenario] = field(default_factory=dict)
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None
    cost: str = DEFAULT_COST

    @property
    def cost_of_budgets(self) -> str:
        """What audit budgets are compared by."""
        return USEFULNESS if self.cost == USEFULNESS else OF_BUDGETS

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-contributions"

    @property
    def total(self) -> int:
        return round(self._number * self.scenario.worlds)

    @cached_property
    def runs(self) -> Runs:
        """Every policy that runs in its own worlds, once."""
        return Runs(self.scenario, self.apart, self.fronts, self.rules)

    @property
    def fronts(self) -> list[tuple[Scenario, Rules]]:
        """Each scenario whose frontier is asked for, with the rules of its policies: the scenario
        itself, and each policy at several audit budgets."""
        budgets = [
            (front, dict.fromkeys(front.policies, self.rules.get(name)))
            for name, front in self.budgeted.items()
        ]
        return [(self.scenario, self.rules), *budgets]

    @cached_property
    def _number(self) -> float:
        """How many runs of all worlds these are: those in their own worlds, and those of each
        frontier in worlds without attempts."""
        calm = sum(untroubled_runs(with_unguarded(front), of) for front, of in self.fronts)
        return self.runs.number + calm

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which there is an answer."""
        scenario = self.scenario
        work = float(weigh(scenario.systems, scenario.months, self._number))
        return stages(scenario.worlds, work)

    def of(self, worlds: int) -> "Question":
        """The same question in a number of worlds."""
        if worlds == self.scenario.worlds:
            return self
        budgeted = {name: replace(one, worlds=worlds) for name, one in self.budgeted.items()}
        scenario = self.scenario.override({"worlds": worlds})
        return replace(self, scenario=scenario, budgeted=budgeted)


def ask(
    scenario,
    policies: Iterable[str | Policy] = (),
    audit_budgets: str | Iterable[float] = (),
    threads: int | None = None,
    cost: str = DEFAULT_COST,
) -> Question:
    """Check the arguments of `contributions`, which explains them.  Raises Refusal.

    The audit budgets may also be a text such as "0.01,0.1".
    """
    if isinstance(scenario, str | PathLike):
        scenario = read_scenario(scenario)
    if cost not in COSTS_OF_FRONTIER:
        allowed, close = ", ".join(COSTS_OF_FRONTIER), nearest(str(cost), COSTS_OF_FRONTIER)
        raise Refusal(
            f"--cost: found {shown(cost)}; allowed are {allowed}; the nearest is '{close}'"
        )
    chosen = listed(policies)
    scenario, rules = select(scenario, chosen)
    apart = tuple(name for name in scenario.policies if chosen or parts(scenario, name))
    for name in apart:
        subsets(scenario, name)  # refuses a policy without parts
    if not apart:
        raise Refusal(
            f"{scenario.source}: no policy has a safeguard, response or event to take apart"
        )
    budgets = _numbers(audit_budgets)
    budgeted = {name: at_audit_budgets(scenario, name, budgets) for name in apart if budgets}
    return Question(scenario, apart, budgeted, rules, threads, cost)


def read_scenario(path: str | PathLike, settings: Iterable[str] = ()) -> Scenario:
    """The scenario in a file, or of a run's folder as it was run, with `KEY=VALUE` settings.

    Raises Refusal.
    """
    if not Path(path).is_dir():
        return prepare(path, settings)
    scenario, changes = scenario_of(path), dict(map(read_setting, settings))
    return scenario.override(changes, "command line") if changes else scenario


def _numbers(budgets) -> list[float]:
    texts = filter(None, budgets.split(",")) if isinstance(budgets, str) else budgets
    try:
        return [float(number) for number in texts]
    except (TypeError, ValueError):
        wanted = "expected numbers with commas between, as in 0.01,0.03,0.1"
        raise Refusal(f"--audit-budgets {shown(budgets)}: {wanted}") from None
