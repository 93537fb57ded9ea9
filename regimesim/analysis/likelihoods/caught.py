"""How many of several independent trials succeed."""

import numpy as np


def log_likelihood(count, of, probability) -> np.ndarray:
    """ln of the binomial probability of `count` among `of`; -inf where it is 0. Eq. 8.20.

    Parameters
    ----------
    count, of, probability : array_like
        They broadcast; there may be more counted than there are trials, with probability 0.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    of = np.asarray(of, float)
    missed = np.maximum(of - count, 0.0)
    chosen = gammaln(of + 1) - gammaln(count + 1.0) - gammaln(missed + 1)
    value = chosen + xlogy(count, probability) + xlog1py(missed, -np.asarray(probability, float))
    return np.where(of < count, -np.inf, value)


def simulated(of: int, probability, uniform) -> np.ndarray:
    """How many of `of` trials would succeed. Eq. 8.20.

    Parameters
    ----------
    of : int
        All trials.
    probability : ndarray, shape (worlds,)
        That one of them succeeds.
    uniform : ndarray, shape (worlds,)
        Luck, on (0, 1).
    """
    from scipy.stats import binom

    return binom.ppf(uniform, of, np.clip(np.asarray(probability, float), 0.0, 1.0))
