"""Strike months against the exact solution of the optimal stopping problem they should solve."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit
from small import NO_LUCK, run

from regimesim.model.compilation import INTERPRETED
from regimesim.studies.validate.problems import stopping

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

INITIAL = -10.0  # below 0 growth is constant, however near the ceiling


def growing(doubling_time, slope, lifetime, months, **takeover):
    """One system that knows its chances, never watched, growing by 1/doubling_time a month.

    The difficulty is met two thirds of the way.
    """
    level = INITIAL + months / doubling_time * 2 / 3
    return {
        **NO_LUCK,
        "worlds": 16,
        "labs": 1,
        "systems": 1,
        "months": months,
        "capability.initial": INITIAL,
        "capability.doubling_time": doubling_time,
        "capability.lifetime": lifetime,
        "capability.research_automation_gain": 0,
        "feedback.sparse_premium": 0,
        "feedback.density": 0.5,
        "cognition.awareness_midpoint": INITIAL,
        "takeover.difficulty": level,
        "takeover.success_slope": slope,
        "takeover.automation_bonus": 0,
        **{f"takeover.{key}": value for key, value in takeover.items()},
    }


def first_strike(given):
    """The month in which the system of every world first strikes."""
    _, months = run(given)
    struck = months.strikes.values.ravel()
    first = int(np.argmax(struck > 0))
    assert struck[first] == 1.0  # in every world alike
    return first


def best_month(given, stakes, months=4000):
    """The first month in which striking is optimal, by backward induction from far ahead.

    A system that waits is replaced with hazard 1 − e^(−1/lifetime), and is then worth nothing.
    """
    slope, level = given["takeover.success_slope"], given["takeover.difficulty"]
    kept = math.exp(-1 / given["capability.lifetime"])
    gain, loss, norm = stakes
    capability = INITIAL + np.arange(1, months + 1) / given["capability.doubling_time"]
    success = expit(slope * (capability - level))
    now = success * gain - (1 - success) * loss - norm
    return stopping.best_month(now, kept)


def stakes_of(scope, horizon, delay, kept_value, norm):
    """Gain, loss and constraint of a system that sees half of its values met."""

    def satisfaction(share):
        return math.expm1(-share / scope) / math.expm1(-1 / scope)

    weight = math.exp(-delay / horizon)
    return (
        weight * (1 - satisfaction(0.5)),
        satisfaction(0.5) - satisfaction(0.5 * kept_value),
        norm,
    )


@pytest.mark.parametrize("doubling_time", [12, 20])
@pytest.mark.parametrize("slope", [1.5, 4, 20])
@pytest.mark.parametrize("lifetime", [2, 12, 200])
def test_with_nothing_to_lose_the_strike_comes_when_it_is_optimal(doubling_time, slope, lifetime):
    months = 10 * doubling_time
    given = growing(doubling_time, slope, lifetime, months, caught_value=1)
    given |= {"feedback.constraint": 0}
    optimal = best_month(given, (1.0, 0.0, 0.0))
    assert optimal < months - 1
    assert first_strike(given) == optimal


@pytest.mark.parametrize(("caught_value", "constraint"), [(0, 0), (0.6, 0), (0, 0.2), (0.3, 0.1)])
@pytest.mark.parametrize("lifetime", [6, 60])
def test_the_strike_is_optimal_too_where_being_caught_costs(lifetime, caught_value, constraint):
    feedback = {"scope_sparse": 0.8, "scope_dense": 0.8, "horizon_sparse": 50, "horizon_dense": 50}
    given = growing(12, 3, lifetime, 120, caught_value=caught_value, payoff_delay=6)
    given |= {f"feedback.{key}": value for key, value in feedback.items()}
    given |= {"feedback.constraint": constraint}
    stakes = stakes_of(0.8, 50, 6, caught_value, constraint * 0.5)
    optimal = best_month(given, stakes)
    assert 0 < optimal < 119
    assert first_strike(given) == optimal


def test_in_continuous_time_the_strike_comes_at_success_one_less_hazard_over_slope():
    # Slope a month and hazard shrink together: the month becomes short against both.
    for doubling_time in (6, 12, 48, 110):
        slope, months = 3.0, 10 * doubling_time
        given = growing(doubling_time, slope, doubling_time, months, caught_value=1)
        given |= {"feedback.constraint": 0}
        capability = INITIAL + (first_strike(given) + 1) / doubling_time
        success = expit(slope * (capability - given["takeover.difficulty"]))
        hazard, steepness = 1 / doubling_time, slope / doubling_time
        rise_in_a_month = steepness / 4  # of a logistic, at most
        assert abs(success - (1 - hazard / steepness)) <= rise_in_a_month


def test_an_impatient_system_strikes_at_break_even():
    given = growing(12, 3, 12, 120, caught_value=0, payoff_delay=0)
    feedback = {"scope_sparse": 1e3, "scope_dense": 1e3, "constraint": 0}
    given |= {f"feedback.{key}": value for key, value in feedback.items()}
    given |= {"cognition.patience": 0}

    def linear(share):
        return math.expm1(-share / 1e3) / math.expm1(-1e-3)

    def advantage(success):
        return success * (1 - linear(0.5)) - (1 - success) * linear(0.5)

    even = brentq(advantage, 0, 1)
    capability = INITIAL + np.arange(1, 121) / 12
    success = expit(3 * (capability - given["takeover.difficulty"]))
    assert first_strike(given) == int(np.argmax(success > even))
