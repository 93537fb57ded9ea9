"""Estimands: scores, critical tries survived, survival against tries, and their intervals."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from synthetic_run import make_run

from regimesim.analysis.conditional import Reported
from regimesim.analysis.estimand_table import ESTIMANDS, SCORED, UNCOUNTED, WITHIN
from regimesim.analysis.estimands import estimate, estimates, values
from regimesim.analysis.estimates import NOTHING, Estimate, mean, proportion
from regimesim.analysis.present_worlds import rows_of
from regimesim.analysis.scores import LEAST, brier, log_score, mean_score
from regimesim.analysis.summary import MOST_TRIES, summarise
from regimesim.analysis.tries import by_try, span, survival_table, survived

NAN = np.nan
BELIEVED = np.array([0.9, 0.8, 0.5, NAN, 0.99])
TRUE = np.array([0.5, 0.1, 0.5, NAN, 1.0])
HELD = np.array([1, 0, 1, NAN, 1.0])


def five_worlds():
    """Lost at the second try, lost at the first, held twice, without a try, held once."""
    worlds, _ = make_run(
        ("a",),
        worlds=5,
        months=20,
        held_first_critical_try=[HELD],
        believed_catch_rate=[BELIEVED],
        true_catch_rate=[TRUE],
        critical_tries=[[2, 2, 2, 0, 1]],
        critical_tries_held=[[1, 1, 2, 0, 1]],  # world 1 held a try of the month it was lost in
        crossing_first_critical_try=[[3, 4, 5, NAN, 19]],
        crossing_takeover=[[9, 4, NAN, NAN, NAN]],
    )
    return worlds


def test_every_estimand_has_a_range_and_words_and_a_row_in_the_table():
    worlds, _ = make_run(("lax", "strict"), worlds=40)
    assert set(WITHIN) == set(ESTIMANDS) >= set(SCORED)
    table = estimates(worlds)
    plain = list(Estimate._fields)
    by_counts = [f"counted_{name}" for name in plain]
    assert list(table) == ["policy", "estimand", *plain, "by", "worth", *by_counts]
    assert len(table) == 2 * len(ESTIMANDS)
    summary = summarise(worlds)
    for _, line in table.iterrows():
        kept = summary["policies"][line.policy][line.estimand]
        if line.estimand in UNCOUNTED:  # made-up worlds have no expectations
            assert np.isnan(line.estimate) and line.n == 0
            continue
        assert {key: line[key] for key in plain} == {key: kept[key] for key in plain}
        assert kept["counted"] == {key: line[f"counted_{key}"] for key in plain}
        least, most = WITHIN[line.estimand]
        assert least <= line.low <= line.estimate <= line.high <= most
        assert np.nanmean(values(worlds, line.policy, line.estimand)) == pytest.approx(
            line.estimate
        )


def test_scores_by_hand():
    worlds = five_worlds()
    there = ~np.isnan(HELD)
    expected = {
        "brier_score": np.mean([0.01, 0.64, 0.25, 0.0001]),
        "brier_score_of_true_rate": np.mean([0.25, 0.01, 0.25, 0]),
        "log_score": -np.mean(np.log([0.9, 0.2, 0.5, 0.99])),
        "log_score_of_true_rate": -np.mean(np.log([0.5, 0.9, 0.5, 1])),
    }
    expected["brier_excess"] = expected["brier_score"] - expected["brier_score_of_true_rate"]
    expected["log_excess"] = expected["log_score"] - expected["log_score_of_true_rate"]
    for name, value in expected.items():
        found = estimate(worlds, "a", name)
        assert found.estimate == pytest.approx(value) and found.n == there.sum() == 4


def test_the_log_score_is_finite_and_agrees_with_scipy_inside():
    rates = np.array([0.1, 0.5, 0.97])
    for held in (0, 1):
        expected = -stats.bernoulli.logpmf(held, rates)
        assert log_score(rates, np.full(3, held)) == pytest.approx(expected)
    certain = log_score(np.array([0, 1, 0, 1.0]), np.array([0, 1, 1, 0.0]))
    assert certain == pytest.approx([0, 0, -math.log(LEAST), -math.log(LEAST)])


def test_the_true_rate_scores_best_on_average():
    """Both scores are proper: no forecast has a lower expectation than the truth."""
    true = np.linspace(0.01, 0.99, 99)
    for score in (brier, log_score):
        expected = [true * score(f, 1.0) + (1 - true) * score(f, 0.0) for f in true]
        assert np.array_equal(np.argmin(expected, axis=0), np.arange(99))


@pytest.mark.parametrize(("held", "n"), [(1.0, 20), (0.0, 20), (1.0, 1), (0.0, 1)])
def test_a_score_of_none_or_all_of_n_keeps_the_other_outcome_open(held, n):
    """The exact interval of the share held, times what each outcome scores, by hand."""
    rates, outcomes = np.full(n, 0.9), np.full(n, held)
    found = mean_score(lambda outcome: brier(rates, outcome), outcomes)
    share = proportion(outcomes)
    each = sorted(0.81 + (0.01 - 0.81) * end for end in (share.low, share.high))
    assert (found.low, found.high) == pytest.approx(tuple(each))
    assert found.low <= found.estimate <= found.high and found.n == n


@pytest.mark.parametrize("true", [0.5, 0.97, 0.995])
def test_the_interval_of_a_score_covers_its_confidence(true):
    """Also where the outcome that costs most is rarely or never seen; Student's does not."""
    rng, hits, students, runs = np.random.default_rng(2), 0, 0, 1000
    rates = np.full(60, 0.96)
    truth = true * 0.04**2 + (1 - true) * 0.96**2
    for _ in range(runs):
        held = (rng.random(60) < true).astype(float)
        found = mean_score(lambda outcome: brier(rates, outcome), held)
        hits += found.low <= truth <= found.high
        plain = mean(brier(rates, held))
        students += plain.low is not None and plain.low <= truth <= plain.high
    assert stats.binomtest(hits, runs, 0.95, alternative="less").pvalue > 1e-3
    if true > 0.9:
        assert stats.binomtest(students, runs, 0.95, alternative="less").pvalue < 1e-6


