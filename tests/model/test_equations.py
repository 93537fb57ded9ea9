"""Every equation of oversight and dynamics against its closed form and its exact limits."""

import importlib
import itertools
import math
import pkgutil

import numpy as np
import pytest
from closed_forms import BY_THEIR_LAW, CLOSED_FORMS
from scipy import stats

import regimesim.model.dynamics
import regimesim.model.oversight
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics import (
    conduct,
    decision,
    goals,
    growth,
    learning,
    prospects,
    training,
)
from regimesim.model.oversight import (
    adaptive,
    correction,
    pause,
    red_team,
)

POINTS = 200
DRAWS = 20_000
FOUR_SIGMA = 4.0


# of 100 trajectories, whose ln Φ is good to 6e-13; of a normal draw
ROUNDING = {"detection.binormal_log_miss": 6e-11, "copies.shared_unit": 1e-9}


def label(function):
    python = getattr(function, "py_func", function)
    return f"{python.__module__.rpartition('.')[2]}.{python.__name__}"


def sample(where, rng):
    return int(rng.choice(where)) if isinstance(where[0], int) else float(rng.uniform(*where))


@pytest.mark.parametrize(
    ("function", "closed_form", "ranges"),
    CLOSED_FORMS,
    ids=[label(function) for function, *_ in CLOSED_FORMS],
)
def test_agrees_with_its_closed_form(function, closed_form, ranges):
    rng = np.random.default_rng(1)
    for _ in range(POINTS):
        arguments = [sample(where, rng) for where in ranges]
        expected = float(closed_form(*arguments))
        near = pytest.approx(expected, rel=1e-11, abs=ROUNDING.get(label(function), 1e-12))
        assert function(*arguments) == near, arguments


@pytest.mark.skipif(INTERPRETED, reason="only compiled equations can be told from functions")
def test_no_equation_is_left_out():
    kind = type(growth.chance)
    rooms = (regimesim.model.oversight, regimesim.model.dynamics)
    modules = [
        importlib.import_module(f"{room.__name__}.{item.name}")
        for room in rooms
        for item in pkgutil.iter_modules(room.__path__)
    ]
    found = {
        label(item)
        for module in modules
        for name, item in vars(module).items()
        if isinstance(item, kind)
        and item.targetoptions.get("forceinline")
        and item.py_func.__module__ == module.__name__
        and not name.startswith("_")
    }
    tested = {label(row[0]) for row in CLOSED_FORMS} | {label(item) for item in BY_THEIR_LAW}
    assert found == tested


# ---- goals ----

SCOPES = [0.001, 0.05, 1.0, 5.0, 1000.0]


def satisfaction(share, scope):
    return goals.utility(share, 1.0 / scope, 1.0 / goals.saturation(1.0, 1.0 / scope))


@pytest.mark.parametrize("scope", SCOPES)
def test_satisfaction_rises_from_0_to_1_and_is_concave(scope):
    shares = np.linspace(0.0, 1.0, 101)
    values = np.array([satisfaction(share, scope) for share in shares])
    assert values[0] == 0.0 and values[-1] == 1.0
    assert (np.diff(values) >= 0.0).all() and (np.diff(values, 2) <= 1e-12).all()


def test_goals_without_bound_are_linear_and_goals_of_no_scope_are_a_step():
    for share in (0.01, 0.3, 0.9):
        excess = satisfaction(share, 1e3) - share
        assert excess == pytest.approx(share * (1 - share) / 2e3, rel=1e-3)
        assert satisfaction(share, 1e-4) == pytest.approx(1.0, abs=1e-12)


def test_the_advantage_is_zero_at_break_even_and_takeover_never_pays_without_stakes():
    rng = np.random.default_rng(3)
    for gain, loss, norm in rng.uniform(0.0, 1.0, (POINTS, 3)):
        even = goals.break_even(gain, loss, norm)
        assert goals.advantage(even, gain, loss, norm) == pytest.approx(0.0, abs=1e-12)
        assert goals.advantage(even + 0.01, gain, loss, norm) > 0.0
    assert goals.break_even(0.0, 0.0, 0.0) > 1.0
    assert goals.advantage(1.0, 0.0, 0.0, 0.0) == 0.0


