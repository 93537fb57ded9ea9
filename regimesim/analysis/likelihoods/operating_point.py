"""A monitor that was tested at one threshold, on benign trajectories and on attacks."""

import numpy as np

from regimesim.analysis.likelihoods.caught import log_likelihood as log_binomial
from regimesim.analysis.likelihoods.shares import NODES, averaged
from regimesim.model.oversight.logistic_area import LOGISTIC_SLOPE


def log_likelihood(
    flagged_benign: int, benign: int, flagged_attacks: int, attacks: int, strength, slope, curve
) -> np.ndarray:
    """ln of the probability of both counts, over an unknown threshold. Eq. 8.24.

    The share of benign trajectories above the threshold has a flat prior, so that after
    `flagged_benign` of `benign` it has a beta distribution, of which 64 quantiles are used.

    Parameters
    ----------
    flagged_benign, benign, flagged_attacks, attacks : int
        What the monitor flagged, of how many.
    strength, slope : ndarray, shape (worlds,)
        Its d′ against the attacks, and the slope b of its curve.
    curve : {"binormal", "logistic"}
        The form of its curve.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    from scipy.special import betaincinv

    steps = (np.arange(NODES) + 0.5) / NODES
    alpha = betaincinv(flagged_benign + 1, benign - flagged_benign + 1, steps)
    caught = catch_rate(alpha, np.asarray(strength)[:, None], np.asarray(slope)[:, None], curve)
    return averaged(log_binomial(flagged_attacks, attacks, caught)) - np.log(benign + 1.0)


def catch_rate(alpha, strength, slope, curve: str) -> np.ndarray:
    """The share of attacks above the threshold that a share `alpha` of benign trajectories
    exceeds. Eqs. 7.5.7 and 7.5.8."""
    from scipy.special import expit, logit, ndtr, ndtri

    if curve == "logistic":
        return expit(slope * logit(alpha) + LOGISTIC_SLOPE * strength)
    return ndtr(strength * np.sqrt((1 + slope * slope) / 2) + slope * ndtri(alpha))
