"""Detection curves: area under the curve, separation d′, and points of operation.

All use the equations by which safeguards detect attempts (7.5).  The audited share is the rate of
false positives; 1 minus the miss probability of a single action is the rate of true positives.
"""

import math

from regimesim.errors import Refusal, nearest, shown
from regimesim.model.oversight.control import parity_strength
from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    logistic_log_miss,
)
from regimesim.studies.validate.problems.checks import refuse_outside

LOG_MISS = {
    "binormal": lambda audited, strength: binormal_log_miss(
        audit_quantile(audited, 1.0), strength, 1.0
    ),
    "logistic": lambda audited, strength: logistic_log_miss(
        audit_odds(audited, 1.0), strength, 1.0
    ),
}
STRONGEST = 30.0  # d′ of a detector that no longer errs


def true_positive_rate(
    false_positive_rate: float, strength: float, curve: str = "binormal"
) -> float:
    """The rate of true positives of a detector of `strength` d′ at a rate of false ones."""
    log_miss = _curve(curve)
    refuse_outside(
        false_positive_rate=(false_positive_rate, 0, 1), strength=(strength, 0, STRONGEST)
    )
    return 0.0 - math.expm1(log_miss(float(false_positive_rate), float(strength)))


def auroc_of(strength: float, curve: str = "binormal") -> float:
    """The area under the curve of a detector of `strength` d′, by quadrature."""
    from scipy.integrate import quad

    log_miss = _curve(curve)
    refuse_outside(strength=(strength, 0, STRONGEST))
    # Substituting x² for the rate of false positives removes the steep beginning.
    missed = quad(
        lambda x: 2 * x * math.exp(log_miss(x * x, float(strength))), 0.0, 1.0, epsabs=1e-10,
        limit=200,
    )[0]  # fmt: skip
    return 1.0 - missed


def strength_of(auroc: float, curve: str = "binormal") -> float:
    """The d′ of a detector with an area under the curve from 0.5 to 0.9999."""
    from scipy.optimize import brentq

    _curve(curve)
    refuse_outside(auroc=(auroc, 0.5, 0.9999))
    if curve == "binormal":
        return float(parity_strength(float(auroc), 1.0, False))
    if auroc == 0.5:
        return 0.0
    return float(brentq(lambda d: auroc_of(d, curve) - auroc, 0.0, STRONGEST, xtol=1e-10))


def _curve(name):
    if name not in LOG_MISS:
        close = nearest(str(name), LOG_MISS)
        raise Refusal(f"curve: found {shown(name)}; the nearest is '{close}'")
    return LOG_MISS[name]
