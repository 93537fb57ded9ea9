"""Sobol indices: how much of the variance of an outcome is due to each parameter.

The first-order index of a parameter is the share of the variance that would vanish on average
if it alone were known; the total index is the share that would remain if all others were known
(Sobol 1993; Homma and Saltelli 1996).  Points are those of Saltelli (2002), and the estimators
those of Saltelli et al. (2010), as `scipy.stats.sobol_indices` has them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE, Estimate

RESAMPLES = 1000
AT_ONCE = 2_000_000  # numbers that are resampled in one go
INSIDE = 2.0**-32  # uniforms keep this distance from 0 and 1


class Indices(NamedTuple):
    """First-order and total indices, one a parameter."""

    first: tuple[Estimate, ...]
    total: tuple[Estimate, ...]


def saltelli_points(
    points: int, parameters: int, seed: int, groups: Sequence[Sequence[int]] | None = None
) -> np.ndarray:
    """Uniforms on (0, 1) at which to evaluate: (points · (groups + 2), parameters).

    `points` (a power of 2) of a scrambled Sobol sequence, A; as many more, B; and for each group
    of parameters A again with that group taken from B.  By default each parameter is a group.
    """
    from scipy.stats.qmc import Sobol

    both = Sobol(2 * parameters, rng=np.random.default_rng(seed)).random(points)
    both = np.clip(both, INSIDE, 1 - INSIDE)
    first, second = both[:, :parameters], both[:, parameters:]
    groups = [[k] for k in range(parameters)] if groups is None else groups
    mixed = np.tile(first, (len(groups), 1, 1))
    for k, group in enumerate(groups):
        mixed[k][:, group] = second[:, group]
    return np.concatenate([first, second, mixed.reshape(-1, parameters)])


def parted(outcome, parameters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values at all points of `saltelli_points` as those at A, at B, and at the mixed points:
    (points,), (points,), (parameters, points)."""
    rows = np.asarray(outcome, np.float64).reshape(parameters + 2, -1)
    return rows[0], rows[1], rows[2:]


def sobol_indices(outcome, parameters: int, seed: int = 0) -> Indices | None:
    """Indices from the outcome at every point, each with a bootstrap interval.

    outcome: finite numbers, in the order of `saltelli_points`.  The interval is that of
    percentiles, from points resampled with `seed`.  None where the outcome is the same
    everywhere, because there is then no variance to divide.
    """
    ours, theirs, mixed = parted(outcome, parameters)
    if np.ptp([*ours, *theirs]) == 0:
        return None
    rng, size = np.random.default_rng(seed), len(ours)
    rows = max(1, AT_ONCE // mixed.size)
    drawn_again = [_indices(ours[None], theirs[None], mixed[:, None])]
    for done in range(0, RESAMPLES, rows):
        drawn = rng.integers(0, size, (min(rows, RESAMPLES - done), size))
        drawn_again.append(_indices(ours[drawn], theirs[drawn], mixed[:, drawn]))
    indices = np.concatenate(drawn_again, axis=1)  # first or total, resample, parameter
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(indices[:, 1:], [tail, 100 - tail], axis=1)
    first, total = (
        tuple(
            Estimate(float(indices[k, 0, i]), float(low[k, i]), float(high[k, i]), size)
            for i in range(parameters)
        )
        for k in (0, 1)
    )
    return Indices(first, total)


def _indices(ours, theirs, mixed) -> np.ndarray:
    """First-order and total indices of many outcomes: (2, outcomes, parameters).

    ours, theirs: (outcomes, points) · mixed: (parameters, outcomes, points).
    """
    from scipy.stats import sobol_indices

    # a second copy, since scipy drops the axis of a single outcome
    values = {
        "f_A": np.concatenate([ours, ours]),
        "f_B": np.concatenate([theirs, theirs]),
        "f_AB": np.concatenate([mixed, mixed], axis=1),
    }
    result = sobol_indices(func=values, n=ours.shape[1])
    shape = (2 * len(ours), len(mixed))
    both = (result.first_order, result.total_order)
    return np.array([np.reshape(one, shape)[: len(ours)] for one in both])


def noise_share(outcome, low, high) -> float | None:
    """The share of an outcome's variance over points that is noise of finitely many worlds.

    It follows from the widths of the 95 % intervals, at the points that have them.  It is an
    upper bound: points that share their worlds share a part of the noise, which moves no index.
    None where nothing varies.
    """
    from scipy.special import ndtri

    width = np.asarray(high) - np.asarray(low)
    known = ~np.isnan(width) & ~np.isnan(outcome)
    if not known.any() or np.ptp(outcome[known]) == 0:
        return None
    deviation = width[known] / 2 / ndtri((1 + CONFIDENCE) / 2)
    return float(np.mean(np.square(deviation)) / np.var(outcome[known]))
