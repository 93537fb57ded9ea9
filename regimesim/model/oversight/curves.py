"""What a monitor misses of an attempt, given its strength d′ in `scratch.strength`."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.detection import (
    binormal_log_miss,
    elo_log_miss,
    elo_rating,
    logistic_log_miss,
)
from regimesim.model.oversight.policy import BINORMAL
from regimesim.model.world.layout import EARNEST, EXERCISE, WIDTH


@stage
def set_curve(j, curve, lab, world, scratch, parameters):
    """All that the misses of monitor j of a lab depend on besides its strength."""
    for w in range(WIDTH):
        quantile, odds = lab.quantile[j, w], lab.odds[j, w]
        scratch.audit_score[w] = quantile if curve == BINORMAL else odds
        scratch.stretch[w] = world.stretch[j, w]
        scratch.trajectories[w] = parameters.oversight.trajectories[w]
        scratch.elicitation_gap[w] = parameters.red_team.elicitation_gap[w]


@stage
def miss(curve, manner, scratch):
    """ln M_j of an attempt or exercise that is met with `scratch.strength`."""
    if curve == BINORMAL:
        for w in range(WIDTH):
            scratch.missed[manner, w] = binormal_log_miss(
                scratch.audit_score[w],
                scratch.strength[manner, w] * scratch.stretch[w],
                scratch.trajectories[w],
            )
    else:
        for w in range(WIDTH):
            scratch.missed[manner, w] = logistic_log_miss(
                scratch.audit_score[w], scratch.strength[manner, w], scratch.trajectories[w]
            )


@equation
def _shown(strength, elicitation_gap):
    """d′ in an exercise with an aware system, which does not show its best. Eq. 7.5.13."""
    return strength * (1.0 + elicitation_gap)


@stage
def miss_shown(curve, scratch):
    """ln M_j of an exercise with an aware system."""
    for w in range(WIDTH):
        scratch.strength[EXERCISE, w] = _shown(
            scratch.strength[EARNEST, w], scratch.elicitation_gap[w]
        )
    miss(curve, EXERCISE, scratch)


@stage
def miss_by_rating(system, scratch, parameters, guard, evader):
    """ln M of a safeguard that is rated against what evades it."""
    gap = parameters.red_team.elicitation_gap
    for w in range(WIDTH):
        best = system.capability[w]
        shown = best - gap[w]
        against = elo_rating(
            guard[0, w], guard[1, w], guard[2, w], guard[3, w], scratch.monitor[w]
        )
        scratch.missed[EARNEST, w] = elo_log_miss(
            against, elo_rating(evader[0, w], evader[1, w], evader[2, w], evader[3, w], best)
        )
        scratch.missed[EXERCISE, w] = elo_log_miss(
            against, elo_rating(evader[0, w], evader[1, w], evader[2, w], evader[3, w], shown)
        )
