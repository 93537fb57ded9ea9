"""The expected value of knowing an assumption before a policy is chosen.

Without more knowledge the policy with the best mean value is chosen, max_p E V_p.  Where the
assumption θ is known, the choice has the value max_p E(V_p | θ), so that knowing it is worth

    E max_p E(V_p | θ) − max_p E V_p,

the expected value of partial perfect information (Raiffa and Schlaifer 1961).  The conditional
means are a regression of the values of worlds on polynomials of the ranks of θ (Strong, Oakley and
Brennan 2014).  A maximum of estimates is too high by luck.  So both choices are made from other
worlds than those in which they are judged (cross-fitting): the estimate is the gain of a rule that
was learned, which errs to the low side, if at all.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from regimesim.analysis.assumptions import basis_of
from regimesim.analysis.estimates import UNBOUNDED, Estimate, mean

FOLDS = 10
FEWEST = 100  # worlds
NOISE = 2.0  # squared standard errors that a weight must exceed


class Rule(NamedTuple):
    """Which policy to choose where an assumption is known.

    gains: (worlds,) the value of the choice with the knowledge minus that of the choice without,
    both learned in other worlds · choice: (worlds,) the place of the policy, learned in all.
    """

    gains: np.ndarray
    choice: np.ndarray

    def estimate(self, confidence: float) -> Estimate:
        """The mean gain with its interval; exactly 0 where no choice differs."""
        if not self.gains.any():
            return Estimate(0.0, 0.0, 0.0, self.gains.size)
        return mean(self.gains, confidence, UNBOUNDED)


def rule_for(values: np.ndarray, basis: np.ndarray) -> Rule:
    """The rule from the values of policies and a basis of what is known.

    Parameters
    ----------
    values : ndarray, shape (worlds, policies)
        The value of each policy in each world.
    basis : ndarray, shape (worlds, terms)
        Functions of what is known, the first of them constant.

    Returns
    -------
    Rule
    """
    folds = [slice(k, None, FOLDS) for k in range(FOLDS)]
    parts = [_Sums.of(basis[here], values[here]) for here in folds]
    whole = _Sums(*(sum(terms) for terms in zip(*parts, strict=True)))
    gains = np.empty(len(values))
    for here, part in zip(folds, parts, strict=True):
        without, weights = _learned(_Sums(*(x - y for x, y in zip(whole, part, strict=True))))
        knowing, rows = np.argmax(basis[here] @ weights, axis=1), values[here]
        gains[here] = rows[np.arange(len(rows)), knowing] - rows[:, without]
    return Rule(gains, np.argmax(basis @ _learned(whole)[1], axis=1))


class _Sums(NamedTuple):
    """Sums over worlds, from which regressions follow.

    number: of worlds · totals: (policies,) of values · inner: (terms, terms) of products of terms
    · cross: (terms, policies) of products with values · square: (policies, policies) of values.
    """

    number: int
    totals: np.ndarray
    inner: np.ndarray
    cross: np.ndarray
    square: np.ndarray

    @classmethod
    def of(cls, basis, values):
        return cls(
            len(values), values.sum(axis=0), basis.T @ basis, basis.T @ values, values.T @ values
        )


def _learned(sums: _Sums) -> tuple[int, np.ndarray]:
    """The place of the policy that is best on average, and the weights (terms, policies) of what
    each policy is worth beyond it.

    Weights but that of the constant are shrunk by 1 − NOISE·(standard error/weight)², at least by
    all of it (Breiman's garrote): what luck explains decides nothing.
    """
    best = int(np.argmax(sums.totals))
    inverse = np.linalg.pinv(sums.inner, rcond=1e-9, hermitian=True)
    cross = sums.cross - sums.cross[:, [best]]
    weights = inverse @ cross
    own = np.diag(sums.square)
    spread = own - 2.0 * sums.square[:, best] + own[best]
    left = np.maximum(spread - (weights * cross).sum(axis=0), 0.0)
    variance = np.outer(np.diag(inverse), left / max(sums.number - len(weights), 1))
    seen = weights**2
    kept = np.maximum(1.0 - NOISE * variance / np.where(seen > 0.0, seen, 1.0), 0.0)
    kept[0] = 1.0
    return best, weights * kept


def rule_of(values, drawn: Mapping[str, np.ndarray], names: Sequence[str]) -> Rule:
    """The rule of those who know the parameters of these names."""
    return rule_for(values, basis_of([drawn[name] for name in names]))


def rule_of_all(values, drawn: Mapping[str, np.ndarray]) -> Rule:
    """The rule of those who know every assumption, with the effects of each added up."""
    parts = [basis_of([column])[:, 1:3] for column in drawn.values()]
    return rule_for(values, np.column_stack([np.ones(len(values)), *parts]))


def rule_of_shown(values, column: np.ndarray, there: np.ndarray) -> Rule:
    """The rule of those who know what a measurement shows, where it shows anything.

    Parameters
    ----------
    values : ndarray, shape (worlds, policies)
        The value of each policy in each world.
    column : ndarray, shape (worlds,)
        The result of the measurement.
    there : ndarray of bool, shape (worlds,)
        Where there is one.  In the other worlds, lost before, nothing is left to choose: the
        choice remains the one without it, and gains nothing.
    """
    best = int(np.argmax(values.mean(axis=0)))
    if not there.any():
        return Rule(np.zeros(len(values)), np.full(len(values), best))
    # of few values, powers beyond these say nothing more
    known = basis_of([column[there]])[:, : np.unique(column[there]).size]
    basis = np.zeros((len(values), known.shape[1] + (not there.all())))
    basis[:, 0] = 1.0
    basis[there, : known.shape[1]] = known
    if not there.all():
        basis[~there, -1] = 1.0
    rule = rule_for(values, _orthogonal(basis))
    return Rule(np.where(there, rule.gains, 0.0), np.where(there, rule.choice, best))


def _orthogonal(basis: np.ndarray) -> np.ndarray:
    """The same functions, each without what those before it say, with a mean square of 1.

    A weight is shrunk by itself.  Where nearly all worlds show the same, or some are lost, powers
    of ranks overlap with the constant and with each other, and to shrink one of them would move
    what is learned of every world.
    """
    columns, sizes = np.linalg.qr(basis)
    size = np.abs(np.diag(sizes))
    columns = columns[:, size > 1e-9 * size.max()] * np.sqrt(len(basis))
    columns[:, 0] = 1.0  # of either sign
    return columns


class Region(NamedTuple):
    """Values of a parameter between which one policy is chosen; None at the ends of its draws."""

    policy: str
    low: float | None
    high: float | None


def regions(rule: Rule, column: np.ndarray, policies: Sequence[str]) -> list[Region]:
    """Where on the values of a parameter each policy is chosen, from low to high."""
    order = np.argsort(column, kind="stable")
    chosen, sorted_values = rule.choice[order], column[order]
    turns = np.flatnonzero(np.diff(chosen)) + 1
    ends = [None, *(float((sorted_values[k - 1] + sorted_values[k]) / 2) for k in turns), None]
    starts = [0, *turns.tolist()]
    return [
        Region(policies[chosen[start]], low, high)
        for start, low, high in zip(starts, ends[:-1], ends[1:], strict=True)
    ]
