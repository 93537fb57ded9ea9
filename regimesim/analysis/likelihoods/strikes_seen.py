"""Strikes that were seen: those of the world, each of which becomes known with a probability."""

import numpy as np

from regimesim.analysis.likelihoods.caught import log_likelihood as log_binomial
from regimesim.analysis.likelihoods.shares import averaged, nodes


def log_likelihood(count: int, seen, reported=1.0) -> np.ndarray:
    """ln of the probability that `count` strikes become known. Eq. 8.17.

    Parameters
    ----------
    count : int
        The strikes that became known.
    seen : ndarray, shape (worlds,)
        The strikes that overseers of each world saw.
    reported : float or Distribution
        The share of them that becomes known.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    seen = np.asarray(seen, float)[:, None]
    return averaged(log_binomial(count, seen, nodes(reported)))
