"""The question of `sensitivity`: an outcome of a policy, and the parameters to measure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral

import numpy as np

from regimesim.analysis.outcome import Outcome, read_outcome
from regimesim.ensemble.ensemble import select_one
from regimesim.ensemble.workload import begins, stages, weigh
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.parameter_points import Parameter, design_of, parameters_in_question
from regimesim.studies.sensitivity.morris import trajectories
from regimesim.studies.sensitivity.sobol import saltelli_points
from regimesim.sweeps.designs import scenario_at

POINTS, FEWEST = 128, 8
SOME = 32  # points from which on some indices may be known
TRAJECTORIES = 10
ENDS = (0.05, 0.95)  # quantiles to which a parameter is moved by itself
MOST_WORLDS = 500  # at a point, where the command line does not say how many


@dataclass(frozen=True)
class Question:
    """How much each of `parameters` matters to `outcome` under the policy of `scenario`.

    `points` is the number N of Sobol's method; `screen` and `indices` say which of the two
    stages run; `rules` holds the policy by its name, where it is written in Python.
    """

    scenario: Scenario
    outcome: Outcome
    parameters: tuple[Parameter, ...]
    points: int = POINTS
    screen: bool = True
    indices: bool = True
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None
    executor: object = None

    @property
    def policy(self) -> str:
        """The name of the only policy."""
        (name,) = self.scenario.policies
        return name

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-sensitivity"

    @property
    def total(self) -> int:
        """The greatest number: parameters without effect are left out of the indices."""
        return self.worlds(len(self.parameters))

    def worlds(self, left: int) -> int:
        """The number of worlds where `left` parameters are left for the indices."""
        indices = self.points * (left + 2) if left else 0
        points = self.screen * self._screened + self.indices * indices
        return points * self.scenario.worlds

    @property
    def _screened(self) -> int:
        """The number of points of the screening."""
        size = len(self.parameters)
        return 1 + 2 * size + TRAJECTORIES * (size + 1)

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which the screening has an answer."""
        return stages(self.scenario.worlds, self._work(self._screened))

    @property
    def is_long(self) -> bool:
        """Whether the study takes so long that an answer is shown before its end."""
        return begins(self._work(self.total))

    def stages_of_points(self, left: int) -> tuple[int, ...]:
        """The numbers of points at which there are indices of `left` parameters.

        They are powers of 2, as Sobol's sequence needs them, and each takes some seconds at least.
        """
        a_point = self._work((left + 2) * self.scenario.worlds)
        early = (self.points // 16, self.points // 4)
        return (*(n for n in early if n >= SOME and begins(n * a_point)), self.points)

    def _work(self, worlds: int) -> float:
        return float(weigh(self.scenario.systems, self.scenario.months, worlds))

    def only_screening(self, worlds: int) -> "Question":
        """The question of the screening alone, in a number of worlds."""
        scenario = self.scenario
        if worlds != scenario.worlds:
            scenario = scenario.override({"worlds": worlds})
        return replace(self, scenario=scenario, indices=False)


def ask(
    scenario,
    outcome: str,
    over: Mapping[str, object] | Iterable[str] | None = None,
    policies: Iterable[str | Policy] = (),
    points: int = POINTS,
    screen: bool = True,
    indices: bool = True,
    threads: int | None = None,
    executor=None,
) -> Question:
    """Check the arguments of `sensitivity`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    with gathering(lines):
        chosen = read_outcome(outcome)
    with gathering(lines):
        _check_points(points)
    if not (screen or indices):
        lines.append("--screen-only and --no-screen together leave nothing to do")
    with gathering(lines):
        scenario, rules = select_one(scenario, policies)
        (policy,) = scenario.policies
        parameters = parameters_in_question(scenario, policy, over)
        _check_ends(scenario, policy, parameters)
    if lines:
        raise Refusal(lines)
    question = Question(
        scenario, chosen, parameters, points, screen, indices, rules, threads, executor
    )
    _check_together(question)
    return question


def few_worlds(scenario: Scenario) -> Scenario:
    """The scenario with at most MOST_WORLDS worlds, for a point whose number is not set."""
    few = {"worlds": MOST_WORLDS}
    return scenario.override(few) if scenario.worlds > MOST_WORLDS else scenario


def _check_points(points):
    if isinstance(points, bool) or not isinstance(points, Integral):
        allowed = f"a whole number, a power of 2, from {FEWEST} on"
        raise Refusal(f"--points: found {shown(points)}; allowed is {allowed}")
    if points < FEWEST or points & (points - 1):
        close = 2 ** max(round(np.log2(max(points, 1))), FEWEST.bit_length() - 1)
        allowed = f"a power of 2, from {FEWEST} on; the nearest is {close}"
        raise Refusal(f"--points: found {points}; allowed is {allowed}")


def _check_ends(scenario, policy, parameters):
    """Refuse a parameter that contradicts the others at one of its own ends."""
    design = design_of(scenario, policy, parameters, one_at_a_time(len(parameters)))
    lines: list[str] = []
    for point in range(len(design)):
        key = parameters[(point - 1) // 2].key if point else "all at their central values"
        with gathering(lines, f"--over: {key}: "):
            scenario_at(scenario, design, point)
    if lines:
        raise Refusal(dict.fromkeys(lines))


def _check_together(question: Question):
    """Refuse parameters that contradict each other somewhere in their ranges.

    Where screening comes first, the points of the indices are those of fewer parameters: the two
    sets of points from which they are mixed then stand for them, which takes much less time.
    """
    size, scenario = len(question.parameters), question.scenario
    uniforms = trajectories(TRAJECTORIES, size, scenario.seed).reshape(-1, size)
    if question.indices:
        points = saltelli_points(question.points, size, scenario.seed)
        points = points[: 2 * question.points] if question.screen else points
        uniforms = np.concatenate([uniforms, points])
    design = design_of(scenario, question.policy, question.parameters, uniforms)
    for point in range(len(design)):
        try:
            scenario_at(scenario, design, point)
        except Refusal as refusal:
            raise Refusal(together(refusal.lines)) from None


def together(lines: Iterable[str]) -> list[str]:
    """The sentences of a refusal of values that contradict each other, each in its range."""
    advice = "give them narrower ranges with --over KEY=LOW:HIGH"
    return [f"--over: at some points the parameters do not agree: {x}; {advice}" for x in lines]


def one_at_a_time(size: int) -> np.ndarray:
    """Uniforms of the centre (NaN), and of each of `size` parameters at both its ends:
    (1 + 2 · size, size)."""
    points = np.full((1 + 2 * size, size), np.nan)
    for k in range(size):
        points[[1 + 2 * k, 2 + 2 * k], k] = ENDS
    return points
