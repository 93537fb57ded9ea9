"""Worlds that are drawn where the evidence is likely, held against posteriors in closed form."""

import numpy as np
import pytest
from scipy import stats

from regimesim.analysis.adapted_proposals import draw, kept_effective, thinned
from regimesim.analysis.tempering import Points, kish, move, scores_of, weights_of
from regimesim.analysis.weighted_worlds import Weighted

WORLDS, COORDINATES = 1000, 55


def beta_and_normal(cube, numbers):
    """40 of 50 with a probability of prior beta(2, 3); the sum of two standard normal numbers is
    4 ± 0.2; and luck that one number in three has."""
    p = stats.beta.ppf(cube[:, 0], 2, 3)
    total = stats.norm.ppf(cube[:, 1]) + stats.norm.ppf(cube[:, 2])
    luck = np.where(numbers % 3 == 0, 0.0, -np.inf)
    return np.stack(
        [stats.binom.logpmf(40, 50, p), stats.norm.logpdf(4.0, total, 0.2), luck], axis=1
    )


def prior(seed=1):
    cube = np.random.default_rng(seed).random((WORLDS, COORDINATES))
    numbers = np.arange(WORLDS)
    return Points(scores_of(cube), numbers, beta_and_normal(cube, numbers), numbers)


@pytest.fixture(scope="module")
def drawn():
    return draw(prior(), beta_and_normal, 400, WORLDS, WORLDS, 1, WORLDS, 40)


def test_sharp_evidence_on_few_of_many_assumptions_is_reached_soon(drawn):
    assert kish(weights_of(prior().total)) < 5
    assert kish(drawn.weights) >= 400 and drawn.rounds <= 25
    assert np.all(drawn.points.numbers[drawn.weights > 0] % 3 == 0)
    assert len(np.unique(drawn.points.numbers)) == WORLDS * (1 + drawn.rounds)


def test_the_posterior_is_that_of_the_closed_form(drawn):
    weighted = Weighted.of(drawn.weights)
    error = 4 / np.sqrt(weighted.effective)
    scores = drawn.points.scores
    p = stats.beta.ppf(stats.norm.cdf(scores[:, 0]), 2, 3)
    exact, share = stats.beta(42, 13), drawn.weights / drawn.weights.sum()
    assert share @ p == pytest.approx(exact.mean(), abs=error * exact.std())
    assert share @ (p - exact.mean()) ** 2 == pytest.approx(exact.var(), rel=2 * error)
    both = scores[:, 1] + scores[:, 2]
    mean, sd = 4 * 2 / 2.04, np.sqrt(2 * 0.04 / 2.04)
    assert share @ both == pytest.approx(mean, abs=error * sd)
    apart = scores[:, 1] - scores[:, 2]  # of which the evidence says nothing
    assert share @ apart == pytest.approx(0, abs=error * np.sqrt(2))
    assert share @ apart**2 == pytest.approx(2, rel=2 * error)
    others = share @ scores[:, 3:]
    assert np.abs(others).max() < 1.2 * error  # 52 of them


def test_thinning_keeps_means_and_says_what_is_left():
    rng = np.random.default_rng(2)
    weights = rng.exponential(size=5000) ** 3
    weights[::2] = 0
    values, sums = rng.normal(size=5000), []
    for _ in range(300):
        places, kept = thinned(weights, 400, rng)
        assert len(places) in (399, 400, 401) and np.all(np.diff(places) > 0)
        assert kish(kept) == pytest.approx(kept_effective(weights, 400), rel=0.02)
        sums.append((kept @ values[places], kept.sum()))
    middle = np.mean(sums, axis=0)
    errors = 4 * np.std(sums, axis=0) / np.sqrt(300)
    assert middle[0] == pytest.approx(weights @ values, abs=errors[0] + 1e-9)
    assert middle[1] == pytest.approx(weights.sum(), abs=errors[1] + 1e-6 * weights.sum())


def test_few_weights_are_all_kept():
    weights = np.array([0.0, 2.0, 0.0, 1.0])
    places, kept = thinned(weights, 10, np.random.default_rng(1))
    assert list(places) == [1, 3] and list(kept) == [2.0, 1.0]


def test_a_goal_that_is_out_of_reach_is_not_claimed():
    result = draw(prior(), beta_and_normal, 1e6, WORLDS, WORLDS, 1, WORLDS, 2)
    assert result.rounds == 2 and kept_effective(result.weights, WORLDS) < 400


def test_moves_go_on_from_what_was_drawn():
    """Worlds with weights of their own are the start of moves to the same posterior."""
    some = draw(prior(), beta_and_normal, 30, WORLDS, WORLDS, 1, WORLDS, 40)
    free = int(some.points.numbers.max()) + 1
    result = move(some.points, beta_and_normal, 150, WORLDS, 1, free, 60, base=some.base)
    assert result.effective >= 150
    p = stats.beta.ppf(stats.norm.cdf(result.points.scores[:, 0]), 2, 3)
    exact, error = stats.beta(42, 13), 4 / np.sqrt(result.effective)
    assert p.mean() == pytest.approx(exact.mean(), abs=error * exact.std())
    assert p.std() == pytest.approx(exact.std(), rel=error)
