"""Training: a system is made afresh at its lab's frontier, with new goals.

Few systems of a month are trained, and in each column others.  So `WIDTH` of them are trained
side by side, from whichever columns they are, with the parameters of their own worlds: a LESSON.
"""

from math import sqrt

import numpy as np

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.copies import shared_normal, shared_unit
from regimesim.model.dynamics.goals import saturation
from regimesim.model.world.draws import ABILITY, NATURE, unit, words
from regimesim.model.world.layout import MODEL_NORMALS, TAUGHT_ROWS, WIDTH
from regimesim.model.world.mathematics import exp, exp2, log, logit
from regimesim.model.world.normal import normal
from regimesim.model.world.places import located

# Typed, so that one compiled function serves all who call it with a number of their kind.
ONE_MONTH, NONE_DUE = np.int64(1), np.int64(0)


@equation
def archetype(draw, selection, reward_misspecification, density, intended, reward, scheming):
    """0 intended, 1 reward-seeking, 2 scheming: drawn with weights prior·exp(selection·fitness).

    The last three arguments are priors.  Fitness is −reward_misspecification for the
    intended, 0 for the reward-seeking and −density for the scheming archetype.
    Eq. 7.3.4.
    """
    first = intended * exp(-selection * reward_misspecification)
    second = reward
    third = scheming * exp(-selection * density)
    point = draw * (first + second + third)
    drawn = 0.0 if point < first else (1.0 if point < first + second else 2.0)
    return drawn if first + second + third > 0.0 else 0.0


@equation
def misalignment_chance(bad_data, needed, inoculation, capability, awareness):
    """Probability of emergent misalignment; inoculation works on those that do not see
    through it. Eq. 7.3.6."""
    immune = inoculation if capability <= awareness else 0.0
    return (1.0 - exp(-bad_data / needed)) * (1.0 - immune)


@equation
def boldness(calibration_error, eta):
    """A bound on the factor by which a system overrates the odds of success, at any capability:
    it fades with capability. Eq. 7.6.2."""
    return exp(calibration_error * max(0.0, eta))


@equation
def needed_bad_data(reference, exponent, capability, initial):
    """b*: the more capable the system, the less bad data is needed. Eq. 7.3.5."""
    return reference * exp2(-exponent * (capability - initial))


@equation
def interpolated(log_sparse, rise, density, shift):
    """Geometric interpolation from the value at sparse to that at dense feedback, of which the
    one is a logarithm, and the other what it adds to that; and what is added to the logarithm of
    all. Eqs. 7.3.10 and 7.3.11."""
    return exp(log_sparse + density * rise + shift)


@equation
def _offset(system, w, intended, reward_seeking, scheming):
    """The offset of a system's archetype, of three."""
    kind = system.archetype[w]
    return intended if kind == 0.0 else (reward_seeking if kind == 1.0 else scheming)


@equation
def _shape(system, lab, w, parameters):
    """Scope, horizon and constraint that training leaves. Eqs. 7.3.10, 7.3.11 and 7.3.12."""
    feedback, density = parameters.feedback, lab.density[w]
    scope_offset = _offset(
        system,
        w,
        parameters.intended.scope_offset[w],
        parameters.reward_seeking.scope_offset[w],
        parameters.scheming.scope_offset[w],
    )
    horizon_offset = _offset(
        system,
        w,
        parameters.intended.horizon_offset[w],
        parameters.reward_seeking.horizon_offset[w],
        parameters.scheming.horizon_offset[w],
    )
    spread = feedback.scale_spread[w] * lab.scale[w]
    system.scope[w] = interpolated(
        lab.log_scope[w], lab.scope_rise[w], density, spread + scope_offset
    )
    system.horizon[w] = interpolated(
        lab.log_horizon[w], lab.horizon_rise[w], density, spread + horizon_offset
    )
    system.inverse_scope[w] = 1.0 / system.scope[w]
    system.inverse_saturation[w] = 1.0 / saturation(1.0, system.inverse_scope[w])
    system.foresight[w] = exp(-parameters.takeover.payoff_delay[w] / system.horizon[w])
    system.constraint[w] = feedback.constraint[w] * density


@stage
def prepare_training(world, parameters, w):
    """What every training in the world of column `w` needs, and what its systems' lives do."""
    feedback, training = parameters.feedback, parameters.training
    world.kept_chance[w] = exp(-1.0 / parameters.capability.lifetime[w])
    world.value_goal[w] = logit(parameters.goals.value[w])
    world.log_scope[w] = log(feedback.scope_sparse[w])
    world.scope_rise[w] = log(feedback.scope_dense[w]) - world.log_scope[w]
    world.log_horizon[w] = log(feedback.horizon_sparse[w])
    world.horizon_rise[w] = log(feedback.horizon_dense[w]) - world.log_horizon[w]
    world.common_weight[w] = sqrt(training.shared[w])
    world.own_weight[w] = sqrt(1.0 - training.shared[w])


