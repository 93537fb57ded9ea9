"""Inspection: what the safeguards miss of every system, in earnest and in exercises.

An exercise differs from an attempt in earnest for aware systems alone, so what it needs is
computed for a system that is aware in some column, and where it is aware.  The probe has
one strength for all systems of a lab, the chain-of-thought monitor one for all systems of a
paradigm: both are faced once.
"""

import numpy as np

from regimesim.model.compilation import equation, sequence, stage
from regimesim.model.oversight import control, cot_monitor, interpretability
from regimesim.model.oversight.detection import (
    CONTROL,
    COT_MONITOR,
    INTERPRETABILITY,
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    elo_log_miss,
    elo_rating,
    joint_log_miss,
    logistic_log_miss,
)
from regimesim.model.oversight.dropping import kept
from regimesim.model.oversight.policy import BINORMAL, ELO
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import EARNEST, EXERCISE, PARADIGMS, WIDTH
from regimesim.model.world.mathematics import exp


@stage
def inspect(tile, stack):
    """M of every system, as systems reckon with it and as it is, and the chances that
    overseers' exercises meet, in every column."""
    for hidden in range(stack.audits_hidden, -1, -1):
        allot(tile, hidden)
        _inspect_all(tile, stack)
        if hidden == stack.audits_hidden:
            _reckon(tile.systems)


@equation
def reckoned_budget(audit_budget, announced, audit_sight):
    """The audit budget that systems reckon with: between what it is and what was announced."""
    blurred = audit_sight * audit_budget + (1.0 - audit_sight) * announced
    return audit_budget if audit_sight >= 1.0 else blurred


@stage
def _reckon(systems):
    """What has been computed is what systems reckon with."""
    for i in range(systems.shape[0]):
        for w in range(WIDTH):
            systems[i].reckoned[w] = systems[i].miss[w]


@stage
def _inspect_all(tile, stack):
    """M of every system at the budget that has been allotted."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        world.miss[w] = 0.0
        world.exercise_miss[w] = 0.0
    if stack.cot_monitor and stack.cot_monitor_curve != ELO:
        _face_cot_monitor(stack.cot_monitor_curve, world, scratch, parameters)
    if stack.interpretability and stack.interpretability_curve != ELO:
        for k in range(tile.labs.shape[0]):
            _face_probe(stack.interpretability_curve, tile.labs[k], world, scratch, parameters)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _inspect(system, lab, world, scratch, parameters, stack)
    for w in range(WIDTH):
        world.miss[w] /= tile.systems.shape[0]
        world.exercise_miss[w] /= tile.systems.shape[0]


@stage
def allot(tile, hidden):
    """Audit quantile and odds of each safeguard's share of the budget, in every column: of
    the one that systems reckon with where it is `hidden` from them."""
    world = tile.worlds[0]
    parameters = tile.parameters[0]
    for w in range(WIDTH):
        for j in range(3):
            share = parameters.control.share[w]
            if j == COT_MONITOR:
                share = parameters.cot_monitor.share[w]
            elif j == INTERPRETABILITY:
                share = parameters.interpretability.share[w]
            budget = world.audit_budget[w]
            if hidden:
                announced = parameters.oversight.audit_budget[w]
                budget = reckoned_budget(budget, announced, parameters.cognition.audit_sight[w])
            audited = budget * share
            world.quantile[j, w] = audit_quantile(audited)
            world.odds[j, w] = audit_odds(audited)


@stage
def _miss(j, curve, manner, world, scratch, parameters):
    """ln M_j of an attempt or exercise that is met with `scratch.strength`."""
    if curve == BINORMAL:
        for w in range(WIDTH):
            scratch.missed[manner, w] = binormal_log_miss(
                world.quantile[j, w], scratch.strength[manner, w], parameters.oversight.actions[w]
            )
    else:
        for w in range(WIDTH):
            scratch.missed[manner, w] = logistic_log_miss(
                world.odds[j, w], scratch.strength[manner, w], parameters.oversight.actions[w]
            )


@equation
def _shown(strength, elicitation_gap):
    """d′ in an exercise with an aware system, which does not show its best."""
    return strength * (1.0 + elicitation_gap)


@stage
def _face_cot_monitor(curve, world, scratch, parameters):
    """ln M of the chain-of-thought monitor against each paradigm."""
    full, gap = parameters.cot_monitor.strength, parameters.red_team.elicitation_gap
    for p in range(PARADIGMS):
        for w in range(WIDTH):
            strength = cot_monitor.strength(parameters.paradigm.faithfulness[p, w], full[w])
            scratch.strength[EARNEST, w] = strength
            scratch.strength[EXERCISE, w] = _shown(strength, gap[w])
        _miss(COT_MONITOR, curve, EARNEST, world, scratch, parameters)
        _miss(COT_MONITOR, curve, EXERCISE, world, scratch, parameters)
        for w in range(WIDTH):
            world.cot_missed[p, w] = scratch.missed[EARNEST, w]
            world.cot_missed_shown[p, w] = scratch.missed[EXERCISE, w]


@stage
def _face_probe(curve, lab, world, scratch, parameters):
    """ln M of the probe of one lab."""
    fresh, gap = parameters.interpretability.strength, parameters.red_team.elicitation_gap
    for w in range(WIDTH):
        strength = interpretability.strength(fresh[w], lab.knowledge[w], lab.erosion[w])
        scratch.strength[EARNEST, w] = strength
        scratch.strength[EXERCISE, w] = _shown(strength, gap[w])
    _miss(INTERPRETABILITY, curve, EARNEST, world, scratch, parameters)
    _miss(INTERPRETABILITY, curve, EXERCISE, world, scratch, parameters)
    for w in range(WIDTH):
        lab.probe_missed[w] = scratch.missed[EARNEST, w]
        lab.probe_missed_shown[w] = scratch.missed[EXERCISE, w]


@sequence
def _inspect(system, lab, world, scratch, parameters, stack):
    """M of one system from all safeguards together."""
    aware = np.int64(0)  # a bare 0 would have what takes it compiled twice
    for w in range(WIDTH):
        aware += 1 if system.aware[w] > 0.0 else 0
        scratch.least[w], scratch.exercise_least[w] = 0.0, 0.0
        scratch.total[w], scratch.exercise_total[w] = 0.0, 0.0
    if stack.control:
        table = parameters.control
        _face_control(system, lab, world, scratch, parameters, stack.control_untrusted)
        if stack.control_curve == ELO:
            _miss_by_rating(system, scratch, parameters, table.guard, table.evader)
        else:
            _miss(CONTROL, stack.control_curve, EARNEST, world, scratch, parameters)
            if aware:
                _miss(CONTROL, stack.control_curve, EXERCISE, world, scratch, parameters)
        _count(CONTROL, aware, system, lab, scratch, table.tax)
    if stack.cot_monitor:
        table = parameters.cot_monitor
        if stack.cot_monitor_curve == ELO:
            _watch_by_frontier(lab, scratch)
            _miss_by_rating(system, scratch, parameters, table.guard, table.evader)
        else:
            _read_thoughts(system, world, scratch)
        _count(COT_MONITOR, aware, system, lab, scratch, table.tax)
    if stack.interpretability:
        table = parameters.interpretability
        if stack.interpretability_curve == ELO:
            _watch_by_frontier(lab, scratch)
            _miss_by_rating(system, scratch, parameters, table.guard, table.evader)
        else:
            _probe(lab, scratch)
        _count(INTERPRETABILITY, aware, system, lab, scratch, table.tax)
    _join(aware, system, world, scratch, parameters.oversight)


@stage
def _face_control(system, lab, world, scratch, parameters, untrusted):
    """Capability of the monitor of one system, and d′ of control."""
    table, gap = parameters.control, parameters.red_team.elicitation_gap
    for w in range(WIDTH):
        scratch.monitor[w] = control.monitor_capability(
            lab.frontier[w], table.monitor_lag[w], table.trusted_cap[w], untrusted
        )
        loyal = control.loyalty(table.monitor_collusion[w], lab.willing[w], lab.systems[w])
        strength = control.strength(
            world.parity[w],
            table.monitor_slope[w],
            scratch.monitor[w],
            system.capability[w],
            lab.knowledge[w],
            loyal if untrusted else 1.0,
        )
        scratch.strength[EARNEST, w] = strength
        scratch.strength[EXERCISE, w] = _shown(strength, gap[w])


@stage
def _watch_by_frontier(lab, scratch):
    """The capability that a guard is rated by is that of the lab's frontier."""
    for w in range(WIDTH):
        scratch.monitor[w] = lab.frontier[w]