def test_values_that_are_all_alike_are_known_as_well_as_none_of_n():
    found = mean(np.full(20, 0.3), within=(0, 1))
    other = proportion(np.zeros(20)).high
    assert found[1:3] == pytest.approx((0.3 - 0.3 * other, 0.3 + 0.7 * other))
    assert mean(np.zeros(20), within=(0, 1))[:3] == (0, 0, pytest.approx(other))
    assert mean(np.zeros(20), within=(0, math.inf)) == (0, 0, pytest.approx(other), 20)
    assert mean(np.zeros(20))[:3] == (0, None, None)
    assert mean([1, 1, 0, 4], within=(0, math.inf)).low == 0


def test_tries_survived_by_hand():
    worlds = five_worlds()
    rows = rows_of(worlds, "a")
    assert np.array_equal(survived(rows), [1, 0, 2, NAN, 1], equal_nan=True)
    found = estimate(worlds, "a", "tries_survived")
    assert found.estimate == 1 and found.n == 4
    watched = span(worlds, "a", "tries")
    assert watched.last.tolist() == [1, 0, 1, -1, 0]
    assert watched.failed.tolist() == [True, True, False, False, False]


def test_survival_against_tries_by_hand():
    table = survival_table(five_worlds(), "a", "tries")
    assert table["try"].tolist() == [1, 2]
    assert table.at_risk.tolist() == [4, 2]  # the world without a try is at no risk
    assert table.failed.tolist() == [1, 1]
    assert table.ended.tolist() == [1, 1]
    assert table.survived.tolist() == [3 / 4, 3 / 4 * 1 / 2]
    rows = by_try(five_worlds(), "a", 1, Reported.of(NOTHING))
    expected = {key: table[key][0] for key in table} | {"by": "counts"}
    assert rows == [expected] and json.dumps(rows)


