"""Assumptions that are drawn together: correlated ones, and rows of a table."""

import math
from zlib import crc32

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.ensemble.copula import correlated
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, units
from regimesim.scenario.correlations import Correlation, joint_scores, of_ranks, of_scores

WORLDS = 20_000
A, B, C = "takeover.difficulty", "cognition.awareness_midpoint", "cognition.patience"
LAWS = {A: {"normal": [15, 2]}, B: {"lognormal": [9, 0.3]}, C: {"beta": [3, 1]}}


def pairs(**ranks):
    """Correlations by the letters of their two parameters."""
    names = {"a": A, "b": B, "c": C}
    return [{"of": [names[of[0]], names[of[1]]], "rank": rank} for of, rank in ranks.items()]


def scenario(*, policies=None, laws=None, **ranks):
    return rs.parse(
        {
            "correlations": pairs(**ranks),
            "policies": policies or {"none": {}},
            **nested(LAWS if laws is None else laws),
        }
    )


def nested(keys):
    tables = {}
    for key, value in keys.items():
        table, name = key.split(".")
        tables.setdefault(table, {})[name] = value
    return tables


def draws(scenario, policy="none", worlds=WORLDS):
    """What each world draws, by dotted name."""
    numbers = np.arange(worlds, dtype=np.int64)
    tables = scenario.policies[policy]
    drawn = draw_parameters(tables, scenario.start, np.ones_like(numbers), numbers)
    return {name: drawn[:, column] for name, column in columns(tables).items()}


def rank_correlation(drawn, first, second):
    return stats.spearmanr(drawn[first], drawn[second]).statistic


@pytest.mark.parametrize("rank", [-0.95, -0.3, 0.1, 0.6, 0.99])
def test_ranks_are_correlated_as_they_are_written(rank):
    found = rank_correlation(draws(scenario(ab=rank)), A, B)
    assert found == pytest.approx(rank, abs=4.5 * (1 - rank**2) / math.sqrt(WORLDS))


def test_pairs_that_are_not_named_are_independent():
    drawn = draws(scenario(ab=0.6, bc=-0.5))
    for first, second, rank in ((A, B, 0.6), (B, C, -0.5), (A, C, 0.0)):
        near = 4.5 / math.sqrt(WORLDS)
        assert rank_correlation(drawn, first, second) == pytest.approx(rank, abs=near)


def test_each_keeps_its_distribution():
    drawn = draws(scenario(ab=0.7, bc=0.5))
    laws = {A: stats.norm(15, 2), B: stats.lognorm(0.3, scale=9), C: stats.beta(3, 1)}
    for name, law in laws.items():
        assert stats.kstest(drawn[name], law.cdf).pvalue > 1e-3


def test_a_truncated_distribution_stays_within_its_range_and_keeps_its_law():
    drawn = draws(scenario(laws=LAWS | {C: {"normal": [0.9, 0.3]}}, ac=0.8))
    law = stats.truncnorm((0 - 0.9) / 0.3, (1 - 0.9) / 0.3, 0.9, 0.3)
    assert stats.kstest(drawn[C], law.cdf).pvalue > 1e-3
    assert 0 <= drawn[C].min() <= drawn[C].max() <= 1


def test_no_correlation_changes_no_bit():
    plain, zero, some = (draws(one) for one in (scenario(), scenario(ab=0), scenario(ab=0.5)))
    for name in plain:
        assert np.array_equal(plain[name], zero[name])
        # of a pair the first in alphabetical order keeps its draws, and so does all the rest
        assert np.array_equal(plain[name], some[name]) == (name != A)


def test_policies_share_the_draws_of_what_both_draw():
    both = scenario(
        policies={"none": {}, "other": {"cognition": {"awareness_midpoint": 9}}}, ab=0.6
    )
    first, second = draws(both), draws(both, "other")
    assert np.array_equal(first[A], second[A])
    assert set(second[B]) == {9.0}


def test_a_number_in_place_of_a_distribution_leaves_all_other_draws_alone():
    correlations = scenario(ab=0.6, bc=0.3)
    before, after = draws(correlations), draws(correlations.override({B: 12}))
    assert set(after[B]) == {12.0}
    for name in before.keys() - {B}:
        assert np.array_equal(before[name], after[name])


