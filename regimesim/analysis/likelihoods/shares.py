"""A share of what happens that becomes known, which may itself be uncertain."""

import numpy as np

from regimesim.ensemble.parameter_sampling import quantile
from regimesim.scenario.declaration import Distribution, Quantity

NODES = 64
SHARE = Quantity("share", 0, 1)


def nodes(reported: float | Distribution) -> np.ndarray:
    """Shares with equal weights that stand for an uncertain one: the quantiles of its distribution
    in the middle of equal steps of probability. Eq. 8.16."""
    if not isinstance(reported, Distribution):
        return np.array([float(reported)])
    return quantile(reported, (np.arange(NODES) + 0.5) / NODES, SHARE)


def averaged(log_likelihoods: np.ndarray) -> np.ndarray:
    """ln of the mean over the last axis of likelihoods; -inf where all are 0."""
    from scipy.special import logsumexp

    return logsumexp(log_likelihoods, axis=-1) - np.log(log_likelihoods.shape[-1])
