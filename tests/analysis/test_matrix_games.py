"""Equilibria of matrix games, and best answers in turn, against games whose value is known."""

import numpy as np
import pytest

from regimesim.analysis.matrix_games import best_answers, equilibrium

ROCK = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]


@pytest.mark.parametrize(
    ("payoffs", "value", "rows", "columns"),
    [
        ([[3]], 3, [1], [1]),
        ([[3, 1], [2, 0]], 1, [1, 0], [0, 1]),  # a saddle of pure choices
        ([[1, -1], [-1, 1]], 0, [0.5, 0.5], [0.5, 0.5]),
        ([[2, -1], [-1, 1]], 0.2, [0.4, 0.6], [0.4, 0.6]),
        (ROCK, 0, [1 / 3] * 3, [1 / 3] * 3),
        ([[4, 1, 8], [2, 3, 1]], 2.5, [0.25, 0.75], [0.5, 0.5, 0]),  # a column is never played
    ],
)
def test_the_equilibrium_of_a_small_matrix_is_the_one_in_closed_form(
    payoffs, value, rows, columns
):
    solved = equilibrium(payoffs)
    assert solved.value == pytest.approx(value, abs=1e-9)
    assert solved.rows == pytest.approx(rows, abs=1e-9)
    assert solved.columns == pytest.approx(columns, abs=1e-9)


def test_no_side_gains_by_leaving_an_equilibrium():
    payoffs = np.random.default_rng(1).normal(size=(7, 11))
    solved = equilibrium(payoffs)
    assert (solved.rows @ payoffs).min() == pytest.approx(solved.value, abs=1e-9)
    assert (payoffs @ solved.columns).max() == pytest.approx(solved.value, abs=1e-9)


@pytest.mark.parametrize("payoffs", [[], [1, 2], [[1, np.nan]], [[]]])
def test_what_is_not_a_matrix_is_an_error(payoffs):
    with pytest.raises(ValueError, match="not a matrix of finite numbers"):
        equilibrium(payoffs)


def exact(payoffs):
    """The arguments of `best_answers` for a matrix in which both sides can list all choices."""
    payoffs = np.asarray(payoffs, float)

    def best_row(columns):
        return int(np.argmax(sum(p * payoffs[:, column] for column, p in columns)))

    def best_column(rows):
        return int(np.argmin(sum(p * payoffs[row] for row, p in rows)))

    return (lambda row, column: payoffs[row, column]), best_row, best_column


@pytest.mark.parametrize("seed", range(5))
def test_best_answers_find_the_value_of_the_whole_matrix(seed):
    payoffs = np.random.default_rng(seed).normal(size=(40, 30))
    saddle = best_answers(*exact(payoffs), rows=[0], columns=[0])
    assert saddle.is_saddle and saddle.gap <= 1e-9
    assert saddle.lower == pytest.approx(equilibrium(payoffs).value, abs=1e-9)
    mixture = np.zeros(40)
    for row, weight in saddle.rows:
        mixture[row] = weight
    assert (mixture @ payoffs).min() == pytest.approx(saddle.lower, abs=1e-9)


def test_a_mixed_saddle_is_saddle_where_no_pure_one_exists():
    saddle = best_answers(*exact(ROCK), rows=[0], columns=[0])
    assert saddle.is_saddle and dict(saddle.rows) == pytest.approx(dict.fromkeys(range(3), 1 / 3))


def test_a_routine_that_ends_early_has_a_gap_around_the_value():
    payoffs = np.random.default_rng(3).normal(size=(40, 30))
    value, gaps = equilibrium(payoffs).value, []
    saddle = best_answers(
        *exact(payoffs), rows=[0], columns=[0], most_rounds=3,
        report=lambda so_far: gaps.append(so_far.gap),
    )  # fmt: skip
    assert not saddle.is_saddle and saddle.rounds == 3
    assert saddle.lower <= value <= saddle.upper and saddle.gap == gaps[-1] > 0.01
    against_row = sum(p * payoffs[saddle.best_row, column] for column, p in saddle.columns)
    against_column = sum(p * payoffs[row, saddle.best_column] for row, p in saddle.rows)
    assert (against_column, against_row) == pytest.approx((saddle.lower, saddle.upper))
    assert gaps == sorted(gaps, reverse=True)  # bounds only ever narrow


def test_a_search_that_finds_no_better_answer_ends_the_routine():
    payoff, _, best_column = exact(ROCK)
    saddle = best_answers(payoff, lambda columns: 0, best_column, rows=[0], columns=[0])
    # the side of the rows knows one choice alone, and loses with it
    assert saddle.lower == saddle.upper == -1 and dict(saddle.rows) == {0: 1}


def test_each_pair_is_asked_for_once():
    payoffs, pairs = np.random.default_rng(2).normal(size=(20, 20)), []
    payoff, *answers = exact(payoffs)

    def counted(row, column):
        pairs.append((row, column))
        return payoff(row, column)

    best_answers(counted, *answers, rows=[0, 0], columns=[0])
    assert len(pairs) == len(set(pairs))
