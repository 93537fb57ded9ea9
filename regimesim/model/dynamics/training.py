"""Training: continual update, retraining with what it does to goals, and goal drift."""

import numpy as np

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.copies import (
    release_models,
    shared_normal,
    shared_unit,
    weigh_shares,
)
from regimesim.model.dynamics.goals import drifted, saturation
from regimesim.model.world.draws import ABILITY, NATURE, UPKEEP, unit, words
from regimesim.model.world.layout import MODEL_NORMALS, WIDTH
from regimesim.model.world.mathematics import exp, exp2, log, logit
from regimesim.model.world.normal import normal

ONE_MONTH = np.int64(1)  # typed as INITIALISATION is, so that one compiled function serves both


@equation
def followed(capability, frontier, update_rate):
    """Capability after a month of continual update. Eq. 7.3.1."""
    return capability + update_rate * (frontier - capability)


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
def needed_bad_data(reference, exponent, capability, initial):
    """b*: the more capable the system, the less bad data is needed. Eq. 7.3.5."""
    return reference * exp2(-exponent * (capability - initial))


@equation
def interpolated(sparse, dense, density):
    """Geometric interpolation from the value at sparse to that at dense feedback.
    Eqs. 7.3.10 and 7.3.11."""
    return exp(log(sparse) + density * (log(dense) - log(sparse)))


@equation
def _offset(system, w, intended, reward_seeking, scheming):
    """The offset of a system's archetype, of three."""
    kind = system.archetype[w]
    return intended if kind == 0.0 else (reward_seeking if kind == 1.0 else scheming)


@equation
def _shape(system, w, parameters, drawn_scale, density):
    """Scope, horizon and constraint that training under `density` leaves.
    Eqs. 7.3.10, 7.3.11 and 7.3.12."""
    feedback = parameters.feedback
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
    spread = feedback.scale_spread[w] * drawn_scale
    scope = interpolated(feedback.scope_sparse[w], feedback.scope_dense[w], density)
    system.scope[w] = scope * exp(spread + scope_offset)
    horizon = interpolated(feedback.horizon_sparse[w], feedback.horizon_dense[w], density)
    system.horizon[w] = horizon * exp(spread + horizon_offset)
    system.saturation[w] = saturation(1.0, system.scope[w])
    system.foresight[w] = exp(-parameters.takeover.payoff_delay[w] / system.horizon[w])
    system.constraint[w] = feedback.constraint[w] * density


@stage
def train(tile, after):
    """Train every system that is due afresh at its lab's frontier: one of each column at a
    time, until no column has one left.  The draws are those of the month (`after` =
    ONE_MONTH), or of the initialisation (`after` = INITIALISATION)."""
    world, scratch, pupil = tile.worlds[0], tile.scratch[0], tile.pupils[0]
    most = 0
    for w in range(WIDTH):
        most = max(most, world.due[w])
    sharing = weigh_shares(world, tile.parameters[0].training)
    for turn in range(most):
        _enrol(tile.due, tile.labs, turn, scratch)
        _draw(pupil, scratch, world, after)
        if sharing:
            _recall(tile.due, tile.labs, turn, scratch)
            _share(scratch, world)
        _train_afresh(pupil, scratch, world, tile.parameters[0])
        _release(tile.systems, pupil, world, scratch, turn)
    for w in range(WIDTH):
        world.due[w] = 0


@stage
def _enrol(due, labs, turn, scratch):
    """The system in training in each column, and what its lab gives it."""
    for w in range(WIDTH):
        scratch.number[w] = due[turn, w]
        lab = labs[due[turn, w] % labs.shape[0]]
        scratch.frontier[w] = lab.frontier[w]
        scratch.paradigm[w], scratch.density[w] = lab.paradigm[w], lab.density[w]
        scratch.model[w] = lab.model[w]


@stage
def _draw(system, scratch, world, after):
    """The draws of one system of every column, each its own: five standard normals and three
    uniforms."""
    for w in range(WIDTH):
        i, month = scratch.number[w], world.month[w] + after
        ability = words(world.seed[w], i, month, world.number[w], ABILITY)
        nature = words(world.seed[w], i, month, world.number[w], NATURE)
        scratch.ability[0, w], scratch.ability[1, w] = normal(ability[0]), normal(ability[1])
        scratch.ability[2, w], scratch.ability[3, w] = normal(ability[2]), normal(ability[3])
        scratch.scale[w] = normal(nature[0])
        scratch.nature[0, w], scratch.nature[1, w] = unit(nature[1]), unit(nature[2])
        scratch.nature[2, w] = unit(nature[3])
        system.trained[w] = month - 1.0


@stage
def _recall(due, labs, turn, scratch):
    """The draws of the model of the system in training in each column."""
    for w in range(WIDTH):
        drawn = labs[due[turn, w] % labs.shape[0]].drawn
        for k in range(MODEL_NORMALS):
            scratch.of_model[k, w] = drawn[k, w]


