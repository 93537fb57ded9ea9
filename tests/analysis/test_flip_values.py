"""Where a run's own draws show that an assumption flips the verdict: known curves."""

import tracemalloc

import numpy as np
import pytest

from regimesim.analysis import flip_values
from regimesim.analysis.flip_values import FLIPS, MAY_FLIP, OUTER, STAYS, _alone, _pair, flips_of

WORLDS = 1000
LEVEL = 0.95


def drawn(seed, low=0.0, high=1.0, worlds=WORLDS):
    return np.random.default_rng(seed).uniform(low, high, worlds)


def lived(share, seed):
    """Zeros and ones with these probabilities, (worlds,)."""
    return (np.random.default_rng([seed, 99]).random(share.size) < share).astype(float)


def test_the_value_at_which_a_line_crosses_one_half():
    """P rises from 0.2 to 0.9 over 2 to 9, and crosses one half at 5."""
    row = drawn(1, 2.0, 9.0)
    one = _alone("a", row, lived(row / 10, 1), 1.0, LEVEL)
    assert one.verdict == FLIPS and one.end > 8.9
    assert one.low < 5 < one.high and one.low < one.value < one.high and one.high - one.low < 1.5
    assert one.estimate_low < 0.9 < one.estimate_high


def test_a_good_verdict_flips_towards_the_end_where_p_is_low():
    row = drawn(2, 2.0, 9.0)
    one = _alone("a", row, lived(1 - row / 10, 2), -1.0, LEVEL)
    assert one.verdict == FLIPS and one.end > 8.9 and one.estimate < 0.2
    assert one.low < 5 < one.high
    towards_low = _alone("a", row, lived(row / 10, 2), -1.0, LEVEL)
    assert towards_low.end < 2.1 and towards_low.low < 5 < towards_low.high


def test_without_noise_the_curve_is_exact():
    """A cubic in the ranks is what is fitted."""
    row = np.linspace(0.0, 1.0, WORLDS)
    one = _alone("a", row, 0.1 + 0.8 * row, 1.0, LEVEL)
    assert one.value == pytest.approx(0.5, abs=2e-3)
    assert (one.low, one.high) == pytest.approx((0.5, 0.5), abs=2e-3)
    assert one.estimate == pytest.approx(0.9, abs=1e-3)


def test_an_end_just_beyond_the_bar_may_be_luck_and_its_interval_is_open():
    row = drawn(3)
    one = _alone("a", row, lived(0.2 + 0.31 * row, 3), 1.0, LEVEL)
    assert one.estimate_low < 0.5 < one.estimate_high
    if one.verdict == MAY_FLIP:
        assert one.low is not None and one.high is None
    else:
        assert one.verdict == STAYS and (one.value, one.low, one.high) == (None, None, None)


def test_intervals_cover_the_value_in_95_percent_of_runs():
    runs, hits = 400, 0
    for seed in range(runs):
        row = drawn([4, seed])
        one = _alone("a", row, lived(0.1 + 0.8 * row, seed), 1.0, LEVEL)
        low, high = (-np.inf if one.low is None else one.low, one.high or np.inf)
        hits += low <= 0.5 <= high
    assert abs(hits / runs - 0.95) < 4 * (0.95 * 0.05 / runs) ** 0.5


def test_a_pair_is_the_mean_of_its_worse_thirds():
    a, b, c = (drawn([5, k], worlds=4 * WORLDS) for k in range(3))
    safe = lived(a * b, 5)  # of the upper thirds (5/6)² on average, and at most 5/12 with c
    columns = {"a": a, "b": b, "c": c}
    flips = [_alone(name, row, safe, 1.0, LEVEL) for name, row in columns.items()]
    pair = _pair(flips, columns, safe, 1.0, LEVEL)
    assert set(pair.sources) == {"a", "b"} and pair.above == (True, True)
    assert pair.verdict == FLIPS and pair.low < 25 / 36 < pair.high
    both = (a > np.quantile(a, 2 / 3)) & (b > np.quantile(b, 2 / 3))
    assert pair.n == both.sum() and pair.estimate == pytest.approx(safe[both].mean())
    assert pair.limits == pytest.approx((2 / 3, 2 / 3), abs=0.05)
    assert OUTER == 1 / 3


def test_few_worlds_make_no_pair():
    a, b = drawn([6, 0], worlds=60), drawn([6, 1], worlds=60)
    safe = lived(a * b, 6)
    flips = [_alone(name, row, safe, 1.0, LEVEL) for name, row in (("a", a), ("b", b))]
    assert _pair(flips, {"a": a, "b": b}, safe, 1.0, LEVEL) is None


def test_without_shares_there_is_nothing_to_say():
    assert flips_of(None, "only", []) == {}


def test_worlds_taken_a_few_at_a_time_give_the_same_flips(monkeypatch):
    row = drawn(7)
    safe = lived(0.1 + 0.8 * row, 7)
    whole = _alone("a", row, safe, 1.0, LEVEL)
    for at_once in (WORLDS, WORLDS - 1, 300):
        monkeypatch.setattr(flip_values, "AT_ONCE", at_once)
        parts = _alone("a", row, safe, 1.0, LEVEL)
        assert parts.verdict == whole.verdict and parts.end == whole.end
        assert parts[2:] == pytest.approx(whole[2:], rel=1e-12)
    monkeypatch.setattr(flip_values, "AT_ONCE", WORLDS)
    assert _alone("a", row, safe, 1.0, LEVEL) == whole  # to the bit where one part is enough


def test_the_flips_of_many_worlds_take_little_memory():
    """Beside its draws, a world takes its place in their order, its rank, and little else."""
    worlds = 400_000
    row = drawn(8, worlds=worlds)
    safe = lived(row, 8)
    tracemalloc.start()
    try:
        _alone("a", row, safe, 1.0, LEVEL)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * worlds  # bytes; all polynomials at once take 32 alone
