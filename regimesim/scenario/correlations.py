"""Correlated assumptions: pairs of parameters whose draws rise and fall together.

A correlation is Spearman's, of ranks, because ranks keep their meaning whatever the two
distributions are.  Draws are made of normal scores (`regimesim.ensemble.copula`), whose
correlation ρ follows from that of ranks, r, as ρ = 2 sin(πr/6) (Eq. D.6; Pearson 1907).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import asin, pi, sqrt
from typing import Any, NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.distribution import is_finite
from regimesim.scenario.quantity import refused

MOST_PAIRS = 1_000
LEAST_PIVOT = 1e-9  # of the variance that is left: with less, the scores determine one another
FORM = '{ of = ["takeover.difficulty", "cognition.awareness_midpoint"], rank = 0.6 }'


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rank correlation of the draws of two parameters, by dotted names."""

    of: tuple[str, str]
    rank: float

    def plain(self) -> dict:
        """As written in a scenario file."""
        return {"of": list(self.of), "rank": self.rank}


class Scores(NamedTuple):
    """How the normal scores of parameters that hang together follow from independent ones.

    names: in alphabetical order · factor: the lower Cholesky factor of their correlations, a row
    for each name; the score of a name is the sum of its row times the independent scores.
    """

    names: tuple[str, ...]
    factor: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class CorrelationList:
    """A list of correlations of pairs, all of which can hold at once."""

    kind = "correlations"
    unit = ""
    source = "chosen for each run"
    range = f"a list of at most {MOST_PAIRS:,} tables [[correlations]]"

    def read(self, raw: Any) -> tuple[Correlation, ...]:
        """The correlations of `raw`, or a pydantic error."""
        if not isinstance(raw, list | tuple):
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        if len(raw) > MOST_PAIRS:
            raise refused(f"found {len(raw):,} pairs; allowed are at most {MOST_PAIRS:,}")
        try:
            pairs = tuple(_pair(number, item) for number, item in enumerate(raw, 1))
            _refuse_repeated(pairs)
            joint_scores(pairs)
        except Refusal as refusal:
            raise refused("; ".join(refusal.lines)) from None
        return pairs

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


def _pair(number: int, raw: Mapping | Correlation) -> Correlation:
    """One pair of a list.  Raises Refusal."""
    if isinstance(raw, Correlation):
        return raw
    start = f"pair {number}: "
    if not isinstance(raw, Mapping):
        raise Refusal(f"{start}found {shown(raw)}; allowed is a table such as {FORM}")
    if unknown := [key for key in raw if key not in ("of", "rank")]:
        close = nearest(str(unknown[0]), ("of", "rank"))
        raise Refusal(f"{start}unknown key {shown(unknown[0])}; the nearest is '{close}'")
    of, rank = raw.get("of"), raw.get("rank", float("nan"))
    names = tuple(of) if isinstance(of, list | tuple) else ()
    if len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise Refusal(f"{start}of: found {shown(of)}; allowed are the names of two parameters")
    if names[0] == names[1]:
        raise Refusal(f"{start}of: found {shown(names[0])} twice; a pair has two parameters")
    if not is_finite(rank) or not -1 < rank < 1:
        raise Refusal(
            f"{start}rank: found {shown(raw.get('rank'))}; allowed is more than -1 and less than 1"
        )
    return Correlation(names, float(rank))


def _refuse_repeated(pairs: Sequence[Correlation]) -> None:
    first: dict[frozenset[str], int] = {}
    for number, pair in enumerate(pairs, 1):
        before = first.setdefault(frozenset(pair.of), number)
        if before != number:
            names = " and ".join(pair.of)
            raise Refusal(f"pair {number}: {names} are pair {before} already")


def of_scores(rank: float) -> float:
    """The correlation of normal scores that gives a rank correlation.

    2 sin(πr/6), by its series, whose terms are the same on every machine. Eq. D.6.
    """
    x = pi * rank / 6.0
    total = term = x
    for k in range(2, 22, 2):
        term *= -x * x / (k * (k + 1.0))
        total += term
    return 2.0 * total


def of_ranks(scores: float) -> float:
    """The rank correlation that a correlation of normal scores gives: (6/π) asin(ρ/2)."""
    return 6.0 / pi * asin(scores / 2.0)


