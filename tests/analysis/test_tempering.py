"""Worlds that are moved, held against posteriors with a closed form."""

import numpy as np
import pytest
from scipy import stats

from regimesim.analysis.tempering import (
    Points,
    effective_number,
    kish,
    move,
    scores_of,
    weights_of,
)
from regimesim.analysis.weighted_worlds import Weighted, ratio_of_means

WORLDS, COORDINATES = 800, 12


def beta_and_normal(cube, _):
    """40 of 50 with a probability of prior beta(2, 3); 3.0 ± 0.3 of a standard normal number."""
    p, x = stats.beta.ppf(cube[:, 0], 2, 3), stats.norm.ppf(cube[:, 1])
    return np.stack([stats.binom.logpmf(40, 50, p), stats.norm.logpdf(3.0, x, 0.3)], axis=1)


def luck_alone(cube, numbers):
    """Only worlds whose number is a multiple of 9 show the evidence."""
    return np.where(numbers % 9 == 0, 0.0, -np.inf)[:, None]


def prior(evaluate, seed=1):
    cube = np.random.default_rng(seed).random((WORLDS, COORDINATES))
    numbers = np.arange(WORLDS)
    return Points(scores_of(cube), numbers, evaluate(cube, numbers), numbers)


def test_moves_reach_a_posterior_that_weights_do_not():
    start = prior(beta_and_normal)
    assert kish(weights_of(start.total)) < 10
    result = move(start, beta_and_normal, WORLDS / 2, WORLDS, 1, WORLDS)
    assert result.effective >= WORLDS / 2 and result.rounds < 40
    p = stats.beta.ppf(stats.norm.cdf(result.points.scores[:, 0]), 2, 3)
    exact, error = stats.beta(42, 13), 4 / np.sqrt(result.effective)
    assert p.mean() == pytest.approx(exact.mean(), abs=error * exact.std())
    assert p.std() == pytest.approx(exact.std(), rel=error)
    x, spread = result.points.scores[:, 1], (1 + 1 / 0.09) ** -0.5
    assert x.mean() == pytest.approx(3 * spread**2 / 0.09, abs=error * spread)
    others = result.points.scores[:, 2:]
    assert np.abs(others.mean(axis=0)).max() < 1.2 * error  # ten of them
    assert others.std(axis=0) == pytest.approx(1, rel=1.2 * error)


def test_luck_is_moved_too():
    result = move(prior(luck_alone), luck_alone, WORLDS / 2, WORLDS, 1, WORLDS)
    assert np.all(result.points.numbers % 9 == 0)
    assert len(np.unique(result.points.numbers)) > WORLDS / 2
    assert np.abs(result.points.scores.mean(axis=0)).max() < 4 / np.sqrt(result.effective)


def test_a_goal_that_is_not_reached_is_not_claimed():
    result = move(prior(beta_and_normal), beta_and_normal, 1e6, WORLDS, 1, WORLDS, most_rounds=3)
    assert result.rounds < 40 and result.effective <= WORLDS


def test_copies_count_once():
    points = prior(luck_alone)
    copied = points.take(np.repeat(np.arange(WORLDS // 8), 8))
    assert effective_number(copied) == pytest.approx(WORLDS / 8, rel=0.1)
    assert effective_number(points) == pytest.approx(WORLDS, rel=0.1)


def test_the_error_of_a_mean_counts_families():
    rng = np.random.default_rng(3)
    values = np.repeat(rng.random(100), 5)
    family = np.repeat(np.arange(100), 5)
    moved = Weighted(np.ones(500), family, 100.0).moments(values)
    alone = Weighted.of(np.ones(100)).moments(values[::5])
    assert moved.middle == pytest.approx(alone.middle)
    assert moved.error == pytest.approx(alone.error, rel=0.01)


def test_intervals_of_weighted_means_cover():
    rng, covered, runs = np.random.default_rng(4), 0, 400
    for _ in range(runs):
        u = rng.random(300)
        weights, y = u, (rng.random(300) < u).astype(float)  # weighted by u the mean is 2/3
        one = Weighted.of(weights).estimate(y, (0.0, 1.0))
        covered += one.low <= 2 / 3 <= one.high
    assert covered / runs > 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_ratio_of_means_has_no_interval_where_one_is_empty():
    ratio, low, high = ratio_of_means(np.ones(50), np.full(50, 0.5))
    assert (ratio, low, high) == pytest.approx((2, 2, 2))
    ratio, low, _ = ratio_of_means(np.zeros(5), np.ones(5))
    assert ratio == 0 and np.isnan(low)