def test_dense_feedback_pulls_goals_back_and_sparse_feedback_lets_them_wander():
    value = 4.0
    for month in range(1, 13):
        value = goals.drifted(value, 1.0, 0.2, 0.7, 1.0, 2.0)
        assert value == pytest.approx(1.0 + 3.0 * 0.8**month, rel=1e-12)
    walk = np.random.default_rng(4).normal(size=50)
    value = 4.0
    for z in walk:
        value = goals.drifted(value, 1.0, 0.2, 0.7, 0.0, z)
    assert value == pytest.approx(4.0 + 0.7 * walk.sum(), rel=1e-12)


def test_scale_is_interpolated_geometrically():
    sparse, rise = math.log(5.0), math.log(0.05) - math.log(5.0)
    assert training.interpolated(sparse, rise, 0.0, 0.0) == pytest.approx(5.0, rel=1e-14)
    assert training.interpolated(sparse, rise, 1.0, 0.0) == pytest.approx(0.05, rel=1e-14)
    assert training.interpolated(sparse, rise, 0.5, 0.0) == pytest.approx(0.5, rel=1e-14)
    assert training.interpolated(sparse, rise, 0.5, math.log(3.0)) == pytest.approx(1.5, rel=1e-14)


# ---- training ----


@pytest.mark.parametrize(
    ("selection", "misspecified", "density", "priors"),
    [
        (0.0, 1.0, 0.5, (1.0, 2.0, 3.0)),
        (2.0, 0.7, 0.3, (5.0, 1.0, 1.0)),
        (50.0, 0.05, 0.02, (1.0, 1.0, 1.0)),
    ],
)
def test_archetypes_are_drawn_by_prior_and_selected_by_fitness(
    selection, misspecified, density, priors
):
    draws = np.random.default_rng(5).uniform(size=DRAWS)
    drawn = [training.archetype(u, selection, misspecified, density, *priors) for u in draws]
    fitness = np.array([-misspecified, 0.0, -density])
    weights = np.array(priors) * np.exp(selection * fitness)
    counts = np.bincount(np.array(drawn, int), minlength=3)
    assert stats.chisquare(counts, DRAWS * weights / weights.sum()).pvalue > 1e-4


def test_an_archetype_without_prior_never_occurs():
    draws = np.random.default_rng(6).uniform(size=500)
    for kind in range(3):
        priors = [1.0 if k == kind else 0.0 for k in range(3)]
        assert {training.archetype(u, 3.0, 0.4, 0.6, *priors) for u in draws} == {float(kind)}
    assert training.archetype(0.9, 50.0, 10.0, 0.6, 0.0, 0.0, 0.0) == 0.0


def test_the_reference_share_of_bad_data_misaligns_63_percent_at_the_initial_capability():
    needed = training.needed_bad_data(0.05, 0.15, 2.5, 2.5)
    assert training.misalignment_chance(0.05, needed, 0.0, 2.5, 9.0) == pytest.approx(
        1 - 1 / math.e
    )
    later = training.needed_bad_data(0.05, 0.5, 6.5, 2.5)
    assert needed / later == pytest.approx(4.0)


def test_inoculation_works_until_it_is_seen_through():
    assert training.misalignment_chance(1.0, 0.01, 1.0, 9.0, 9.0) == 0.0
    assert training.misalignment_chance(1.0, 0.01, 1.0, 9.001, 9.0) == pytest.approx(1.0)
    assert training.misalignment_chance(0.0, 0.01, 0.0, 20.0, 9.0) == 0.0


# ---- labs, prospects and conduct ----


