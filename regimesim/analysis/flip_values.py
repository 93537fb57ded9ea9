"""Where a run's own draws show that one assumption flips the verdict on a policy.

The verdict is whether P(no takeover) is at least one half.  Worlds draw their assumptions, so the
mean over worlds that drew a value is P(no takeover) with that assumption at that value, and the
others as they are drawn.  A cubic in the ranks of the draws estimates it over the whole range,
with heteroscedasticity-consistent intervals (White 1980, Econometrica 48, 817-838); the value at
which it crosses one half has the interval over which the band holds one half.  Of two assumptions
together no curve is fitted: worlds in which both are in their worse thirds are averaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from regimesim.analysis.assumptions import ranks_of
from regimesim.analysis.estimates import mean
from regimesim.analysis.present_worlds import PresentWorlds, confidence
from regimesim.analysis.variance_shares import EXPECTED, LUCK, REST, Share

BAR = 0.5
DEGREE = 3
TRIED = 12  # assumptions with the largest shares of variance
KEPT = 5  # of which so many are kept
PAIRED = 4  # of which pairs are made
FEWEST = 30  # worlds of a pair
OUTER = 1 / 3  # in ranks, which run from -1 to 1: above it lies the upper third
GRID = np.linspace(-1.0, 1.0, 401)
FLIPS, MAY_FLIP, STAYS = "flips", "may flip", "stays"
AT_ONCE = 2**16  # worlds whose products are added up in one go


class Flip(NamedTuple):
    """What one assumption does to P(no takeover), from one end of its draws to the other.

    Attributes
    ----------
    source : str
        Its dotted name.
    verdict : str
        At the end that brings P furthest to the other side of one half: "flips" if the whole 95 %
        interval is there, "may flip" if only the estimate is, else "stays".
    value, low, high : float, optional
        Where P crosses one half, with its 95 % interval; an end that these worlds do not show is
        None.
    end : float
        The value at that end of the draws.
    estimate, estimate_low, estimate_high : float
        P(no takeover) there, with its interval.
    """

    source: str
    verdict: str
    value: float | None
    low: float | None
    high: float | None
    end: float
    estimate: float
    estimate_low: float
    estimate_high: float


class FlipOfTwo(NamedTuple):
    """P(no takeover) in the worlds in which two assumptions are in their worse thirds.

    Attributes
    ----------
    sources : tuple of str
        Their dotted names.
    limits : tuple of float
        The values at which these thirds begin.
    above : tuple of bool
        Whether they lie above these values.
    verdict : str
        As of `Flip`.
    estimate, low, high : float
        P(no takeover), with an interval that allows for the choice among pairs.
    n : int
        Worlds.
    """

    sources: tuple[str, str]
    limits: tuple[float, float]
    above: tuple[bool, bool]
    verdict: str
    estimate: float
    low: float
    high: float
    n: int


def flips_of(worlds: PresentWorlds, policy: str, shares: Sequence[Share]) -> dict:
    """Which assumptions flip the verdict on a policy, alone and two together.

    Parameters
    ----------
    worlds : PresentWorlds
        The worlds of a run.
    policy : str
        The name of a policy.
    shares : sequence of Share
        Its shares of variance, the largest first.  Assumptions that are drawn jointly with others
        are left out, as none of them moves alone.

    Returns
    -------
    dict
        Plain values: `alone`, a list of `Flip`, those that flip the verdict first, then those that
        bring P nearest to it; and `pair`, a `FlipOfTwo` or None.  Empty without shares.
    """
    named = [one.source for one in shares if one.source not in (LUCK, REST)]
    named = [source for source in named if " + " not in source][:TRIED]
    if not named:
        return {}
    # a million worlds take 8 MB in each row, so rows are read when they are used
    rows, level = worlds.rows(policy), confidence(worlds)
    safe = 1.0 - rows[EXPECTED]
    side = -1.0 if safe.mean() >= BAR else 1.0  # towards the other side of the bar
    flips = [_alone(source, rows[source], safe, side, level) for source in named]
    flips.sort(key=lambda one: (one.verdict == STAYS, -side * one.estimate))
    pair = _pair(flips[:PAIRED], rows, safe, side, level)
    alone = [one._asdict() for one in flips[:KEPT]]
    return {"alone": alone, "pair": None if pair is None else pair._asdict()}


def _alone(source: str, row: np.ndarray, safe: np.ndarray, side: float, level: float) -> Flip:
    """What one assumption does; `row` and `safe`: (worlds,) its draws, and P(no takeover)."""
    curve, half = _cubic(ranks_of(row), safe, level)
    values = np.quantile(row, (GRID + 1) / 2)
    if side * curve[0] < side * curve[-1]:  # from the end that brings P furthest
        curve, half, values = curve[::-1], half[::-1], values[::-1]
    beyond = side * (curve - BAR)
    value = _first_below(beyond, values)
    ends = _first_below(beyond - half, values), _first_below(beyond + half, values)
    if value is None:
        ends = None, None
    low, high = ends if values[0] < values[-1] else ends[::-1]
    at_end = (curve[0], curve[0] - half[0], curve[0] + half[0])
    verdict = _verdict(side, at_end)
    return Flip(
        source, verdict, value, low, high, float(values[0]), *np.clip(at_end, 0, 1).tolist()
    )


def _cubic(rank: np.ndarray, safe: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """(curve, half-width of its interval) on the grid of ranks, by least squares."""
    from scipy.special import ndtri

    there = np.polynomial.legendre.legvander(GRID, DEGREE)
    inner, cross = 0.0, 0.0
    for basis, part in _in_parts(rank, safe):
        inner, cross = inner + basis.T @ basis, cross + basis.T @ part
    inverse = np.linalg.pinv(inner)
    weights, squares = inverse @ cross, 0.0  # these weighed by the inverse on one side
    for basis, part in _in_parts(rank, safe):
        squares = squares + inverse @ (basis.T * (part - basis @ weights) ** 2) @ basis
    spread = squares @ inverse
    error = np.sqrt(np.einsum("gi,ij,gj->g", there, spread, there))
    return there @ weights, ndtri((1 + level) / 2) * error


def _in_parts(rank: np.ndarray, safe: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(polynomials of their ranks, P(no takeover)) of some worlds at a time."""
    for first in range(0, len(safe), AT_ONCE):
        here = slice(first, first + AT_ONCE)
        yield np.polynomial.legendre.legvander(rank[here], DEGREE), safe[here]


