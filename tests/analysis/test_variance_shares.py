"""Shares of luck and of assumptions in the variance of an outcome, against closed forms."""

import json

import numpy as np
import pytest
import xarray
from scipy.stats import rankdata
from small import SIZE

import regimesim as rs
from regimesim.analysis import assumptions
from regimesim.analysis.assumptions import ranks_of, shortened
from regimesim.analysis.variance_shares import LUCK, REST, variance_shares
from regimesim.ensemble.datasets import AGAIN
from regimesim.ensemble.other_luck import is_repeated

WORLDS = 8000


@pytest.mark.parametrize("at_once", [7, 100, 1000])
def test_ranks_are_those_of_scipy_however_many_are_entered_at_once(monkeypatch, at_once):
    monkeypatch.setattr(assumptions, "AT_ONCE", at_once)
    row = np.random.default_rng(5).normal(size=100)
    for values in (row, row.round(1), np.arange(100)[::-1]):
        wanted = (2 * rankdata(values) - 1) / 100 - 1
        np.testing.assert_allclose(ranks_of(values), wanted, atol=1e-15)


def made(chance, columns, seed=1):
    """Worlds whose chance of no takeover is `chance`, with the drawn `columns`."""
    random, number = np.random.default_rng(seed), len(chance)
    takeover = np.where(random.random(number) < chance, np.nan, 3.0)
    again = np.where(is_repeated(np.arange(number)), 1 - chance, np.nan)
    data = {name: ("world", values) for name, values in columns.items()}
    data |= {"expected_takeover": ("world", 1 - chance), AGAIN: ("world", again)}
    data |= {"critical_tries": ("world", np.zeros(number))}
    worlds = xarray.Dataset(data, {"world": np.arange(number)}).expand_dims(policy=["one"])
    crossing = xarray.DataArray(
        takeover[None, None, :],
        {"threshold": ["takeover"], "policy": ["one"], "world": np.arange(number)},
    )
    attributes = {"months": 12, "start": "2026-01", "looks": 1, "scenario_json": json.dumps({})}
    return worlds.assign(crossing=crossing).assign_attrs(attributes)


def shares(worlds):
    return variance_shares(worlds).set_index("source")


def uniforms(number, seed=7):
    return np.random.default_rng(seed).random((number, WORLDS))


def assert_covers(row, share):
    assert row.low <= share <= row.high, (row.to_dict(), share)
    assert row.high - row.low < 0.2


def test_a_sum_of_two_effects():
    first, second = uniforms(2)
    chance = 0.5 + 0.6 * (first - 0.5) + 0.3 * (second - 0.5)
    table = shares(made(chance, {"a.first": first, "a.second": second}))
    total = 0.25  # of zeros and ones with mean 1/2
    assert_covers(table.loc["a.first"], 0.36 / 12 / total)
    assert_covers(table.loc["a.second"], 0.09 / 12 / total)
    assert_covers(table.loc[LUCK], 1 - 0.45 / 12 / total)
    assert_covers(table.loc[REST], 0.0)
    assert list(table.index) == [LUCK, "a.first", "a.second", REST]
    assert table.estimate.sum() == pytest.approx(1.0)


def test_what_two_assumptions_do_only_together():
    first, second = uniforms(2)
    chance = 0.5 + 0.4 * np.sign(first - 0.5) * np.sign(second - 0.5)
    table = shares(made(chance, {"a.first": first, "a.second": second}))
    assert_covers(table.loc["a.first"], 0.0)
    assert_covers(table.loc["a.second"], 0.0)
    assert_covers(table.loc[REST], 0.16 / 0.25)


def test_parameters_that_were_drawn_jointly_are_one_assumption():
    first, second, third = uniforms(3)
    twin = 0.9 * first + 0.1 * second
    chance = 0.1 + 0.8 * first
    table = shares(made(chance, {"a.first": first, "a.twin": twin, "a.third": third}))
    assert_covers(table.loc["a.first + a.twin"], 0.64 / 12 / 0.25)
    assert "a.first" not in table.index


def test_the_interval_of_luck_is_as_wide_as_its_error_where_few_worlds_are_repeated():
    """Only the first 4,000 of any number of worlds are: more of others narrow it little."""
    estimates, halves = [], []
    for seed in range(12):
        first = np.random.default_rng([seed, 5]).random(100_000)
        worlds = made(0.2 + 0.6 * first, {"a.first": first}, seed)
        noise = np.random.default_rng([seed, 6]).normal(0, 0.05, 100_000)
        worlds[AGAIN] = worlds[AGAIN] + noise
        row = shares(worlds).loc[LUCK]
        estimates.append(row.estimate)
        halves.append((row.high - row.low) / 2)
    spread = np.std(estimates, ddof=1)
    # of 12 estimates a standard deviation is known to 21 %; half an interval is 2.09 of them
    assert 0.5 < np.mean(halves) / (2.09 * spread) < 2.0


def test_an_inert_assumption_has_no_share_and_intervals_cover_it():
    covered = 0
    for seed in range(40):
        first, inert = uniforms(2, seed)[:, :1000]
        table = shares(made(0.2 + 0.6 * first, {"a.first": first, "a.inert": inert}, seed))
        row, truth = table.loc["a.first"], 0.36 / 12 / 0.25
        covered += row.low <= truth <= row.high
        assert table.loc["a.inert"].low <= 0.02
    assert covered >= 33  # of 40: less than once in a thousand at 95 %


def test_no_rows_without_variance_or_worlds():
    (first,) = uniforms(1)
    assert variance_shares(made(np.ones(WORLDS), {"a.first": first})).empty
    assert variance_shares(made(first[:300], {"a.first": first[:300]})).empty
    assert variance_shares(made(first, {})).empty


def test_a_run_in_which_one_assumption_decides():
    # Whether takeover is possible at all is the draw of the difficulty.
    drawn = {"takeover.difficulty": {"uniform": [0, 60]}, "worlds": 1600, "months": 60}
    inert = {"oversight.beliefs.danger_prior": {"uniform": [-5, -3]}}
    worlds = rs.run(rs.parse({}).override(SIZE | drawn | inert)).worlds
    table = variance_shares(worlds).set_index("source")
    assert table.loc["takeover.difficulty"].low > 0.6
    assert table.loc["oversight.beliefs.danger_prior"].estimate == pytest.approx(0, abs=0.02)
    assert table.loc[LUCK].high < 0.4


def test_correlated_assumptions_have_the_share_of_both():
    first, second = uniforms(2)
    mixed = 0.6 * first + 0.4 * second  # correlated with the first by 0.6/sqrt(0.52) = 0.83
    chance = 0.2 + 0.3 * first + 0.3 * mixed
    table = shares(made(chance, {"a.first": first, "a.mixed": mixed}))
    # 0.48 of the first and 0.12 of the second, which are independent
    assert_covers(table.loc["a.first + a.mixed"], (0.48**2 + 0.12**2) / 12 / 0.25)
    assert abs(table.loc[REST].estimate) < 1e-3  # what a polynomial of ranks does not follow


def test_many_parameters_that_were_drawn_jointly_are_one_assumption_too():
    common, *others = uniforms(31)
    columns = {f"a.n{k:02}": 0.5 * common + 0.5 * one for k, one in enumerate(others)}
    chance = 0.1 + 0.8 * sum(columns.values()) / len(columns)
    table = shares(made(chance, columns))
    (row,) = [one for name, one in table.iterrows() if name not in (LUCK, REST)]
    assert_covers(row, 0.64 * (1 + 1 / 30) / 4 / 12 / 0.25)
    assert shortened(row.name) == "a.n00 with 29 others"