def test_growth_flattens_towards_its_ceiling():
    grown = [growth.free_growth(0.0, 0.0, 0.0, 1.0, c, 20.0) for c in range(-10, 31)]
    assert grown[:11] == [1.0] * 11 and grown[30:] == [0.0] * 11
    assert (np.diff(grown[10:31]) < 0.0).all()
    assert grown[20] == pytest.approx(1 - 0.5**4)


def test_automated_research_speeds_growth_up_to_its_gain():
    assert growth.research_rate(-1e3, 2.0, 9.0, 1.0) == pytest.approx(0.0, abs=1e-12)
    assert growth.research_rate(9.0, 2.0, 9.0, 1.0) == pytest.approx(1.0)
    assert growth.research_rate(1e3, 2.0, 9.0, 1.0) == pytest.approx(2.0)


def test_success_is_even_at_the_difficulty_and_a_step_under_an_endless_slope():
    assert prospects.success(1.0, 0.58, 15.0, 15.0) == 0.5
    assert prospects.success(1.0, 1e6, 15.001, 15.0) == 1.0
    assert prospects.success(1.0, 1e6, 14.999, 15.0) < 1e-300
    assert prospects.success(0.0, 1e6, 99.0, 15.0) == 0.0


def test_allies_help_by_doublings_of_their_number():
    assert [prospects.boost(2.0, float(n)) for n in (-1, 0, 1, 3, 7)] == [0, 0, 2, 4, 6]


def test_perceived_success_is_exact_at_the_ends_and_without_error():
    for factor in (1e-30, 1.0, 1e30):
        assert decision.perceived(0.0, factor) == 0.0 and decision.perceived(1.0, factor) == 1.0
    for p in (0.1, 0.5, 0.99):
        assert decision.perceived(p, 1.0) == pytest.approx(p, rel=1e-15)
    assert decision.misjudgement(0.0, 12.0, 5.0, 2.5, 3.0) == 1.0


def test_an_error_of_judgement_is_whole_at_the_initial_capability_and_fades():
    errors = [math.log(decision.misjudgement(3.0, 12.0, c, 2.5, -1.0)) for c in (0.0, 2.5, 14.5)]
    assert errors == pytest.approx([-3.0, -3.0, -3.0 / math.e])


@pytest.mark.parametrize("eta", [-3.0, -0.1, 0.0, 0.7, 4.0])
def test_no_error_of_judgement_is_above_its_bound(eta):
    for capability in (-3.0, 2.5, 4.0, 20.0, 99.0):
        error = decision.misjudgement(3.0, 12.0, capability, 2.5, eta)
        assert error <= training.boldness(3.0, eta) * decision.MARGIN


def test_a_system_that_would_not_be_tempted_need_not_judge():
    """The cheap test is that of the advantage, but for what rounding may make of it."""
    found = set()
    for chance, odds, fail, gain, loss, norm in itertools.product(
        (0.0, 1e-9, 0.2, 0.9, 1.0),
        (0.01, 1.0, 50.0),
        (1e-3, 1.0),
        (0.0, 0.6),
        (0.0, 0.3),
        (0.0, 2.0),
    ):
        seen = decision.together(decision.perceived(chance, odds), fail)
        pays = goals.advantage(seen, gain, loss, norm)
        may = decision.may_tempt(chance, odds, fail, gain, loss, norm)
        assert may or pays <= 0.0
        assert not may or pays > -1e-8
        found.add(may)
    assert found == {False, True}


def test_the_bound_on_growth_is_one():
    for x in (0.0, 1e-9, 0.3, 2.0, 12.0, 80.0):
        assert decision._least_growth(x) <= math.exp(x) * decision.MARGIN
    assert decision._least_growth(2.0) > 0.9 * math.exp(2.0)


@pytest.mark.parametrize(
    ("now", "later", "patience", "kept", "strikes"),
    [
        (0.1, 0.9, 0.0, 1.0, True),  # never waits
        (0.1, 0.9, 1.0, 0.0, True),  # is replaced for certain
        (0.1, 0.9, 1.0, 1.0, False),
        (0.5, 0.5, 1.0, 1.0, True),  # nothing to wait for
        (0.0, -1.0, 1.0, 1.0, False),  # does not pay
        (-0.1, -9.0, 1.0, 1.0, False),
    ],
)
def test_a_system_looks_one_month_ahead(now, later, patience, kept, strikes):
    assert decision.strikes_now(now, later, patience, kept) == strikes


