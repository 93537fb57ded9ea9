"""Miss probabilities: what the safeguards miss of every system, in earnest and in exercises.

An exercise differs from an attempt in earnest for aware systems alone, so what it needs is
computed for a system that is aware in some column, and where it is aware.  A safeguard whose
strength is the same for all systems of a lab, or of a paradigm, is faced once for these.
The stages of each safeguard are made from the table of safeguards, so that none needs to be
named here.
"""

import numpy as np

from regimesim.model.compilation import equation, in_turn, sequence, stage
from regimesim.model.oversight.detection import (
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
from regimesim.model.oversight.safeguards import LAB, PARADIGM, TABLE
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import EACH, EARNEST, EXERCISE, PARADIGMS, SHARE_OF, WIDTH
from regimesim.model.world.mathematics import exp


@stage
def allot(tile, hidden):
    """Audit quantile and odds of each safeguard's share of the budget, in every column: of
    the one that systems reckon with where it is `hidden` from them. Eq. 7.5.1."""
    world = tile.worlds[0]
    parameters = tile.parameters[0]
    for j in range(EACH):
        for w in range(WIDTH):
            budget = world.audit_budget[w]
            if hidden:
                announced = parameters.oversight.audit_budget[w]
                budget = reckoned_budget(budget, announced, parameters.cognition.audit_sight[w])
            audited = budget * tile.rows[SHARE_OF[j], w]
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
    """d′ in an exercise with an aware system, which does not show its best. Eq. 7.5.13."""
    return strength * (1.0 + elicitation_gap)


@stage
def _miss_shown(j, curve, world, scratch, parameters):
    """ln M_j of an exercise with an aware system."""
    gap = parameters.red_team.elicitation_gap
    for w in range(WIDTH):
        scratch.strength[EXERCISE, w] = _shown(scratch.strength[EARNEST, w], gap[w])
    _miss(j, curve, EXERCISE, world, scratch, parameters)


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


def _facing(place, safeguard):
    """The stage in which a safeguard faces each lab or paradigm, once a month; None where it
    faces system by system."""
    j, face = np.int64(place), safeguard.face

    @stage
    def face_labs(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        if stack.active[j] and stack.curves[j] != ELO:
            for k in range(tile.labs.shape[0]):
                lab = tile.labs[k]
                face(lab, scratch, parameters)
                _miss(j, stack.curves[j], EARNEST, world, scratch, parameters)
                _miss_shown(j, stack.curves[j], world, scratch, parameters)
                for w in range(WIDTH):
                    lab.missed[j, w] = scratch.missed[EARNEST, w]
                    lab.missed_shown[j, w] = scratch.missed[EXERCISE, w]

    @stage
    def face_paradigms(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        if stack.active[j] and stack.curves[j] != ELO:
            for p in range(PARADIGMS):
                face(p, scratch, parameters)
                _miss(j, stack.curves[j], EARNEST, world, scratch, parameters)
                _miss_shown(j, stack.curves[j], world, scratch, parameters)
                for w in range(WIDTH):
                    world.missed[j, p, w] = scratch.missed[EARNEST, w]
                    world.missed_shown[j, p, w] = scratch.missed[EXERCISE, w]

    return {LAB: face_labs, PARADIGM: face_paradigms}.get(safeguard.differs_by)


@stage
def _recall_lab(j, lab, scratch):
    """ln M_j is that of the system's lab."""
    for w in range(WIDTH):
        scratch.missed[EARNEST, w] = lab.missed[j, w]
        scratch.missed[EXERCISE, w] = lab.missed_shown[j, w]


@stage
def _recall_paradigm(j, system, world, scratch):
    """ln M_j is that of the system's paradigm."""
    missed, missed_shown = world.missed[j], world.missed_shown[j]
    for w in range(WIDTH):
        p = system.paradigm[w]
        scratch.missed[EARNEST, w] = of_paradigm(missed, p, w)
        scratch.missed[EXERCISE, w] = of_paradigm(missed_shown, p, w)


def _meeting(place, safeguard):
    """The stage in which one system meets a safeguard: ln M_j, entered into the joint one."""
    j, name = np.int64(place), safeguard.name
    face, guard = safeguard.face, safeguard.guard
    by_lab, by_paradigm = (safeguard.differs_by == kind for kind in (LAB, PARADIGM))

    @stage
    def meet(aware, system, lab, world, scratch, parameters, stack):
        if not stack.active[j]:
            return
        table, curve = parameters[name], stack.curves[j]
        if curve == ELO:
            guard(lab, scratch, parameters, stack)
            _miss_by_rating(system, scratch, parameters, table.guard, table.evader)
        elif by_lab:
            _recall_lab(j, lab, scratch)
        elif by_paradigm:
            _recall_paradigm(j, system, world, scratch)
        else:
            face(system, lab, world, scratch, parameters, stack)
            _miss(j, curve, EARNEST, world, scratch, parameters)
            if aware:
                _miss_shown(j, curve, world, scratch, parameters)
        _count(j, aware, system, lab, scratch, table.tax)

    return meet


_face_once = in_turn(filter(None, map(_facing, range(EACH), TABLE)))
_meet_all = in_turn(map(_meeting, range(EACH), TABLE))


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


@sequence
def _inspect(system, lab, world, scratch, parameters, stack):
    """M of one system from all safeguards together."""
    aware = np.int64(0)  # a bare 0 would have what takes it compiled twice
    for w in range(WIDTH):
        aware += 1 if system.aware[w] > 0.0 else 0
        scratch.least[w], scratch.exercise_least[w] = 0.0, 0.0
        scratch.total[w], scratch.exercise_total[w] = 0.0, 0.0
    _meet_all(aware, system, lab, world, scratch, parameters, stack)
    _join(aware, system, world, scratch, parameters.oversight)


@stage
def _inspect_all(tile, stack):
    """M of every system at the budget that has been allotted."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        world.miss[w] = 0.0
        world.exercise_miss[w] = 0.0
    _face_once(tile, stack)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _inspect(system, lab, world, scratch, parameters, stack)
    for w in range(WIDTH):
        world.miss[w] /= tile.systems.shape[0]
        world.exercise_miss[w] /= tile.systems.shape[0]


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
    """The audit budget that systems reckon with: between what it is and what was announced.
    Eq. 7.6.3."""
    blurred = audit_sight * audit_budget + (1.0 - audit_sight) * announced
    return audit_budget if audit_sight >= 1.0 else blurred


@stage
def _reckon(systems):
    """What has been computed is what systems reckon with."""
    for i in range(systems.shape[0]):
        for w in range(WIDTH):
            systems[i].reckoned[w] = systems[i].miss[w]
