"""One month, and the run of worlds over months.

The order of a month (each line is synchronous, so no result depends on the order of
systems or labs):

1. Governance: levers are set from last month's beliefs, this month's evaluations and events.
2. Labs: feedback density, safety knowledge, frontier growth, paradigm move.
3. Systems: continual update, retraining, goal drift.
4. Assessment: prospects, catch probability, perceived success, advantage.
5. Conduct: each system complies, has a story incident, stages a feint, or strikes.
6. Resolution: each attempt may be critical, and may be caught.
7. Learning: exercises, beliefs, audit budget, corrective training.
8. Record.
"""

from regimesim.model.compilation import entry, sequence, stage
from regimesim.model.dynamics.capability import grow
from regimesim.model.dynamics.conduct import resolve, weigh
from regimesim.model.dynamics.continuation import continue_lost
from regimesim.model.dynamics.copies import release_models
from regimesim.model.dynamics.decision import decide
from regimesim.model.dynamics.initialisation import initialise, leave, leave_expected
from regimesim.model.dynamics.learning import learn
from regimesim.model.dynamics.prospects import survey
from regimesim.model.dynamics.record import cross, record
from regimesim.model.dynamics.training import NONE_DUE, train
from regimesim.model.dynamics.upkeep import upkeep
from regimesim.model.oversight.adoption import bind
from regimesim.model.oversight.evaluations import evaluate
from regimesim.model.oversight.events import respond
from regimesim.model.oversight.miss_probability import inspect
from regimesim.model.oversight.pause import requested
from regimesim.model.oversight.rule_call import pull_levers
from regimesim.model.world.draws import INITIALISATION
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import logistic

GOVERN, PROCEED, RULE = 1, 2, 4
STARTED, DONE = 0, 1  # places in a batch's tally


@sequence
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
        danger = logistic(world.danger[w])
        pausing = requested(danger, pause.pause_threshold[w], pause.pause_strength[w])
        world.pause[w] = pausing if stack.pause else 0.0
        world.frozen[w], world.audit_floor[w] = 0.0, 0.0
        world.highest_report[w] = float("nan")
        world.alarm[w] = 0.0
    if stack.evaluations:
        evaluate(tile, stack)
    if stack.events:
        respond(tile, stack)


@sequence
def proceed(tile, stack, batch):
    """Steps 2 to 8 under the levers that are set, in every column; the month advances."""
    bind(tile.labs, tile.worlds[0], tile.parameters[0])
    grow(tile, stack)
    upkeep(tile)
    survey(tile)
    inspect(tile, stack)
    acting = decide(tile, stack)
    resolve(tile, stack, acting)
    weigh(tile, batch)
    cross(tile, stack)
    learn(tile, stack)
    record(tile, batch.monthly)
    continue_lost(tile, stack, batch)
    world = tile.worlds[0]
    for w in range(WIDTH):
        if world.running[w]:
            world.untried[w] *= world.month_unseen[w]
            world.month[w] += 1
            if world.month_lost[w] > 0.0 or world.month[w] >= batch.monthly.shape[0]:
                world.running[w] = 0


@stage
def start_worlds(tile, stack, batch):
    """Start the next world of the batch in every free column, while there is one."""
    due = NONE_DUE
    for w in range(WIDTH):
        row = batch.tally[STARTED]
        if tile.worlds[0].running[w] == 0 and row < len(batch.numbers):
            seed, number, drawn = batch.seeds[row], batch.numbers[row], batch.drawn[row]
            due = initialise(tile, stack, w, seed, number, drawn, due)
            batch.rows[w] = row
            batch.tally[STARTED] += 1
    if due:
        release_models(tile)
        train(tile, due, INITIALISATION)


@stage
def store_outcomes(tile, batch):
    """Store the outcome of every column whose world has ended."""
    for w in range(WIDTH):
        if batch.rows[w] >= 0 and tile.worlds[0].running[w] == 0:
            outcome = batch.outcomes[batch.rows[w]]
            if tile.worlds[0].carried[w] == 0.0 and tile.worlds[0].month_lost[w] == 0.0:
                leave(tile, w, outcome)
            leave_expected(tile, w, outcome)
            batch.rows[w] = -1
            batch.tally[DONE] += 1


@entry
def simulate(tile, stack, batch, phases, months):
    """Simulate a batch of worlds for at most `months` months.

    A month has two phases, so that a rule written in Python can set levers between them:
    GOVERN (step 1, after free columns start new worlds) and PROCEED (steps 2 to 8).  With RULE
    besides, the months call the rule of the batch between the two.
    Ends early when every world of the batch has ended, when `batch.stop` is set, or when the rule
    fails.
    """
    for _ in range(months):
        if batch.tally[DONE] == len(batch.numbers) or batch.stop[0] != 0:
            break
        if phases & GOVERN:
            start_worlds(tile, stack, batch)
            govern(tile, stack)
        if phases & RULE and pull_levers(tile, batch.call):
            break
        if phases & PROCEED:
            proceed(tile, stack, batch)
            store_outcomes(tile, batch)
