"""Shapley values and interactions of a game over subsets, and their intervals."""

from itertools import permutations
from math import inf

import numpy as np
import pytest
from scipy.stats import binom

from regimesim.analysis.estimates import mean, proportion_difference
from regimesim.analysis.shapley import (
    MeanGame,
    QuantileGame,
    interaction_weights,
    mean_of_differences,
    shapley,
    shapley_weights,
)
from regimesim.analysis.survival import threshold_times


def game(rng, parts, worlds):
    """Outcomes of every subset in made-up worlds."""
    return rng.integers(0, 2, (2**parts, worlds))


@pytest.mark.parametrize("count", range(1, 8))
def test_shapley_values_add_up_in_every_world(count):
    rows = game(np.random.default_rng(count), count, 50)
    found = shapley(rows, count)
    np.testing.assert_allclose(found.sum(axis=0), rows[-1] - rows[0], rtol=0, atol=2e-15)


def test_shapley_values_are_the_mean_over_all_orders():
    rows = game(np.random.default_rng(5), 4, 30)
    orders = list(permutations(range(4)))
    expected = np.zeros((4, 30))
    for order in orders:
        place = 0
        for part in order:
            expected[part] += (rows[place | 1 << part] - rows[place]) / len(orders)
            place |= 1 << part
    np.testing.assert_allclose(shapley(rows, 4), expected, atol=1e-14)


def test_a_part_without_effect_has_the_value_zero_and_equal_parts_have_equal_values():
    rng = np.random.default_rng(6)
    two = game(rng, 2, 40)
    idle = np.repeat(two, 2, axis=0)  # part 0 changes nothing
    assert not shapley(idle, 3)[0].any()
    rows = game(rng, 3, 40)
    for place in range(8):  # parts 0 and 1 stand for each other
        if place & 3 == 2:
            rows[place] = rows[place ^ 3]
    alike = shapley(rows, 3)
    np.testing.assert_array_equal(alike[0], alike[1])
    assert (alike[0] != alike[2]).any()


def test_the_interval_is_that_of_paired_shares_and_stays_open_without_differences():
    rng = np.random.default_rng(7)
    ours, theirs = rng.integers(0, 2, (2, 60))
    found, expected = mean_of_differences(ours - theirs), proportion_difference(ours, theirs)
    np.testing.assert_allclose(found, expected, atol=1e-14)
    same = mean_of_differences(np.zeros(100))
    assert same.estimate == 0 and -0.05 < same.low < 0 < same.high < 0.05


@pytest.mark.parametrize("held", [0.03, 0.4])
def test_intervals_of_shapley_values_cover_the_truth(held):
    rng, repeats, worlds = np.random.default_rng(8), 1500, 60
    # Three safeguards, each of which alone holds a world with chance `held`.
    catches = rng.random((repeats * worlds, 3)) < held
    rows = [(catches & (place >> np.arange(3) & 1 == 1)).any(axis=1) for place in range(8)]
    first = shapley(rows, 3)[0].reshape(repeats, worlds)
    truth = (1 - (1 - held) ** 3) / 3
    intervals = [mean_of_differences(row) for row in first]
    covered = sum(found.low <= truth <= found.high for found in intervals)
    assert covered >= binom.ppf(1e-4, repeats, 0.94)
    assert np.mean([found.high - found.low for found in intervals]) < 0.25


def one_minus(ours, theirs, size):
    """Weights of the value of a subset minus that of another."""
    weights = np.zeros(2**size)
    weights[ours] += 1
    weights[theirs] -= 1
    return weights


def test_an_interaction_is_what_two_parts_add_together_over_all_orders():
    values = np.random.default_rng(9).normal(size=16)
    found = interaction_weights(4)
    assert list(found) == [(i, j) for i in range(4) for j in range(i + 1, 4)]
    for (i, j), weights in found.items():
        others = [k for k in range(4) if k not in (i, j)]
        both, total, orders = 1 << i | 1 << j, 0.0, 0
        for order in permutations([*others, "pair"]):  # the pair comes as one
            before = sum(1 << k for k in order[: order.index("pair")])
            total += values[before | both] - values[before | 1 << i] - values[before | 1 << j]
            total += values[before]
            orders += 1
        assert weights @ values == pytest.approx(total / orders, abs=1e-14)