@stage
def _share(scratch, world):
    """Let the model decide its part of these draws, in every column."""
    for k in range(4):
        for w in range(WIDTH):
            common, own = world.common_weight[w], world.own_weight[w]
            scratch.ability[k, w] = shared_normal(
                scratch.of_model[k, w], scratch.ability[k, w], common, own
            )
    for w in range(WIDTH):
        common, own = world.common_weight[w], world.own_weight[w]
        scratch.scale[w] = shared_normal(scratch.of_model[4, w], scratch.scale[w], common, own)
    for k in range(3):
        for w in range(WIDTH):
            common, own = world.common_weight[w], world.own_weight[w]
            scratch.nature[k, w] = shared_unit(
                scratch.of_model[5 + k, w], scratch.nature[k, w], common, own
            )


@stage
def _train_afresh(system, lab, world, parameters):
    """Train one system of every column. Eqs. 7.3.3, 7.3.7, 7.3.8 and 7.3.9."""
    cognition, goals, training = parameters.cognition, parameters.goals, parameters.training
    for w in range(WIDTH):
        density = lab.density[w]
        capability = lab.frontier[w] + parameters.capability.system_spread[w] * lab.ability[0, w]
        awareness = (
            cognition.awareness_midpoint[w] + cognition.awareness_spread[w] * lab.ability[1, w]
        )
        system.capability[w], system.awareness[w] = capability, awareness
        system.calibration[w] = lab.ability[2, w]
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
        needed = needed_bad_data(
            training.bad_data_reference[w],
            training.bad_data_exponent[w],
            capability,
            parameters.capability.initial[w],
        )
        misaligned = lab.nature[1, w] < misalignment_chance(
            training.bad_data[w], needed, training.inoculation[w], capability, awareness
        )
        system.misaligned[w] = 1.0 if misaligned else 0.0
        system.trait[w] = 1.0 if lab.nature[2, w] < training.trigger_share[w] else 0.0
        value_offset = _offset(
            system,
            w,
            parameters.intended.value_offset[w],
            parameters.reward_seeking.value_offset[w],
            parameters.scheming.value_offset[w],
        )
        shift = training.emergent_shift[w] * system.misaligned[w]
        system.value_target[w] = logit(goals.value[w]) + value_offset - shift
        system.value[w] = system.value_target[w] + goals.value_spread[w] * lab.ability[3, w]
        _shape(system, w, parameters, lab.scale[w], density)


@stage
def _release(systems, trained, world, scratch, turn):
    """Put what has been trained in its place, in the columns that had a system due."""
    for w in range(WIDTH):
        if turn < world.due[w]:
            system = systems[scratch.number[w]]
            system.capability[w], system.awareness[w] = trained.capability[w], trained.awareness[w]
            system.calibration[w], system.paradigm[w] = trained.calibration[w], trained.paradigm[w]
            system.density[w], system.archetype[w] = trained.density[w], trained.archetype[w]
            system.misaligned[w], system.trait[w] = trained.misaligned[w], trained.trait[w]
            system.value_target[w], system.value[w] = trained.value_target[w], trained.value[w]
            system.scope[w], system.horizon[w] = trained.scope[w], trained.horizon[w]
            system.saturation[w], system.foresight[w] = trained.saturation[w], trained.foresight[w]
            system.constraint[w], system.trained[w] = trained.constraint[w], trained.trained[w]
            system.model[w] = trained.model[w]
            system.spent[w], system.seen[w] = 0.0, 0.0


@stage
def upkeep(tile):
    """Continual update, retraining where it is due, then goal drift, in every column.
    Eq. 7.3.2."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    for w in range(WIDTH):
        world.kept_chance[w] = exp(-1.0 / parameters.capability.lifetime[w])
    release_models(tile)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _follow(i, system, lab, world, parameters.capability)
        for w in range(WIDTH):
            tile.due[world.due[w], w] = i
            world.due[w] += 1 if system.spent[w] > 0.0 and world.running[w] else 0
    train(tile, ONE_MONTH)
    for i in range(tile.systems.shape[0]):
        _drift(tile.systems[i], parameters.goals)


@stage
def _follow(i, system, lab, world, capability):
    """One system follows its lab's frontier, and may be spent. Eqs. 7.3.1 and 7.3.2."""
    for w in range(WIDTH):
        drawn = words(world.seed[w], i, world.month[w] + 1, world.number[w], UPKEEP)
        rate = 0.0 if lab.frozen[w] > 0.0 else capability.update_rate[w]
        system.capability[w] = followed(system.capability[w], lab.frontier[w], rate)
        due = unit(drawn[0]) < 1.0 - world.kept_chance[w] and lab.frozen[w] == 0.0
        system.spent[w] = 1.0 if due else system.spent[w]
        system.drift[w] = normal(drawn[1])


@stage
def _drift(system, goals):
    """One system's goals drift."""
    for w in range(WIDTH):
        system.value[w] = drifted(
            system.value[w],
            system.value_target[w],
            goals.goal_pull[w],
            goals.goal_drift[w],
            system.density[w],
            system.drift[w],
        )