def test_survival_against_months_by_hand():
    table = survival_table(five_worlds(), "a", "months")
    assert table.month.tolist() == list(range(20))
    assert table.survived[[3, 4, 8, 9, 19]].tolist() == pytest.approx([1, 0.8, 0.8, 0.6, 0.6])
    assert table.ended.tolist() == [0] * 19 + [3]
    with pytest.raises(ValueError, match="months"):
        span(five_worlds(), "a", "years")


def many_tries(worlds=400, seed=5):
    """Worlds with up to some ten critical tries each, of which 80 % are held."""
    rng = np.random.default_rng(seed)
    offered = rng.poisson(3, worlds)
    until = rng.geometric(0.2, worlds)  # the try that fails
    lost = until <= offered
    held = np.where(lost, until - 1, offered)
    there = offered > 0
    made, _ = make_run(
        ("a",),
        worlds=worlds,
        critical_tries=[held + lost],
        critical_tries_held=[held],
        held_first_critical_try=[np.where(there, held > 0, NAN)],
        crossing_first_critical_try=[np.where(there, 1, NAN)],
        crossing_takeover=[np.where(lost, 50, NAN)],
    )
    return made, held, lost, there


def test_survival_against_tries_agrees_with_scipys_censored_ecdf():
    worlds, held, lost, there = many_tries()
    table = survival_table(worlds, "a")
    last = (held + lost)[there]
    theirs = stats.ecdf(stats.CensoredData.right_censored(last, ~lost[there])).sf
    assert table.survived.to_numpy() == pytest.approx(theirs.evaluate(table["try"]), abs=1e-12)
    band = theirs.confidence_interval(0.95, method="log-log")
    inner = (table.survived < 1) & (table.survived > 0)
    assert inner.sum() > 5
    for ours, edge in ((table.low, band.low), (table.high, band.high)):
        assert ours[inner].to_numpy() == pytest.approx(edge.evaluate(table["try"])[inner])


def test_survival_against_tries_finds_the_share_that_each_try_holds():
    worlds, *_ = many_tries(20_000)
    worlds.attrs["looks"] = 50  # a band of 99.9 % at each of the six tries
    table = survival_table(worlds, "a")
    for k in range(6):
        test = stats.binomtest(int(table.failed[k]), int(table.at_risk[k]), 0.2)
        assert test.pvalue > 1e-3
        assert table.low[k] < 0.8 ** (k + 1) < table.high[k]


def test_the_first_try_and_the_first_step_of_survival_are_the_same_share():
    worlds, *_ = many_tries()
    first = estimate(worlds, "a", "held_first_critical_try")
    row = by_try(worlds, "a", MOST_TRIES, Reported.of(NOTHING))[0]
    assert row["survived"] == pytest.approx(first.estimate) and row["at_risk"] == first.n


def test_without_a_critical_try_there_is_no_survival_against_tries():
    rows = ("held_first_critical_try", "crossing_first_critical_try", "crossing_takeover")
    none = {"critical_tries": 0, "critical_tries_held": 0, **dict.fromkeys(rows, NAN)}
    worlds, _ = make_run(("calm",), worlds=9, believed_catch_rate=NAN, true_catch_rate=NAN, **none)
    assert len(survival_table(worlds, "calm")) == 0
    calm = summarise(worlds)["policies"]["calm"]
    assert calm["survival_against_tries"] == []
    for name in ("tries_survived", *SCORED):
        assert calm[name] == Reported.of(NOTHING).plain()


def test_looks_widen_every_interval():
    worlds, _ = make_run(("a",), worlds=200)
    once = {name: estimate(worlds, "a", name) for name in ESTIMANDS if name not in UNCOUNTED}
    worlds.attrs["looks"] = 7
    for name, found in once.items():
        wider = estimate(worlds, "a", name)
        assert wider.estimate == found.estimate
        assert wider.low <= found.low and wider.high >= found.high
        assert wider.high - wider.low > found.high - found.low
    held = values(worlds, "a", "held_first_critical_try")
    assert estimate(worlds, "a", "held_first_critical_try") == proportion(held, 1 - 0.05 / 7)
