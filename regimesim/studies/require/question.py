"""The question of `require`: targets, the parameters that vary, and the policies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from regimesim.ensemble.ensemble import select
from regimesim.ensemble.workload import FEWEST, GRAIN, TIMES, begins, weigh
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Settings
from regimesim.studies.ranges import idle, read_varied
from regimesim.studies.require.line import Line
from regimesim.studies.targets import Target, read_targets

USUAL = 16  # values that a search tries, about
NEAR = 8  # values that a search tries about, where one in fewer worlds says where to look
GUIDES = 96  # worlds from which on a search says where the next one is to look


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
        return self.worlds(self.levels)

    def worlds(self, levels: Iterable[int]) -> int:
        """About the number of worlds of searches in so many worlds each."""
        first = min((n for n in self.levels if n >= GUIDES), default=0)
        tries = sum(n * (NEAR if n > first >= GUIDES else USUAL) for n in levels)
        return len(self.scenario.policies) * tries

    @property
    def levels(self) -> tuple[int, ...]:
        """The numbers of worlds of the searches: those that guide the next one, and those whose
        answer is shown."""
        every = self.scenario.worlds
        numbers = [every]
        while (fewer := numbers[-1] // TIMES // GRAIN * GRAIN) >= FEWEST:
            numbers.append(fewer)
        return tuple(n for n in reversed(numbers) if n == every or n >= GUIDES or self.is_shown(n))

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which there is an answer."""
        every = self.scenario.worlds
        return tuple(n for n in self.levels if n == every or self.is_shown(n))

    def is_shown(self, worlds: int) -> bool:
        """Whether a search in so many worlds takes so long that its answer is shown."""
        scenario = self.scenario
        runs = len(scenario.policies) * USUAL * worlds
        return begins(float(weigh(scenario.systems, scenario.months, runs)))

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
    idle_in = {name: _idle(scenario, name, line) for name in scenario.policies}
    refused = {
        name: {} if lines else _contradicted(scenario, name, line)
        for name, lines in idle_in.items()
    }
    acted_on = [name for name in scenario.policies if not (idle_in[name] or refused[name])]
    if len(acted_on) < len(idle_in) and (policies or not acted_on):
        every = [f"--vary: {reason}" for lines in idle_in.values() for reason in lines]
        raise Refusal(dict.fromkeys([*every, *(line for one in refused.values() for line in one)]))
    left_out = [reason for name in idle_in for reason in (*idle_in[name], *refused[name].values())]
    chosen = scenario.choose(acted_on)
    return Question(chosen, targets, line, rules, tuple(left_out), threads)


def _idle(scenario: Scenario, policy: str, line: Line) -> list[str]:
    """Why parameters would change nothing under a policy."""
    reasons = ((one.key, idle(scenario, policy, one.key)) for one in line.varied)
    return [f"{key} {reason}" for key, reason in reasons if reason]


def _contradicted(scenario: Scenario, policy: str, line: Line) -> dict[str, str]:
    """Where the ends of the line contradict other values of a policy: each line of the refusal,
    and the same as a reason for which the policy is left out."""
    reasons: dict[str, str] = {}
    for place in (0, 1):
        settings = line.settings(line.at(place))
        try:
            varied_to(scenario.choose([policy]), settings)
        except Refusal as refusal:
            for words in refusal.lines:
                why = words.removeprefix("--vary: ").removeprefix(f"policies.{policy}.")
                reasons[words] = f"under policy '{policy}', {why}"
    return reasons


def varied_to(scenario: Scenario, settings: Mapping[str, float]) -> Scenario:
    """The scenario of one policy with parameters replaced in that policy."""
    (policy,) = scenario.policies
    changes = {
        key if key in Settings.model_fields else f"policies.{policy}.{key}": value
        for key, value in settings.items()
    }
    return scenario.override(changes, "--vary")
