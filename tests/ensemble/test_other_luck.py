"""Worlds that are simulated a second time: same parameters, other luck."""

import numpy as np
import pytest
from small import NO_LUCK, SIZE

import regimesim as rs
from regimesim.ensemble.datasets import AGAIN
from regimesim.ensemble.other_luck import EVERY, LAST, is_repeated

DRAWN = SIZE | {"takeover.difficulty": {"uniform": [5, 25]}}


def scenario(**changes):
    return rs.parse({}).override(DRAWN | changes)


def test_which_worlds_are_repeated():
    numbers = np.arange(2 * LAST)
    chosen = numbers[is_repeated(numbers)]
    assert list(chosen[:3]) == [0, EVERY, 2 * EVERY]
    assert len(chosen) == LAST // EVERY


def test_the_same_bits_for_any_threads_and_when_worlds_are_added():
    one = rs.run(scenario(), threads=1).worlds[AGAIN]
    two = rs.run(scenario(), threads=2).worlds[AGAIN]
    assert np.array_equal(one, two, equal_nan=True)
    added = rs.run_to_precision(scenario(), {"no_takeover": 0.2}).worlds[AGAIN]
    assert np.array_equal(added, one[:, : added.sizes["world"]], equal_nan=True)


def test_only_chosen_worlds_have_a_value_and_luck_differs():
    worlds = rs.run(scenario()).worlds
    again = worlds[AGAIN].values
    there = is_repeated(worlds.world.values)
    assert np.isnan(again[:, ~there]).all() and not np.isnan(again[:, there]).any()
    assert (again[:, there] != worlds.expected_takeover.values[:, there]).any()


def test_without_luck_a_world_is_repeated_exactly():
    # No draw is left but that of the threshold of each try, which expectations average out.
    fixed = NO_LUCK | {"takeover.difficulty": {"uniform": [5, 8]}, "months": 24}
    worlds = rs.run(scenario(**fixed)).worlds
    there = is_repeated(worlds.world.values)
    same = worlds.expected_takeover.values[:, there]
    assert worlds[AGAIN].values[:, there] == pytest.approx(same, abs=1e-9)


def test_nothing_is_repeated_where_nothing_is_drawn():
    fixed = rs.parse({}).override(SIZE | {"takeover.difficulty": 15})
    assert AGAIN not in rs.run(fixed).worlds
