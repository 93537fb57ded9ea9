"""Thresholds: the month in which each is first crossed, and what a month leaves on record."""

import numpy as np

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.red_team import believed_catch_rate
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import logistic, nearest
from regimesim.model.world.records import EXPECTED_MONTHLY, MONTHLY, names

CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER = np.arange(6)

# Monthly sums are whole numbers of a grain: exact, so they do not depend on the order in
# which worlds are added up.  The grain of a count is 1.  Other values are cut off where
# the squares of 4,096 worlds would overflow.
_COUNTED = np.array([item.unit == "1/month" for item in MONTHLY])
GRAIN = np.where(_COUNTED, 1.0, 2.0**-28)
GRAINS = 1.0 / GRAIN  # in a unit: exact, as each is a power of two
LARGEST = np.where(_COUNTED, 2.0**25, 2.0**11)
MOST_WORLDS = 4096
# The quantities that are means over labs.
OF_LABS = np.array(
    [
        names(MONTHLY).index(name)
        for name in (
            *("frontier", "density", "knowledge", "erosion", "dropped", "pause"),
            *("paradigm_1", "paradigm_2", "paradigm_3", "paradigm_4"),
        )
    ]
)
# Worlds are also counted by the capability of their leading lab, in steps of a quarter.
FAN_LOW, FAN_STEP, FAN_STEPS = -30.0, 0.25, 600
FAN = 1 + 2 * len(MONTHLY)  # the first of its columns
CHANCES = FAN + FAN_STEPS  # what is expected of all worlds, carried on or not
CHANCE_GRAIN = 2.0**-40
MONTHLY_COLUMNS = CHANCES + len(EXPECTED_MONTHLY)


@equation
def _note(world, threshold, w, crossed):
    """Enter this month for a threshold that is crossed for the first time."""
    first = crossed and world.crossing[threshold, w] < 0
    world.crossing[threshold, w] = world.month[w] if first else world.crossing[threshold, w]


@stage
def _audited(tile, w):
    """Share of systems whose lab has a monitor to spend its audit budget on."""
    watched = 0.0
    for k in range(tile.labs.shape[0]):
        watched += tile.labs[k].systems[w] if tile.labs[k].shares[w] > 0.0 else 0.0
    return watched / tile.systems.shape[0]


@stage
def cross(tile, stack):
    """Note the thresholds crossed this month, and what oversight spent, in every running
    column."""
    world = tile.worlds[0]
    half = 0.5 * tile.systems.shape[0]
    for w in range(WIDTH):
        if not world.running[w]:
            continue
        _note(world, CAPABLE, w, world.capable[w] > 0.0)
        _note(world, AWARE, w, world.aware_systems[w] >= half)
        _note(world, FAVOURABLE, w, world.favourable[w] > 0.0)
        _note(world, DESPITE, w, world.favourable_despite[w] > 0.0)
        _note(world, TAKEOVER, w, world.month_lost[w] > 0.0)
        alarmed = world.alarm[w] > 0.0
        world.alarms[w] += 1 if alarmed else 0
        world.false_alarms[w] += 1 if alarmed and world.favourable[w] == 0.0 else 0
        world.audits_spent[w] += world.budget[w] * _audited(tile, w) if stack.audits else 0.0
        if world.crossing[FIRST_CRITICAL_TRY, w] < 0:
            world.warning_shots_before_first_try[w] = world.warning_shots[w]


@stage
def record(tile, monthly):
    """Add this month of every running column to the monthly sums.

    monthly: (months, MONTHLY_COLUMNS) int64: worlds, sums, sums of squares, and counts of
    worlds by the capability of their leading lab; and the sums of `EXPECTED_MONTHLY`.
    """
    world, measured = tile.worlds[0], tile.measured[0]
    _measure_labs(tile.labs, measured, tile.measures)
    _measure(world, measured, tile.parameters[0].cognition, float(tile.systems.shape[0]))
    _grind(tile.measures, tile.grains)
    if _in_step(world):
        _add_all(world, tile.grains, monthly[world.month[0]])
    else:
        _add_each(world, tile.grains, monthly)


@stage
def _in_step(world):
    """Whether all columns are in the same month of a world that counts."""
    others = 0
    for w in range(WIDTH):
        together = world.month[w] == world.month[0] and world.running[w] == 1
        others += 0 if together and world.carried[w] == 0.0 else 1
    return others == 0


