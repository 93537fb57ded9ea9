"""Intervals against closed forms, another implementation, and simulated coverage."""

import numpy as np
import pytest
from scipy import stats

from regimesim.analysis.estimates import (
    exact_interval,
    mean,
    proportion,
    proportion_difference,
    share,
    wilson_interval,
)

COUNTS = [(0, 1), (1, 1), (0, 30), (30, 30), (1, 30), (17, 30), (29, 30), (123_456, 10**6)]


@pytest.mark.parametrize(("count", "n"), COUNTS)
@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_intervals_of_a_share_agree_with_scipy(count, n, confidence):
    ours = share(count, n, confidence)
    test = stats.binomtest(count, n)
    exact = test.proportion_ci(confidence, method="exact")
    assert (ours.low, ours.high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert ours.estimate == count / n and ours.n == n
    wilson = test.proportion_ci(confidence, method="wilson")
    assert wilson_interval(count, n, confidence) == pytest.approx(
        (wilson.low, wilson.high), abs=1e-12
    )


def test_none_and_all_of_n_end_at_the_edge():
    n = 20
    assert share(0, n)[:2] == (0.0, 0.0)
    assert share(0, n).high == pytest.approx(1 - 0.025 ** (1 / n))  # closed form
    assert share(n, n).low == pytest.approx(0.025 ** (1 / n))
    assert share(n, n).high == 1.0
    assert wilson_interval(0, n)[0] == 0.0 and wilson_interval(n, n)[1] == 1.0


def test_intervals_of_many_shares_at_once():
    counts = np.array([0, 3, 10])
    low, high = exact_interval(counts, 10)
    for k, count in enumerate(counts):
        assert (low[k], high[k]) == share(int(count), 10)[1:3]


def test_without_worlds_there_is_no_estimate():
    nothing = (None, None, None, 0)
    assert proportion([]) == mean([np.nan]) == nothing
    assert proportion_difference([np.nan, 1], [1, np.nan]) == nothing


def test_a_single_world_has_a_mean_but_no_interval():
    assert mean([np.nan, 0.25]) == (0.25, None, None, 1)


def test_the_interval_of_a_mean_is_students():
    values = np.array([1.0, 2.0, 4.0, 9.0, np.nan])
    ours = mean(values)
    theirs = stats.ttest_1samp(values[:4], 0).confidence_interval()
    assert ours.estimate == 4 and ours.n == 4
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_worlds_without_a_value_do_not_count():
    assert proportion([1, 0, np.nan, 1, np.nan]) == share(2, 3)


def test_differences_are_taken_in_the_worlds_that_both_have():
    ours = np.array([1, 1, 1, 0, 0, np.nan, 1])
    theirs = np.array([1, 0, 0, 1, 0, 1, np.nan])
    difference = proportion_difference(ours, theirs)
    assert difference.n == 5
    assert difference.estimate == pytest.approx((2 - 1) / 5)
    # Bonett and Price by hand: 3/7 and 2/7.
    half = 1.959964 * np.sqrt((3 / 7 + 2 / 7 - (1 / 7) ** 2) / 7)
    assert (difference.low, difference.high) == pytest.approx((1 / 7 - half, 1 / 7 + half), 1e-5)
    swapped = proportion_difference(theirs, ours)
    assert swapped.estimate == -difference.estimate and swapped.low == -difference.high


@pytest.mark.parametrize("n", [1, 10, 1000])
@pytest.mark.parametrize(("ours", "theirs"), [(1, 0), (0, 1), (1, 1), (0, 0)])
def test_differences_hold_their_estimate_at_the_extremes(n, ours, theirs):
    difference = proportion_difference(np.full(n, ours), np.full(n, theirs))
    assert difference.estimate == ours - theirs
    assert -1 <= difference.low <= difference.estimate <= difference.high <= 1
    assert difference.low < difference.high


def test_a_difference_of_means_is_paired():
    rng = np.random.default_rng(3)
    worlds = rng.normal(0, 10, 50)
    ours, theirs = worlds + 1 + rng.normal(0, 0.1, 50), worlds
    difference = mean(ours - theirs)
    expected = stats.ttest_rel(ours, theirs).confidence_interval()
    assert (difference.low, difference.high) == pytest.approx((expected.low, expected.high))
    assert difference.high - difference.low < 0.1


def covered(interval, draw, truth, runs=2000, seed=4):
    """How many of `runs` intervals hold the truth."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        _, low, high, _ = interval(*draw(rng))
        hits += low <= truth <= high
    return hits


@pytest.mark.parametrize(("p", "n"), [(0.02, 20), (0.3, 40), (0.97, 100)])
def test_the_exact_interval_covers_at_least_its_confidence(p, n):
    hits = covered(proportion, lambda rng: [rng.random(n) < p], p)
    assert stats.binomtest(hits, 2000, 0.95, alternative="less").pvalue > 1e-3


def test_students_interval_covers_its_confidence():
    hits = covered(mean, lambda rng: [rng.normal(3, 2, 8)], 3)
    assert stats.binomtest(hits, 2000, 0.95).pvalue > 1e-3


@pytest.mark.parametrize("n", [5, 20, 100])
@pytest.mark.parametrize("draw", ["two", "beta"])
def test_the_interval_of_a_rate_covers_what_is_rare_and_far_off(draw, n):
    """Student's covers as few as 20 % of these."""

    def rates(rng):
        if draw == "beta":
            return [rng.beta(0.05, 1, n)]
        return [np.where(rng.random(n) < 0.01, 1.0, 0.001 * rng.random(n))]

    truth = 0.05 / 1.05 if draw == "beta" else 0.01 + 0.99 * 0.0005
    hits = covered(lambda values: mean(values, within=(0.0, 1.0)), rates, truth)
    assert stats.binomtest(hits, 2000, 0.95, alternative="less").pvalue > 1e-3
    if draw == "two" and n < 100:
        assert covered(mean, rates, truth) < 0.5 * 2000


def test_the_room_of_a_rate_shrinks_faster_than_its_spread():
    values = np.random.default_rng(1).random(10_000)
    rate, plain = mean(values, within=(0.0, 1.0)), mean(values)
    assert 1 < (rate.high - rate.low) / (plain.high - plain.low) < 1.01


@pytest.mark.parametrize(("gained", "lost"), [(0.2, 0.0), (0.05, 0.0), (0.1, 0.1), (0.3, 0.4)])
def test_the_interval_of_a_difference_covers_its_confidence(gained, lost):
    def outcomes(rng):
        luck = rng.random(60)
        ours, theirs = luck < gained, (gained <= luck) & (luck < gained + lost)
        return [ours, theirs]

    hits = covered(proportion_difference, outcomes, gained - lost)
    # An approximate interval: at least 93 %, beyond the luck of 2,000 runs.
    assert stats.binomtest(hits, 2000, 0.93, alternative="less").pvalue > 1e-3
