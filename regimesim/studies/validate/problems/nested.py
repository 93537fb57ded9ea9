"""Nested oversight: a chain of overseers, each guarding one a little more capable.

Scaling laws for scalable oversight (Engels et al. 2025, arXiv 2504.18530).
"""

import math
from typing import NamedTuple

from regimesim.model.oversight.detection import elo_log_miss, elo_rating
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside

MOST_STEPS = 100


class Line(NamedTuple):
    """A domain Elo rating as a line in general Elo, between a floor and a ceiling."""

    slope: float
    intercept: float
    floor: float = -math.inf
    ceiling: float = math.inf

    def at(self, general: float) -> float:
        """The rating at a general Elo, by the equation of the curve `elo`."""
        return elo_rating(
            float(self.floor), float(self.slope), float(self.intercept), float(self.ceiling),
            float(general),
        )  # fmt: skip


class Nesting(NamedTuple):
    """A chain of `steps` steps, and the probability that oversight holds in all of them."""

    steps: int
    success: float


def step_success(guard: float, houdini: float) -> float:
    """Probability that a guard stops an evader.

    It is the miss probability of the curve `elo` (7.5) with the two ratings exchanged.
    """
    return math.exp(elo_log_miss(float(houdini), float(guard)))


def nested_success(guard: Line, houdini: Line, weakest: float, gap: float, steps: int) -> float:
    """Probability that oversight in `steps` steps holds.

    It is the product over k < steps of `step_success` for a guard at weakest + k·gap/steps and an
    evader at weakest + (k + 1)·gap/steps.

    Raises Refusal for fewer than one step and for values that are not numbers.
    """
    refuse_fractions(steps=steps)
    refuse_outside(steps=(steps, 1, 10_000), weakest=(weakest, -1e5, 1e5), gap=(gap, 0, 1e5))
    for name, line in (("guard", guard), ("houdini", houdini)):
        refuse_outside(**{
            f"{name}.slope": (line.slope, -1e5, 1e5),
            f"{name}.intercept": (line.intercept, -1e5, 1e5),
            f"{name}.floor": (line.floor, -math.inf, line.ceiling),
            f"{name}.ceiling": (line.ceiling, line.floor, math.inf),
        })  # fmt: skip
    at = [weakest + gap * k / steps for k in range(steps + 1)]
    holds = (
        step_success(guard.at(at[k]), houdini.at(at[k + 1]))
        for k in range(steps)
    )  # fmt: skip
    return math.prod(holds)


def best_nesting(
    guard: Line, houdini: Line, weakest: float, gap: float, most: int = MOST_STEPS
) -> Nesting:
    """The number of steps, up to `most`, in which oversight is most likely to hold."""
    refuse_fractions(most=most)
    refuse_outside(most=(most, 1, 10_000))
    chains = (
        Nesting(n, nested_success(guard, houdini, weakest, gap, n)) for n in range(1, most + 1)
    )
    return max(chains, key=lambda chain: chain.success)