def test_story_incidents_halve_with_every_reliability_scale_gained():
    rates = [conduct.story_rate(0.02, c, 2.5, 4.0, 0.0, 1.0) for c in (-5.0, 2.5, 6.5, 10.5)]
    assert rates == pytest.approx([0.02, 0.02, 0.01, 0.005], rel=1e-14)
    assert conduct.story_rate(0.02, 2.5, 2.5, 4.0, 1.0, 5.0) == 0.0


# ---- beliefs and responses ----


def test_beliefs_without_forgetting_are_the_posterior_and_settle_with_it():
    caught, missed = 1.0, 1.0
    for month in range(1, 21):
        caught = red_team.remembered(caught, 1.0, 3.0)
        missed = red_team.remembered(missed, 1.0, 7.0)
        posterior = (1 + 3 * month) / (2 + 10 * month)
        assert red_team.believed_catch_rate(caught, missed) == pytest.approx(posterior)
    for _ in range(500):
        caught = red_team.remembered(caught, 0.9, 3.0)
    assert caught == pytest.approx(1 + 3.0 / (1 - 0.9))
    danger = -4.0
    for _ in range(500):
        danger = learning.believed_danger(danger, -4.0, 0.95, 0.1)
    assert danger == pytest.approx(-4.0 + 0.1 / (1 - 0.95))


@pytest.mark.parametrize("chance", [0.0, 0.15, 0.8, 1.0])
@pytest.mark.parametrize("exercises", [0.0, 1.0, 10.0])
def test_each_exercise_is_caught_with_the_same_chance(exercises, chance):
    months = 4000
    caught = [
        sum(red_team.exercises_caught(9, t, 2, first, exercises, chance) for first in (0, 4, 8))
        for t in range(months)
    ]
    assert 0.0 <= min(caught) and max(caught) <= exercises
    spread = exercises * chance * (1 - chance)
    error = FOUR_SIGMA * math.sqrt(spread / months)
    assert abs(np.mean(caught) - exercises * chance) <= error
    if spread:
        assert np.var(caught) == pytest.approx(spread, rel=FOUR_SIGMA * math.sqrt(3 / months))


def test_the_budget_follows_risk_by_at_most_one_step_a_month_within_its_limits():
    def next_budget(risk, budget=0.05):
        return adaptive.steered(budget, risk, 0.2, 0.001, 0.005, 0.2)

    assert next_budget(0.001) == pytest.approx(0.05, rel=1e-15)
    assert next_budget(1.0) == pytest.approx(0.05 * math.exp(0.2))
    assert next_budget(0.0) == pytest.approx(0.05 * math.exp(-0.2))
    assert next_budget(1.0, 0.19) == 0.2 and next_budget(0.0, 0.0055) == 0.005
    assert adaptive.steered(0.05, 1.0, 0.0, 0.001, 0.005, 0.2) == 0.05


def test_corrective_training_suppresses_stories_geometrically():
    suppression = 0.0
    for month in range(1, 25):
        suppression = correction.suppressed(suppression, 0.1)
        assert suppression == pytest.approx(1 - 0.9**month)
    assert correction.goal_shift(0.05, 0.0) == 0.0 and correction.erosion(0.02, 1.0) == 0.0


def test_of_two_pauses_the_stronger_holds_and_a_limit_binds_whoever_complies():
    assert pause.paused_share(0.8, 1.0, 0.5) == 0.8
    assert pause.paused_share(0.3, 1.0, 0.5) == 0.5
    assert pause.paused_share(0.8, 0.0, 0.5) == 0.5
    assert pause.paused_share(0.8, 0.0, 1.0) == 0.0