def test_parts_that_only_add_do_not_interact():
    adds = np.array([0.3, -0.1, 0.7])
    values = np.array([adds @ (place >> np.arange(3) & 1) for place in range(8)])
    weights = shapley_weights(3) / 6
    np.testing.assert_allclose(weights @ values, adds, atol=1e-15)
    assert all(abs(pair @ values) < 1e-15 for pair in interaction_weights(3).values())


def test_a_mean_over_some_worlds_adds_up_and_is_the_plain_mean():
    rng = np.random.default_rng(10)
    rows = np.where(rng.random((8, 60)) < 0.3, np.nan, rng.random((8, 60)))
    game = MeanGame.of(rows, (0.0, 1.0))
    np.testing.assert_allclose(game.values, np.nanmean(rows, axis=1), rtol=1e-14)
    np.testing.assert_allclose(game.around.mean(axis=1), 0, atol=1e-14)
    found = [game.combined(weights) for weights in shapley_weights(3) / 6]
    total = sum(one.estimate for one in found)
    assert total == pytest.approx(game.values[7] - game.values[0], abs=1e-14)
    assert all(one.low < one.estimate < one.high for one in found)


def test_over_all_worlds_the_interval_is_that_of_values_in_each_world():
    rows = game(np.random.default_rng(11), 3, 50)
    whole = MeanGame.of(rows, (0.0, 1.0))
    for weights, row in zip(shapley_weights(3) / 6, shapley(rows, 3), strict=True):
        np.testing.assert_allclose(whole.combined(weights), mean_of_differences(row), atol=1e-13)
    found = whole.combined(one_minus(5, 0, 3))
    np.testing.assert_allclose(found, proportion_difference(rows[5], rows[0]), atol=1e-13)


def test_intervals_of_ratios_cover_the_truth():
    rng, repeats, worlds = np.random.default_rng(12), 800, 80
    there = rng.random((2, repeats, worlds)) < [[[0.4]], [[0.7]]]
    luck = rng.random((repeats, worlds))  # the same for both
    held = np.where(there, luck < np.array([0.3, 0.5])[:, None, None], np.nan)
    intervals = [MeanGame.of(held[:, k], (0.0, 1.0)).combined([-1, 1]) for k in range(repeats)]
    covered = sum(found.low <= 0.2 <= found.high for found in intervals)
    assert binom.ppf(1e-4, repeats, 0.94) <= covered
    assert np.mean([found.high - found.low for found in intervals]) < 0.45


@pytest.mark.parametrize(
    ("share", "worlds", "odds"), [(0.9, 60, 0.3), (0.5, 60, 0.8), (0.3, 100, 0.1)]
)
@pytest.mark.parametrize("kind", ["shares", "numbers"])
def test_one_subset_that_few_worlds_have_spoils_no_other_interval(share, worlds, odds, kind):
    rng, repeats = np.random.default_rng(15), 400
    exist = np.array([share, share, 0.1, share])[:, None]
    values, shifts = [], (0.0, 0.1, 0.05, 0.1)
    for _ in range(repeats):
        luck, there = rng.random(worlds), rng.random(worlds) < exist
        there[:, :2] = True  # every subset has some worlds
        own = rng.normal(0, 0.1, (4, worlds))
        rows = [
            luck < odds + shift if kind == "shares" else luck - 0.5 + shift + noise / 2
            for shift, noise in zip(shifts, own, strict=True)
        ]
        within = (0.0, 1.0) if kind == "shares" else (-1.0, 2.0)
        values.append(MeanGame.of(np.where(there, rows, np.nan), within))
    found = [game.combined(one_minus(1, 0, 2)) for game in values]
    covered = sum(one.low <= 0.1 <= one.high for one in found)
    assert covered >= binom.ppf(1e-4, repeats, 0.93)
    # beside the interval of two means that share no world at all
    spread = np.sqrt(2 * 0.25 / (share * worlds))
    assert np.mean([one.high - one.low for one in found]) < 2 * 1.96 * spread * 1.5
    thin = [game.combined(one_minus(2, 0, 2)) for game in values]
    covered = sum(one.low <= 0.05 <= one.high for one in thin)
    assert covered >= binom.ppf(1e-4, repeats, 0.92)
    assert all(one.n == game.worlds[[0, 2]].min() for one, game in zip(thin, values, strict=True))


