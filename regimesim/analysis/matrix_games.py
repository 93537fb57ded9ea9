"""Zero-sum games of two players: equilibria of a matrix, and of a game too large for one.

One side chooses a row and wants much, the other a column and wants little.  A matrix game is
solved by linear programming.  Where a side has too many choices to list, its best answers
grow the matrix (the double oracle of McMahan, Gordon and Blum 2003): solve the matrix of the
choices so far, find the best answer of each side to the other's mixture, add both, and repeat.
Each round bounds the value of the whole game from both sides, so a game that is left
early has a gap and no false answer.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Generic, NamedTuple, TypeVar

import numpy as np

EXACT = 1e-9  # a gap, in the unit of the payoffs, that is rounding
SELDOM = 1e-9  # the probability of a choice that is never made
ROUNDS = 50

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


class NothingAllowed(Exception):
    """No row that was found is allowed against all columns that were found."""


class Equilibrium(NamedTuple):
    """The equilibrium of a matrix game.

    Attributes
    ----------
    value : float
        What the rows get if both sides play it.
    rows : ndarray, shape (rows,)
        The probability of each row.
    columns : ndarray, shape (columns,)
        The probability of each column.
    """

    value: float
    rows: np.ndarray
    columns: np.ndarray


def equilibrium(payoffs) -> Equilibrium:
    """The equilibrium of a matrix game, by linear programming.

    Parameters
    ----------
    payoffs : array_like, shape (rows, columns)
        What the rows get, and the columns lose.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ValueError
        For payoffs that are not a matrix of finite numbers.
    """
    payoffs = np.asarray(payoffs, float)
    if payoffs.ndim != 2 or payoffs.size == 0 or not np.isfinite(payoffs).all():
        raise ValueError("payoffs: not a matrix of finite numbers")
    rows = _safest(payoffs)
    columns = _safest(-payoffs.T)
    lowest = float((rows @ payoffs).min())
    highest = float((payoffs @ columns).max())
    return Equilibrium((lowest + highest) / 2, rows, columns)


def _safest(payoffs) -> np.ndarray:
    """The mixture of rows whose worst column is the least bad."""
    from scipy.optimize import linprog

    rows, columns = payoffs.shape
    solved = linprog(
        c=np.r_[np.zeros(rows), -1.0],
        A_ub=np.c_[-payoffs.T, np.ones(columns)],
        b_ub=np.zeros(columns),
        A_eq=np.r_[np.ones(rows), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, 1)] * rows + [(None, None)],
        method="highs",
    )
    weights = np.where(solved.x[:-1] > SELDOM, solved.x[:-1], 0.0)
    return weights / weights.sum()


@dataclass(frozen=True)
class Saddle(Generic[Row, Column]):
    """How far best answers in turn came: a saddle, or bounds with a gap between them.

    Attributes
    ----------
    rows : tuple of (row, probability)
        The mixture of rows whose worst case is best, of all that were played.
    columns : tuple of (column, probability)
        The mixture of columns against which the best answer gets least.
    lower : float
        What `rows` get against the best answer to them.
    upper : float
        What the best answer to `columns` gets.
    best_row, best_column : row, column
        The best answers to `columns` and to `rows`, which give the bounds.
    rounds : int
        How many times the matrix was solved.
    tolerance : float
        The gap up to which it is a saddle.
    """

    rows: tuple[tuple[Row, float], ...]
    columns: tuple[tuple[Column, float], ...]
    lower: float
    upper: float
    best_row: Row
    best_column: Column
    rounds: int
    tolerance: float = EXACT

    @property
    def gap(self) -> float:
        """How much the value of the game is unknown by; never below 0."""
        return max(self.upper - self.lower, 0.0)

    @property
    def is_saddle(self) -> bool:
        """Whether the gap is within the tolerance."""
        return self.gap <= self.tolerance


def best_answers(
    payoff: Callable[[Row, Column], float],
    best_row: Callable[[Sequence[tuple[Column, float]]], Row],
    best_column: Callable[[Sequence[tuple[Row, float]]], Column],
    rows: Sequence[Row],
    columns: Sequence[Column],
    tolerance: float = EXACT,
    most_rounds: int = ROUNDS,
    report: Callable[[Saddle], object] | None = None,
    may: Callable[[Row, Sequence[Column]], bool] | None = None,
) -> Saddle[Row, Column]:
    """Play best answers in turn until no side gains by another one.

    Parameters
    ----------
    payoff : callable
        What a row gets against a column.  Each pair is asked for once.
    best_row, best_column : callable
        The best answer to a mixture of the other side, given as (choice, probability).
        Where it is only the best that a search found, the bounds hold as far as that search
        does.
    rows, columns : sequence
        The first choices, at least one each.
    tolerance : float
        The gap, in the unit of the payoffs, at which the routine ends.
    most_rounds : int
        The number of rounds at which it ends in any case, at least 1.
    report : callable, optional
        Called with the Saddle so far after each round.
    may : callable, optional
        Whether a row is allowed against all of some columns.  A row that a new column makes
        forbidden is played no more, and bounds that rest on it are forgotten.

    Returns
    -------
    Saddle
        With the narrowest bounds of all rounds.

    Raises
    ------
    NothingAllowed
        Where no row that was found is allowed against all columns that were found.

    References
    ----------
    McMahan, Gordon and Blum (2003), "Planning in the presence of cost functions controlled by an
    adversary", Proceedings of the 20th International Conference on Machine Learning.
    """
    rows, columns = list(dict.fromkeys(rows)), list(dict.fromkeys(columns))
    matrix = _Matrix(payoff)
    best: Saddle | None = None
    for number in range(1, most_rounds + 1):
        rows = _allowed(rows, columns, may) or [best_row([(columns[-1], 1.0)])]
        solved = equilibrium(matrix.of(rows, columns))
        ours, theirs = _mixture(rows, solved.rows), _mixture(columns, solved.columns)
        row, column = best_row(theirs), best_column(ours)
        # what is in the matrix already is an answer as well, where a search finds none better
        gains = {one: sum(p * matrix[one, other] for other, p in theirs) for one in [*rows, row]}
        losses = {
            one: sum(p * matrix[other, one] for other, p in ours) for one in [*columns, column]
        }
        up, down = max(gains, key=gains.__getitem__), min(losses, key=losses.__getitem__)
        now = Saddle(ours, theirs, losses[down], gains[up], up, down, number, tolerance)
        known = row in rows and column in columns
        rows, columns = list(dict.fromkeys([*rows, row])), list(dict.fromkeys([*columns, column]))
        standing = [one for one in (best, now) if one and _stands(one, columns, may)]
        best = reduce(_narrowed, standing, None)
        if best and report:
            report(best)
        if best and (best.is_saddle or known):
            break
    if best is None:
        raise NothingAllowed
    return best


def _allowed(rows, columns, may) -> list:
    """The rows that are allowed against all columns."""
    return [row for row in rows if may is None or may(row, columns)]


def _stands(saddle: Saddle, columns, may) -> bool:
    """Whether every row on which the bounds rest is allowed against all columns."""
    rest = [*(row for row, _ in saddle.rows), saddle.best_row]
    return len(_allowed(rest, columns, may)) == len(rest)


class _Matrix:
    """Payoffs by pair, each asked for once."""

    def __init__(self, payoff):
        self._payoff, self._known = payoff, {}

    def __getitem__(self, pair) -> float:
        if pair not in self._known:
            self._known[pair] = float(self._payoff(*pair))
        return self._known[pair]

    def of(self, rows, columns) -> np.ndarray:
        return np.array([[self[row, column] for column in columns] for row in rows])


def _mixture(choices, weights):
    """The choices that are ever made, with their probabilities."""
    pairs = zip(choices, weights, strict=True)
    return tuple((choice, float(weight)) for choice, weight in pairs if weight > 0)


def _narrowed(before: Saddle | None, after: Saddle) -> Saddle:
    """The narrower of the bounds on each side, each with the mixture that gives it."""
    if before is None:
        return after
    low = before if before.lower > after.lower else after
    high = before if before.upper < after.upper else after
    return replace(
        after,
        rows=low.rows,
        lower=low.lower,
        best_column=low.best_column,
        columns=high.columns,
        upper=high.upper,
        best_row=high.best_row,
    )
