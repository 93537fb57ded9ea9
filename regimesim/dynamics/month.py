"""One month, and the life of worlds.

The order of a month (each line is synchronous, so no result depends on the order of
systems or labs):

1. Governance: levers are set from last month's beliefs and this month's evaluations.
2. Labs: feedback density, safety knowledge, frontier growth, paradigm move.
3. Systems: continual update, retraining, goal drift.
4. Assessment: prospects, catch probability, perceived success, advantage.
5. Conduct: each system complies, has a story incident, stages a feint, or strikes.
6. Resolution: each attempt may be critical, and may be caught.
7. Learning: exercises, beliefs, audit budget, corrective training.
8. Record.
"""

import numpy as np

from regimesim.compiled import entry, stage
from regimesim.dynamics.capability import grow
from regimesim.dynamics.conduct import resolve
from regimesim.dynamics.decision import decide
from regimesim.dynamics.founding import found, leave
from regimesim.dynamics.learning import learn
from regimesim.dynamics.prospects import survey
from regimesim.dynamics.thresholds import cross, record
from regimesim.dynamics.training import upkeep
from regimesim.oversight.catching import inspect
from regimesim.oversight.evaluations import evaluate
from regimesim.oversight.pause import asked
from regimesim.world.mathematics import logistic
from regimesim.world.state import WIDTH


@entry
def govern(tile, stack):
    """Step 1: the levers of the month, in every column."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    pause = parameters.pause
    for w in range(WIDTH):
        world.growth[w] = 1.0
        world.contact[w] = parameters.takeover.real_world_contact[w]
        world.hold[w] = parameters.paradigm.hold[w]
        world.density_floor[w] = parameters.feedback.density_floor[w]
        world.correction[w] = 1.0 if stack.correction else 0.0
        danger = asked(logistic(world.danger[w]), pause.pause_threshold[w], pause.pause_strength[w])
        world.pause[w] = danger if stack.pause else 0.0
        world.highest_report[w] = float("nan")
        world.alarm[w] = 0.0
    if stack.evaluations:
        evaluate(tile, stack)


@entry
def proceed(tile, stack, monthly):
    """Steps 2 to 8 under the levers that are set, in every column; the month advances."""
    grow(tile, stack)
    upkeep(tile)
    survey(tile)
    inspect(tile, stack)
    decide(tile, stack)
    resolve(tile)
    cross(tile)
    learn(tile, stack)
    record(tile, monthly)
    world = tile.worlds[0]
    for w in range(WIDTH):
        if world.running[w]:
            world.month[w] += 1
            if world.month_lost[w] > 0.0 or world.month[w] >= monthly.shape[0]:
                world.running[w] = 0


@stage
def board(tile, seeds, numbers, drawn, boarded, aboard):
    """Give every free column the next world, while there are any; returns how many have
    been boarded.  aboard: (WIDTH,) which row of the batch each column holds, or −1."""
    for w in range(WIDTH):
        if tile.worlds[0].running[w] == 0 and aboard[w] < 0 and boarded < len(numbers):
            found(tile, w, seeds[boarded], numbers[boarded], drawn[boarded])
            aboard[w] = boarded
            boarded += 1
    return boarded


@stage
def alight(tile, aboard, outcomes):
    """Write the result of every column whose world is over; returns how many were."""
    done = 0
    for w in range(WIDTH):
        if aboard[w] >= 0 and tile.worlds[0].running[w] == 0:
            leave(tile, w, outcomes[aboard[w]])
            aboard[w] = -1
            done += 1
    return done


@entry
def live(tile, stack, seeds, numbers, drawn, aboard, outcomes, monthly, stop):
    """Live through a batch of worlds.

    seeds, numbers: (worlds,) int64 · drawn: (worlds, numbers) parameters · outcomes:
    (worlds,) OUTCOME, filled · monthly: (months, MONTHLY_COLUMNS) int64, added to ·
    stop: (1,) int64, which another thread sets to end early.
    """
    boarded, done = np.int64(0), np.int64(0)
    while done < len(numbers) and stop[0] == 0:
        boarded = board(tile, seeds, numbers, drawn, boarded, aboard)
        govern(tile, stack)
        proceed(tile, stack, monthly)
        done += alight(tile, aboard, outcomes)
    return done