def test_numbers_that_every_world_has_get_the_interval_of_their_differences():
    rows = np.random.default_rng(16).normal(size=(2, 40))
    found = MeanGame.of(rows, (-inf, inf)).combined([-1, 1])
    expected = mean(rows[1] - rows[0])
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_value_of_one_world_has_no_interval_but_its_number():
    rows = np.full((2, 20), np.nan)
    rows[0], rows[1, 3] = np.linspace(0, 0.5, 20), 0.75
    found = MeanGame.of(rows, (-1.0, 1.0)).combined([-1, 1])
    assert found == (pytest.approx(0.5), None, None, 1)


def test_what_rounding_leaves_is_no_effect():
    rows = np.tile(np.random.default_rng(17).random(50), (8, 1))
    found = [MeanGame.of(rows, (0.0, 1.0)).combined(w) for w in shapley_weights(3) / 6]
    assert [one[:3] for one in found] == [(0.0, None, None)] * 3


def test_a_value_that_no_world_has_is_missing():
    rows = np.array([[np.nan, np.nan, np.nan], [1, 0, np.nan]])
    game_of_two = MeanGame.of(rows, (0.0, 1.0))
    assert np.isnan(game_of_two.values[0]) and game_of_two.values[1] == 0.5


def test_counts_that_differ_in_no_world_have_no_interval():
    found = MeanGame.of(np.ones((2, 30)), (0.0, inf)).combined([-1, 1])
    assert found[:3] == (0.0, None, None)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_quantiles_are_those_of_a_run_and_their_differences_have_intervals(share):
    rng = np.random.default_rng(13)
    later = np.array([[0], [0], [6], [10]])
    months = np.floor(rng.gamma(4, 10, (4, 301)) + later)
    months[months > 115] = inf
    game_of_months = QuantileGame.of(months, share, seed=1)
    for value, row in zip(game_of_months.values, months, strict=True):
        times = threshold_times(np.where(np.isinf(row), np.nan, row), 120)
        told = times[{0.1: "p10", 0.5: "median", 0.9: "p90"}[share]]
        assert told == value
    found = [game_of_months.combined(weights) for weights in shapley_weights(2) / 2]
    whole = game_of_months.values[3] - game_of_months.values[0]
    assert sum(one.estimate for one in found) == pytest.approx(whole, abs=1e-12)
    assert all(one.low <= one.estimate <= one.high and one.n == 301 for one in found)
    assert QuantileGame.of(months, share, seed=1).combined([-1, 0, 0, 1]) == (
        game_of_months.combined([-1, 0, 0, 1])
    )


def test_bootstrap_intervals_of_medians_cover_the_truth():
    rng, repeats = np.random.default_rng(14), 150
    draws = rng.normal(size=(repeats, 101))
    both = np.stack([50 + 10 * draws, 56 + 10 * draws + rng.normal(size=draws.shape)], axis=1)
    found = [QuantileGame.of(rows, 0.5, seed=k).combined([-1, 1]) for k, rows in enumerate(both)]
    covered = sum(one.low <= 6 <= one.high for one in found)
    assert covered >= binom.ppf(1e-4, repeats, 0.93)
    # shared luck cancels: of runs of their own the interval would be 6.9 months wide
    assert np.mean([one.high - one.low for one in found]) < 3


def test_a_quantile_that_is_not_reached_is_missing_and_leaves_its_differences_open():
    months = np.full((2, 40), inf)
    months[1, :20] = 7.0
    found = QuantileGame.of(months, 0.5, seed=1)
    assert np.isnan(found.values[0]) and found.values[1] == 7.0
    once = found.combined([0, 1])
    assert once.estimate == 7.0 and once.low is None and once.high is None
