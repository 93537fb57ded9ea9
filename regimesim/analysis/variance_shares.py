"""How much of the uncertainty about a takeover is luck, and how much each assumption.

Whether a world ends without a takeover, Y, depends on the parameters that it drew, θ, and on all
its other draws, its luck.  Its variance over worlds is divided as

    Var Y = E Var(Y | θ) + Σ Var E(Y | θᵢ) + rest,

luck, the first-order share of each assumption, and what assumptions do only together
(Sobol 1993).  A run knows the first part because some of its worlds are simulated twice with the
same θ (`regimesim.ensemble.other_luck`): if E and E' are the conditional expectations of Y in
such a pair, Var E(Y | θ) = Corr(E, E')·Var E.  The first-order shares need no further worlds:
Var E(Y | θᵢ) is what a polynomial of the ranks of θᵢ explains of E, adjusted for the number of its
terms.
Parameters that were drawn jointly, such as the level and the speed of a fitted growth, are one
assumption.  Intervals are those of the jackknife over blocks of worlds.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.assumptions import JOINED, Basis, assumptions, drawn_in
from regimesim.analysis.estimates import jackknife_half
from regimesim.analysis.present_worlds import PresentWorlds, confidence, present_worlds
from regimesim.ensemble.datasets import AGAIN
from regimesim.ensemble.other_luck import LAST

if TYPE_CHECKING:
    import pandas
    import xarray

LUCK, REST = "luck", "together"
AT_ONCE = 2**22  # numbers of all terms in all worlds; of more, those of a block are held at a time
EXPECTED = "expected_takeover"
BLOCKS = 20
FEWEST = 60  # worlds, and pairs of worlds: from fewer no share is reported
LEAST = 0.02  # the share of an assumption that decides, at least


class Share(NamedTuple):
    """A share of the variance of `no_takeover` over worlds.

    Attributes
    ----------
    source : str
        `LUCK`, `REST`, or the dotted names of an assumption, joined by " + ".
    estimate, low, high : float
        The share with its interval; sampling error can carry it below 0 or above 1.
    """

    source: str
    estimate: float
    low: float
    high: float


def is_clear(estimate: float, low: float) -> bool:
    """Whether a share with this lower end is that of an assumption that decides."""
    return low > 0 and estimate >= LEAST


def variance_shares(worlds: "xarray.Dataset") -> "pandas.DataFrame":
    """The shares of luck and of each assumption in the variance of `no_takeover`.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run whose scenario draws parameters.

    Returns
    -------
    pandas.DataFrame
        A row for each policy and source: `policy`, `source`, `estimate`, `low`, `high`.  A policy
        under which every world ends alike, or with too few worlds, has no rows.

    References
    ----------
    Sobol (1993), Mathematical Modelling and Computational Experiments 1, 407-414, for the
    division; Efron and Stein (1981), Annals of Statistics 9, 586-596, for the jackknife.
    """
    import pandas

    there = present_worlds(worlds)
    rows = [(name, *one) for name in there.policies for one in shares_of(there, name)]
    return pandas.DataFrame(rows, columns=["policy", *Share._fields])


def shares_of(worlds: PresentWorlds, policy: str) -> list[Share]:
    """The shares under one policy: luck, the assumptions with the largest first, and the rest.

    The list is empty where nothing is drawn, where every world ends alike, and where there are
    too few worlds.
    """
    drawn = drawn_in(worlds, policy)
    if not drawn or not {AGAIN, EXPECTED} <= set(worlds.variables):
        return []
    sample = _Sample.of(worlds, policy)
    again = 1.0 - worlds.rows(policy)[AGAIN]
    pairs = ~np.isnan(again)
    if not sample.varies or pairs.sum() < FEWEST or np.ptp(sample.expected[pairs]) == 0:
        return []
    scale = sample.scale
    known = scale * sample.without_each(_correlation, sample.expected, again)
    parts = _parts(sample, drawn, scale)
    rest = known - sum(parts.values())
    sources = [(LUCK, 1.0 - known), *parts.items(), (REST, rest)]
    return [Share(name, *_interval(values, confidence(worlds))) for name, values in sources]


def assumption_shares(worlds: PresentWorlds, policy: str) -> list[Share]:
    """The shares of the assumptions alone, the largest first; no world need be repeated."""
    drawn = drawn_in(worlds, policy)
    if not drawn or EXPECTED not in worlds.variables:
        return []
    sample = _Sample.of(worlds, policy)
    if not sample.varies:
        return []
    parts = _parts(sample, drawn, sample.scale)
    return [Share(name, *_interval(one, confidence(worlds))) for name, one in parts.items()]


class _Sample(NamedTuple):
    """What the worlds of a policy came to.

    counted, expected: (worlds,) no takeover, and its expectation · blocks: (worlds,) the block of
    each world.
    """

    counted: np.ndarray
    expected: np.ndarray
    blocks: np.ndarray

    @classmethod
    def of(cls, worlds, policy):
        rows = worlds.rows(policy)
        counted = np.isnan(rows["takeover"]).astype(float)
        # in turns, so that each block has as many of the worlds that were simulated twice
        turn = max(min(counted.size, LAST), 1)
        blocks = (np.arange(counted.size) * BLOCKS // turn % BLOCKS).astype(np.int8)
        return cls(counted, 1.0 - rows[EXPECTED], blocks)

    @property
    def varies(self) -> bool:
        """Whether the worlds are enough, and not all alike."""
        return self.counted.size >= FEWEST and 0.0 < self.counted.mean() < 1.0

    @property
    def scale(self) -> np.ndarray:
        """The variance of expectations over that of outcomes, with and without each block."""
        of_outcomes = self.without_each(_share_variance, self.counted)
        return self.without_each(np.var, self.expected) / of_outcomes

    def without_each(self, statistic, *columns) -> np.ndarray:
        """A statistic of all worlds, then of those without each block."""
        kept = (self.blocks != block for block in range(BLOCKS))
        return np.array(
            [statistic(*columns), *(statistic(*(c[k] for c in columns)) for k in kept)]
        )


def _parts(sample, drawn, scale):
    """The share of each assumption, with and without each block, the largest first."""
    parts = {}
    for names in assumptions(drawn):
        basis = Basis.of([drawn[name] for name in names])
        explained = _explained(basis, sample.expected, sample.blocks)
        parts[JOINED.join(names)] = scale * explained
    return dict(sorted(parts.items(), key=lambda part: -part[1][0]))


def _explained(basis, values, blocks):
    """The share of the variance of `values` that a regression on `basis` explains, adjusted for
    the number of terms: of all worlds, then without each block."""
    terms = basis.terms(slice(0)).shape[1]
    at_once = basis.terms() if terms * values.size <= AT_ONCE else None
    inner = np.zeros((BLOCKS + 1, terms, terms))
    cross, total = np.zeros((BLOCKS + 1, terms)), np.zeros((BLOCKS + 1, 3))
    for block in range(BLOCKS):
        here = blocks == block
        x, y = basis.terms(here) if at_once is None else at_once[here], values[here]
        inner[block + 1], cross[block + 1] = x.T @ x, x.T @ y
        total[block + 1] = y.size, y.sum(), y @ y
    for sums in (inner, cross, total):
        sums[0] = sums[1:].sum(axis=0)
        sums[1:] = sums[0] - sums[1:]
    weights = np.einsum("bij,bj->bi", np.linalg.pinv(inner, rcond=1e-9, hermitian=True), cross)
    worlds, plain, square = total.T
    spread = square - plain**2 / worlds
    left = np.maximum(square - np.einsum("bi,bi->b", weights, cross), 0.0)
    terms = np.linalg.matrix_rank(inner, tol=None, hermitian=True)
    free = (worlds - 1.0) / np.maximum(worlds - terms, 1.0)
    return np.where(spread > 0, 1.0 - left / np.where(spread > 0, spread, 1.0) * free, 0.0)


def _share_variance(values):
    """The variance of zeros and ones; never 0, so that a block whose worlds end alike counts."""
    middle = np.clip(values.mean(), 0.5 / values.size, 1.0 - 0.5 / values.size)
    return middle * (1.0 - middle)


def _correlation(first, second):
    """Their correlation over the pairs, both centred on the mean of all of both."""
    paired = ~np.isnan(second)
    first, second = first[paired], second[paired]
    middle = (first.mean() + second.mean()) / 2.0
    spread = ((first - middle) ** 2).mean() + ((second - middle) ** 2).mean()
    return 2.0 * ((first - middle) * (second - middle)).mean() / spread if spread > 0 else 0.0


def _interval(values, level):
    """(estimate, low, high) of a statistic of all worlds and of those without each block."""
    middle, half = values[0], jackknife_half(values[1:], level)
    return float(middle), float(middle - half), float(middle + half)
