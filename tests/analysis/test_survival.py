"""Crossing times that are censored: quantiles, shares and the Kaplan–Meier estimator."""

import numpy as np
import pytest
from scipy import stats

from regimesim.analysis.estimates import share
from regimesim.analysis.survival import cumulative_share, survival, threshold_times

NEVER = np.nan


def test_quantiles_count_worlds_that_never_cross_as_later():
    crossing = np.array([3, 5, 5, 9, 11, NEVER, NEVER, NEVER, NEVER, NEVER])
    assert threshold_times(crossing, 12) == {"crossed": 0.5, "p10": 3, "median": 11, "p90": None}
    crossing[4] = NEVER
    assert threshold_times(crossing, 12)["median"] is None


def test_nothing_crossed_and_everything_crossed_at_once():
    none = {"crossed": 0.0, "p10": None, "median": None, "p90": None}
    assert threshold_times(np.full(7, NEVER), 12) == none
    assert threshold_times(np.zeros(7), 12) == {"crossed": 1, "p10": 0, "median": 0, "p90": 0}
    assert threshold_times(np.array([]), 12)["crossed"] is None


@pytest.mark.parametrize("n", [1, 10, 30, 70, 1000])
def test_quantiles_agree_with_numpy(n):
    crossing = np.random.default_rng(n).integers(0, 50, n).astype(float)
    times = threshold_times(crossing, 50)
    for name, q in (("p10", 0.1), ("median", 0.5), ("p90", 0.9)):
        assert times[name] == np.quantile(crossing, q, method="inverted_cdf")


def test_the_cumulative_share_by_hand():
    curve = cumulative_share(np.array([0, 2, 2, NEVER]), 4)
    assert curve.share.tolist() == [0.25, 0.25, 0.75, 0.75]
    expected = stats.binomtest(3, 4).proportion_ci(method="wilson")
    assert (curve.low[3], curve.high[3]) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("censored", [False, True])
def test_survival_agrees_with_scipy(censored):
    rng = np.random.default_rng(6)
    months, n = 40, 300
    failure = rng.geometric(0.03, n) - 1.0
    watched = rng.integers(5, months, n) if censored else np.full(n, months - 1)
    crossing = np.where(failure <= watched, failure, NEVER)
    curve = survival(crossing, months, watched if censored else None)
    data = stats.CensoredData.right_censored(np.fmin(failure, watched), failure > watched)
    theirs = stats.ecdf(data).sf
    assert curve.share == pytest.approx(theirs.evaluate(np.arange(months)), abs=1e-12)
    with np.errstate(all="ignore"):
        band = theirs.confidence_interval(0.95, method="log-log")
    inner = (curve.share < 1) & (curve.share > 0)
    assert inner.sum() > 30
    for ours, edge in ((curve.low, band.low), (curve.high, band.high)):
        assert ours[inner] == pytest.approx(edge.evaluate(np.arange(months))[inner], abs=1e-9)


def test_survival_without_censoring_is_the_share_not_crossed():
    crossing = np.array([1, 1, 4, NEVER, NEVER])
    curve = survival(crossing, 6)
    assert curve.share == pytest.approx([1, 0.6, 0.6, 0.6, 0.4, 0.4])
    assert curve.share == pytest.approx(1 - cumulative_share(crossing, 6).share)


def test_the_band_ends_exactly_where_all_or_none_survive():
    none_failed = survival(np.full(20, NEVER), 3)
    assert none_failed.share.tolist() == [1, 1, 1]
    assert none_failed.low == pytest.approx(share(20, 20).low)
    assert none_failed.high.tolist() == [1, 1, 1]
    all_failed = survival(np.zeros(20), 3)
    assert all_failed.share.tolist() == [0, 0, 0] == all_failed.low.tolist()
    assert all_failed.high == pytest.approx(share(0, 20).high)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_the_band_always_holds_the_curve(n):
    crossing = np.random.default_rng(n).integers(0, 12, n).astype(float)
    curve = survival(np.where(crossing < 8, crossing, NEVER), 8)
    assert np.all((curve.low <= curve.share) & (curve.share <= curve.high))
    assert np.all(np.diff(curve.share) <= 0)


def test_the_survival_band_covers_its_confidence():
    rng = np.random.default_rng(7)
    truth, hits, runs = 0.97**20, 0, 1500
    for _ in range(runs):
        crossing = rng.geometric(0.03, 80) - 1.0
        curve = survival(np.where(crossing < 20, crossing, NEVER), 20)
        hits += curve.low[-1] <= truth <= curve.high[-1]
    assert stats.binomtest(hits, runs, 0.95).pvalue > 1e-3
