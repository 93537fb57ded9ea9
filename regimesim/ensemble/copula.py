"""Uniforms of correlated assumptions: a Gaussian copula over the keyed uniforms.

Each parameter has a uniform of its own in each world.  Where parameters are correlated, the
normal scores of their uniforms are mixed by the Cholesky factor of their correlations, and the
mixtures are turned back into uniforms.  So each parameter keeps its distribution, and the first of
each set, and every parameter that is in none, keeps its very bits.
"""

from collections.abc import Callable

import numpy as np

from regimesim.ensemble.quantiles import normal_below, standard_normal
from regimesim.scenario.correlations import Correlation, joint_scores

LEAST, MOST = 2.0**-54, 1.0 - 2.0**-53  # a uniform never reaches 0 or 1


def correlated(
    pairs: tuple[Correlation, ...], uniform: Callable[[str], np.ndarray]
) -> dict[str, np.ndarray]:
    """The uniforms of the parameters that are correlated, by dotted name.  Eq. D.7.

    Parameters
    ----------
    pairs : tuple of Correlation
        The correlations, which can hold at once.
    uniform : callable
        The independent uniforms of a parameter, by its dotted name: (worlds,).
    """
    made: dict[str, np.ndarray] = {}
    for names, factor in joint_scores(pairs):
        own = [uniform(name) for name in names]
        scores = [standard_normal(one) for one in own]
        for name, row, independent in zip(names, factor, own, strict=True):
            made[name] = independent
            if any(row[:-1]):
                made[name] = np.clip(normal_below(_mixed(row, scores)), LEAST, MOST)
    return made


def _mixed(row, scores):
    """The sum of scores times their weights, added up in order: the same bits everywhere."""
    total = np.zeros_like(scores[0])
    for weight, score in zip(row, scores, strict=False):
        total = total + weight * score
    return total
