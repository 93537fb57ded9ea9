"""Miss probabilities: what the safeguards miss of every system, in earnest and in exercises.

An exercise differs from an attempt in earnest for aware systems alone, so what it needs is
computed for a system that is aware in some column, and where it is aware.  A monitor whose
strength is the same for all systems of a lab, or of a paradigm, is faced once for these; those
that evade it are met side by side (`evasion.py`).
The stages of each monitor are made from the table of monitors, so that none needs to be
named here.
"""

import numpy as np

from regimesim.model.compilation import equation, in_turn, sequence, stage
from regimesim.model.oversight.curves import miss, miss_by_rating, miss_shown, set_curve
from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    audited_share,
    joint_log_miss,
)
from regimesim.model.oversight.dropping import kept
from regimesim.model.oversight.evasion import evades, meet_evaders
from regimesim.model.oversight.honeypots import HONEYPOTS, escape
from regimesim.model.oversight.policy import ELO
from regimesim.model.oversight.recognition import recognise, unrecognised_too
from regimesim.model.oversight.safeguards import LAB, PARADIGM, SYSTEM, TABLE
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import (
    EACH_MONITOR,
    EARNEST,
    EXERCISE,
    PARADIGMS,
    SHARE_OF,
    SLOPE_OF,
    TAX_OF,
    WIDTH,
    row_of,
)
from regimesim.model.world.mathematics import exp

# Typed, so that one compiled function serves both kinds of monitors.
ALIKE, BY_PARADIGM, ANY_PARADIGM = np.int64(0), np.int64(1), np.int64(0)


