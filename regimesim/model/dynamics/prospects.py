"""Prospects: how likely a takeover would succeed if no safeguard stopped it."""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.goals import (
    advantage,
    contentment,
    drift,
    gain_of_winning,
    loss_when_caught,
    utility,
)
from regimesim.model.dynamics.trigger import roused, triggered
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import log2, logistic


@equation
def automation(leader, midpoint, width):
    """E: share of the economy that runs without people. Eq. 7.4.1."""
    return logistic((leader - midpoint) / width)


@equation
def difficulty(initial, automation_bonus, automated):
    """d: capability at which an unopposed takeover succeeds half of the time. Eq. 7.4.2."""
    return initial - automation_bonus * automated


@equation
def success(contact, slope, capability, level):
    """q: probability that a takeover succeeds unopposed; a system without contact to the
    real world has none. Eq. 7.4.3."""
    return contact * logistic(slope * (capability - level))


@equation
def boost(collusion, allies):
    """What allies add to capability, in doublings. Eq. 7.4.11."""
    return collusion * log2(1.0 + max(allies, 0.0))


@stage
def survey(tile):
    """Goal drift; difficulty, awareness, stakes and unopposed prospects of every system without
    allies; and from these the help that each lab's systems can give each other."""
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
        world.capability[w] = 0.0
    for k in range(tile.labs.shape[0]):
        for w in range(WIDTH):
            tile.labs[k].willing[w] = 0.0
    kept_when_caught = 0
    for w in range(WIDTH):
        kept_when_caught += 1 if takeover.caught_value[w] > 0.0 else 0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        drift(system, parameters.goals)
        _value(system, world, parameters)
        if kept_when_caught:
            _forgive(system, takeover)
        _weigh(system, lab, world, takeover)
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            lab.boost[w] = boost(takeover.collusion[w], lab.willing[w])
            lab.boost_member[w] = boost(takeover.collusion[w], lab.willing[w] - 1.0)


@stage
def _value(system, world, parameters):
    """The satisfaction of one system, its gain from winning, and its loss when caught, which is
    all of its satisfaction unless caught systems keep a share."""
    goals, training = parameters.goals, parameters.training
    for w in range(WIDTH):
        c = system.capability[w]
        awake = world.awake[w] * system.trait[w]
        value = roused(system.value[w], training.trigger_shift[w], awake)
        v = contentment(value, goals.extremal_divergence[w], goals.divergence_onset[w], c)
        satisfied = utility(v, system.inverse_scope[w], system.inverse_saturation[w])
        system.contentment[w] = v
        system.gain[w] = gain_of_winning(system.foresight[w], satisfied)
        system.loss[w] = satisfied
        system.aware[w] = 1.0 if c > system.awareness[w] else 0.0
        world.awake_systems[w] += awake
        world.capability[w] += c
        world.contentment[w] += v
        world.aware_systems[w] += 1.0 if c > system.awareness[w] else 0.0


@stage
def _forgive(system, takeover):
    """The loss of one system when caught, where it keeps a share of its values."""
    for w in range(WIDTH):
        left = takeover.caught_value[w] * system.contentment[w]
        caught = utility(left, system.inverse_scope[w], system.inverse_saturation[w])
        system.loss[w] = loss_when_caught(system.loss[w], caught)


@stage
def _weigh(system, lab, world, takeover):
    """One system's success alone, and whether takeover would pay it, unopposed."""
    for w in range(WIDTH):
        alone = success(
            lab.contact[w], takeover.success_slope[w], system.capability[w], world.level[w]
        )
        pays = advantage(alone, system.gain[w], system.loss[w], system.constraint[w]) > 0.0
        willing = system.aware[w] > 0.0 and pays
        system.success[w] = alone
        system.willing[w] = 1.0 if willing else 0.0
        lab.willing[w] += system.willing[w]
