"""Catching: what each safeguard misses, and how safeguards fail together.

Everything is kept as the logarithm of a miss probability, which stays exact where many
actions or several safeguards make the probability itself very small.
"""

import math

import numpy as np

from regimesim.model.compilation import equation
from regimesim.model.oversight.logistic_area import LOGISTIC_SLOPE
from regimesim.model.oversight.safeguards import TABLE
from regimesim.model.world.draws import CATCH, words
from regimesim.model.world.layout import EACH_MONITOR
from regimesim.model.world.mathematics import exp, exp2, exponential, log
from regimesim.model.world.normal import log_normal_cdf, normal_quantile

PURPOSE = np.array([item.purpose for item in TABLE])
WORD = np.array([item.word for item in TABLE])
CERTAIN = -1e4  # stands for ln 0: what is caught with certainty; e to it is exactly 0
SURELY_CAUGHT = -37.047  # standard deviations: a trajectory this far below is missed with 1e-300
ALWAYS = 1e300  # stands for a quantile at a budget of 0 (and minus it at a budget of 1)
ENDLESS = 1e250  # stands for odds at a budget of 1
ELO_DOUBLING = 0.008304820237218405  # log2(10)/400


@equation
def audited_share(budget, share, shares):
    """α_j: the part of its lab's audit budget that a monitor gets. Eq. 7.5.1."""
    return budget * (share / shares) if shares > 0.0 else 0.0


@equation
def stretch(slope):
    """√((1 + b²)/2): makes d′ that of an area for every slope. Eq. 7.5.7."""
    return math.sqrt(0.5 * (1.0 + slope * slope))


@equation
def audit_quantile(audited, slope):
    """b·Φ⁻¹(1 − α): the score above which trajectories are audited. Eq. 7.5.7."""
    inside = -slope * normal_quantile(min(max(audited, 1e-300), 1.0))
    return ALWAYS if audited <= 0.0 else (-ALWAYS if audited >= 1.0 else inside)


@equation
def audit_odds(audited, slope):
    """(α/(1 − α))^b. Eq. 7.5.8."""
    odds = audited / max(1.0 - audited, 1e-300)
    raised = odds if slope == 1.0 else exp(slope * log(max(odds, 1e-300)))
    return ENDLESS if audited >= 1.0 else (0.0 if audited <= 0.0 else raised)


@equation
def binormal_log_miss(quantile, strength, trajectories):
    """ln of the probability that none of an attempt's trajectories is flagged: each is missed
    with Φ(b·Φ⁻¹(1 − α) − d′·√((1 + b²)/2)). Eq. 7.5.7.

    `strength` is d′·√((1 + b²)/2).
    """
    score = quantile - strength
    return CERTAIN if score < SURELY_CAUGHT else trajectories * log_normal_cdf(score)


@equation
def logistic_log_miss(odds, strength, trajectories):
    """The same where the ROC is a line in logit-logit: logit(catch) = b·logit(α) + 1.6·d′.
    Eq. 7.5.8."""
    caught_odds = odds * exp(LOGISTIC_SLOPE * strength)
    return CERTAIN if caught_odds >= 1e200 else -trajectories * log(1.0 + caught_odds)


@equation
def evaded_strength(strength, evasion, onset, capability):
    """d′ that evasion leaves of a monitor's. Eqs. 7.5.3 and 7.5.4."""
    return max(0.0, strength - evasion * max(0.0, capability - onset))


@equation
def elo_rating(floor, slope, intercept, ceiling, capability):
    """A domain Elo rating: a line in capability between a floor and a ceiling
    (scaling laws for scalable oversight, arXiv 2504.18530). Eq. 7.5.10."""
    return min(max(slope * capability + intercept, floor), ceiling)


@equation
def elo_log_miss(guard, evader):
    """ln of the probability that a whole attempt is missed, 1/(1 + 10^((guard − evader)/400)).
    Eq. 7.5.9."""
    lead = min(max(guard - evader, -1e5), 1e5)
    return -log(1.0 + exp2(ELO_DOUBLING * lead))


@equation
def joint_log_miss(least, total, common_cause):
    """ln of the probability that all safeguards miss, by the β-factor common-cause model:
    M = (min_j M_j)^β · (∏_j M_j)^(1−β). Eq. 7.5.11."""
    return common_cause * least + (1.0 - common_cause) * total


@equation
def endurance(shock, own, common_cause):
    """X_j of the Marshall–Olkin common shock: safeguard j misses iff X_j > −ln M_j. Eq. 7.5.12."""
    together = shock / common_cause if common_cause > 0.0 else 1e300
    alone = own / (1.0 - common_cause) if common_cause < 1.0 else 1e300
    return min(together, alone)


@equation
def catches(seed, month, number, system, common_cause, log_miss, w):
    """Which monitors catch an attempt that is recognised, drawn jointly: bit j of a whole number
    stands for monitor j.

    `log_miss` is the (monitors, WIDTH) array of ln M_j, of which column `w` is used.
    Eq. 7.5.12.
    """
    together = words(seed, system, month + 1, number, CATCH)
    shock = exponential(together[0])
    caught_by = 0
    for j in range(EACH_MONITOR):
        if log_miss[j, w] == 0.0:  # it misses everything, whatever it would draw
            continue
        drawn = together
        if PURPOSE[j] != CATCH:
            drawn = words(seed, system, month + 1, number, PURPOSE[j])
        own = exponential(drawn[WORD[j]])
        caught_by |= int(endurance(shock, own, common_cause) <= -log_miss[j, w]) << j
    return caught_by
