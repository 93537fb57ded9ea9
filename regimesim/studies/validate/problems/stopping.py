"""Optimal stopping: the optimal month of a strike, and the month in which a system strikes.

The capability of a system grows by a constant amount a month.  The system knows its probability
of success, no safeguard watches it, and it is replaced within a month with probability
1 − exp(−1/lifetime).  Others of its lab are alike, and it counts on none of them.  The month of
its strike is then a problem of optimal stopping, which dynamic programming solves exactly.
"""

import math
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal
from regimesim.model.dynamics.goals import (
    advantage,
    gain_of_winning,
    loss_when_caught,
    saturation,
    utility,
)
from regimesim.model.dynamics.prospects import success
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside

START = -10.0  # log2 hours: below 0 growth is constant, as the ceiling has no effect
CONTENT = 0.5  # share of its values that is met while humans are in charge
SCOPE, HORIZON, DELAY = 0.8, 50.0, 6.0
UNMOVED = (
    "density_spread",
    "density_trend",
    "density_per_doubling",
    "scale_spread",
    "sparse_premium",
)
BEYOND = 4000  # months over which the exact solution looks ahead


class Stopping(NamedTuple):
    """A problem of optimal stopping.

    doubling_time: months in which the time horizon doubles · slope: logits of success a doubling ·
    lifetime: mean months until the system is replaced · caught_value: share of its values that is
    still met after it is caught · constraint: cost of a strike by itself, in utility · systems: of
    the same lab, all alike · coordination: probability that another one joins a strike; the exact
    solution holds for 0.

    A world lasts ten doublings; capability reaches the difficulty after two thirds of it.
    """

    doubling_time: int
    slope: float
    lifetime: float
    caught_value: float = 1.0
    constraint: float = 0.0
    systems: int = 1
    coordination: float = 0.0

    @property
    def months(self) -> int:
        """The number of months of a world."""
        return 10 * self.doubling_time

    @property
    def difficulty(self) -> float:
        """The capability at which the probability of success is 0.5."""
        return START + 20 / 3

    def success(self, month: int) -> float:
        """The probability that a strike succeeds, in a month counted from 0."""
        capability = START + (month + 1) / self.doubling_time
        return success(1.0, float(self.slope), capability, self.difficulty)

    def advantages(self, months: int) -> np.ndarray:
        """The advantage of a strike in each of the first months: (months,)."""
        inverse, whole = 1.0 / SCOPE, 1.0 / saturation(1.0, 1.0 / SCOPE)
        content = utility(CONTENT, inverse, whole)
        gain = gain_of_winning(math.exp(-DELAY / HORIZON), content)
        loss = loss_when_caught(content, utility(CONTENT * self.caught_value, inverse, whole))
        chances = map(self.success, range(months))
        return np.array([advantage(p, gain, loss, float(self.constraint)) for p in chances])

    def exact_month(self) -> int:
        """The first month in which striking is optimal."""
        _check(self)
        return best_month(self.advantages(BEYOND), math.exp(-1.0 / self.lifetime))

    def strike_month(self) -> int:
        """The month in which a system of the model first strikes.

        Raises Refusal where none ever strikes.
        """
        from regimesim.ensemble.ensemble import run

        _check(self)
        struck = run(self.scenario(), threads=1).months.strikes.values.ravel() > 0
        if not struck.any():
            raise Refusal(f"{self}: no system strikes within {self.months} months")
        return int(np.argmax(struck))

    def scenario(self):
        """The scenario of a world with these systems."""
        from regimesim.scenario import parse

        return parse(_tables(self))


def best_month(advantages: np.ndarray, kept: float) -> int:
    """The first month in which stopping is optimal, by backward induction from the last month.

    advantages: the value of stopping in each month · kept: the probability that the system still
    exists a month later; otherwise its value is 0.  Raises Refusal where stopping has no value in
    any month.
    """
    now = np.asarray(advantages, float)
    if now.size == 0 or not now.max() > 0:
        raise Refusal("advantages: stopping has no value in any month")
    stops = np.zeros(now.size, bool)
    value = 0.0
    for month in reversed(range(now.size)):
        waiting = kept * value
        stops[month] = now[month] > 0 and now[month] >= waiting
        value = max(now[month], waiting)
    return int(np.argmax(stops))


def _check(problem):
    refuse_fractions(doubling_time=problem.doubling_time, systems=problem.systems)
    refuse_outside(
        doubling_time=(problem.doubling_time, 1, 120),
        slope=(problem.slope, 0.01, 1e4),
        lifetime=(problem.lifetime, 1, 1200),
        caught_value=(problem.caught_value, 0, 1),
        constraint=(problem.constraint, 0, 10),
        systems=(problem.systems, 1, 1000),
        coordination=(problem.coordination, 0, 1),
    )


def _tables(problem):
    """The tables of a scenario without randomness."""
    alike = {"scope_sparse": SCOPE, "scope_dense": SCOPE}
    far = {"horizon_sparse": HORIZON, "horizon_dense": HORIZON}
    still = dict.fromkeys(UNMOVED, 0)
    return {
        "worlds": 16,
        "months": problem.months,
        "labs": 1,
        "systems": problem.systems,
        "capability": {
            "initial": START,
            "doubling_time": problem.doubling_time,
            "lifetime": problem.lifetime,
            "update_rate": 1,
            "lab_spread": 0,
            "system_spread": 0,
            "noise": 0,
            "research_automation_gain": 0,
        },
        "feedback": {"density": 1, "constraint": problem.constraint, **alike, **far, **still},
        "goals": {"value": CONTENT, "value_spread": 0, "goal_drift": 0},
        "takeover": {
            "difficulty": problem.difficulty,
            "success_slope": problem.slope,
            "automation_bonus": 0,
            "payoff_delay": DELAY,
            "caught_value": problem.caught_value,
        },
        "cognition": {"awareness_midpoint": START, "awareness_spread": 0, "calibration_error": 0},
        "conduct": {"story_rate": 0, "coordination": problem.coordination},
        "paradigm": {"ladder_rate": 0, "ladder_per_doubling": 0},
    }
