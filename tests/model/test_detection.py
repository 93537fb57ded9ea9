"""Catching: detection curves, common-cause failure and drawn catches against their laws."""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import ndtr

from regimesim.model.oversight import control
from regimesim.model.oversight import detection as catching

DRAWS = 20_000
FOUR_SIGMA = 4.0


@pytest.mark.parametrize("auroc", [0.5, 0.7, 0.87, 0.99])
def test_the_area_under_the_binormal_curve_is_the_auroc(auroc):
    strength = control.parity_strength(auroc, 1.0, False)
    assert ndtr(strength / math.sqrt(2)) == pytest.approx(auroc, abs=1e-12)

    def caught(audited):
        return -math.expm1(
            catching.binormal_log_miss(catching.audit_quantile(audited, 1.0), strength, 1.0)
        )

    assert integrate.quad(caught, 0.0, 1.0)[0] == pytest.approx(auroc, abs=1e-6)


@pytest.mark.parametrize("trajectories", [1.0, 10.0, 1e4])
@pytest.mark.parametrize("strength", [0.0, 2.0, 20.0, 1e3, 1e7])
def test_no_budget_catches_nothing_and_a_full_one_everything(strength, trajectories):
    for audited, missed in ((0.0, 1.0), (1.0, 0.0)):
        quantile, odds = catching.audit_quantile(audited, 1.0), catching.audit_odds(audited, 1.0)
        assert math.exp(catching.binormal_log_miss(quantile, strength, trajectories)) == missed
        assert math.exp(catching.logistic_log_miss(odds, strength, trajectories)) == missed


@pytest.mark.parametrize("audited", [1e-45, 1e-100])
def test_a_strong_safeguard_catches_with_next_to_no_budget(audited):
    wanted = math.log(audited) + 1.6 * 300  # log-odds of a catch: so large that a miss is e^-it
    found = catching.logistic_log_miss(catching.audit_odds(audited, 1.0), 300.0, 1.0)
    assert found == pytest.approx(-wanted, rel=1e-12)


@pytest.mark.parametrize("audited", [0.01, 0.3, 0.9])
def test_a_blind_safeguard_catches_at_its_false_positive_rate(audited):
    blind = [
        catching.binormal_log_miss(catching.audit_quantile(audited, 1.0), 0.0, 3.0),
        catching.logistic_log_miss(catching.audit_odds(audited, 1.0), 0.0, 3.0),
    ]
    assert blind == pytest.approx([3.0 * math.log1p(-audited)] * 2, rel=1e-11, abs=2e-12)


@pytest.mark.parametrize(
    ("lead", "odds"), [(0.0, 1.0), (400.0, 10.0), (-400.0, 0.1), (800.0, 100.0)]
)
def test_400_elo_points_are_odds_of_ten_to_one(lead, odds):
    missed = math.exp(catching.elo_log_miss(1000.0 + lead, 1000.0))
    assert (1.0 - missed) / missed == pytest.approx(odds, rel=1e-12)


def test_an_elo_line_is_clipped_at_both_ends():
    rated = [catching.elo_rating(800.0, 100.0, 500.0, 1200.0, c) for c in (-50.0, 5.0, 50.0)]
    assert rated == [800.0, 1000.0, 1200.0]


@pytest.mark.parametrize("missed", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("common_cause", [0.0, 0.25, 0.5, 1.0])
def test_three_like_safeguards_fail_together_as_the_beta_factor_says(missed, common_cause):
    each = math.log(missed)
    joint = math.exp(catching.joint_log_miss(each, 3.0 * each, common_cause))
    assert joint == pytest.approx(missed ** (3.0 - 2.0 * common_cause), rel=1e-12)


def test_unlike_safeguards_miss_independently_or_as_the_strongest_alone():
    misses = [0.5, 0.2, 0.05]
    least, total = math.log(min(misses)), sum(map(math.log, misses))
    assert catching.joint_log_miss(least, total, 0.0) == pytest.approx(math.log(math.prod(misses)))
    assert catching.joint_log_miss(least, total, 1.0) == least


def drawn_catches(misses, common_cause, draws=DRAWS):
    """Which of three safeguards catch: (draws, 3) booleans."""
    log_miss = np.log(np.array(misses, float))[:, None]
    caught = [catching.catches(5, 7, k, 3, common_cause, log_miss, 0) for k in range(draws)]
    return np.array(caught)[:, None] >> np.arange(3) & 1 == 1


def assert_share(happened, probability):
    """The share of `happened` is `probability`, within four standard errors."""
    error = FOUR_SIGMA * math.sqrt(probability * (1 - probability) / len(happened))
    assert abs(np.mean(happened) - probability) <= error


@pytest.mark.parametrize("missed", [0.2, 0.6])
@pytest.mark.parametrize("common_cause", [0.0, 0.3, 1.0])
def test_drawn_catches_of_three_like_safeguards_follow_the_beta_factor(missed, common_cause):
    caught = drawn_catches([missed] * 3, common_cause)
    assert_share(~caught.any(axis=1), missed ** (3 - 2 * common_cause))
    assert_share(~caught[:, :2].any(axis=1), missed ** (2 - common_cause))
    for column in caught.T:
        assert_share(~column, missed)


@pytest.mark.parametrize("common_cause", [0.0, 0.4, 1.0])
def test_drawn_catches_of_unlike_safeguards_follow_the_joint_miss(common_cause):
    misses = [0.7, 0.4, 0.15]
    caught = drawn_catches(misses, common_cause)
    joint = min(misses) ** common_cause * math.prod(misses) ** (1 - common_cause)
    assert_share(~caught.any(axis=1), joint)
    for column, missed in zip(caught.T, misses, strict=True):
        assert_share(~column, missed)


def test_under_a_full_common_cause_what_the_weak_catch_the_strong_catch_too():
    caught = drawn_catches([0.7, 0.4, 0.15], 1.0)
    assert (caught[:, 0] <= caught[:, 1]).all() and (caught[:, 1] <= caught[:, 2]).all()
    apart = drawn_catches([0.7, 0.4, 0.15], 0.0)
    assert (apart[:, 0] & ~apart[:, 1]).any()


def test_a_safeguard_that_misses_everything_never_catches_and_one_that_misses_nothing_always():
    log_miss = np.array([[0.0], [catching.CERTAIN], [0.0]])
    for common_cause in (0.0, 1e-9, 0.5, 1.0):
        for k in range(500):
            caught = catching.catches(1, 2, k, 0, common_cause, log_miss, 0)
            assert caught == 0b010


@pytest.mark.parametrize("common_cause", [0.0, 0.2, 0.7, 1.0])
def test_endurance_is_a_standard_exponential_whatever_is_shared(common_cause):
    rng = np.random.default_rng(2)
    shocks, own = rng.exponential(size=(2, DRAWS))
    drawn = [catching.endurance(*pair, common_cause) for pair in zip(shocks, own, strict=True)]
    assert stats.kstest(drawn, "expon").pvalue > 1e-4


# ---- control ----


def test_a_trusted_monitor_is_capped_and_an_untrusted_one_colludes():
    assert control.monitor_capability(20.0, 3.0, 6.0, 0) == 6.0
    assert control.monitor_capability(5.0, 3.0, 6.0, 0) == 2.0
    assert control.monitor_capability(20.0, 3.0, 6.0, 1) == 20.0
    assert control.loyalty(1.0, 8.0, 8.0) == 0.0 and control.loyalty(0.0, 8.0, 8.0) == 1.0
    assert control.strength(1.5, 0.15, 6.0, 60.0, 0.0, 1.0) == 0.0