@stage
def allot(tile, stack, hidden):
    """Audit quantile and odds of each monitor's part of the budget of every lab, in every column:
    of the one that systems reckon with where it is `hidden` from them. Eq. 7.5.1."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        budget = world.budget[w]
        if hidden:
            announced = parameters.oversight.audit_budget[w]
            budget = reckoned_budget(budget, announced, parameters.cognition.audit_sight[w])
        scratch.budget[w] = budget
    for k in range(tile.labs.shape[0]):
        _allot_lab(tile.labs[k], tile.labs[0], k > 0, tile.rows, scratch, stack)


@stage
def _allot_lab(lab, first, has_first, rows, scratch, stack):
    """Divide the budget of one lab over the monitors that it uses; as in the first lab where
    both use the same."""
    for w in range(WIDTH):
        lab.shares[w] = 0.0
    for j in range(EACH_MONITOR):
        if stack.active[j]:
            for w in range(WIDTH):
                uses = kept(lab.dropped[w], rows[TAX_OF[j], w])
                lab.shares[w] += rows[SHARE_OF[j], w] * uses * lab.adopts[w]
    if has_first and _audits_as(lab, first):
        for j in range(EACH_MONITOR):
            for w in range(WIDTH):
                lab.audited[j, w] = first.audited[j, w]
                lab.quantile[j, w], lab.odds[j, w] = first.quantile[j, w], first.odds[j, w]
        return
    for j in range(EACH_MONITOR):
        if stack.active[j]:
            for w in range(WIDTH):
                audited = audited_share(scratch.budget[w], rows[SHARE_OF[j], w], lab.shares[w])
                audited *= kept(lab.dropped[w], rows[TAX_OF[j], w])
                lab.audited[j, w] = audited
                lab.quantile[j, w] = audit_quantile(audited, rows[SLOPE_OF[j], w])
                lab.odds[j, w] = audit_odds(audited, rows[SLOPE_OF[j], w])


@stage
def _audits_as(lab, first):
    """Whether one lab divides its budget as the first one does, in every column."""
    alike = 0
    for w in range(WIDTH):
        alike += 1 if lab.shares[w] == first.shares[w] else 0
    return alike == WIDTH


@stage
def _meet_alike(j, p, curve, lab, scratch):
    """Keep the strength of a monitor of a lab that no system evades, against all that were
    trained under paradigm p + 1, and what it misses of them."""
    miss(curve, EARNEST, scratch)
    miss_shown(curve, scratch)
    for w in range(WIDTH):
        lab.strength[j, p, w] = scratch.strength[EARNEST, w]
        lab.missed[j, p, w] = scratch.missed[EARNEST, w]
        lab.missed_shown[j, p, w] = scratch.missed[EXERCISE, w]


@stage
def _meet_as_first(j, lab, first):
    """A monitor of a lab that audits as the first lab does misses the same, by paradigm."""
    for p in range(PARADIGMS):
        for w in range(WIDTH):
            lab.strength[j, p, w], lab.missed[j, p, w] = (
                first.strength[j, p, w],
                first.missed[j, p, w],
            )
            lab.missed_shown[j, p, w] = first.missed_shown[j, p, w]


def _facing(place, monitor):
    """The stage in which a monitor faces the systems of each lab, or of each lab and paradigm,
    once a month, and those that evade it; None where it faces system by system."""
    j, face = np.int64(place), monitor.face
    if monitor.differs_by == SYSTEM:
        return None
    evasion, onset = row_of(monitor.name, "evasion"), row_of(monitor.name, "evasion_onset")

    @stage
    def face_labs(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        curve = stack.curves[j]
        if stack.active[j] and curve != ELO:
            for k in range(tile.labs.shape[0]):
                lab = tile.labs[k]
                set_curve(j, curve, lab, world, scratch, parameters)
                face(lab, scratch, parameters)
                _meet_alike(j, ANY_PARADIGM, curve, lab, scratch)
                meet_evaders(j, k, ALIKE, curve, evasion, onset, tile)

    @stage
    def face_paradigms(tile, stack):
        world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
        curve = stack.curves[j]
        if stack.active[j] and curve != ELO:
            for k in range(tile.labs.shape[0]):
                lab = tile.labs[k]
                if k > 0 and _audits_as(lab, tile.labs[0]):
                    _meet_as_first(j, lab, tile.labs[0])
                else:
                    set_curve(j, curve, lab, world, scratch, parameters)
                    for p in range(PARADIGMS):
                        face(p, scratch, parameters)
                        _meet_alike(j, p, curve, lab, scratch)
                meet_evaders(j, k, BY_PARADIGM, curve, evasion, onset, tile)

    return face_labs if monitor.differs_by == LAB else face_paradigms


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
def _recall_evaders(j, system, scratch, table):
    """What is missed of a system that evades the monitor is its own."""
    for w in range(WIDTH):
        own = evades(table.evasion[w], table.evasion_onset[w], system.capability[w])
        # all are read before some are chosen: a read under a branch would not vectorise
        earnest, shown = system.log_miss[j, w], system.log_miss_shown[j, w]
        others, others_shown = scratch.missed[EARNEST, w], scratch.missed[EXERCISE, w]
        scratch.missed[EARNEST, w] = earnest if own else others
        scratch.missed[EXERCISE, w] = shown if own else others_shown


def _meeting(place, monitor):
    """The stage in which one system meets a monitor: ln M_j, entered into the joint one."""
    j, name = np.int64(place), monitor.name
    face, guard = monitor.face, monitor.guard
    recall = {LAB: _recall_lab, PARADIGM: _recall_paradigm}.get(monitor.differs_by)

    @stage
    def meet_as_others(aware, system, lab, world, scratch, parameters, stack):
        recall(j, system, lab, scratch)
        _recall_evaders(j, system, scratch, parameters[name])

    @stage
    def meet_alone(aware, system, lab, world, scratch, parameters, stack):
        curve = stack.curves[j]
        set_curve(j, curve, lab, world, scratch, parameters)
        face(system, lab, world, scratch, parameters, stack)
        miss(curve, EARNEST, scratch)
        if aware:
            miss_shown(curve, scratch)

    meet_by_curve = meet_as_others if recall else meet_alone

    @stage
    def meet(aware, system, lab, world, scratch, parameters, stack):
        if not stack.active[j]:
            return
        table = parameters[name]
        if stack.curves[j] == ELO:
            guard(lab, scratch, parameters, stack)
            miss_by_rating(system, scratch, parameters, table.guard, table.evader)
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
def _inspect_all(tile, stack):
    """M of every system at the budget that has been allotted."""
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