def test_scores_have_the_correlations_that_their_ranks_need():
    for rank in np.linspace(-0.99, 0.99, 23):
        assert of_scores(rank) == pytest.approx(2 * math.sin(math.pi * rank / 6), abs=2e-16)
        assert of_ranks(of_scores(rank)) == pytest.approx(rank, abs=1e-15)


def test_the_factor_is_that_of_cholesky():
    names = [f"n{k}" for k in range(6)]
    random = np.random.default_rng(3)
    ranks = {(i, j): random.uniform(-0.2, 0.3) for i in range(6) for j in range(i)}
    listed = tuple(Correlation((names[i], names[j]), rank) for (i, j), rank in ranks.items())
    matrix = np.eye(6)
    for (i, j), rank in ranks.items():
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi * rank / 6)
    (scores,) = joint_scores(listed)
    factor = np.zeros((6, 6))
    for k, row in enumerate(scores.factor):
        factor[k, : len(row)] = row
    np.testing.assert_allclose(factor, np.linalg.cholesky(matrix), atol=1e-14)


def test_uniforms_never_reach_an_end():
    def own(name):
        return np.array([2.0**-53, 1 - 2.0**-53])

    made = correlated((Correlation((A, B), 0.9999),), own)[A]
    assert 0 < made.min() < made.max() < 1


def test_what_is_far_apart_in_pairs_hangs_together():
    listed = (Correlation(("a", "b"), 0.1), Correlation(("d", "c"), 0.1))
    joined = (*listed, Correlation(("b", "c"), 0.1))
    assert [one.names for one in joint_scores(listed)] == [("a", "b"), ("c", "d")]
    assert [one.names for one in joint_scores(joined)] == [("a", "b", "c", "d")]


# ---- rows of a table ----

HEADER = f"{A},{B},oversight.control.auroc"
ROWS = [(12.5, 7, 0.9), (14, 8, 0.8), (15.25, 9, 0.85), (17, 11, 0.6), (20, 12, 0.7)]


@pytest.fixture
def folder(tmp_path):
    lines = [HEADER, *(",".join(map(str, row)) for row in ROWS)]
    (tmp_path / "posterior.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "joint.toml").write_text(
        'months = 12\nsystems = 3\nworlds = 16\n[draws]\nfile = "posterior.csv"\n'
        "[policies.none]\n[policies.control.oversight.control]\nauroc = { beta = [9, 1] }\n"
        "[policies.sure.oversight.control]\nauroc = 0.99\n"
    )
    return tmp_path


def test_worlds_take_rows_each_with_an_equal_share(folder):
    drawn = draws(rs.load(folder / "joint.toml"), "control")
    rows = list(zip(*(drawn[name] for name in HEADER.split(",")), strict=True))
    assert set(rows) == set(ROWS)
    counts = [rows.count(row) for row in ROWS]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_policies_take_the_same_rows_and_a_number_of_a_policy_stays(folder):
    scenario = rs.load(folder / "joint.toml")
    none, control, sure = (draws(scenario, name, 500) for name in scenario.policies)
    for name in (A, B):
        assert np.array_equal(none[name], control[name])
        assert np.array_equal(none[name], sure[name])
    assert set(sure["oversight.control.auroc"]) == {0.99}


def test_the_row_follows_from_the_digest_of_the_table(folder):
    scenario = rs.load(folder / "joint.toml")
    value = scenario.policies["none"].takeover.difficulty
    key = crc32(f"draws.{value.of}".encode())
    uniform = units(np.ones(200, np.int64), np.arange(200, dtype=np.int64), key)[:, 0]
    expected = np.array([row[0] for row in ROWS])[(uniform * len(ROWS)).astype(int)]
    assert np.array_equal(draws(scenario, worlds=200)[A], expected)


def test_medians_are_those_of_columns_and_nothing_is_drawn(folder):
    middle = rs.at_medians(rs.load(folder / "joint.toml"))
    tables = middle.policies["control"]
    assert tables.takeover.difficulty == 15.25
    assert tables.cognition.awareness_midpoint == 9
    assert tables.oversight.control.auroc == 0.8
    assert not middle.policies["none"].correlations


def test_medians_of_correlated_assumptions_are_those_without(folder):
    one, other = rs.at_medians(scenario(ab=0.6)), rs.at_medians(scenario())
    assert one.policies == other.policies