@lru_cache(maxsize=256)
def joint_scores(pairs: tuple[Correlation, ...]) -> tuple[Scores, ...]:
    """The scores of each set of parameters that hang together, directly or through others.

    Parameters in different sets are independent, and so are two of a set that are no pair.

    Raises
    ------
    Refusal
        Where the correlations cannot hold at once, with the least change of one pair.
    """
    return tuple(_scores(names, pairs) for names in _connected(pairs))


def _connected(pairs: Sequence[Correlation]) -> Iterator[tuple[str, ...]]:
    """The names of each set of parameters that hang together, in alphabetical order."""
    left = sorted({name for pair in pairs for name in pair.of})
    while left:
        names, border = set(), {left[0]}
        while border:
            names |= border
            border = {n for pair in pairs if border & set(pair.of) for n in pair.of} - names
        yield tuple(sorted(names))
        left = [name for name in left if name not in names]


def _scores(names: tuple[str, ...], pairs: Sequence[Correlation]) -> Scores:
    """The Cholesky factor of one set.  Raises Refusal."""
    matrix = _matrix(names, pairs)
    factor: list[list[float]] = []
    for i, row in enumerate(matrix):
        made: list[float] = []
        for j in range(i + 1):
            rest = row[j]
            for k in range(j):
                rest -= made[k] * (factor[j] if j < i else made)[k]
            if j == i and rest < LEAST_PIVOT:
                raise Refusal(_impossible(names, matrix, pairs))
            made.append(sqrt(rest) if j == i else rest / factor[j][j])
        factor.append(made)
    return Scores(names, tuple(map(tuple, factor)))


def _matrix(names: Sequence[str], pairs: Sequence[Correlation]) -> list[list[float]]:
    """The correlations of the normal scores of `names`."""
    place = {name: k for k, name in enumerate(names)}
    matrix = [[float(i == j) for j in range(len(names))] for i in range(len(names))]
    for pair in pairs:
        if pair.of[0] in place:
            i, j = (place[name] for name in pair.of)
            matrix[i][j] = matrix[j][i] = of_scores(pair.rank)
    return matrix


def _impossible(names, matrix, pairs) -> str:
    """Why correlations cannot hold at once: the least change of a single pair that would do, or
    the factor by which all would have to be smaller."""
    import numpy as np

    whole = np.array(matrix)
    written = {frozenset(pair.of): pair.rank for pair in pairs}
    changes = []
    for i, j in combinations(range(len(names)), 2):
        if ends := _bounds(whole, i, j):
            pair = frozenset((names[i], names[j]))
            rank = written.get(pair, 0.0)
            low, high = (of_ranks(end) for end in ends)
            beyond = rank >= high
            changes.append((abs(rank - (high if beyond else low)), i, j, rank, beyond, low, high))
    start = "these correlations cannot hold at once; "
    if not changes:
        least = np.linalg.eigvalsh(whole)[0]
        most = np.floor(100.0 / (1.0 - least)) / 100.0
        return f"{start}they could if each were at most {most:g} times as large"
    _, i, j, rank, beyond, low, high = min(changes)
    end = np.floor(high * 100) / 100 if beyond else np.ceil(low * 100) / 100
    limit = f"at {'most' if beyond else 'least'} {end:g}"
    now = shown(rank) if frozenset((names[i], names[j])) in written else "0, since it is no pair"
    return f"{start}that of {names[i]} and {names[j]}, {now}, would have to be {limit}"


def _bounds(matrix, i: int, j: int) -> tuple[float, float] | None:
    """Between which correlations of scores i and j the others can hold, or None if between
    none."""
    import numpy as np

    others = [k for k in range(len(matrix)) if k not in (i, j)]
    inner, sides = matrix[np.ix_(others, others)], matrix[np.ix_([i, j], others)]
    if others and np.linalg.eigvalsh(inner)[0] < LEAST_PIVOT:
        return None
    explained = sides @ np.linalg.solve(inner, sides.T) if others else np.zeros((2, 2))
    left = 1.0 - np.diag(explained)
    if left.min() < LEAST_PIVOT:
        return None
    reach = sqrt(left[0] * left[1])
    return explained[0, 1] - reach, explained[0, 1] + reach
