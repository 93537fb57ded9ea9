"""Upkeep: what a month does to every system before it is assessed; some are trained afresh."""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.copies import release_models
from regimesim.model.dynamics.training import NONE_DUE, ONE_MONTH, train
from regimesim.model.world.draws import MONTH, unit, words
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.normal import normal
from regimesim.model.world.places import enter


@equation
def followed(capability, frontier, update_rate):
    """Capability after a month of continual update. Eq. 7.3.1."""
    return capability + update_rate * (frontier - capability)


@stage
def upkeep(tile):
    """Continual update, and retraining where it is due, in every column.  The goals drift when
    they are next read (`survey`): a pass of its own would fetch every system once more.
    Eq. 7.3.2."""
    world, parameters, due = tile.worlds[0], tile.parameters[0], NONE_DUE
    release_models(tile)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        columns = _follow(i, system, lab, world, parameters.capability)
        due = enter(tile.due, due, i, columns)
    train(tile, due, ONE_MONTH)


@stage
def _follow(i, system, lab, world, capability):
    """One system follows its lab's frontier, and may be spent. Returns the columns, as bits, in
    which it is to be trained. Eqs. 7.3.1 and 7.3.2."""
    columns = 0
    for w in range(WIDTH):
        drawn = words(world.seed[w], i, world.month[w] + 1, world.number[w], MONTH)
        rate = 0.0 if lab.frozen[w] > 0.0 else capability.update_rate[w]
        system.capability[w] = followed(system.capability[w], lab.frontier[w], rate)
        due = unit(drawn[0]) < 1.0 - world.kept_chance[w] and lab.frozen[w] == 0.0
        spent = 1.0 if due else system.spent[w]
        system.spent[w] = spent
        columns |= 1 << w if (spent > 0.0) & (world.running[w] != 0) else 0
        system.drift[w], system.mood[w] = normal(drawn[1]), unit(drawn[2])
    return columns
