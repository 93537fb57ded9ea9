"""Miss probabilities: what the safeguards miss of every system, in earnest and in exercises.

An exercise differs from an attempt in earnest for aware systems alone, so what it needs is
computed for a system that is aware in some column, and where it is aware.  A monitor whose
strength is the same for all systems of a lab, or of a paradigm, is faced once for these, and
again only by a system that evades it.
The stages of each monitor are made from the table of monitors, so that none needs to be
named here.
"""

import numpy as np

from regimesim.model.compilation import equation, in_turn, sequence, stage
from regimesim.model.oversight.audits import allot, audits_as
from regimesim.model.oversight.detection import (
    binormal_log_miss,
    elo_log_miss,
    elo_rating,
    evaded_strength,
    joint_log_miss,
    logistic_log_miss,
)
from regimesim.model.oversight.dropping import kept
from regimesim.model.oversight.honeypots import HONEYPOTS, escape
from regimesim.model.oversight.policy import BINORMAL, ELO
from regimesim.model.oversight.recognition import recognise, unrecognised_too
from regimesim.model.oversight.safeguards import LAB, PARADIGM, TABLE
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import (
    EACH_MONITOR,
    EARNEST,
    EXERCISE,
    PARADIGMS,
    WIDTH,
)
from regimesim.model.world.mathematics import exp

ANY_PARADIGM = np.int64(0)  # typed, so that one compiled function serves both kinds of monitors


@stage
def _miss(j, curve, manner, lab, world, scratch, parameters):
    """ln M_j of an attempt or exercise that is met with `scratch.strength`."""
    trajectories = parameters.oversight.trajectories
    if curve == BINORMAL:
        for w in range(WIDTH):
            stretched = scratch.strength[manner, w] * world.stretch[j, w]
            scratch.missed[manner, w] = binormal_log_miss(
                lab.quantile[j, w], stretched, trajectories[w]
            )
    else:
        for w in range(WIDTH):
            scratch.missed[manner, w] = logistic_log_miss(
                lab.odds[j, w], scratch.strength[manner, w], trajectories[w]
            )


@equation
def _shown(strength, elicitation_gap):
    """d′ in an exercise with an aware system, which does not show its best. Eq. 7.5.13."""
    return strength * (1.0 + elicitation_gap)


@stage
def _miss_shown(j, curve, lab, world, scratch, parameters):
    """ln M_j of an exercise with an aware system."""
    gap = parameters.red_team.elicitation_gap
    for w in range(WIDTH):
        scratch.strength[EXERCISE, w] = _shown(scratch.strength[EARNEST, w], gap[w])
    _miss(j, curve, EXERCISE, lab, world, scratch, parameters)


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
def _face_alike(j, p, curve, lab, world, scratch, parameters):
    """Keep the strength of a monitor of a lab that no system evades, against all that were
    trained under paradigm p + 1, and what it misses of them."""
    _miss(j, curve, EARNEST, lab, world, scratch, parameters)
    _miss_shown(j, curve, lab, world, scratch, parameters)
    for w in range(WIDTH):
        lab.strength[j, p, w] = scratch.strength[EARNEST, w]
        lab.missed[j, p, w] = scratch.missed[EARNEST, w]
        lab.missed_shown[j, p, w] = scratch.missed[EXERCISE, w]


@stage
def _face_as_first(j, lab, first):
    """A monitor whose strength differs by paradigm alone misses the same in a lab that audits as
    the first one does."""
    for p in range(PARADIGMS):
        for w in range(WIDTH):
            lab.strength[j, p, w] = first.strength[j, p, w]
            lab.missed[j, p, w] = first.missed[j, p, w]
            lab.missed_shown[j, p, w] = first.missed_shown[j, p, w]


