"""The assumptions that worlds drew: which parameters they are, and polynomials of their ranks.

Parameters that were drawn jointly, such as the level and the speed of a fitted growth, are one
assumption.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement
from math import comb, prod
from typing import NamedTuple

import numpy as np
from numpy.polynomial.legendre import legval

from regimesim.analysis.present_worlds import PresentWorlds

DEGREE, DEGREES = 5, (1, 2, 3)  # of the polynomials in one rank, and in several
JOINT = 5.0  # standard errors of a rank correlation that make two parameters one assumption,
LEAST_JOINT = 0.1  # where it is at least this large
FEWEST_A_TERM = 6  # worlds for each term of a polynomial in several ranks
AT_ONCE = 2**16  # worlds whose ranks are entered in one go
JOINED = " + "  # between the names of parameters that were drawn jointly
MOST_NAMED = 4  # of these


def shortened(source: str) -> str:
    """The names of an assumption; of many that were drawn jointly only the first."""
    first, *more = source.split(JOINED)
    return source if len(more) < MOST_NAMED else f"{first} with {len(more)} others"


def source_in_words(source: str) -> str:
    """An assumption in words: "capability: initial, doubling time"."""
    tables: dict[str, list[str]] = {}
    if shortened(source) != source:
        return shortened(source).replace("_", " ")
    for name in source.split(JOINED):
        table, _, key = name.replace("_", " ").rpartition(".")
        tables.setdefault(table.replace(".", " "), []).append(key)
    return "; ".join(f"{table}: {', '.join(keys)}" for table, keys in tables.items())


def drawn_in(worlds: PresentWorlds, policy: str) -> dict[str, np.ndarray]:
    """Values by dotted name of the parameters that differ from world to world."""
    rows = worlds.rows(policy)
    columns = {str(name): rows[str(name)] for name in worlds.variables if "." in str(name)}
    return {name: row for name, row in columns.items() if row.size and np.ptp(row) > 0}


def drawn_under(worlds: PresentWorlds, policies: Iterable[str]) -> dict[str, np.ndarray]:
    """The values of each parameter that worlds drew, under the first policy that draws it.

    Policies that draw it from other distributions draw the same quantiles of these.
    """
    drawn: dict[str, np.ndarray] = {}
    for policy in policies:
        drawn = {**drawn_in(worlds, policy), **drawn}
    return drawn


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Ranks, scaled to lie between -1 and 1; equal values share the mean of theirs."""
    ranks = _ranks_of_different(values)
    if ranks is None:
        _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts + 1) / 2)[np.ravel(place)]
    ranks *= 2.0  # in place: a run may have a million worlds
    ranks += 1.0
    ranks /= values.size
    ranks -= 1.0
    return ranks


def _ranks_of_different(values):
    """The ranks of values that all differ, from 0; None where two are equal.  Draws hardly ever
    are, and this takes a quarter of the memory."""
    order = np.argsort(values)
    ranks = values[order].astype(np.float64, copy=False)  # first the values in order
    if not (ranks[1:] > ranks[:-1]).all():
        return None
    for first in range(0, values.size, AT_ONCE):
        here = order[first : first + AT_ONCE]
        ranks[here] = np.arange(first, first + here.size)
    return ranks


def assumptions(drawn: Mapping[str, np.ndarray]) -> list[tuple[str, ...]]:
    """The names of parameters, those that were drawn jointly together."""
    names = list(drawn)
    ranks = np.array([ranks_of(row) for row in drawn.values()])
    bar = max(LEAST_JOINT, JOINT / np.sqrt(ranks.shape[1]))
    joint = np.abs(np.atleast_2d(np.corrcoef(ranks))) > bar
    left = set(range(len(names)))
    groups: list[tuple[str, ...]] = []
    while left:
        group: set[int] = set()
        border = {min(left)}
        while border:
            group |= border
            border = {j for i in border for j in np.flatnonzero(joint[i]).tolist()} - group
        groups.append(tuple(names[i] for i in sorted(group)))
        left -= group
    return groups


def basis_of(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Products of Legendre polynomials of the ranks of an assumption: (worlds, terms).

    Of one parameter they have degrees up to five, of several a total degree of up to three, or
    less where there are too few worlds for so many terms.
    """
    return Basis.of(columns).terms()


class Basis(NamedTuple):
    """Ranks of an assumption, of which `basis_of` is made for some worlds at a time.

    ranks: (worlds,) of each parameter · degree: the highest of the polynomials.
    """

    ranks: list[np.ndarray]
    degree: int

    @classmethod
    def of(cls, columns: Sequence[np.ndarray]) -> "Basis":
        """From the draws of the parameters."""
        degree = DEGREE if len(columns) == 1 else _degree(len(columns), columns[0].size)
        return cls([ranks_of(column) for column in columns], degree)

    def terms(self, chosen=slice(None)) -> np.ndarray:
        """The products in the chosen worlds: (worlds, terms)."""
        return _terms([one[chosen] for one in self.ranks], self.degree)


def _terms(ranks, degree):
    # of each rank, from degree 1
    polynomials = [
        [legval(rank, [0.0] * power + [1.0]) for power in range(1, degree + 1)] for rank in ranks
    ]
    terms = [np.ones_like(ranks[0])]
    for size in range(1, degree + 1):
        for chosen in combinations_with_replacement(range(len(ranks)), size):
            powers = sorted(Counter(chosen).items())
            terms.append(prod(polynomials[k][power - 1] for k, power in powers))
    return np.column_stack(terms)


def _degree(parameters, worlds):
    """The highest degree of a polynomial in several ranks that has enough worlds for each term."""
    fits = [d for d in DEGREES if comb(parameters + d, d) * FEWEST_A_TERM <= worlds]
    return max(fits, default=1)
