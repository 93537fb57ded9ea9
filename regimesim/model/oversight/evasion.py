"""Evasion: what a monitor misses of the systems that take from its strength.

Of a month's systems some evade a monitor, in each column others.  Those of one lab, in all
columns, are listed in `tile.due` and met `WIDTH` at a time, with the numbers of their own worlds.
"""

import numpy as np

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.curves import miss, miss_shown
from regimesim.model.oversight.detection import evaded_strength
from regimesim.model.oversight.policy import BINORMAL
from regimesim.model.world.layout import EARNEST, EXERCISE, WIDTH

NO_EVADERS = np.int64(0)


@equation
def evades(evasion, onset, capability):
    """Whether a system takes anything from the strength of a monitor."""
    return evasion * max(0.0, capability - onset) > 0.0


@stage
def meet_evaders(j, k, by_paradigm, curve, evasion, onset, tile):
    """What monitor j misses of the systems of lab k that evade it; its strength differs by
    paradigm or not (1, 0), and `evasion` and `onset` are rows of the tile's parameters."""
    evaders = _list_evaders(k, evasion, onset, tile)
    for first in range(0, evaders, WIDTH):
        _weaken(j, first, evaders, by_paradigm, curve, evasion, onset, k, tile)
        miss(curve, EARNEST, tile.scratch[0])
        miss_shown(curve, tile.scratch[0])
        _keep(j, first, min(evaders - first, WIDTH), tile)


@stage
def _list_evaders(k, evasion, onset, tile):
    """List the systems of lab k that evade a monitor, each its number times WIDTH plus its
    column. Returns how many."""
    rows, scratch, evaders, evadable = tile.rows, tile.scratch[0], NO_EVADERS, 0
    for w in range(WIDTH):
        evadable += 1 if rows[evasion, w] > 0.0 else 0
    if not evadable:
        return evaders
    for i in range(k, tile.systems.shape[0], tile.labs.shape[0]):
        capability = tile.systems[i].capability
        for w in range(WIDTH):
            own = evades(rows[evasion, w], rows[onset, w], capability[w])
            scratch.evades[w] = 1 if own else 0
        for w in range(WIDTH):  # no branch, which would often go the way that was not expected
            tile.due[evaders] = i * WIDTH + w
            evaders += scratch.evades[w]
    return evaders


@stage
def _weaken(j, first, last, by_paradigm, curve, evasion, onset, k, tile):
    """The strength that evasion leaves against each of those whose turn it is, from place `first`
    of the list, and all else that the misses depend on; after the last, it again."""
    lab, world, scratch = tile.labs[k], tile.worlds[0], tile.scratch[0]
    parameters = tile.parameters[0]
    for w in range(WIDTH):
        place = tile.due[min(first + w, last - 1)]
        system, column = tile.systems[place // WIDTH], place % WIDTH
        p = by_paradigm * (int(system.paradigm[column]) - 1)
        scratch.strength[EARNEST, w] = evaded_strength(
            lab.strength[j, p, column],
            tile.rows[evasion, column],
            tile.rows[onset, column],
            system.capability[column],
        )
        quantile, odds = lab.quantile[j, column], lab.odds[j, column]
        scratch.audit_score[w] = quantile if curve == BINORMAL else odds
        scratch.stretch[w] = world.stretch[j, column]
        scratch.trajectories[w] = parameters.oversight.trajectories[column]
        scratch.elicitation_gap[w] = parameters.red_team.elicitation_gap[column]


@stage
def _keep(j, first, many, tile):
    """Give each of these systems what is missed of it."""
    missed = tile.scratch[0].missed
    for k in range(many):
        place = tile.due[first + k]
        system, column = tile.systems[place // WIDTH], place % WIDTH
        system.log_miss[j, column] = missed[EARNEST, k]
        system.log_miss_shown[j, column] = missed[EXERCISE, k]
