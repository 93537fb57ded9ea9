"""The question of `sensitivity`: an outcome of a policy, and the parameters to measure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Integral

import numpy as np

from regimesim.analysis.outcome import Outcome, read_outcome
from regimesim.ensemble.ensemble import select_one
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.ensemble.workload import begins, stages, weigh
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.parameter_points import Parameter, parameters_in_question
from regimesim.studies.sensitivity.agreement import (
    agreeing,
    check_ends,
    narrowed_to_rise,
    one_at_a_time,
)
from regimesim.studies.sensitivity.morris import trajectories
from regimesim.studies.sensitivity.sobol import saltelli_points
from regimesim.sweeps.make_executor import make_worker_pool

POINTS, FEWEST = 128, 8
SOME = 32  # points from which on some indices may be known
TRAJECTORIES = 10
OWN_INDICES = 12  # parameters that are not named and have indices of their own
MOST_WORLDS = 500  # at a point, where the command line does not say how many
FEWER = 128  # of them, where intervals come from how much many points differ


@dataclass(frozen=True)
class Question:
    """How much each of `parameters` matters to `outcome` under the policy of `scenario`.

    `points` is the number N of Sobol's method; `screen` and `indices` say which of the two
    stages run; indices, and trajectories where luck alone is left within a point, run in at most
    `fewer` of the worlds; `rules` holds the policy by its name, where it is written in Python;
    `notes` are sentences on what `all` does not vary as it might.
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
    notes: tuple[str, ...] = ()
    fewer: int | None = None

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
        indices = self.points * (self._sets(left) + 2) if left else 0
        screened = self.alone * self.scenario.worlds + self.moved * self.worlds_of_trajectories
        return self.screen * screened + self.indices * indices * self.few

    @property
    def few(self) -> int:
        """The number of worlds of indices."""
        worlds = self.scenario.worlds
        return worlds if self.fewer is None else min(worlds, self.fewer)

    @property
    def worlds_of_trajectories(self) -> int:
        """The number of worlds of trajectories: where other parameters are drawn in each world,
        all of them, as few would raise the mean size of every effect."""
        return self.scenario.worlds if self.others_drawn else self.few

    @cached_property
    def others_drawn(self) -> bool:
        """Whether parameters that do not vary from point to point are drawn in each world."""
        drawn = uncertain(self.scenario.policies[self.policy])
        return not drawn.keys() <= {one.key for one in self.parameters}

    def own_indices(self, left: int) -> int:
        """How many of `left` parameters have indices of their own: of very many those that are
        named, or else those with the greatest effects."""
        named = sum(one.named for one in self.parameters)
        own = max(OWN_INDICES, named) if self.screen else left
        return left if left <= own + 1 else own

    def _sets(self, left: int) -> int:
        """How many sets of points are mixed for the indices of `left` parameters."""
        own = self.own_indices(left)
        return own + (own < left)

    @property
    def alone(self) -> int:
        """The number of points at which at most one parameter is not at its central value."""
        return 1 + 2 * len(self.parameters)

    @property
    def moved(self) -> int:
        """The number of points of trajectories."""
        return TRAJECTORIES * (len(self.parameters) + 1)

    @property
    def screened(self) -> int:
        """The number of points of the screening."""
        return self.alone + self.moved

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which the screening has an answer."""
        return stages(self.scenario.worlds, self._work(self.screened))

    @property
    def is_long(self) -> bool:
        """Whether the study takes so long that an answer is shown before its end."""
        return begins(self._work(self.total))

    def stages_of_points(self, left: int) -> tuple[int, ...]:
        """The numbers of points at which there are indices of `left` parameters.

        They are powers of 2, as Sobol's sequence needs them, and each takes some seconds at least.
        """
        a_point = self._work((self._sets(left) + 2) * self.few)
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
    fewer: int | None = None,
) -> Question:
    """Check the arguments of `sensitivity`, which explains them.  Raises Refusal.

    fewer: the most worlds of a point of indices, and of trajectories unless other parameters are
    drawn in each world; by default all.
    """
    lines: list[str] = []
    with gathering(lines):
        chosen = read_outcome(outcome)
    with gathering(lines):
        _check_points(points)
    with gathering(lines):
        make_worker_pool(executor, threads)
    if not (screen or indices):
        lines.append("--screen-only and --no-screen together leave nothing to do")
    with gathering(lines):
        scenario, rules = select_one(scenario, policies)
        (policy,) = scenario.policies
        parameters, notes = narrowed_to_rise(parameters_in_question(scenario, policy, over))
        check_ends(scenario, policy, parameters)
    if lines:
        raise Refusal(lines)

    def tried(size: int) -> np.ndarray:
        return _uniforms(size, scenario.seed, points, screen, indices)

    parameters, more = agreeing(scenario, policy, parameters, tried)
    return Question(
        scenario,
        chosen,
        parameters,
        points,
        screen,
        indices,
        rules,
        threads,
        executor,
        (*notes, *more),
        fewer,
    )


def _uniforms(size: int, seed: int, points: int, screen: bool, indices: bool) -> np.ndarray:
    """Uniforms of the points at which a study of `size` parameters runs: (points, size).

    Where screening comes first, the points of the indices are those of fewer parameters: the two
    sets of points from which they are mixed then stand for them, which takes much less time.
    """
    uniforms = [one_at_a_time(size), trajectories(TRAJECTORIES, size, seed).reshape(-1, size)]
    if indices:
        sobol = saltelli_points(points, size, seed)
        uniforms.append(sobol[: 2 * points] if screen else sobol)
    return np.concatenate(uniforms)


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
