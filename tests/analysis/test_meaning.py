"""Estimates that say nothing are not given as numbers."""

import pytest

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.meaning import (
    effects_need,
    known_effect,
    says_something,
    times_as_many,
    withheld,
)


def one(low, high):
    return Estimate((low + high) / 2, low, high, 32)


@pytest.mark.parametrize(
    "estimate, says",
    [
        (one(0.4, 0.8), True),
        (one(-0.1, 0.3), True),
        (one(0.9, 1.15), True),
        (one(0.2, 0.8), False),  # more than half of the range
        (one(-0.5, -0.1), False),  # beyond what is possible
        (one(1.0, 1.3), False),
        (Estimate(49.81, 0.0, 109.0, 32), False),
        (Estimate(0.3, None, None, 32), True),
    ],
)
def test_what_an_interval_says(estimate, says):
    assert says_something(estimate) is says


def test_a_difference_of_shares_has_twice_the_range():
    assert says_something(one(-0.5, 0.5), (-1.0, 1.0))
    assert not says_something(one(-0.6, 0.6), (-1.0, 1.0))


def test_how_many_more_it_takes():
    assert times_as_many([one(0.0, 1.0), one(0.0, 2.0)]) == 16
    assert times_as_many([one(-0.3, 0.0)]) == 2


@pytest.mark.parametrize(
    "effect, largest, says",
    [
        (one(-0.01, 0.02), 1.0, True),  # it is small
        (one(0.1, 40.0), 1.0, True),  # it raises
        (one(-40.0, -0.1), 1.0, True),
        (one(-0.6, 0.6), 1.0, False),  # of either sign, and of any size
        (one(-0.6, 0.6), 3.0, True),
        (one(0.0, 3.5), 3.0, False),
        (Estimate(0.3, None, None, 32), 0.1, True),
        (one(-1.0, 1.0), 0.0, True),  # all effects are 0
    ],
)
def test_what_an_effect_says(effect, largest, says):
    known = known_effect(effect, largest)
    assert known == (effect if says else effect._replace(estimate=None))
    assert withheld([known._asdict()]) == ([] if says else [known])


def test_a_sentence_says_how_many_worlds_effects_need():
    assert effects_need([], 50) == []
    (sentence,) = effects_need([one(-1.0, 1.0), one(-0.6, 0.6)], 50)
    assert "About 200 worlds (--worlds)" in sentence