@stage
def train(tile, due, after):
    """Train the systems that are due afresh at their labs' frontiers: the first `due` of
    `tile.due`.  The draws are those of the month (`after` = ONE_MONTH), or of the
    initialisation (`after` = INITIALISATION)."""
    pupil, scratch, lesson = tile.pupils[0], tile.scratch[0], tile.lessons[0]
    differing = _teach_alike(tile.taught, tile.rows, tile.differing)
    for first in range(0, due, WIDTH):
        _enrol(tile.due, first, due, scratch)
        _teach(tile.taught, tile.rows, tile.differing, differing, scratch)
        _visit_worlds(tile.worlds[0], scratch, after)
        _visit_labs(tile.labs, scratch)
        _draw(pupil, scratch)
        if _sharing(scratch):
            _recall(tile.labs, scratch)
            _share(scratch, lesson.training)
        _train_afresh(pupil, scratch, lesson)
        _misalign(pupil, scratch, lesson)
        _set_goals(pupil, scratch, lesson)
        _count_kinds(tile.systems, tile.worlds[0], pupil, scratch, min(due - first, WIDTH))
        _release(tile.systems, pupil, scratch, min(due - first, WIDTH))


@stage
def _teach_alike(taught, rows, differing):
    """The parameters of a lesson that are the same in all columns. Returns in how many the
    columns differ; their rows are the first of `differing`."""
    many = 0
    for k in range(len(TAUGHT_ROWS)):
        row, different = TAUGHT_ROWS[k], 0
        for w in range(WIDTH):
            different += 1 if rows[row, w] != rows[row, 0] else 0
            taught[k, w] = rows[row, 0]
        differing[many] = k
        many += 1 if different else 0
    return many


@stage
def _enrol(due, first, last, scratch):
    """The number and the column of each system in training; after the last, it again."""
    for w in range(WIDTH):
        scratch.pupil[w], scratch.column[w] = located(due[min(first + w, last - 1)])


@stage
def _teach(taught, rows, differing, many, scratch):
    """The parameters of a lesson in which columns differ: each system has those of its world."""
    for k in range(many):
        row = TAUGHT_ROWS[differing[k]]
        for w in range(WIDTH):
            taught[differing[k], w] = rows[row, scratch.column[w]]


@stage
def _visit_worlds(world, scratch, after):
    """What each system in training needs of its world."""
    for w in range(WIDTH):
        column = scratch.column[w]
        scratch.seed[w], scratch.number[w] = world.seed[column], world.number[column]
        scratch.month[w] = world.month[column] + after
        scratch.value_goal[w] = world.value_goal[column]
        scratch.log_scope[w], scratch.scope_rise[w] = (
            world.log_scope[column],
            world.scope_rise[column],
        )
        scratch.log_horizon[w], scratch.horizon_rise[w] = (
            world.log_horizon[column],
            world.horizon_rise[column],
        )
        scratch.common_weight[w], scratch.own_weight[w] = (
            world.common_weight[column],
            world.own_weight[column],
        )


@stage
def _visit_labs(labs, scratch):
    """What its lab gives each system in training."""
    for w in range(WIDTH):
        lab, column = labs[scratch.pupil[w] % labs.shape[0]], scratch.column[w]
        scratch.frontier[w], scratch.density[w] = lab.frontier[column], lab.density[column]
        scratch.paradigm[w], scratch.model[w] = lab.paradigm[column], lab.model[column]


@stage
def _draw(system, scratch):
    """The draws of each system in training: five standard normals and three uniforms."""
    for w in range(WIDTH):
        seed, i = scratch.seed[w], scratch.pupil[w]
        month, number = scratch.month[w], scratch.number[w]
        ability = words(seed, i, month, number, ABILITY)
        nature = words(seed, i, month, number, NATURE)
        scratch.ability[0, w], scratch.ability[1, w] = normal(ability[0]), normal(ability[1])
        scratch.ability[2, w], scratch.ability[3, w] = normal(ability[2]), normal(ability[3])
        scratch.scale[w] = normal(nature[0])
        scratch.nature[0, w], scratch.nature[1, w] = unit(nature[1]), unit(nature[2])
        scratch.nature[2, w] = unit(nature[3])
        system.trained[w] = month - 1.0


@stage
def _sharing(scratch):
    """How many of the systems in training share draws with others."""
    sharing = 0
    for w in range(WIDTH):
        sharing += 1 if scratch.common_weight[w] > 0.0 else 0
    return sharing


@stage
def _recall(labs, scratch):
    """The draws of the model of each system in training."""
    for w in range(WIDTH):
        drawn, column = labs[scratch.pupil[w] % labs.shape[0]].drawn, scratch.column[w]
        for k in range(MODEL_NORMALS):
            scratch.of_model[k, w] = drawn[k, column]


@stage
def _share(scratch, training):
    """Let the model decide its part of these draws, but of no uniform on which nothing depends."""
    for k in range(4):
        for w in range(WIDTH):
            common, own = scratch.common_weight[w], scratch.own_weight[w]
            scratch.ability[k, w] = shared_normal(
                scratch.of_model[k, w], scratch.ability[k, w], common, own
            )
    for w in range(WIDTH):
        common, own = scratch.common_weight[w], scratch.own_weight[w]
        scratch.scale[w] = shared_normal(scratch.of_model[4, w], scratch.scale[w], common, own)
    decided = (1, _any(training.bad_data), _any(training.trigger_share))
    for k in range(3):
        if decided[k]:
            for w in range(WIDTH):
                common, own = scratch.common_weight[w], scratch.own_weight[w]
                scratch.nature[k, w] = shared_unit(
                    scratch.of_model[5 + k, w], scratch.nature[k, w], common, own
                )


