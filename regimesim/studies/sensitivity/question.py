"""A question about the sensitivity of an outcome, and every mistake in it."""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from regimesim.analysis.outcome import Outcome, read_outcome
from regimesim.ensemble.ensemble import as_scenario
from regimesim.errors import Refusal, shown
from regimesim.scenario import Scenario
from regimesim.studies.sensitivity.morris import trajectories
from regimesim.studies.sensitivity.parameters import Parameter, design_of, parameters_in_question
from regimesim.studies.sensitivity.sobol import saltelli_points
from regimesim.sweeps.designs import scenario_at

POINTS, FEWEST = 128, 8
TRAJECTORIES = 10
ENDS = (0.05, 0.95)  # quantiles to which a parameter is moved by itself


class Asked(NamedTuple):
    """A question about the sensitivity of an outcome, checked.

    points: the number N of Sobol's method · screen, indices: what is done.
    """

    scenario: Scenario
    policy: str
    outcome: Outcome
    parameters: tuple[Parameter, ...]
    points: int
    screen: bool
    indices: bool

    @property
    def most_worlds(self) -> int:
        """How many worlds are run at most."""
        size = len(self.parameters)
        screening = 1 + 2 * size + TRAJECTORIES * (size + 1)
        points = self.screen * screening + self.indices * self.points * (size + 2)
        return points * self.scenario.worlds


def ask(
    scenario, outcome, over=None, policy=None, points=POINTS, screen=True, indices=True
) -> Asked:
    """The question, checked; raises Refusal with every mistake in it.

    over: see `parameters_in_question` · policy: the first by default · points: a power of 2.
    """
    scenario, lines, found = as_scenario(scenario), [], {}
    policy = policy or next(iter(scenario.policies))
    checks = {
        "outcome": lambda: read_outcome(outcome),
        "scenario": lambda: scenario.choose([policy]),
        "points": lambda: _check_points(points),
        "done": lambda: _check_done(screen, indices),
    }
    for name, check in checks.items():
        try:
            found[name] = check()
        except Refusal as refusal:
            lines += refusal.lines
    if "scenario" in found:
        try:
            parameters = parameters_in_question(found["scenario"], policy, over)
            _check_ends(found["scenario"], policy, parameters)
        except Refusal as refusal:
            lines += refusal.lines
    if lines:
        raise Refusal(lines)
    one = found["scenario"]
    asked = Asked(one, policy, found["outcome"], parameters, points, screen, indices)
    _check_together(asked)
    return asked


def _check_points(points):
    if isinstance(points, bool) or not isinstance(points, Integral):
        allowed = f"a whole number, a power of 2, from {FEWEST} on"
        raise Refusal(f"--points: found {shown(points)}; allowed is {allowed}")
    if points < FEWEST or points & (points - 1):
        close = 2 ** max(round(np.log2(max(points, 1))), FEWEST.bit_length() - 1)
        allowed = f"a power of 2, from {FEWEST} on; the nearest is {close}"
        raise Refusal(f"--points: found {points}; allowed is {allowed}")


def _check_done(screen, indices):
    if not (screen or indices):
        raise Refusal("--screen-only and --no-screen together leave nothing to do")


def _check_ends(scenario, policy, parameters):
    """Refuse a parameter that contradicts others where it alone is moved."""
    design = design_of(scenario, policy, parameters, one_at_a_time(len(parameters)))
    lines = []
    for point in range(len(design)):
        try:
            scenario_at(scenario, design, point)
        except Refusal as refusal:
            key = parameters[(point - 1) // 2].key if point else "all at the centre"
            lines += [f"--over: {key}: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(dict.fromkeys(lines))


def _check_together(asked: Asked):
    """Refuse parameters that contradict each other somewhere in their ranges."""
    size, seed = len(asked.parameters), asked.scenario.seed
    uniforms = trajectories(TRAJECTORIES, size, seed).reshape(-1, size)
    if asked.indices:
        uniforms = np.concatenate([uniforms, saltelli_points(asked.points, size, seed)])
    design = design_of(asked.scenario, asked.policy, asked.parameters, uniforms)
    for point in range(len(design)):
        try:
            scenario_at(asked.scenario, design, point)
        except Refusal as refusal:
            raise Refusal(together(refusal.lines)) from None


def together(lines) -> list[str]:
    """What is told where values that are in their ranges contradict each other."""
    advice = "give them narrower ranges with --over KEY=LOW:HIGH"
    return [f"--over: at some points the parameters do not agree: {x}; {advice}" for x in lines]


def one_at_a_time(size) -> np.ndarray:
    """Uniforms of the centre (NaN), and of each of `size` parameters at both its ends:
    (1 + 2 · size, size)."""
    points = np.full((1 + 2 * size, size), np.nan)
    for k in range(size):
        points[[1 + 2 * k, 2 + 2 * k], k] = ENDS
    return points
