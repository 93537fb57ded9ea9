"""Likelihoods of evidence, held against closed forms and against counting every case."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from regimesim.analysis.likelihoods import (
    alarms,
    caught,
    horizon,
    of_items,
    operating_point,
    paradigms,
    story_incidents,
    strikes_seen,
)
from regimesim.analysis.likelihoods.shares import NODES
from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    logistic_log_miss,
    stretch,
)
from regimesim.scenario.distribution import Distribution

BETA = Distribution("beta", (2.0, 5.0))


def test_caught_is_binomial():
    p = np.array([0.0, 0.2, 1.0])
    for count in range(6):
        expected = stats.binom.pmf(count, 5, p)
        assert np.exp(caught.log_likelihood(count, 5, p)) == pytest.approx(expected, abs=1e-12)
    assert np.exp(caught.log_likelihood(6, 5, p)).sum() == 0


def test_strikes_that_all_become_known_are_counted():
    seen = np.array([0, 1, 2, 1])
    assert np.exp(strikes_seen.log_likelihood(1, seen)).tolist() == [0, 1, 0, 1]


def test_strikes_that_become_known_with_an_uncertain_share_are_beta_binomial():
    seen = np.array([0, 3, 8])
    for count in range(9):
        expected = stats.betabinom.pmf(count, seen, 2, 5)
        value = np.exp(strikes_seen.log_likelihood(count, seen, BETA))
        assert value == pytest.approx(expected, abs=2 / NODES**1.5)


def test_story_incidents_are_poisson_in_all_or_by_month():
    rates = np.array([[0.5, 1.5], [2.0, 0.0]])
    both = np.exp(story_incidents.log_likelihood([2, 1], rates, 0.5))
    expected = stats.poisson.pmf([2, 1], 0.5 * rates).prod(axis=1)
    assert both == pytest.approx(expected, rel=1e-12, abs=1e-300)
    total = rates.sum(axis=1, keepdims=True)
    value = np.exp(story_incidents.log_likelihood([3], total, 0.5))
    assert value == pytest.approx(stats.poisson.pmf(3, 0.5 * total[:, 0]))


def test_one_share_holds_for_all_months_of_story_incidents():
    rates = np.array([[4.0, 4.0]])
    nodes = stats.beta.ppf((np.arange(4000) + 0.5) / 4000, 2, 5)
    expected = stats.poisson.pmf([[1], [3]], 4 * nodes).prod(axis=0).mean()
    value = np.exp(story_incidents.log_likelihood([1, 3], rates, BETA))
    assert value[0] == pytest.approx(expected, rel=0.01)


def test_a_horizon_has_a_normal_error_in_doublings():
    leader = np.array([1.0, 3.0])
    value = np.exp(horizon.log_likelihood(8.0, 0.5, leader))
    assert value == pytest.approx(stats.norm.pdf(3.0, leader, 0.5))


def test_alarms_count_every_set_of_months():
    chances = np.array([[0.1, 0.5, 0.9], [0.0, 1.0, 0.3]])
    for count in range(5):
        expected = [
            sum(
                np.prod([p if here else 1 - p for p, here in zip(row, months, strict=True)])
                for months in itertools.product((0, 1), repeat=3)
                if sum(months) == count
            )
            for row in chances
        ]
        assert np.exp(alarms.log_likelihood(count, chances)) == pytest.approx(expected)


def counted_paradigms(seen, actual, misread):
    """The probability of what is seen, over every way in which each lab may be taken."""
    labs = [k for k, number in enumerate(actual) for _ in range(number)]
    total = 0.0
    for taken in itertools.product(range(4), repeat=len(labs)):
        if tuple(np.bincount(taken, minlength=4)) == tuple(seen):
            each = [
                1 - misread if a == b else misread / 3 for a, b in zip(labs, taken, strict=True)
            ]
            total += np.prod(each)
    return total


def test_labs_may_be_taken_for_others():
    actual = np.array([[0, 2, 1, 0], [3, 0, 0, 0], [0, 1, 1, 1]])
    for seen in ((0, 2, 1, 0), (1, 1, 1, 0)):
        expected = [counted_paradigms(seen, row, 0.2) for row in actual]
        assert np.exp(paradigms.log_likelihood(seen, actual, 0.2)) == pytest.approx(expected)
    exact = np.exp(paradigms.log_likelihood((0, 2, 1, 0), actual))
    assert exact.tolist() == [1, 0, 0]


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_the_curve_of_a_monitor_is_that_of_the_model(curve):
    strength, slope, alpha = 1.4, 0.7, 0.03
    if curve == "binormal":
        quantile = audit_quantile(alpha, slope)
        missed = binormal_log_miss(quantile, strength * stretch(slope), 1.0)
    else:
        missed = logistic_log_miss(audit_odds(alpha, slope), strength, 1.0)
    rate = operating_point.catch_rate(alpha, strength, slope, curve)
    assert rate == pytest.approx(1 - np.exp(missed), rel=1e-9)


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
@pytest.mark.parametrize("slope", [1.0, 0.6])
def test_the_strength_of_a_world_has_the_area_that_the_world_drew(curve, slope):
    (strength,) = of_items._parity(np.array([0.9]), np.array([slope]), curve)
    false = np.linspace(-40, 40, 4001)
    alpha = 1 / (1 + np.exp(-false))
    caught = operating_point.catch_rate(alpha, strength, slope, curve)
    assert integrate.trapezoid(caught, alpha) == pytest.approx(0.9, abs=1e-4)


def test_an_operating_point_is_a_distribution_over_both_counts():
    strength, slope = np.array([0.3, 2.0]), np.array([1.0, 0.6])
    total = sum(
        np.exp(operating_point.log_likelihood(a, 4, b, 3, strength, slope, "binormal"))
        for a in range(5)
        for b in range(4)
    )
    assert total == pytest.approx([1, 1])


def test_an_operating_point_prefers_the_strength_that_gives_it():
    strength = np.linspace(0, 4, 81)
    rate = operating_point.catch_rate(0.1, 1.5, 1.0, "binormal")
    value = operating_point.log_likelihood(
        100, 1000, round(1000 * rate), 1000, strength, np.ones(81), "binormal"
    )
    assert strength[np.argmax(value)] == pytest.approx(1.5, abs=0.1)