@stage
def _any(row):
    """In how many columns a parameter is above 0."""
    above = 0
    for w in range(WIDTH):
        above += 1 if row[w] > 0.0 else 0
    return above


@stage
def _train_afresh(system, lab, parameters):
    """Capability and kind of each system in training. Eqs. 7.3.3 and 7.3.4."""
    cognition, training = parameters.cognition, parameters.training
    for w in range(WIDTH):
        density = lab.density[w]
        capability = lab.frontier[w] + parameters.capability.system_spread[w] * lab.ability[0, w]
        awareness = (
            cognition.awareness_midpoint[w] + cognition.awareness_spread[w] * lab.ability[1, w]
        )
        system.capability[w], system.awareness[w] = capability, awareness
        system.calibration[w] = lab.ability[2, w]
        system.boldness[w] = boldness(cognition.calibration_error[w], lab.ability[2, w])
        system.paradigm[w], system.density[w] = lab.paradigm[w], density
        system.model[w] = lab.model[w]
        system.archetype[w] = archetype(
            lab.nature[0, w],
            training.selection[w],
            training.reward_misspecification[w],
            density,
            parameters.intended.prior[w],
            parameters.reward_seeking.prior[w],
            parameters.scheming.prior[w],
        )
        system.misaligned[w] = 0.0
        system.trait[w] = 1.0 if lab.nature[2, w] < training.trigger_share[w] else 0.0


@stage
def _misalign(system, lab, parameters):
    """Emergent misalignment of each system in training, if any met bad data. Eqs. 7.3.5 and
    7.3.6."""
    training = parameters.training
    if not _any(training.bad_data):
        return
    for w in range(WIDTH):
        needed = needed_bad_data(
            training.bad_data_reference[w],
            training.bad_data_exponent[w],
            system.capability[w],
            parameters.capability.initial[w],
        )
        chance = misalignment_chance(
            training.bad_data[w],
            needed,
            training.inoculation[w],
            system.capability[w],
            system.awareness[w],
        )
        system.misaligned[w] = 1.0 if lab.nature[1, w] < chance else 0.0


@stage
def _set_goals(system, lab, parameters):
    """Goals of each system in training. Eqs. 7.3.7, 7.3.8 and 7.3.9."""
    for w in range(WIDTH):
        value_offset = _offset(
            system,
            w,
            parameters.intended.value_offset[w],
            parameters.reward_seeking.value_offset[w],
            parameters.scheming.value_offset[w],
        )
        shift = parameters.training.emergent_shift[w] * system.misaligned[w]
        system.value_target[w] = lab.value_goal[w] + value_offset - shift
        spread = parameters.goals.value_spread[w] * lab.ability[3, w]
        system.value[w] = system.value_target[w] + spread
        _shape(system, lab, w, parameters)


@stage
def _count_kinds(systems, world, trained, scratch, many):
    """Count the first so many systems that have been trained as what they are now, no longer as
    what they were: no other month changes these counts."""
    for k in range(many):
        system, w, kind = systems[scratch.pupil[k]], scratch.column[k], trained.archetype[k]
        before = system.archetype[w]
        world.misaligned_systems[w] += trained.misaligned[k] - system.misaligned[w]
        world.reward_seeking_systems[w] += 1.0 if kind == 1.0 else 0.0
        world.reward_seeking_systems[w] -= 1.0 if before == 1.0 else 0.0
        world.scheming_systems[w] += 1.0 if kind == 2.0 else 0.0
        world.scheming_systems[w] -= 1.0 if before == 2.0 else 0.0


@stage
def _release(systems, trained, scratch, many):
    """Put the first so many systems that have been trained in their places."""
    for k in range(many):
        system, w = systems[scratch.pupil[k]], scratch.column[k]
        system.capability[w], system.awareness[w] = trained.capability[k], trained.awareness[k]
        system.calibration[w], system.boldness[w] = trained.calibration[k], trained.boldness[k]
        system.paradigm[w], system.density[w] = trained.paradigm[k], trained.density[k]
        system.archetype[w] = trained.archetype[k]
        system.misaligned[w], system.trait[w] = trained.misaligned[k], trained.trait[k]
        system.value_target[w], system.value[w] = trained.value_target[k], trained.value[k]
        system.scope[w], system.horizon[w] = trained.scope[k], trained.horizon[k]
        system.inverse_scope[w] = trained.inverse_scope[k]
        system.inverse_saturation[w] = trained.inverse_saturation[k]
        system.foresight[w] = trained.foresight[k]
        system.constraint[w], system.trained[w] = trained.constraint[k], trained.trained[k]
        system.model[w] = trained.model[k]
        system.spent[w], system.seen[w] = 0.0, 0.0
