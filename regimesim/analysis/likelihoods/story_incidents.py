"""Story incidents that became known: a Poisson count with the rate that a world expects."""

import numpy as np

from regimesim.analysis.likelihoods.shares import averaged, nodes


def log_likelihood(counts, rates, reported=1.0) -> np.ndarray:
    """ln of the probability of the `counts`. Eq. 8.18.

    Parameters
    ----------
    counts : array_like, shape (periods,)
        The incidents that became known in each period.
    rates : ndarray, shape (worlds, periods)
        The incidents that are to be expected in each.
    reported : float or Distribution
        The share of them that becomes known, one for all periods.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    from scipy.special import gammaln, xlogy

    counts, rates = np.asarray(counts, float), np.asarray(rates, float)
    if rates.shape[1:] != counts.shape:
        raise ValueError(f"{counts.size} counts were given for {rates.shape[1]} periods")
    shares = nodes(reported)
    # ln Π Poisson(n_t; r·μ_t) = Σ n_t ln μ_t + (Σ n_t) ln r − r Σ μ_t − Σ ln n_t!
    fixed = xlogy(counts, rates).sum(axis=1) - gammaln(counts + 1).sum()
    total = rates.sum(axis=1)
    each = xlogy(counts.sum(), shares) - shares * total[:, None]
    return fixed + averaged(each)


def simulated(rates, uniform) -> np.ndarray:
    """How many incidents there would be, each of which becomes known. Eq. 8.18.

    Parameters
    ----------
    rates : ndarray, shape (worlds, periods)
        The incidents that are to be expected in each.
    uniform : ndarray, shape (worlds,)
        Luck, on (0, 1).
    """
    from scipy.stats import poisson

    return poisson.ppf(uniform, np.asarray(rates, float).sum(axis=1))
