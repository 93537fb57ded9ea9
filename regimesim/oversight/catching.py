"""Catching: what each safeguard misses, and how safeguards fail together.

Everything is kept as the logarithm of a miss probability, which stays exact where many
actions or several safeguards make the probability itself very small.
"""

import numpy as np

from regimesim.compiled import equation, stage
from regimesim.oversight import control, cot_monitor, interpretability
from regimesim.oversight.dropping import kept
from regimesim.oversight.policy import BINORMAL, LOGISTIC
from regimesim.world.draws import CATCH, words
from regimesim.world.ladder import of_paradigm
from regimesim.world.mathematics import (
    exp,
    exp2,
    exponential,
    log,
    normal_cdf,
    normal_quantile,
)
from regimesim.world.state import WIDTH

# Typed, so that one compiled function serves all three.
CONTROL, COT_MONITOR, INTERPRETABILITY = np.arange(3)
CERTAIN = -1e4  # stands for ln 0: what is caught with certainty; e to it is exactly 0
ALWAYS = 1e300  # stands for a quantile at a budget of 0 (and minus it at a budget of 1)
ENDLESS = 1e250  # stands for odds at a budget of 1
LOGISTIC_SLOPE = 1.6  # logits a unit of d′
ELO_DOUBLING = 0.008304820237218405  # log2(10)/400


@equation
def audit_quantile(audited):
    """Φ⁻¹(1 − α): the score above which actions are audited."""
    inside = -normal_quantile(min(max(audited, 1e-300), 1.0))
    return ALWAYS if audited <= 0.0 else (-ALWAYS if audited >= 1.0 else inside)


@equation
def audit_odds(audited):
    """α/(1 − α)."""
    return ENDLESS if audited >= 1.0 else audited / max(1.0 - audited, 1e-300)


@equation
def binormal_log_miss(quantile, strength, actions):
    """ln of the probability that none of `actions` actions is flagged: each is missed
    with Φ(Φ⁻¹(1 − α) − d′)."""
    missed = normal_cdf(quantile - strength)
    return CERTAIN if missed <= 1e-300 else actions * log(missed)


@equation
def logistic_log_miss(odds, strength, actions):
    """The same where the ROC is a line in logit-logit: logit(catch) = logit(α) + 1.6·d′."""
    caught_odds = odds * exp(LOGISTIC_SLOPE * strength)
    return CERTAIN if caught_odds >= 1e200 else -actions * log(1.0 + caught_odds)


@equation
def elo_rating(floor, slope, intercept, ceiling, capability):
    """A domain Elo rating: a line in capability between a floor and a ceiling
    (scaling laws for scalable oversight, arXiv 2504.18530)."""
    return min(max(slope * capability + intercept, floor), ceiling)


@equation
def elo_log_miss(guard, evader):
    """ln of the probability that a whole attempt is missed, 1/(1 + 10^((guard − evader)/400))."""
    lead = min(max(guard - evader, -1e5), 1e5)
    return -log(1.0 + exp2(ELO_DOUBLING * lead))


@equation
def joint_log_miss(least, total, common_cause):
    """ln of the probability that all safeguards miss, by the β-factor common-cause model:
    M = (min_j M_j)^β · (∏_j M_j)^(1−β)."""
    return common_cause * least + (1.0 - common_cause) * total


@equation
def endurance(shock, own, common_cause):
    """X_j of the Marshall–Olkin common shock: safeguard j misses iff X_j > −ln M_j."""
    together = shock / common_cause if common_cause > 0.0 else 1e300
    alone = own / (1.0 - common_cause) if common_cause < 1.0 else 1e300
    return min(together, alone)


@equation
def catches(seed, month, number, system, common_cause, log_miss, w):
    """Which safeguards catch an attempt: three booleans, drawn jointly.

    `log_miss` is the (safeguards, WIDTH) array of ln M_j, of which column `w` is used.
    """
    drawn = words(seed, system, month + 1, number, CATCH)
    shock = exponential(drawn[0])
    by_control = endurance(shock, exponential(drawn[1]), common_cause) <= -log_miss[0, w]
    by_cot = endurance(shock, exponential(drawn[2]), common_cause) <= -log_miss[1, w]
    by_probe = endurance(shock, exponential(drawn[3]), common_cause) <= -log_miss[2, w]
    return by_control, by_cot, by_probe


@stage
def allot(tile):
    """Audit quantile and odds of each safeguard's share of the budget, in every column."""
    world = tile.worlds[0]
    parameters = tile.parameters[0]
    for w in range(WIDTH):
        for j in range(3):
            share = parameters.control.share[w]
            if j == COT_MONITOR:
                share = parameters.cot_monitor.share[w]
            elif j == INTERPRETABILITY:
                share = parameters.interpretability.share[w]
            audited = world.audit_budget[w] * share
            world.quantile[j, w] = audit_quantile(audited)
            world.odds[j, w] = audit_odds(audited)


