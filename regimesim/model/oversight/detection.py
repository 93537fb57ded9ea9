"""Catching: what each safeguard misses, and how safeguards fail together.

Everything is kept as the logarithm of a miss probability, which stays exact where many
actions or several safeguards make the probability itself very small.
"""

import numpy as np

from regimesim.model.compilation import equation
from regimesim.model.oversight.safeguards import TABLE
from regimesim.model.world.draws import CATCH, words
from regimesim.model.world.layout import EACH
from regimesim.model.world.mathematics import exp, exp2, exponential, log
from regimesim.model.world.normal import normal_cdf, normal_quantile

PURPOSE = np.array([item.purpose for item in TABLE])
WORD = np.array([item.word for item in TABLE])
CERTAIN = -1e4  # stands for ln 0: what is caught with certainty; e to it is exactly 0
ALWAYS = 1e300  # stands for a quantile at a budget of 0 (and minus it at a budget of 1)
ENDLESS = 1e250  # stands for odds at a budget of 1
LOGISTIC_SLOPE = 1.6  # logits a unit of d′
ELO_DOUBLING = 0.008304820237218405  # log2(10)/400


@equation
def audit_quantile(audited):
    """Φ⁻¹(1 − α): the score above which actions are audited. Eq. 7.5.7."""
    inside = -normal_quantile(min(max(audited, 1e-300), 1.0))
    return ALWAYS if audited <= 0.0 else (-ALWAYS if audited >= 1.0 else inside)


@equation
def audit_odds(audited):
    """α/(1 − α). Eq. 7.5.8."""
    return ENDLESS if audited >= 1.0 else audited / max(1.0 - audited, 1e-300)


@equation
def binormal_log_miss(quantile, strength, actions):
    """ln of the probability that none of `actions` actions is flagged: each is missed
    with Φ(Φ⁻¹(1 − α) − d′). Eq. 7.5.7."""
    missed = normal_cdf(quantile - strength)
    return CERTAIN if missed <= 1e-300 else actions * log(missed)


@equation
def logistic_log_miss(odds, strength, actions):
    """The same where the ROC is a line in logit-logit: logit(catch) = logit(α) + 1.6·d′.
    Eq. 7.5.8."""
    caught_odds = odds * exp(LOGISTIC_SLOPE * strength)
    return CERTAIN if caught_odds >= 1e200 else -actions * log(1.0 + caught_odds)


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
    """Which safeguards catch an attempt, drawn jointly: bit j of a whole number stands for
    safeguard j.

    `log_miss` is the (safeguards, WIDTH) array of ln M_j, of which column `w` is used.
    Eq. 7.5.12.
    """
    shock = exponential(words(seed, system, month + 1, number, CATCH)[0])
    caught_by = 0
    for j in range(EACH):
        own = exponential(words(seed, system, month + 1, number, PURPOSE[j])[WORD[j]])
        caught_by |= int(endurance(shock, own, common_cause) <= -log_miss[j, w]) << j
    return caught_by