def _first_below(above: np.ndarray, values: np.ndarray) -> float | None:
    """The value at which a curve that begins above 0 first falls to it; None where it begins below
    or never does."""
    place = int(np.argmax(above <= 0))
    if place == 0:
        return None
    share = above[place - 1] / (above[place - 1] - above[place])
    return float(values[place - 1] + share * (values[place] - values[place - 1]))


def _verdict(side: float, estimate: Sequence[float]) -> str:
    """The verdict of an estimate with the ends of its interval."""
    middle, low, high = estimate
    surely = side * ((low if side > 0 else high) - BAR) >= 0
    return FLIPS if surely else MAY_FLIP if side * (middle - BAR) >= 0 else STAYS


def _pair(
    flips: Sequence[Flip],
    drawn: Mapping[str, np.ndarray],
    safe: np.ndarray,
    side: float,
    level: float,
) -> FlipOfTwo | None:
    """The pair of assumptions of which the worse thirds together bring P furthest.

    Its interval allows for the choice among all pairs (Bonferroni).
    """
    above = {one.source: one.end > np.median(drawn[one.source]) for one in flips}
    worse = {
        source: ranks_of(drawn[source]) * (1 if upper else -1) > OUTER
        for source, upper in above.items()
    }
    pairs = list(combinations(above, 2))
    level = 1 - (1 - level) / max(len(pairs), 1)
    known, size = [], {}
    for pair in pairs:
        both = safe[worse[pair[0]] & worse[pair[1]]]
        middle, low, high, size[pair] = mean(both, level, (0.0, 1.0))
        if both.size >= FEWEST and middle is not None and low is not None and high is not None:
            known.append((pair, (middle, low, high)))
    if not known:
        return None
    pair, one = max(known, key=lambda known: side * known[1][0])
    first, second = (float(np.quantile(drawn[k], (2 if above[k] else 1) / 3)) for k in pair)
    upper = bool(above[pair[0]]), bool(above[pair[1]])
    return FlipOfTwo(pair, (first, second), upper, _verdict(side, one), *one, size[pair])
