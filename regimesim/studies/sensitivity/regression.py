"""Sobol indices by regression, where other parameters are drawn in each world.

A mean over worlds is then a smooth function of the parameters that vary, blurred by the draws of
few worlds.  The square of a difference between two points (`sobol`) takes that blur for an
interaction of all parameters.  A regression averages it over all points: the outcome is fitted by
orthonormal polynomials of the uniforms, and the squares of their coefficients are parts of its
variance (Sudret 2008), less what the blur adds to a square on average.  This needs points whose
blur is independent, so each has worlds of its own.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, Estimate
from regimesim.studies.sensitivity.sobol import INSIDE, Indices

DEGREE = 3  # of a polynomial, at most: a mean over draws has no jumps, which would need more
ENOUGH = 3  # points for each polynomial
BLOCKS = 32  # of points, one of which the jackknife leaves out

Term = tuple[tuple[int, int], ...]  # a parameter and its degree, for one or two parameters


class Regression(NamedTuple):
    """Indices, and the share of the variance over points that the polynomials explain."""

    indices: Indices
    explained: float


def spread_points(points: int, parameters: int, seed: int) -> np.ndarray:
    """Uniforms on (0, 1) at which to evaluate, as many as of `saltelli_points`:
    (parameters + 2, points, parameters).

    They are a scrambled Sobol sequence, and those of fewer `points` are its beginning:
    [:, :points].
    """
    from scipy.stats.qmc import Sobol

    kinds = parameters + 2
    sequence = Sobol(parameters, rng=np.random.default_rng(seed))
    uniforms = sequence.random_base2((kinds * points - 1).bit_length())[: kinds * points]
    uniforms = np.clip(uniforms, INSIDE, 1 - INSIDE)
    return uniforms.reshape(points, kinds, parameters).swapaxes(0, 1)


def regressed_indices(uniforms, outcome, seed: int = 0) -> Regression | None:
    """Indices from the outcome at points that have worlds of their own.

    Parameters
    ----------
    uniforms : ndarray, shape (points, parameters)
        The points.
    outcome : ndarray, shape (points,)
        Finite numbers.
    seed : int
        It divides the points into blocks.

    Returns
    -------
    Regression, optional
        Indices with intervals of a jackknife over blocks of points, which hold 0 and 1 where the
        variance that is divided may be 0.  None where the outcome is the same everywhere.

    References
    ----------
    Sudret 2008, Reliability Engineering & System Safety 93:964; MacKinnon and White 1985, Journal
    of Econometrics 29:305.
    """
    from scipy.special import stdtrit

    uniforms, outcome = np.asarray(uniforms), np.asarray(outcome, np.float64)
    if np.ptp(outcome) == 0:
        return None
    size, parameters = uniforms.shape
    terms = terms_for(size, parameters)
    values = _polynomials(uniforms, terms)
    acting = np.array([[k in dict(term) for term in terms] for k in range(parameters)])
    alone = acting & [len(term) == 1 for term in terms]

    def shares(parts):
        return np.array([alone @ parts, acting @ parts]) / parts.sum()

    parts = variances(values, outcome)
    block = np.random.default_rng(seed).permutation(size) % BLOCKS
    kept = (block != one for one in range(BLOCKS))
    without = [variances(values[some], outcome[some]) for some in kept]

    def reach(replicates):
        error = np.sqrt((BLOCKS - 1) * np.var(replicates, axis=0))
        return stdtrit(BLOCKS - 1, (1 + CONFIDENCE) / 2) * error

    at = shares(parts)
    wide = reach([shares(each) for each in without])
    low, high = at - wide, at + wide
    if parts.sum() <= reach([each.sum() for each in without]):  # may be nothing to divide
        low, high = np.minimum(low, 0.0), np.maximum(high, 1.0)
    first, total = (
        tuple(Estimate(*map(float, numbers), size) for numbers in zip(*kind, strict=True))
        for kind in zip(at, low, high, strict=True)
    )
    return Regression(Indices(first, total), float(parts.sum() / outcome.var()))


def terms_for(points: int, parameters: int) -> tuple[Term, ...]:
    """The polynomials for so many points: all of one or two parameters up to the greatest degree
    for which there are ENOUGH points, and at least the linear ones."""
    terms = tuple(_terms(parameters, 1))
    for degree in range(2, DEGREE + 1):
        more = tuple(_terms(parameters, degree))
        if points >= ENOUGH * (1 + len(more)):
            terms = more
    return terms


def _terms(parameters: int, degree: int) -> Iterable[Term]:
    for k in range(parameters):
        yield from (((k, one),) for one in range(1, degree + 1))
    for j, k in combinations(range(parameters), 2):
        yield from (
            ((j, one), (k, other))
            for one in range(1, degree)
            for other in range(1, degree + 1 - one)
        )


def _polynomials(uniforms, terms) -> np.ndarray:
    """1 and the polynomials, orthonormal on (0, 1), at all points: (points, 1 + terms)."""
    from numpy.polynomial.legendre import legvander

    values = legvander(2 * uniforms - 1, DEGREE) * np.sqrt(2 * np.arange(DEGREE + 1) + 1)
    columns = [np.prod([values[:, k, degree] for k, degree in term], axis=0) for term in terms]
    return np.stack([np.ones(len(uniforms)), *columns], axis=1)


def variances(values, outcome) -> np.ndarray:
    """What each polynomial but the constant adds to the variance: (terms,), unbiased, so that it
    may be below 0.

    It is the square of a coefficient, less the variance of that coefficient (HC2), to which each
    point contributes by its own residual, as points differ in their luck.
    """
    solved = np.linalg.solve(values.T @ values, values.T)
    coefficients = solved @ outcome
    own = np.einsum("ij,ji->i", values, solved)  # the share of a point in its own fit
    residuals = np.square(outcome - values @ coefficients) / (1 - own)
    return (np.square(coefficients) - np.square(solved) @ residuals)[1:]