@stage
def _add_all(world, grains, row):
    """Add this month of all columns to one row of the monthly sums, quantity by quantity."""
    row[0] += WIDTH
    for k in range(grains.shape[0]):
        total = 0
        for w in range(WIDTH):
            total += grains[k, w]
        row[1 + k] += total
    first_tries, takeovers = 0, 0
    for w in range(WIDTH):
        first_tries += nearest(world.first_try_chance[w] / CHANCE_GRAIN)
        takeovers += nearest(world.takeover_chance[w] / CHANCE_GRAIN)
    row[CHANCES] += first_tries
    row[CHANCES + 1] += takeovers
    for w in range(WIDTH):
        row[_step_of_fan(world.leader[w])] += 1


@stage
def _add_each(world, grains, monthly):
    """Add this month of every running column to the monthly sums, column by column."""
    for w in range(WIDTH):
        if not world.running[w]:
            continue
        row = monthly[world.month[w]]
        row[CHANCES] += nearest(world.first_try_chance[w] / CHANCE_GRAIN)
        row[CHANCES + 1] += nearest(world.takeover_chance[w] / CHANCE_GRAIN)
        if world.carried[w] > 0.0:
            continue
        row[0] += 1
        for k in range(grains.shape[0]):
            row[1 + k] += grains[k, w]
        row[_step_of_fan(world.leader[w])] += 1


@equation
def _step_of_fan(leader):
    """The column of the monthly sums that counts worlds with such a leading lab."""
    step = (leader - FAN_LOW) / FAN_STEP
    return FAN + int(min(max(step, 0.0), FAN_STEPS - 1.0))


@stage
def _grind(measures, grains):
    """Every measured quantity and its square as a whole number of grains."""
    quantities = measures.shape[0]
    for k in range(quantities):
        for w in range(WIDTH):
            value = min(max(measures[k, w], -LARGEST[k]), LARGEST[k])
            grains[k, w] = nearest(value * GRAINS[k])
            grains[quantities + k, w] = nearest(value * value * GRAINS[k])


@stage
def _measure_labs(labs, measured, measures):
    """The quantities of `MONTHLY` that are means over labs."""
    for k in range(len(OF_LABS)):
        for w in range(WIDTH):
            measures[OF_LABS[k], w] = 0.0
    for k in range(labs.shape[0]):
        lab = labs[k]
        for w in range(WIDTH):
            measured.frontier[w] += lab.frontier[w]
            measured.density[w] += lab.density[w]
            measured.knowledge[w] += lab.knowledge[w]
            measured.erosion[w] += lab.erosion[w]
            measured.paradigm_1[w] += 1.0 if lab.paradigm[w] == 1.0 else 0.0
            measured.paradigm_2[w] += 1.0 if lab.paradigm[w] == 2.0 else 0.0
            measured.paradigm_3[w] += 1.0 if lab.paradigm[w] == 3.0 else 0.0
            measured.paradigm_4[w] += 1.0 if lab.paradigm[w] == 4.0 else 0.0
            measured.dropped[w] += lab.dropped[w]
            measured.pause[w] += lab.paused[w]
    for k in range(len(OF_LABS)):
        for w in range(WIDTH):
            measures[OF_LABS[k], w] /= labs.shape[0]


@stage
def _measure(world, measured, cognition, systems):
    """The quantities of `MONTHLY` that are not means over labs."""
    for w in range(WIDTH):
        held_back = world.aware_systems[w] * cognition.sandbagging[w]
        measured.leader[w] = world.leader[w]
        measured.capability[w] = world.capability[w] / systems
        measured.capability_reported[w] = (world.capability[w] - held_back) / systems
        measured.difficulty[w] = world.level[w]
        measured.aware_systems[w] = world.aware_systems[w] / systems
        measured.favourable_systems[w] = world.favourable_systems[w] / systems
        measured.value[w] = world.contentment[w] / systems
        measured.misaligned_systems[w] = world.misaligned_systems[w] / systems
        measured.awake_systems[w] = world.awake_systems[w] / systems
        measured.reward_seeking_systems[w] = world.reward_seeking_systems[w] / systems
        measured.scheming_systems[w] = world.scheming_systems[w] / systems
        measured.audit_budget[w] = max(world.audit_budget[w], world.audit_floor[w])
        measured.catch_rate_believed[w] = believed_catch_rate(
            world.caught_belief[w], world.missed_belief[w]
        )
        measured.catch_rate[w] = 1.0 - world.miss[w]
        measured.catch_rate_exercises[w] = 1.0 - world.exercise_miss[w]
        measured.danger_belief[w] = logistic(world.danger[w])
        measured.correction[w] = world.learns[w] * world.correction[w] * world.fed[w]
        measured.alarm[w] = world.alarm[w]
        measured.story_incidents[w] = world.month_stories[w]
        measured.strikes[w] = world.month_strikes[w]
        measured.strikes_caught[w] = world.month_strikes_caught[w]
        measured.feints[w] = world.month_feints[w]
        measured.critical_tries[w] = 1.0 if world.month_critical[w] > 0.0 else 0.0
