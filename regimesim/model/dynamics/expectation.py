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
from regimesim.model.oversight.red_team import believed_catch_rate
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import log

LEAST = 1e-6  # the smallest probability with which an outcome is scored
# It gives the narrowest intervals for its cost, over the scenarios that were tried.
CONTINUATION_RATE = 2.0


@equation
def brier(rate, held, lost):
    """Expected Brier score of a catch rate as forecast of a try that comes and is held with
    probability `held`, and comes and is lost with `lost`. Eq. 8.3."""
    return held * (1.0 - rate) * (1.0 - rate) + lost * rate * rate


@equation
def log_score(rate, held, lost):
    """Expected logarithmic score of the same forecast, in nats. Eq. 8.4."""
    return -(held * log(max(rate, LEAST)) + lost * log(max(1.0 - rate, LEAST)))


@equation
def foreseeable(tried, lost):
    """Probability that a try is held, where it comes with probability `tried`, and comes and is
    lost with `lost`. Eq. 8.8."""
    return 1.0 - lost / max(tried, 1e-300)


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
        world.month_hazard[w], world.month_try[w] = 0.0, 0.0
        world.month_untried[w], world.month_survived[w] = 1.0, 1.0
        world.month_no_strike[w], world.month_held_alone[w] = 1.0, 0.0
        world.month_survived_unskilled[w], world.month_survived_untrapped[w] = 1.0, 1.0
        world.month_survived_recognised[w] = 1.0
        world.month_attempts[w], world.month_expected_attempts[w] = 0.0, 0.0
        world.first_try_chance[w], world.takeover_chance[w] = 0.0, 0.0


@stage
def expect(world, w, critical, miss, is_story):
    """Add one attempt, critical with chance `critical`, missed by all safeguards with `miss`.
    Eqs. 8.1 and 8.2."""
    lost = critical * miss
    world.month_attempts[w] += 1.0
    world.month_expected_attempts[w] += critical
    world.month_try[w] += world.month_untried[w] * critical
    world.month_hazard[w] += world.month_survived[w] * lost
    world.month_untried[w] *= 1.0 - critical
    world.month_survived[w] *= 1.0 - lost
    world.month_no_strike[w] *= 1.0 if is_story else 1.0 - critical


@stage
def expect_parts(world, w, critical, miss, unskilled, untrapped, recognised):
    """Add what holds or loses one attempt: the probabilities with which it would be missed
    otherwise. Eq. 8.11."""
    world.month_held_alone[w] += critical * (1.0 - miss)
    world.month_survived_unskilled[w] *= 1.0 - critical * unskilled
    world.month_survived_untrapped[w] *= 1.0 - critical * untrapped
    world.month_survived_recognised[w] *= 1.0 - critical * recognised


@stage
def _decompose(world, w, first, tried, held):
    """Add what holds and loses a first critical try. Eq. 8.12."""
    none = world.month_untried[w]
    unskilled = world.month_survived_unskilled[w] - none
    untrapped = world.month_survived_untrapped[w] - none
    recognised = world.month_survived_recognised[w] - none
    alone = tried * world.month_held_alone[w] / max(world.month_expected_attempts[w], 1e-300)
    world.expected_by_lottery[w] += first * unskilled
    world.expected_by_skill[w] += first * (untrapped - unskilled)
    world.expected_by_traps[w] += first * (held - untrapped)
    world.expected_lost_to_recognition[w] += first * (recognised - held)
    world.expected_lost_to_numbers[w] += first * (alone - held)


@stage
def expect_try(world):
    """Add the month's critical try, of all of its attempts, in every column that has some.
    Eqs. 8.1, 8.2 and 8.8."""
    attempts = 0.0
    for w in range(WIDTH):
        attempts += world.month_attempts[w]
    if attempts == 0.0:
        return
    for w in range(WIDTH):
        tried, lost = world.month_try[w], world.month_hazard[w]
        held, weight = tried - lost, world.weight[w]
        believed = believed_catch_rate(world.caught_belief[w], world.missed_belief[w])
        true = foreseeable(tried, lost)
        world.expected_critical_tries[w] += weight * tried
        world.expected_critical_tries_held[w] += weight * held
        world.expected_tries_survived[w] += weight * held
        # as the first critical try
        first = weight * world.untried[w]
        world.first_try_chance[w] = first * tried
        world.expected_first_try[w] += first * tried
        world.expected_held[w] += first * held
        _decompose(world, w, first, tried, held)
        world.expected_attempts[w] += first * world.month_expected_attempts[w]
        world.expected_story[w] += first * (world.month_no_strike[w] - world.month_untried[w])
        world.expected_believed[w] += first * tried * believed
        shots = float(world.warning_shots[w]) - world.month_strikes_caught[w]
        world.expected_warning_shots[w] += first * tried * shots
        world.expected_brier_score[w] += first * brier(believed, held, lost)
        world.expected_log_score[w] += first * log_score(believed, held, lost)
        world.expected_brier_score_of_true_rate[w] += first * brier(true, held, lost)
        world.expected_log_score_of_true_rate[w] += first * log_score(true, held, lost)


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
