"""Expectation: what an attempt does on average over the draws that decide it.

Whether an attempt is critical, and whether it is caught, are draws of known probabilities.
So the result of a world includes, besides what was drawn, its conditional expectation given
all other draws (Rao–Blackwell).  A life is a world that is continued as if it were not lost;
its weight is the probability that it is not.

Given that a life is not lost, its course depends on which attempts were caught, but not on
whether these were critical.  That is never drawn for the expectation: `untried` is the
probability that none of them was critical, given the life.
"""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import log

LEAST = 1e-6  # the smallest probability with which an outcome is scored
# It gives the narrowest intervals for its cost, over the scenarios that were tried.
CONTINUATION_RATE = 2.0


@equation
def brier(rate, miss):
    """Expected Brier score of a catch rate as forecast of a try that is missed with `miss`.
    Eq. 8.3."""
    return (1.0 - miss) * (1.0 - rate) * (1.0 - rate) + miss * rate * rate


@equation
def log_score(rate, miss):
    """Expected logarithmic score of the same forecast, in nats. Eq. 8.4."""
    if_held, if_lost = log(max(rate, LEAST)), log(max(1.0 - rate, LEAST))
    return -((1.0 - miss) * if_held + miss * if_lost)


@equation
def continuation_chance(weight, survival, continuation_rate):
    """Probability that a life is continued after a month whose draws lost it. Eq. 8.5.

    It is `continuation_rate` times the weight that the life would have, so that lives of little
    weight are rarely continued."""
    return min(1.0, continuation_rate * weight * survival)


@equation
def weight_factor(survival, hazard, continuation):
    """Factor on the weight of a life that goes on, in a month that it survives with
    probability `survival`.

    It goes on if the draws do not lose it, and with probability `continuation` if they do:
    survival·factor + hazard·continuation·factor = survival.
    Eq. 8.7.
    """
    return survival / max(survival + hazard * continuation, 1e-300)


@stage
def begin_month(world):
    """No attempt so far, in every column."""
    for w in range(WIDTH):
        world.month_hazard[w], world.month_untried[w] = 0.0, 1.0
        world.month_survived[w] = 1.0
        world.first_try_chance[w], world.takeover_chance[w] = 0.0, 0.0


@stage
def expect(world, w, critical, miss, is_story, believed):
    """Add one attempt, critical with chance `critical`, missed by all safeguards with `miss`.
    Eqs. 8.1 and 8.2."""
    weight = world.weight[w]
    lost = critical * miss
    held = critical - lost
    world.expected_critical_tries[w] += weight * critical
    world.expected_critical_tries_held[w] += weight * held
    world.expected_tries_survived[w] += weight * world.month_survived[w] * held
    # as the first critical try
    first = weight * world.untried[w] * world.month_untried[w] * critical
    true = 1.0 - miss
    world.first_try_chance[w] += first
    world.expected_first_try[w] += first
    world.expected_held[w] += first * true
    world.expected_story[w] += first * is_story
    world.expected_believed[w] += first * believed
    shots = float(world.warning_shots[w]) - world.month_strikes_caught[w]
    world.expected_warning_shots[w] += first * shots
    world.expected_brier_score[w] += first * brier(believed, miss)
    world.expected_log_score[w] += first * log_score(believed, miss)
    world.expected_brier_score_of_true_rate[w] += first * brier(true, miss)
    world.expected_log_score_of_true_rate[w] += first * log_score(true, miss)
    # for the attempts after it
    world.month_hazard[w] += world.month_survived[w] * lost
    world.month_survived[w] *= 1.0 - lost
    world.month_untried[w] *= 1.0 - critical


@stage
def end_month(world, continuation_rate):
    """What the month's attempts leave: the hazard, and the weight of lives that go on.
    Eqs. 8.1 and 8.2."""
    for w in range(WIDTH):
        hazard, survival = world.month_hazard[w], world.month_survived[w]
        world.takeover_chance[w] = world.weight[w] * hazard
        world.expected_takeover[w] += world.weight[w] * hazard
        world.continuation[w] = continuation_chance(world.weight[w], survival, continuation_rate)
        world.weight[w] *= weight_factor(survival, hazard, world.continuation[w])