@stage
def _miss_by_rating(system, scratch, parameters, guard, evader):
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


@stage
def _read_thoughts(system, world, scratch):
    """ln M of the chain-of-thought monitor is that of the system's paradigm."""
    for w in range(WIDTH):
        p = system.paradigm[w]
        scratch.missed[EARNEST, w] = of_paradigm(world.cot_missed, p, w)
        scratch.missed[EXERCISE, w] = of_paradigm(world.cot_missed_shown, p, w)


@stage
def _probe(lab, scratch):
    """ln M of the probe is that of the system's lab."""
    for w in range(WIDTH):
        scratch.missed[EARNEST, w] = lab.probe_missed[w]
        scratch.missed[EXERCISE, w] = lab.probe_missed_shown[w]


@stage
def _count(j, aware, system, lab, scratch, tax):
    """Enter one safeguard's ln M_j into what all of them make together; one that the lab has
    dropped misses everything."""
    for w in range(WIDTH):
        earnest = scratch.missed[EARNEST, w] * kept(lab.dropped[w], tax[w])
        system.log_miss[j, w] = earnest
        scratch.least[w] = min(scratch.least[w], earnest)
        scratch.total[w] += earnest
    if aware:
        for w in range(WIDTH):
            earnest, shown = scratch.missed[EARNEST, w], scratch.missed[EXERCISE, w]
            exercise = shown if system.aware[w] > 0.0 else earnest
            exercise *= kept(lab.dropped[w], tax[w])
            scratch.exercise_least[w] = min(scratch.exercise_least[w], exercise)
            scratch.exercise_total[w] += exercise


@stage
def _join(aware, system, world, scratch, oversight):
    """M of one system from all safeguards together."""
    for w in range(WIDTH):
        cause = oversight.common_cause[w]
        system.miss[w] = exp(joint_log_miss(scratch.least[w], scratch.total[w], cause))
        world.miss[w] += system.miss[w]
    if not aware:
        for w in range(WIDTH):
            world.exercise_miss[w] += system.miss[w]
        return
    for w in range(WIDTH):
        cause = oversight.common_cause[w]
        world.exercise_miss[w] += exp(
            joint_log_miss(scratch.exercise_least[w], scratch.exercise_total[w], cause)
        )