@stage
def miss(j, curve, system, world, scratch, parameters, guard, evader):
    """One safeguard against one system: ln M_j of an attempt in earnest, and that of an
    exercise, in which an aware system does not show its best."""
    oversight, red_team = parameters.oversight, parameters.red_team
    if curve == BINORMAL:
        for w in range(WIDTH):
            shown = 1.0 + red_team.elicitation_gap[w] * system.aware[w]
            earnest = binormal_log_miss(
                world.quantile[j, w], scratch.strength[w], oversight.actions[w]
            )
            exercise = binormal_log_miss(
                world.quantile[j, w], scratch.strength[w] * shown, oversight.actions[w]
            )
            _count(system, scratch, j, w, earnest, exercise)
    elif curve == LOGISTIC:
        for w in range(WIDTH):
            shown = 1.0 + red_team.elicitation_gap[w] * system.aware[w]
            earnest = logistic_log_miss(
                world.odds[j, w], scratch.strength[w], oversight.actions[w]
            )
            exercise = logistic_log_miss(
                world.odds[j, w], scratch.strength[w] * shown, oversight.actions[w]
            )
            _count(system, scratch, j, w, earnest, exercise)
    else:
        for w in range(WIDTH):
            best = system.capability[w]
            shown = best - red_team.elicitation_gap[w] * system.aware[w]
            against = elo_rating(
                guard[0, w], guard[1, w], guard[2, w], guard[3, w], scratch.monitor[w]
            )
            earnest = elo_log_miss(
                against, elo_rating(evader[0, w], evader[1, w], evader[2, w], evader[3, w], best)
            )
            exercise = elo_log_miss(
                against, elo_rating(evader[0, w], evader[1, w], evader[2, w], evader[3, w], shown)
            )
            _count(system, scratch, j, w, earnest, exercise)


@equation
def _count(system, scratch, j, w, earnest, exercise):
    """Enter one safeguard's ln M_j into what all of them make together; one that the lab has
    dropped misses everything."""
    earnest, exercise = earnest * scratch.kept[w], exercise * scratch.kept[w]
    system.log_miss[j, w] = earnest
    scratch.least[w] = min(scratch.least[w], earnest)
    scratch.total[w] += earnest
    scratch.exercise_least[w] = min(scratch.exercise_least[w], exercise)
    scratch.exercise_total[w] += exercise


@stage
def inspect(tile, stack):
    """M of every system, and the chances that overseers' exercises meet, in every column."""
    world, scratch = tile.worlds[0], tile.scratch[0]
    parameters = tile.parameters[0]
    allot(tile)
    for w in range(WIDTH):
        world.miss[w] = 0.0
        world.exercise_miss[w] = 0.0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        for w in range(WIDTH):
            scratch.least[w] = 0.0
            scratch.total[w] = 0.0
            scratch.exercise_least[w] = 0.0
            scratch.exercise_total[w] = 0.0
        if stack.control:
            table = parameters.control
            _face_control(system, lab, scratch, table, stack.control_untrusted)
            curve, guard, evader = stack.control_curve, table.guard, table.evader
            miss(CONTROL, curve, system, world, scratch, parameters, guard, evader)
        if stack.cot_monitor:
            table = parameters.cot_monitor
            _face_cot_monitor(system, lab, scratch, table, parameters.paradigm)
            curve, guard, evader = stack.cot_monitor_curve, table.guard, table.evader
            miss(COT_MONITOR, curve, system, world, scratch, parameters, guard, evader)
        if stack.interpretability:
            table = parameters.interpretability
            _face_probe(system, lab, scratch, table)
            curve, guard, evader = stack.interpretability_curve, table.guard, table.evader
            miss(INTERPRETABILITY, curve, system, world, scratch, parameters, guard, evader)
        _join(system, world, scratch, parameters.oversight)
    for w in range(WIDTH):
        world.miss[w] /= tile.systems.shape[0]
        world.exercise_miss[w] /= tile.systems.shape[0]


@stage
def _join(system, world, scratch, oversight):
    """M of one system from all safeguards together."""
    for w in range(WIDTH):
        cause = oversight.common_cause[w]
        system.miss[w] = exp(joint_log_miss(scratch.least[w], scratch.total[w], cause))
        world.miss[w] += system.miss[w]
        world.exercise_miss[w] += exp(
            joint_log_miss(scratch.exercise_least[w], scratch.exercise_total[w], cause)
        )


@stage
def _face_control(system, lab, scratch, table, untrusted):
    for w in range(WIDTH):
        scratch.kept[w] = kept(lab.dropped[w], table.tax[w])
        scratch.monitor[w] = control.monitor_capability(
            lab.frontier[w], table.monitor_lag[w], table.trusted_cap[w], untrusted
        )
        loyal = control.loyalty(table.monitor_collusion[w], lab.willing[w], lab.systems[w])
        scratch.strength[w] = control.strength(
            control.parity_strength(table.auroc[w]),
            table.monitor_slope[w],
            scratch.monitor[w],
            system.capability[w],
            lab.knowledge[w],
            loyal if untrusted else 1.0,
        )


@stage
def _face_cot_monitor(system, lab, scratch, table, paradigm):
    for w in range(WIDTH):
        scratch.kept[w] = kept(lab.dropped[w], table.tax[w])
        scratch.monitor[w] = lab.frontier[w]
        faithful = of_paradigm(paradigm.faithfulness, system.paradigm[w], w)
        scratch.strength[w] = cot_monitor.strength(faithful, table.strength[w])


@stage
def _face_probe(system, lab, scratch, table):
    for w in range(WIDTH):
        scratch.kept[w] = kept(lab.dropped[w], table.tax[w])
        scratch.monitor[w] = lab.frontier[w]
        scratch.strength[w] = interpretability.strength(
            table.strength[w], lab.knowledge[w], lab.erosion[w]
        )
