"""Random numbers and mathematics of the twin."""

import math
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

# What draws are for: the last word of a counter.
WORLD, LAB, GROWTH, MONTH, ABILITY, NATURE = 2, 3, 4, 5, 6, 7
EVALUATION, ATTEMPT, CATCH, EXERCISE = 8, 10, 11, 12
CARRY, AGAIN = 13, 14
MODEL_ABILITY, MODEL_NATURE, TRAP = 16, 17, 18

SMALLEST = 2.0**-1022


def philox(counter, key, rounds=7):
    """Rounds of Philox4x32 on four counter words and two key words (Salmon et al. 2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        high0, low0 = divmod(0xD2511F53 * c0, 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 1 << 32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 = (k0 + 0x9E3779B9) % (1 << 32)
        k1 = (k1 + 0xBB67AE85) % (1 << 32)
    return c0, c1, c2, c3


def sigmoid(x):
    """The logistic function, which is never 0: where it is too small for a number, the
    smallest normal one stands for it."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return max(math.exp(x) / (1 + math.exp(x)), SMALLEST)


def log(x):
    """Natural logarithm, with the limit minus infinity at zero; that of a number below 10⁻³⁰⁰ is
    the logarithm of 10⁻³⁰⁰."""
    return math.log(max(x, 1e-300)) if x > 0 else -math.inf


def logit(p):
    """Log-odds of a probability, infinite at 0 and 1."""
    return log(p) - log(1 - p)


def chance(rate):
    """Probability of an event within a month that has this rate per month."""
    return 1 - math.exp(-rate)


def power_of_two(x):
    """2 to the power of x; 2¹⁰²³ above that, which is as good as infinity."""
    return 2.0 ** min(x, 1023.0)


def clip(x, low, high):
    """x, or the nearer bound when it lies outside [low, high]."""
    return min(max(x, low), high)


@cache
def strength_of_area(area, slope):
    """The d' at which the logistic curve of this slope, σ(1.6·d' + slope·logit α), has this area
    over the audit budget α: by Gauss's rule over x = logit α, in pieces. Eq. 7.5.14."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    x = (np.arange(-40, 40, 2)[:, None] + 1 + nodes).ravel()
    density = np.tile(weights, 40) * expit(x) * expit(-x)  # of x, as α is uniform

    def excess(strength):
        return (1 - area) - density @ expit(-1.6 * strength - slope * x)

    return brentq(excess, 0.0, 200.0, xtol=1e-14, rtol=1e-14) if excess(0.0) < 0 else 0.0
