"""Quantiles of distributions, in the package's own mathematics.

What is drawn in a world must not depend on which numpy, scipy or system library is installed:
their exponentials, logarithms and quantiles differ in the last digits from release to release.
So every function here rests on additions, multiplications, divisions and square roots, which
IEEE 754 fixes, and on `model/world/mathematics.py`, which rests on the same.

The beta distribution and Student's t come from the incomplete beta function I_x(a, b), by its
continued fraction.  Its inverse is found by Newton steps on ln I as a function of ln x, where it
is nearly straight, from a point that is certainly on the left of the solution.
"""

import math

import numpy as np

from regimesim.model.compilation import entry, stage
from regimesim.model.world.mathematics import exp, log
from regimesim.model.world.normal import normal_cdf, normal_quantile

HALF_LOG_TAU = 0.9189385332046727  # ½ ln 2π
LARGE = 15.0  # from here on, Stirling's series for ln Γ is exact to 3e-18
TINY = 1e-300  # replaces a 0 in a denominator of the continued fraction
MOST_TERMS = 20_000
MOST_STEPS = 60
CLOSE = 1e-15  # of a Newton step and of a convergent, relative


# ---- the incomplete beta function ----


@stage
def _log_gamma(x):
    """ln Γ(x) for x > 0: Stirling's series, after steps of Γ(x) = Γ(x + 1)/x."""
    product = 1.0
    while x < LARGE:
        product *= x
        x += 1.0
    r = 1.0 / (x * x)
    series = 1.0 / 1188.0 - r * 691.0 / 360360.0
    series = 1.0 / 1260.0 - r * (1.0 / 1680.0 - r * series)
    series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * series)) / x
    return (x - 0.5) * log(x) - x + HALF_LOG_TAU + series - log(product)


@stage
def _log_scale(a, b):
    """ln(a·B(a, b))."""
    return log(a) + _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)


@stage
def _log_complement(x):
    """ln(1 − x) for 0 ≤ x < 1, corrected for the rounding of 1 − x."""
    rest = 1.0 - x
    return log(rest) + ((1.0 - rest) - x) / rest


@stage
def _fraction(x, a, b):
    """I_x(a, b)·a·B(a, b)/(x^a (1 − x)^b), for x up to (a + 1)/(a + b + 2).

    The continued fraction (DLMF 8.17.22), evaluated forwards by the method of Lentz: the value
    is the product of the ratios of its convergents.
    """
    upper, lower = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    lower = 1.0 / (lower if lower != 0.0 else TINY)
    value = lower
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        for half in range(2):
            term = even if half == 0 else odd
            lower = 1.0 + term * lower
            lower = 1.0 / (lower if lower != 0.0 else TINY)
            upper = 1.0 + term / upper
            upper = upper if upper != 0.0 else TINY
            ratio = upper * lower
            value *= ratio
        if abs(ratio - 1.0) < CLOSE:
            break
    return value


@stage
def _log_below(log_x, x, a, b, log_scale, fraction):
    """ln I_x(a, b), from the value of the continued fraction."""
    return a * log_x + b * _log_complement(x) - log_scale + log(fraction)


