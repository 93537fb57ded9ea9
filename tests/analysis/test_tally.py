"""Tallies: exact however worlds are cut, and the estimates that the worlds themselves give."""

import math
from dataclasses import replace

import numpy as np
import pytest
from one_tally import estimates_of, thresholds_of
from scenarios_of_tests import busy
from scipy import stats

from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import NOTHING, exact_interval, proportion
from regimesim.analysis.survival import month_of, quantile_rank, rank_interval, threshold_times
from regimesim.analysis.tally import ALL, Many, Tally, tally_blocks
from regimesim.ensemble.datasets import dataset, fill, in_memory
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.world.layout import OUTCOME
from regimesim.model.world.records import COUNTS, REALS, THRESHOLDS, OfFirstTry, names

MONTHS = 100
POLICIES = ("none", "control", "all", "untrusted")


@pytest.fixture(scope="module")
def lived():
    """(worlds,) OUTCOME of each policy of a scenario in which all happens that can happen."""
    scenario, stop = busy(worlds=120), np.zeros(1, np.int64)
    return {
        name: run_share(scenario, tables, None, Share(0, 0, 120), stop)[0]
        for name, tables in scenario.policies.items()
    }


def made(worlds, **fields):
    """(worlds,) OUTCOME without any critical try, and with `fields` in place of its own."""
    outcomes = np.zeros(worlds, OUTCOME)
    for name in names(item for item in COUNTS if isinstance(item, OfFirstTry)):
        outcomes[name] = -1
    outcomes["crossing"], outcomes["caught_by"] = -1, -1
    for name in names(item for item in REALS if isinstance(item, OfFirstTry)):
        outcomes[name] = np.nan
    for name, value in fields.items():
        outcomes[name] = value
    return outcomes


def tried(held, believed=0.9, true=0.7, tries=1, story=0):
    """(worlds,) OUTCOME with a critical try in month 3 of every world; the lost are lost there."""
    held = np.asarray(held)
    found = made(
        len(held),
        held_first_critical_try=held,
        believed_catch_rate=believed,
        true_catch_rate=true,
        foreseeable_catch_rate=true,
        attempts_in_first_try=1,
        critical_tries=tries,
        critical_tries_held=held * tries,
        tries_survived=held * tries,
        first_try_was_story=story,
    )
    found["crossing"][:, :5] = 3
    found["crossing"][:, 5] = np.where(held == 1, -1, 3)
    return found


RNG = np.random.default_rng(0)
DEGENERATE = {
    "no critical try anywhere": made(30),
    "one world without a try": made(1),
    "one world that held": tried([1]),
    "one world that was lost": tried([0], story=1),
    "all held and all alike": tried([1] * 25),
    "all lost and all alike": tried([0] * 25),
    "all held, rates differ": tried([1] * 25, believed=RNG.random(25), true=RNG.random(25)),
    "certain and right": tried([1] * 9, believed=1.0, true=1.0),
    "certain and wrong": tried([0] * 9, believed=1.0, true=1.0),
    "two worlds": tried([1, 0], believed=[0.25, 0.5]),
    "one try among many": np.concatenate([made(40), tried([0])]),
    "nearly alike": tried([1, 0] * 20, believed=0.5 + 1e-7 * RNG.random(40), true=0.5),
}


def worlds_of(outcomes):
    """The dataset of a run of one policy with these outcomes."""
    scenario = replace(busy(worlds=len(outcomes)).choose(["none"]), months=MONTHS)
    store = in_memory(scenario)
    for name in ("capability.initial", "capability.doubling_time", "takeover.difficulty"):
        store[name][:] = 0
    fill(store, 0, 0, outcomes, {})
    return dataset(store, scenario)


def agrees(outcomes):
    """Whether the tally of outcomes gives what their dataset gives."""
    worlds, tally = worlds_of(outcomes), Tally.of(outcomes, MONTHS)
    found = estimates_of(tally)
    assert list(found) == list(ESTIMANDS)
    for name in ESTIMANDS:
        expected = estimate(worlds, "none", name)
        assert found[name].n == expected.n, name
        for ours, theirs in zip(found[name], expected, strict=True):
            assert (ours is None) == (theirs is None), (name, found[name], expected)
            assert ours is None or ours == pytest.approx(theirs, rel=1e-7, abs=1e-8), name
    times = thresholds_of(tally)
    for name in names(THRESHOLDS):
        crossing = worlds["crossing"].sel(threshold=name, policy="none").values
        expected = threshold_times(crossing, MONTHS)
        assert {key: value.estimate for key, value in times[name].items()} == expected
        assert times[name]["crossed"] == proportion(~np.isnan(crossing))


@pytest.mark.parametrize("policy", POLICIES)
def test_estimates_are_those_of_the_worlds(lived, policy):
    agrees(lived[policy])


@pytest.mark.parametrize("what", DEGENERATE)
def test_estimates_of_few_and_of_uniform_worlds(what):
    agrees(DEGENERATE[what])


def test_no_bit_depends_on_cuts_or_order(lived):
    rng = np.random.default_rng(1)
    for outcomes in lived.values():
        whole = Tally.of(outcomes, MONTHS).pack()
        for _ in range(10):
            shuffled = rng.permutation(outcomes)
            cuts = np.sort(rng.integers(0, len(outcomes) + 1, rng.integers(0, 30)))
            blocks = [Tally.of(part, MONTHS) for part in np.split(shuffled, cuts)]
            sizes = np.diff(np.concatenate([[0], cuts, [len(outcomes)]]))
            at_once = tally_blocks(shuffled, MONTHS, sizes)
            assert [a.pack() for a in at_once] == [b.pack() for b in blocks]
            total = Tally.none(MONTHS)
            for block in rng.permutation(np.array(blocks, object)):
                total = block + total
            assert total.pack() == whole and total.worlds == len(outcomes)


