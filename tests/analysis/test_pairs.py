"""Policies in pairs: differences, McNemar, log-rank, and what the same worlds are worth."""

import numpy as np
import pytest
from scipy import stats
from small import FIRST_PART, scenario
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.estimands import values
from regimesim.analysis.estimates import NOTHING, Estimate, proportion_difference
from regimesim.analysis.pairs import (
    COLUMNS,
    Lasting,
    compare,
    lasting,
    lasts,
    logrank,
    mcnemar,
    pairs,
    summarise_pairs,
)
from regimesim.analysis.tries import Span

NAN = np.nan


@pytest.mark.parametrize(("b", "c"), [(0, 0), (0, 1), (5, 0), (3, 9), (40, 41), (1000, 1100)])
def test_mcnemar_is_the_exact_sign_test(b, c):
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1
    assert mcnemar(b, c) == pytest.approx(expected) == mcnemar(c, b)


def test_a_pair_by_hand():
    ours = np.array([1, 1, 1, 0, 0, 1, NAN, 1])
    theirs = np.array([0, 0, 1, 1, 0, 1, 1, NAN])
    found = compare(ours, theirs)
    assert found[:4] == proportion_difference(ours, theirs)
    assert (found.n, found.only_first, found.only_second) == (6, 2, 1)
    assert found.mcnemar_p == 1
    # variances 2/9 and 1/4 apart, that of (1, 1, 0, −1, 0, 0) together
    assert found.variance_ratio == pytest.approx((2 / 9 + 1 / 4) / (3 / 6 - (1 / 6) ** 2))


def test_pairs_that_never_differ_or_never_meet():
    same = compare(np.array([1, 0, 1.0]), np.array([1, 0, 1.0]))
    assert (same.only_first, same.only_second, same.mcnemar_p) == (0, 0, 1)
    assert same.variance_ratio is None and same.low < 0 < same.high
    never = compare([NAN, 1], [1, NAN])
    assert never == (None, None, None, 0, 0, 0, None, None, "counts", None, NOTHING)


def lived(rng, hazard, n=500, months=60):
    """Worlds that fail with a hazard a month, and are watched for so many months at most."""
    failure = rng.geometric(hazard, n) - 1
    watched = rng.integers(10, months, n)
    return Span(np.minimum(failure, watched), failure <= watched)


@pytest.mark.parametrize("hazard", [0.02, 0.05])
def test_the_logrank_test_is_scipys(hazard):
    rng = np.random.default_rng(8)
    first, second = lived(rng, 0.03), lived(rng, hazard)
    theirs = stats.logrank(
        *(stats.CensoredData.right_censored(s.last, ~s.failed) for s in (first, second))
    )
    assert logrank(first, second) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_the_logrank_test_of_a_million_worlds_does_not_overflow():
    small = [Span(np.array([0, 1, 2, 2]), np.array([True, True, True, False]))]
    small += [Span(np.array([0, 2, 2, 2]), np.array([True, True, False, False]))]
    large = [Span(np.tile(s.last, 250_000), np.tile(s.failed, 250_000)) for s in small]
    few, _ = logrank(*(Span(np.tile(s.last, 250), np.tile(s.failed, 250)) for s in small))
    many, _ = logrank(*large)
    assert many == pytest.approx(few * 1000**0.5, rel=1e-3)


def test_nothing_fails_and_there_is_nothing_to_test():
    still = Span(np.full(5, 9), np.zeros(5, bool))
    assert lasts(still, still) == (0, 0, None, None, None)
    never = Span(np.full(5, -1), np.zeros(5, bool))
    assert lasts(never, never) == (0, 0, None, None, None)


def test_which_lasts_longer_by_hand():
    first = Span(np.array([3, 3, 3, 9, 2, 5]), np.array([1, 1, 1, 0, 0, 1], bool))
    second = Span(np.array([5, 3, 3, 4, 8, 4]), np.array([1, 1, 0, 1, 1, 0], bool))
    # second outlasts; both at once; second stands at 3; first outlasts; first was no
    # longer watched; second was no longer watched
    assert lasts(first, second)[:2] == (1, 2)
    assert lasts(second, first)[:2] == (2, 1)


def stratified(first, second):
    """Squared log-rank statistic with every world a stratum, from its definition."""
    excess = variance = 0.0
    for a, fa, b, fb in zip(first.last, first.failed, second.last, second.failed, strict=True):
        for time in {t for t, failed in ((a, fa), (b, fb)) if failed}:
            risk = np.array([a >= time, b >= time], float)
            fails = np.array([a == time and fa, b == time and fb], float)
            n, d = risk.sum(), fails.sum()
            excess += fails[0] - d * risk[0] / n
            if n == 2:
                variance += d * (n - d) / (n - 1) * risk[0] / n * risk[1] / n
    return excess**2 / variance


