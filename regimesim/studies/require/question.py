"""The question of `require`: targets, the parameters that vary, and the policies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from regimesim.ensemble.ensemble import select
from regimesim.ensemble.workload import stages, weigh
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Settings
from regimesim.studies.ranges import idle, read_varied
from regimesim.studies.require.line import Line
from regimesim.studies.targets import Target, read_targets

USUAL = 20  # values that a search tries


@dataclass(frozen=True)
class Question:
    """How much of what varies along `line` reaches `targets` under each policy of `scenario`.

    `rules` are the policies written in Python, by name; `left_out` gives the reason for each
    policy of the scenario that is left out.
    """

    scenario: Scenario
    targets: tuple[Target, ...]
    line: Line
    rules: Mapping[str, Policy] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-require"

    @property
    def total(self) -> int:
        """About: a search ends as soon as its answer is narrow enough."""
        return len(self.scenario.policies) * USUAL * self.scenario.worlds

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which there is an answer."""
        scenario = self.scenario
        runs = len(scenario.policies) * USUAL
        return stages(scenario.worlds, float(weigh(scenario.systems, scenario.months, runs)))

    def of(self, worlds: int) -> "Question":
        """The same question in a number of worlds."""
        if worlds == self.scenario.worlds:
            return self
        return replace(self, scenario=self.scenario.override({"worlds": worlds}))


def ask(
    scenario,
    targets: Mapping[str, float] | Iterable[str],
    vary: Mapping[str, object] | Iterable[str],
    policies: Iterable[str | Policy] = (),
    threads: int | None = None,
) -> Question:
    """Check the arguments of `require`, which explains them.  Raises Refusal."""
    targets = read_targets(targets)
    scenario, rules = select(scenario, policies)
    line = Line(read_varied(vary, scenario))
    reasons = {name: list(_reasons(scenario, name, line)) for name in scenario.policies}
    left_out = [reason for lines in reasons.values() for reason in lines]
    acted_on = [name for name, lines in reasons.items() if not lines]
    if left_out and (policies or not acted_on):
        raise Refusal(f"--vary: {reason}" for reason in left_out)
    scenario = scenario.choose(acted_on)
    for name in acted_on:
        for place in (0, 1):  # at the ends, parameters may contradict others
            varied_to(scenario.choose([name]), line.settings(line.at(place)))
    return Question(scenario, targets, line, rules, tuple(left_out), threads)


def _reasons(scenario, policy, line):
    """Why parameters would change nothing under a policy."""
    for one in line.varied:
        if reason := idle(scenario, policy, one.key):
            yield f"{one.key} {reason}"


def varied_to(scenario: Scenario, settings: Mapping[str, float]) -> Scenario:
    """The scenario of one policy with parameters replaced in that policy."""
    (policy,) = scenario.policies
    changes = {
        key if key in Settings.model_fields else f"policies.{policy}.{key}": value
        for key, value in settings.items()
    }
    return scenario.override(changes, "--vary")