def test_packing_keeps_every_bit_and_is_small(lived):
    for outcomes in (*lived.values(), made(0), made(1), np.tile(made(300, crossing=7), 250)):
        packed = Tally.of(outcomes, MONTHS).pack()
        again = Tally.unpack(packed)
        assert again.pack() == packed and again.months == MONTHS
        assert (again + again).worlds == 2 * len(outcomes)
        assert len(packed) < 8192
    for junk in (b"", b"1234567", packed[:-1], packed + b"0", b"\x07" * 2000):
        with pytest.raises(ValueError, match="not a tally"):
            Tally.unpack(junk)


def test_tallies_of_different_runs_do_not_add_up():
    with pytest.raises(ValueError, match="months"):
        Tally.none(3) + Tally.none(1)


def test_without_worlds_there_is_nothing():
    assert set(estimates_of(Tally.none(5)).values()) == {NOTHING}
    times = {e[:3] for t in thresholds_of(Tally.none(5)).values() for e in t.values()}
    assert times == {(None, None, None)}


def test_the_largest_counts_do_not_overflow():
    """A hundred thousand systems that try in every month of a century, in many worlds."""
    tries = np.array([120_000_000 - k for k in range(50)])
    block = Tally.of(tried([1] * 50, tries=tries), MONTHS)
    total = block
    for _ in range(16):
        total = total + total
    n, square = 50 * 2**16, sum(int(k) ** 2 for k in tries) * 2**16
    sums = int(tries.sum()) * 2**16
    variance = (n * square - sums**2) / (n * (n - 1))
    *_, counted = Many.stacked([total]).reported()["critical_tries"]
    middle, _, high, worlds = (float(value[0]) for value in counted)
    assert worlds == n and middle == sums / n
    half = stats.t.ppf(0.975, n - 1) * math.sqrt(variance / n)
    margin = exact_interval(0, n)[1] * (tries.max() - middle)
    assert high - middle == pytest.approx(math.hypot(half, margin), rel=1e-6)


def test_small_spreads_survive_the_rounding():
    """A spread of 10^-7 about one half would be lost in sums of rounded squares."""
    believed = 0.5 + 1e-7 * np.random.default_rng(2).standard_normal(1000)
    many = Many.stacked([Tally.of(tried([1] * 1000, believed=believed, true=0.0), MONTHS)])
    *_, counted = many.reported()["evidence_gap"]
    assert many._deviation(ALL.index("evidence_gap")) == pytest.approx(
        believed.std(ddof=1), rel=1e-3
    )
    assert counted[0] == pytest.approx(believed.mean(), abs=2**-31)


def test_many_tallies_side_by_side_are_each_alone(lived):
    tallies = [Tally.of(outcomes, MONTHS) for outcomes in lived.values()] + [Tally.none(7)]
    many = Many.stacked(tallies)
    estimates, times = many.estimates(), many.thresholds()
    for k, tally in enumerate(tallies):
        for name, alone in estimates_of(tally).items():
            expected = [np.nan if value is None else value for value in alone]
            got = [values[k] for values in estimates[name]]
            assert np.array_equal(got, expected, equal_nan=True)
        for name, alone in thresholds_of(tally).items():
            for time, told in alone.items():
                expected = [np.nan if value is None else value for value in told[:3]]
                got = [values[k] for values in times[name][time]]
                assert np.array_equal(got, expected, equal_nan=True)


def test_ranks_of_a_median_are_those_of_the_sign_test():
    assert rank_interval(100, 0.5) == (40, 61)
    assert rank_interval(5, 0.5) == (0, 6)  # five worlds do not bound a median
    low, high = rank_interval(np.array([[100, 6], [100, 5]]), 0.5)
    assert low.tolist() == [[40, 1], [40, 0]] and high.tolist() == [[61, 6], [61, 6]]
    assert quantile_rank([1, 10, 11], 0.1).tolist() == [1, 1, 2]


def test_the_month_of_a_rank():
    so_far = np.cumsum([0, 2, 0, 1, 0])
    assert [float(month_of(so_far, rank)) for rank in (0, 1, 2, 3)] == [0, 1, 1, 3]
    assert np.isnan(month_of(so_far, 4))


def test_a_time_beyond_the_end_has_no_upper_end():
    outcomes = made(200)
    outcomes["crossing"][:110, 0] = np.repeat([10, 20], 55)
    times = thresholds_of(Tally.of(outcomes, MONTHS))["capable"]
    assert times["median"][:3] == (20, 20, None)  # rank 115 of 200 has not crossed
    assert times["p90"][:3] == (None, None, None)
    assert times["p10"][:3] == (10, 10, 10)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_the_interval_of_a_quantile_covers_its_confidence(q):
    rng, n, runs, hits = np.random.default_rng(3), 60, 1500, 0
    truth = stats.geom.ppf(q, 0.02) - 1
    low, high = rank_interval(n, q)
    for _ in range(runs):
        so_far = np.cumsum(np.bincount(rng.geometric(0.02, n) - 1, minlength=400)[:400])
        ends = month_of(so_far, low), month_of(so_far, high)
        hits += ends[0] <= truth and not ends[1] < truth
    assert stats.binomtest(hits, runs, 0.95, alternative="less").pvalue > 1e-3
