"""Prospects: how likely a takeover would succeed if no safeguard stopped it."""

from regimesim.compiled import equation, stage
from regimesim.dynamics.goals import (
    advantage,
    contentment,
    gain_of_winning,
    loss_when_caught,
    utility,
)
from regimesim.dynamics.trigger import roused, triggered
from regimesim.world.mathematics import log2, logistic
from regimesim.world.state import WIDTH


@equation
def automation(leader, midpoint, width):
    """E: share of the economy that runs without people."""
    return logistic((leader - midpoint) / width)


@equation
def difficulty(initial, automation_bonus, automated):
    """d: capability at which an unopposed takeover succeeds half of the time."""
    return initial - automation_bonus * automated


@equation
def success(contact, slope, capability, level):
    """q: probability that a takeover succeeds unopposed; a system without contact to the
    real world has none."""
    return contact * logistic(slope * (capability - level))


@equation
def boost(collusion, allies):
    """What allies add to capability, in doublings."""
    return collusion * log2(1.0 + max(allies, 0.0))


@stage
def survey(tile):
    """Difficulty, awareness, stakes and unopposed prospects of every system without
    allies, and from these the help that each lab's systems can give each other."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    takeover, training = parameters.takeover, parameters.training
    for w in range(WIDTH):
        automated = automation(
            world.leader[w], takeover.automation_midpoint[w], takeover.automation_width[w]
        )
        world.level[w] = difficulty(
            takeover.difficulty[w], takeover.automation_bonus[w], automated
        )
        wakes = triggered(
            float(world.month[w]),
            training.trigger_month[w],
            automated,
            training.trigger_automation[w],
        )
        world.awake[w] = max(world.awake[w], 1.0 if wakes else 0.0)
        world.awake_systems[w] = 0.0
        world.aware_systems[w] = 0.0
        world.contentment[w] = 0.0
    for k in range(tile.labs.shape[0]):
        for w in range(WIDTH):
            tile.labs[k].willing[w] = 0.0
    for i in range(tile.systems.shape[0]):
        _weigh(tile.systems[i], tile.labs[i % tile.labs.shape[0]], world, parameters)
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            lab.boost[w] = boost(takeover.collusion[w], lab.willing[w])
            lab.boost_member[w] = boost(takeover.collusion[w], lab.willing[w] - 1.0)


@stage
def _weigh(system, lab, world, parameters):
    """One system's stakes, and whether takeover would pay it, unopposed and alone."""
    takeover, goals, training = parameters.takeover, parameters.goals, parameters.training
    for w in range(WIDTH):
        c = system.capability[w]
        awake = world.awake[w] * system.trait[w]
        value = roused(system.value[w], training.trigger_shift[w], awake)
        v = contentment(value, goals.extremal_divergence[w], goals.divergence_onset[w], c)
        satisfied = utility(v, system.scope[w], system.saturation[w])
        caught = utility(takeover.caught_value[w] * v, system.scope[w], system.saturation[w])
        gain = gain_of_winning(system.foresight[w], satisfied)
        loss = loss_when_caught(satisfied, caught)
        alone = success(world.contact[w], takeover.success_slope[w], c, world.level[w])
        aware = c > system.awareness[w]
        pays = advantage(alone, gain, loss, system.constraint[w]) > 0.0
        system.contentment[w], system.gain[w], system.loss[w] = v, gain, loss
        system.aware[w] = 1.0 if aware else 0.0
        system.willing[w] = 1.0 if aware and pays else 0.0
        world.aware_systems[w] += system.aware[w]
        world.awake_systems[w] += awake
        world.contentment[w] += v
        lab.willing[w] += system.willing[w]
