"""The area under a logistic ROC curve, and the strength d′ that a monitor of that area has."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.mathematics import exp

LOGISTIC_SLOPE = 1.6  # logits a unit of d′
STEP = 0.25  # logits; exact to 1e-11 for slopes up to 3, as the integrand is smooth
REACH = 152  # steps on each side: budgets beyond, of e^(−38), add nothing
MOST_TURNS = 100
CLOSE = 1e-14


@equation
def _caught(strength, slope, x):
    return 1.0 / (1.0 + exp(-(LOGISTIC_SLOPE * strength + slope * x)))


@stage
def area_and_rise(strength, slope):
    """Area under the curve σ(1.6·d′ + b·logit α) over the audit budget α, and its derivative.

    The integral is taken over x = logit α, whose density is σ(x)·(1 − σ(x)), by the
    trapezoidal rule. Eq. 7.5.14.
    """
    area, rise = 0.0, 0.0
    for k in range(REACH + 1):
        x = STEP * k
        share = 1.0 / (1.0 + exp(-x))
        density = share * (1.0 - share) * (0.5 if k == 0 else 1.0)
        left, right = _caught(strength, slope, -x), _caught(strength, slope, x)
        area += density * (left + right)
        rise += density * (left * (1.0 - left) + right * (1.0 - right))
    return area * STEP, LOGISTIC_SLOPE * rise * STEP


@stage
def strength_of_area(auroc, slope):
    """The d′ whose logistic curve with this slope has the area `auroc`.

    For d′ ≥ 0 the area is concave in d′, so Newton's steps from 0 rise to it. Eq. 7.5.14.
    """
    strength = 0.0
    for _ in range(MOST_TURNS):
        area, rise = area_and_rise(strength, slope)
        step = (auroc - area) / rise
        strength += step
        if step <= CLOSE:
            break
    return max(0.0, strength)