@stage
def _below(x, a, b):
    """I_x(a, b), the distribution function of the beta distribution."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    log_scale = _log_scale(a, b)
    if x <= (a + 1.0) / (a + b + 2.0):
        return exp(_log_below(log(x), x, a, b, log_scale, _fraction(x, a, b)))
    y = 1.0 - x
    log_scale += log(b) - log(a)
    return 1.0 - exp(_log_below(log(y), y, b, a, log_scale, _fraction(y, b, a)))


@stage
def _left_quantile(p, a, b, log_scale):
    """x with I_x(a, b) = p, where x is at most (a + 1)/(a + b + 2)."""
    goal = log(p)
    most = (a + 1.0) / (a + b + 2.0)
    # (1 − x)^(b−1) is at most 1 or its value at the right end, which bounds x from the left
    steepest = max(0.0, (b - 1.0) * _log_complement(most))
    high = log(most)
    low = min((goal + log_scale - steepest) / a, high)
    at = low
    for _ in range(MOST_STEPS):
        x = exp(at)
        fraction = _fraction(x, a, b)
        gap = goal - _log_below(at, x, a, b, log_scale, fraction)
        if gap > 0.0:
            low = at
        else:
            high = at
        step = gap * (1.0 - x) * fraction / a  # d ln I / d ln x = a/((1 − x)·fraction)
        if abs(step) <= CLOSE * max(1.0, abs(at)):
            break
        onward = at + step
        at = onward if low < onward < high else 0.5 * (low + high)
    return exp(at)


@stage
def _quantile(p, a, b, log_scale, middle):
    """(x, 1 − x) with I_x(a, b) = p, of which the smaller keeps its digits.

    log_scale: ln(a·B(a, b)) · middle: I at (a + 1)/(a + b + 2).
    """
    if p <= middle:
        x = _left_quantile(p, a, b, log_scale)
        return x, 1.0 - x
    y = _left_quantile(1.0 - p, b, a, log_scale + log(b) - log(a))
    return 1.0 - y, y


# ---- arrays ----


@entry
def _fill_normal(p, below, above, drawn):
    flip = below > 0.0  # the upper tail is mirrored to the lower one, where it keeps its digits
    low, high = (-above, -below) if flip else (below, above)
    least, most = normal_cdf(low), normal_cdf(high)
    for row in range(len(p)):
        z = normal_quantile(least + p[row] * (most - least))
        drawn[row] = -z if flip else z


@entry
def _fill_normal_below(z, shares):
    for row in range(len(z)):
        shares[row] = normal_cdf(z[row])


@entry
def _fill_beta(p, a, b, drawn):
    log_scale, middle = _log_scale(a, b), _below((a + 1.0) / (a + b + 2.0), a, b)
    for row in range(len(p)):
        drawn[row], _ = _quantile(p[row], a, b, log_scale, middle)


@entry
def _fill_student(p, degrees, drawn):
    a, b = 0.5 * degrees, 0.5
    log_scale, middle = _log_scale(a, b), _below((a + 1.0) / (a + b + 2.0), a, b)
    for row in range(len(p)):
        tail = min(p[row], 1.0 - p[row])
        x, y = _quantile(2.0 * tail, a, b, log_scale, middle)
        t = math.sqrt(degrees * y / x)
        drawn[row] = t if p[row] > 0.5 else -t


@entry
def _fill_beta_below(x, a, b, shares):
    for row in range(len(x)):
        shares[row] = _below(x[row], a, b)


@entry
def _fill_exp(x, powers):
    for row in range(len(x)):
        powers[row] = exp(x[row])


@entry
def _fill_log(x, logarithms):
    for row in range(len(x)):
        logarithms[row] = log(x[row])


def _filled(fill, values, *numbers):
    """An array of the shape of `values`, filled from them."""
    values = np.asarray(values, float)
    result = np.empty(values.size)
    fill(np.ascontiguousarray(values.ravel()), *map(float, numbers), result)
    return result.reshape(values.shape)


def exp_of(x):
    """e^x of an array."""
    return _filled(_fill_exp, x)


def log_of(x):
    """ln x of an array."""
    return _filled(_fill_log, x)


def standard_normal(p, below=-40.0, above=40.0):
    """Standard normal draws between `below` and `above`, from uniforms `p` on (0, 1)."""
    return _filled(_fill_normal, p, below, above)


def normal_below(z):
    """The probabilities of standard normal values below `z`."""
    return _filled(_fill_normal_below, z)


def beta(p, a, b):
    """Quantiles of a beta distribution at the probabilities `p`."""
    return _filled(_fill_beta, p, a, b)


def beta_below(x, a, b):
    """The probabilities of values of a beta distribution below `x`."""
    return _filled(_fill_beta_below, x, a, b)


def student(p, degrees):
    """Quantiles of Student's t at the probabilities `p`, which lie inside (0, 1)."""
    return _filled(_fill_student, p, degrees)


def student_below(t, degrees):
    """The probabilities of values of Student's t below `t`."""
    t = np.asarray(t, float)
    tail = 0.5 * beta_below(degrees / (degrees + t * t), 0.5 * degrees, 0.5)
    return np.where(t < 0.0, tail, 1.0 - tail)
