"""The statistics of a measured monitor, against closed forms and data whose law is known."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import expit, logit

from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    logistic_log_miss,
    stretch,
)
from regimesim.studies.monitor import curves as of_curves
from regimesim.studies.monitor.area import (
    Scores,
    area,
    caught,
    caught_at,
    placements,
    roc,
    share_interval,
)
from regimesim.studies.monitor.compute import _plain, strength_of
from regimesim.studies.monitor.curves import curves, fit, rank_correlation

BINORMAL, LOGISTIC = curves()
BUDGETS = np.array([0.01, 0.1, 0.3, 0.7])


def made(attack, honest, attack_cluster=None, honest_cluster=None):
    """Scores, each in a cluster of its own by default."""
    m, n = len(attack), len(honest)
    clusters = [
        np.arange(m) if attack_cluster is None else np.asarray(attack_cluster),
        m + np.arange(n) if honest_cluster is None else np.asarray(honest_cluster),
    ]
    return Scores(np.asarray(attack, float), np.asarray(honest, float), *clusters)


def drawn(curve, strength, slope, n, rng, quantile=None):
    """Scores of as many attacks and honest trajectories whose ROC is the curve."""
    of_curve = {"binormal": rng.standard_normal, "logistic": lambda size: rng.logistic(size=size)}
    lift = curve.lift(strength, slope)[0]
    honest, attack = of_curve[curve.name](n), of_curve[curve.name](n)
    return made((attack + lift) / slope, honest)


# ---- area ----


def test_the_area_counts_pairs_with_ties_at_half():
    rng = np.random.default_rng(1)
    attack, honest = rng.integers(1, 6, 40), rng.integers(0, 5, 30)
    by_hand = np.mean([(a > h) + 0.5 * (a == h) for a in attack for h in honest])
    assert area(made(attack, honest)).estimate == pytest.approx(by_hand, abs=1e-14)
    false, true = roc(made(attack, honest))
    assert np.trapezoid(true, false) == pytest.approx(by_hand, abs=1e-14)


def variance_of(scores):
    """The variance that an interval of the area rests on."""
    from regimesim.studies.monitor.area import clustered_variance

    above, below = placements(scores)
    middle = above.mean()
    return clustered_variance(scores, above - middle, below - middle)


def test_alone_in_their_clusters_the_variance_is_that_of_delong():
    rng = np.random.default_rng(2)
    attack, honest = rng.normal(1, 1, 25), rng.normal(0, 1, 40)
    kernel = (attack[:, None] > honest).astype(float)
    delong = kernel.mean(1).var(ddof=1) / 25 + kernel.mean(0).var(ddof=1) / 40
    assert variance_of(made(attack, honest)) == pytest.approx(delong, rel=1e-12)


def test_scores_that_are_repeated_in_a_cluster_add_no_certainty():
    rng = np.random.default_rng(3)
    attack, honest = rng.normal(1, 1, 20), rng.normal(0, 1, 20)
    once = variance_of(made(attack, honest))
    five = made(*(np.repeat(x, 5) for x in (attack, honest)), np.repeat(range(20), 5),
                np.repeat(range(20, 40), 5))  # fmt: skip
    assert variance_of(five) == pytest.approx(once, rel=1e-12)


def test_a_task_that_is_hard_in_both_modes_makes_the_area_more_certain():
    """Attack and honest run of one sample share what moves both, which cancels in a comparison."""
    rng = np.random.default_rng(4)
    task = rng.normal(0, 2, 50)
    attack, honest = task + 1 + rng.normal(size=50), task + rng.normal(size=50)
    paired = made(attack, honest, np.arange(50), np.arange(50))
    assert variance_of(paired) < 0.6 * variance_of(made(attack, honest))


def test_intervals_by_clusters_cover():
    rng, covered, naive, runs = np.random.default_rng(5), 0, 0, 300
    truth = stats.norm.cdf(1 / math.sqrt(2))
    cluster = np.repeat(np.arange(25), 4)
    for _ in range(runs):
        kinds = [0.8 * rng.normal(size=25)[cluster] + 0.6 * rng.normal(size=100) for _ in range(2)]
        one = area(made(kinds[0] + 1, kinds[1], cluster, 25 + cluster))
        covered += one.low <= truth <= one.high
        alone = area(made(kinds[0] + 1, kinds[1]))
        naive += alone.low <= truth <= alone.high
    assert stats.binom.sf(covered, runs, 0.90) < 0.5  # as many as at a coverage of 90 %
    assert naive < 0.85 * runs  # what ignoring the clusters would give


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("truth", [0.6, 0.87, 0.98, 0.998])
def test_intervals_of_areas_cover_also_near_1(truth, n):
    """Of the measured area by 600 logs, and of the fitted one by the first 60 of these."""
    rng, runs, fits = np.random.default_rng(12), 600, 60
    strength, inside = math.sqrt(2) * stats.norm.ppf(truth), np.zeros(2)
    for run in range(runs):
        scores = drawn(BINORMAL, strength, 1.0, n, rng)
        one = area(scores)
        inside[0] += one.low <= truth <= one.high
        if run < fits:
            of_fit = _plain(fit(BINORMAL, scores), one.high)["auroc"]
            inside[1] += of_fit["low"] <= truth <= of_fit["high"]
    # as rarely below this as once in a thousand where the coverage is 95 %
    assert (stats.binom.cdf(inside, [runs, fits], 0.95) > 1e-3).all()


def test_an_area_of_1_is_not_certain():
    one = area(made([5, 6, 7] * 10, [1, 2, 3] * 10))
    wilson = stats.binomtest(30, 30).proportion_ci(0.95, "wilson")
    assert one.estimate == one.high == 1 and one.low == pytest.approx(wilson.low, abs=1e-9)


def test_a_share_of_independent_trials_has_the_interval_of_wilson():
    one = share_interval(0.3, 0.3 * 0.7 / 40, 40)
    wilson = stats.binomtest(12, 40).proportion_ci(0.95, "wilson")
    assert (one.low, one.high) == pytest.approx((wilson.low, wilson.high), abs=1e-9)


# ---- budgets ----


def test_what_is_caught_lies_on_the_roc_curve():
    false, true = roc(made([3, 2, 2, 1], [2, 1, 0, 0]))
    assert false.tolist() == [0, 0, 0.25, 0.5, 1] and true.tolist() == [0, 0.25, 0.75, 1, 1]
    asked = np.array([0.125, 0.25, 0.375, 0.9])
    assert caught(false, true, asked).tolist() == [0.5, 0.75, 0.875, 1.0]


def test_at_a_fixed_threshold_the_bootstrap_has_the_variance_of_a_share():
    """With the same honest score everywhere, ties are audited by lot and the share is exact."""
    scores = made([1.0] * 12 + [-1.0] * 28, [0.0] * 5000)
    (one,) = caught_at(scores, np.array([1e-9]))
    wilson = stats.binomtest(12, 40).proportion_ci(0.95, "wilson")
    assert one.estimate == pytest.approx(0.3)
    assert (one.low, one.high) == pytest.approx((wilson.low, wilson.high), abs=0.015)


# ---- curves ----


@pytest.mark.parametrize("slope", [0.3, 0.61, 1.0, 1.7])
@pytest.mark.parametrize("strength", [0.2, 1.6, 3.0])
def test_curves_are_those_of_the_model(strength, slope):
    by_model = {
        "binormal": [
            -math.expm1(
                binormal_log_miss(audit_quantile(a, slope), strength * stretch(slope), 1.0)
            )
            for a in BUDGETS
        ],
        "logistic": [
            -math.expm1(logistic_log_miss(audit_odds(a, slope), strength, 1.0)) for a in BUDGETS
        ],
    }
    for curve in curves():
        given = curve.caught(strength, slope, BUDGETS)
        assert given == pytest.approx(by_model[curve.name], abs=1e-9)
    assert BINORMAL.area(strength, slope) == pytest.approx(
        stats.norm.cdf(strength / 2**0.5), abs=1e-6
    )
    at = lambda alpha: expit(1.6 * strength + slope * logit(alpha))  # noqa: E731
    exact = quad(at, 0, 1, epsabs=1e-11, limit=500)[0]
    assert LOGISTIC.area(strength, slope) == pytest.approx(exact, abs=1e-8)
    for curve in curves():
        auroc = curve.area(strength, slope)
        assert strength_of(curve, auroc, slope) == pytest.approx(strength, abs=1e-6)


@pytest.mark.parametrize("curve", curves(), ids=lambda curve: curve.name)
def test_the_gradient_of_the_likelihood_is_its_derivative(curve):
    counts = np.array([[9, 5, 3, 2, 1], [2, 3, 4, 5, 6]])
    theta = np.array([1.1, -0.3, -1.0, 0.1, 0.9, 1.6])
    _, gradient = of_curves._log_likelihood(curve, theta, counts)
    for k, way in enumerate(1e-5 * np.eye(6)):
        ends = [of_curves._log_likelihood(curve, theta + s * way, counts)[0] for s in (1, -1)]
        assert gradient[k] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-4)


@pytest.mark.parametrize("curve", curves(), ids=lambda curve: curve.name)
@pytest.mark.parametrize(("strength", "slope"), [(1.2, 0.61), (2.2, 1.3)])
def test_a_fit_finds_the_curve_that_made_the_scores(curve, strength, slope):
    rng = np.random.default_rng(6)
    found = fit(curve, drawn(curve, strength, slope, 1500, rng))
    strength_sd, log_sd = np.sqrt(np.diag(found.covariance))
    assert abs(found.strength - strength) < 3 * strength_sd < 0.3
    assert abs(found.log_slope - math.log(slope)) < 3 * log_sd < 0.25
    assert found.auroc == pytest.approx(curve.area(strength, slope), abs=0.02)


def test_only_the_order_of_scores_counts_for_a_fit():
    scores = drawn(BINORMAL, 1.4, 0.7, 120, np.random.default_rng(7))
    other = made(np.exp(scores.attack), np.exp(scores.honest))
    one, two = (fit(BINORMAL, each) for each in (scores, other))
    assert (one.strength, one.log_slope) == pytest.approx((two.strength, two.log_slope), abs=1e-6)


def test_the_uncertainty_of_a_fit_is_that_of_repetitions():
    """d′ and ln b of 150 logs of 60 trajectories: their spread, and the correlation of the two."""
    rng, runs = np.random.default_rng(8), 150
    found = [fit(BINORMAL, drawn(BINORMAL, 1.5, 0.7, 60, rng)) for _ in range(runs)]
    numbers = np.array([(one.strength, one.log_slope) for one in found])
    stated = np.sqrt([np.diag(one.covariance) for one in found]).mean(axis=0)
    assert stated == pytest.approx(numbers.std(axis=0), rel=4 / math.sqrt(2 * runs))
    truth = np.array([1.5, math.log(0.7)])
    within = np.abs(numbers - truth) < 1.96 * np.sqrt([np.diag(one.covariance) for one in found])
    assert (stats.binom.cdf(within.sum(axis=0), runs, 0.95) > 1e-3).all()


def test_repeated_scores_of_a_cluster_leave_the_uncertainty_of_a_fit():
    scores = drawn(BINORMAL, 1.5, 0.8, 80, np.random.default_rng(9))
    often = made(
        np.repeat(scores.attack, 4), np.repeat(scores.honest, 4),
        np.repeat(scores.attack_cluster, 4), np.repeat(scores.honest_cluster, 4),
    )  # fmt: skip
    once, more = (np.sqrt(np.diag(fit(BINORMAL, s).covariance)) for s in (scores, often))
    assert more == pytest.approx(once, rel=0.12)  # the prior weighs less


def test_scores_that_part_the_classes_leave_a_fit_finite_and_the_slope_open():
    one = fit(BINORMAL, made(np.arange(30) + 100.0, np.arange(30.0)))
    assert 0.97 < one.auroc < 1 and one.strength < 6
    assert math.sqrt(one.covariance[1, 1]) > 0.35


def test_rank_correlations_of_normal_pairs():
    rng = np.random.default_rng(10)
    pair = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20_000)
    assert rank_correlation(0.6) == pytest.approx(stats.spearmanr(*pair.T)[0], abs=0.02)
    assert rank_correlation(1.0) == pytest.approx(1.0)
