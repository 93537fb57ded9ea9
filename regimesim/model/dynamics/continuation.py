"""Continuation: a life whose draws lost it, simulated further as one that was not lost.

The world itself ends at its takeover, and its outcome is written then.  The months that
follow change its expectations alone (`regimesim.model.dynamics.expectation`).
"""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.conduct import clear_attempts, draw_attempt, follow
from regimesim.model.dynamics.initialisation import leave
from regimesim.model.dynamics.learning import learn
from regimesim.model.world.draws import AGAIN, CARRY, NOBODY, unit, words
from regimesim.model.world.layout import STORY_INCIDENT, STRIKES, WIDTH


@stage
def continue_lost(tile, stack, batch):
    """End the worlds that were lost this month, and continue some of their lives."""
    world = tile.worlds[0]
    carried = 0
    for w in range(WIDTH):
        world.learns[w] = 0.0
        if not world.running[w] or world.month_lost[w] == 0.0:
            continue
        if world.carried[w] == 0.0:
            leave(tile, w, batch.outcomes[batch.rows[w]])
        drawn = words(world.seed[w], NOBODY, world.month[w] + 1, world.number[w], CARRY)
        if unit(drawn[0]) < world.continuation[w]:
            _try_again(tile, stack, w)
            world.carried[w], world.month_lost[w], world.learns[w] = 1.0, 0.0, 1.0
            carried += 1
    if carried > 0:
        learn(tile, stack)


@equation
def _caught_if_not_lost(critical_chance, miss):
    """Probability that an attempt was caught, given that it did not succeed unseen. Eq. 8.6."""
    return (1.0 - miss) / (1.0 - critical_chance * miss)


@stage
def _try_again(tile, stack, w):
    """Resolve the month's attempts again, given that none of them succeeds."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    world.warning_shots[w] -= int(world.month_strikes_caught[w])
    clear_attempts(world, w)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if system.conduct[w] != STRIKES and system.conduct[w] != STORY_INCIDENT:
            continue
        attempt = draw_attempt(i, system, lab, world, parameters, stack, w)
        critical_chance, critical, caught_by, discovered, attributed = attempt
        caught = caught_by > 0
        if critical and not caught:
            again = words(world.seed[w], i, world.month[w] + 1, world.number[w], AGAIN)
            caught = unit(again[0]) < _caught_if_not_lost(critical_chance, system.miss[w])
            critical = caught
        follow(system, world, w, critical_chance, critical, caught, discovered, attributed)