def test_the_sign_test_is_the_stratified_logrank_test():
    rng = np.random.default_rng(9)
    first, second = lived(rng, 0.03, 200), lived(rng, 0.05, 200)
    longer, shorter = lasts(first, second)[:2]
    assert stratified(first, second) == pytest.approx((longer - shorter) ** 2 / (longer + shorter))


def test_the_sign_test_keeps_its_level_in_the_same_worlds_and_the_logrank_does_not():
    """Two policies that share most luck: only the paired test rejects as often as it says."""
    rng, runs = np.random.default_rng(10), 400
    signs = ranks = 0
    for _ in range(runs):
        luck = rng.normal(size=120)
        spans = []
        for _ in range(2):
            last = np.floor(20 + 8 * luck + 2 * rng.normal(size=120)).clip(0, 30).astype(int)
            spans.append(Span(last, last < 30))
        found = lasts(*spans)
        signs += found.sign_p <= 0.05
        ranks += found.logrank_p <= 0.05
    assert stats.binomtest(signs, runs, 0.05, alternative="greater").pvalue > 1e-3
    assert stats.binomtest(ranks, runs, 0.05, alternative="less").pvalue < 1e-3


def test_tables_and_summary_say_the_same():
    worlds, _ = make_run(("a", "b", "c"), worlds=80)
    table, longer, summary = pairs(worlds), lasting(worlds), summarise_pairs(worlds)
    assert list(summary) == ["a vs b", "a vs c", "b vs c"]
    assert len(table) == len(longer) == 6
    for _, line in table.iterrows():
        kept = summary[f"{line['first']} vs {line['second']}"][line.estimand]
        assert kept.pop("counted") == {n: line[f"counted_{n}"] for n in Estimate._fields}
        assert kept == {name: line[name] for name in COLUMNS if name != "counted"}
    for _, line in longer.iterrows():
        pair = summary[f"{line['first']} vs {line['second']}"]
        kept = pair[f"survival_against_{line.against}"]
        assert kept == {name: line[name] for name in Lasting._fields}


def test_a_single_policy_has_no_pairs():
    worlds, _ = make_run(("only",), worlds=5)
    assert len(pairs(worlds)) == len(lasting(worlds)) == 0 and summarise_pairs(worlds) == {}


def test_looks_widen_differences_and_raise_p_values():
    worlds, _ = make_run(("a", "b"), worlds=60)
    once = pairs(worlds).iloc[0]
    worlds.attrs["looks"] = 4
    often = pairs(worlds).iloc[0]
    assert often.low < once.low and often.high > once.high
    assert often.mcnemar_p == min(1, 4 * once.mcnemar_p)


def test_the_same_worlds_make_differences_narrower_than_independent_seeds():
    """Two policies in the same worlds against one of them in the worlds of another seed.

    The ratio of the two variances is above 1 beyond the luck of the draw (bootstrap over
    worlds, at a level of one in a thousand), and is the ratio that is reported.
    """
    given = {"worlds": 800, "months": 90, "systems": 4, "labs": 2, "capability.initial": 8}
    given |= {"takeover.difficulty": {"normal": [13, 2]}, "oversight.control": True}
    given |= FIRST_PART
    policies = {"lax": {}, "strict": {"oversight.audit_budget": 0.06}}
    same = rs.run(scenario(given, policies)).worlds
    other = rs.run(scenario({**given, "seed": 4}, policies)).worlds
    ours = values(same, "strict", "no_takeover")
    together = ours - values(same, "lax", "no_takeover")
    apart = ours - values(other, "lax", "no_takeover")
    rng = np.random.default_rng(11)
    drawn = rng.integers(0, 800, (4000, 800))
    ratios = apart[drawn].var(axis=1) / together[drawn].var(axis=1)
    assert np.quantile(ratios, 0.001) > 1
    reported = pairs(same).set_index("estimand").loc["no_takeover"].variance_ratio
    assert np.quantile(ratios, 0.001) < reported < np.quantile(ratios, 0.999)
    half = np.diff(proportion_difference(ours, values(same, "lax", "no_takeover"))[1:3])
    alone = np.diff(proportion_difference(ours, values(other, "lax", "no_takeover"))[1:3])
    assert half < alone