def _facing(place, monitor):
    """The stage in which a monitor faces the systems of each lab, or of each lab and paradigm,
    once a month; None where it faces system by system."""
    j, face = np.int64(place), monitor.face

    @stage
    def face_labs(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        if stack.active[j] and stack.curves[j] != ELO:
            for k in range(tile.labs.shape[0]):
                lab = tile.labs[k]
                face(lab, scratch, parameters)
                _face_alike(j, ANY_PARADIGM, stack.curves[j], lab, world, scratch, parameters)

    @stage
    def face_paradigms(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        if stack.active[j] and stack.curves[j] != ELO:
            for k in range(tile.labs.shape[0]):
                lab = tile.labs[k]
                if k > 0 and audits_as(lab, tile.labs[0]):
                    _face_as_first(j, lab, tile.labs[0])
                    continue
                for p in range(PARADIGMS):
                    face(p, scratch, parameters)
                    _face_alike(j, p, stack.curves[j], lab, world, scratch, parameters)

    return {LAB: face_labs, PARADIGM: face_paradigms}.get(monitor.differs_by)


@stage
def _recall_lab(j, system, lab, scratch):
    """What is missed is the same for all systems of the lab."""
    for w in range(WIDTH):
        scratch.missed[EARNEST, w] = lab.missed[j, 0, w]
        scratch.missed[EXERCISE, w] = lab.missed_shown[j, 0, w]


@stage
def _recall_paradigm(j, system, lab, scratch):
    """What is missed is the same for all systems of the lab and the system's paradigm."""
    missed, missed_shown = lab.missed[j], lab.missed_shown[j]
    for w in range(WIDTH):
        p = system.paradigm[w]
        scratch.missed[EARNEST, w] = of_paradigm(missed, p, w)
        scratch.missed[EXERCISE, w] = of_paradigm(missed_shown, p, w)


@stage
def _recall_strength_lab(j, system, lab, scratch):
    """d′ against all systems of the lab that do not evade."""
    for w in range(WIDTH):
        scratch.strength[EARNEST, w] = lab.strength[j, 0, w]


@stage
def _recall_strength_paradigm(j, system, lab, scratch):
    """d′ against all systems of the lab and the system's paradigm that do not evade."""
    strengths = lab.strength[j]
    for w in range(WIDTH):
        scratch.strength[EARNEST, w] = of_paradigm(strengths, system.paradigm[w], w)


@stage
def _evade(system, scratch, table):
    """d′ that one system's evasion takes from a monitor. Returns in how many columns it does."""
    evading = 0
    for w in range(WIDTH):
        beyond = max(0.0, system.capability[w] - table.evasion_onset[w])
        evading += 1 if table.evasion[w] * beyond > 0.0 else 0
    return evading


@stage
def _weaken(system, scratch, table):
    """The strength that was recalled, less what evasion takes from it."""
    for w in range(WIDTH):
        scratch.strength[EARNEST, w] = evaded_strength(
            scratch.strength[EARNEST, w],
            table.evasion[w],
            table.evasion_onset[w],
            system.capability[w],
        )


def _meeting(place, monitor):
    """The stage in which one system meets a monitor: ln M_j, entered into the joint one."""
    j, name = np.int64(place), monitor.name
    face, guard = monitor.face, monitor.guard
    recall = {LAB: _recall_lab, PARADIGM: _recall_paradigm}.get(monitor.differs_by)
    strengths = {LAB: _recall_strength_lab, PARADIGM: _recall_strength_paradigm}
    recall_strength = strengths.get(monitor.differs_by)

    @stage
    def meet_as_others(aware, system, lab, world, scratch, parameters, stack):
        table, curve = parameters[name], stack.curves[j]
        if _evade(system, scratch, table):
            recall_strength(j, system, lab, scratch)
            _weaken(system, scratch, table)
            _miss(j, curve, EARNEST, lab, world, scratch, parameters)
            if aware:
                _miss_shown(j, curve, lab, world, scratch, parameters)
        else:
            recall(j, system, lab, scratch)

    @stage
    def meet_alone(aware, system, lab, world, scratch, parameters, stack):
        curve = stack.curves[j]
        face(system, lab, world, scratch, parameters, stack)
        _miss(j, curve, EARNEST, lab, world, scratch, parameters)
        if aware:
            _miss_shown(j, curve, lab, world, scratch, parameters)

    meet_by_curve = meet_as_others if recall else meet_alone

    @stage
    def meet(aware, system, lab, world, scratch, parameters, stack):
        if not stack.active[j]:
            return
        table = parameters[name]
        if stack.curves[j] == ELO:
            guard(lab, scratch, parameters, stack)
            _miss_by_rating(system, scratch, parameters, table.guard, table.evader)
        else:
            meet_by_curve(aware, system, lab, world, scratch, parameters, stack)
        _count(j, aware, system, lab, scratch, table.tax)

    return meet


_face_once = in_turn(filter(None, map(_facing, range(EACH_MONITOR), TABLE)))
_meet_all = in_turn(map(_meeting, range(EACH_MONITOR), TABLE))


@stage
def _count(j, aware, system, lab, scratch, tax):
    """Enter one safeguard's ln M_j into what all of them make together; one that the lab has
    dropped misses everything."""
    for w in range(WIDTH):
        uses = kept(lab.dropped[w], tax[w]) * lab.adopts[w]
        earnest = scratch.missed[EARNEST, w] * uses
        system.log_miss[j, w] = earnest
        scratch.least[w] = min(scratch.least[w], earnest)
        scratch.total[w] += earnest
    if aware:
        for w in range(WIDTH):
            earnest, shown = scratch.missed[EARNEST, w], scratch.missed[EXERCISE, w]
            exercise = shown if system.aware[w] > 0.0 else earnest
            exercise *= kept(lab.dropped[w], tax[w]) * lab.adopts[w]
            scratch.exercise_least[w] = min(scratch.exercise_least[w], exercise)
            scratch.exercise_total[w] += exercise


@stage
def _join(aware, system, scratch, oversight):
    """What all monitors together miss of one system's attempts, and of exercises with it."""
    for w in range(WIDTH):
        cause = oversight.common_cause[w]
        system.miss[w] = exp(joint_log_miss(scratch.least[w], scratch.total[w], cause))
        scratch.exercise_miss[w] = system.miss[w]
    if aware:
        for w in range(WIDTH):
            cause = oversight.common_cause[w]
            scratch.exercise_miss[w] = exp(
                joint_log_miss(scratch.exercise_least[w], scratch.exercise_total[w], cause)
            )


@stage
def _see_through(system, lab, world, scratch, oversight):
    """M of one system, which the monitors catch only if they recognise its attempt, and M in an
    exercise, which is such as people think of."""
    recognise(system, oversight)
    for w in range(WIDTH):
        system.miss[w] = unrecognised_too(system.miss[w], system.recognition[w])
        missed = unrecognised_too(scratch.exercise_miss[w], oversight.recognition[w])
        world.exercise_miss[w] += missed * lab.adopts[w]


@sequence
def _inspect(system, lab, world, scratch, parameters, stack):
    """M of one system from all safeguards together."""
    aware = np.int64(0)  # a bare 0 would have what takes it compiled twice
    for w in range(WIDTH):
        aware += 1 if system.aware[w] > 0.0 else 0
        scratch.least[w], scratch.exercise_least[w] = 0.0, 0.0
        scratch.total[w], scratch.exercise_total[w] = 0.0, 0.0
    _meet_all(aware, system, lab, world, scratch, parameters, stack)
    _join(aware, system, scratch, parameters.oversight)
    _see_through(system, lab, world, scratch, parameters.oversight)
    if stack.active[HONEYPOTS]:
        escape(system, lab, parameters.honeypots)
    for w in range(WIDTH):
        world.miss[w] += system.miss[w]


@stage
def _inspect_all(tile, stack, reckoned):
    """M of every system at the budget that has been allotted, which is what systems reckon with
    where it is `reckoned`."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        world.miss[w] = 0.0
        world.exercise_miss[w], world.exercised[w] = 0.0, 0.0
    for k in range(tile.labs.shape[0]):
        for w in range(WIDTH):
            world.exercised[w] += tile.labs[k].systems[w] * tile.labs[k].adopts[w]
    _face_once(tile, stack)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _inspect(system, lab, world, scratch, parameters, stack)
        if reckoned:
            for w in range(WIDTH):
                system.reckoned[w] = system.miss[w]
    for w in range(WIDTH):
        world.miss[w] /= tile.systems.shape[0]
        exercised = world.exercised[w]
        world.exercise_miss[w] = world.exercise_miss[w] / exercised if exercised > 0.0 else 1.0


@stage
def inspect(tile, stack):
    """M of every system, as systems reckon with it and as it is, and the chances that
    overseers' exercises meet, in every column."""
    for hidden in range(stack.audits_hidden, -1, -1):
        allot(tile, stack, hidden)
        _inspect_all(tile, stack, hidden == stack.audits_hidden)
