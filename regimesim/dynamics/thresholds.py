"""Thresholds: the month in which each is first crossed, and what a month leaves on record."""

import numpy as np

from regimesim.compiled import equation, stage
from regimesim.oversight.red_team import believed_catch_rate
from regimesim.world.mathematics import logistic
from regimesim.world.records import EXPECTED_MONTHLY, MONTHLY
from regimesim.world.state import WIDTH

CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER = np.arange(6)

# Monthly sums are whole numbers of a grain: exact, so they do not depend on the order in
# which worlds are added up.  The grain of a count is 1.  Other values are cut off where
# the squares of 4,096 worlds would overflow.
_COUNTED = np.array([item.unit == "1/month" for item in MONTHLY])
GRAIN = np.where(_COUNTED, 1.0, 2.0**-28)
LARGEST = np.where(_COUNTED, 2.0**25, 2.0**11)
MOST_WORLDS = 4096
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
def cross(tile, stack):
    """Note the thresholds crossed this month, and what oversight spent, in every running
    column."""
    world = tile.worlds[0]
    audited = stack.control or stack.cot_monitor or stack.interpretability
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
        world.audits_spent[w] += world.audit_budget[w] if audited else 0.0
        if world.crossing[FIRST_CRITICAL_TRY, w] < 0:
            world.warning_shots_before_first_try[w] = world.warning_shots[w]


@stage
def record(tile, monthly):
    """Add this month of every running column to the monthly sums.

    monthly: (months, MONTHLY_COLUMNS) int64: worlds, sums, sums of squares, and counts of
    worlds by the capability of their leading lab; and the sums of `EXPECTED_MONTHLY`.
    """
    world = tile.worlds[0]
    for w in range(WIDTH):
        if not world.running[w]:
            continue
        row = monthly[world.month[w]]
        row[CHANCES] += np.int64(np.rint(world.first_try_chance[w] / CHANCE_GRAIN))
        row[CHANCES + 1] += np.int64(np.rint(world.takeover_chance[w] / CHANCE_GRAIN))
        if world.carried[w] > 0.0:
            continue
        row[0] += 1
        values = _measure(tile, world, w)
        for k in range(len(values)):
            value = min(max(values[k], -LARGEST[k]), LARGEST[k])
            row[1 + k] += np.int64(np.rint(value / GRAIN[k]))
            row[1 + len(values) + k] += np.int64(np.rint(value * value / GRAIN[k]))
        step = (world.leader[w] - FAN_LOW) / FAN_STEP
        row[FAN + int(min(max(step, 0.0), FAN_STEPS - 1.0))] += 1


@equation
def _measure(tile, world, w):
    """One world's month: the quantities of `MONTHLY`, in its order."""
    labs, systems = tile.labs.shape[0], tile.systems.shape[0]
    held_back = world.aware_systems[w] * tile.parameters[0].cognition.sandbagging[w]
    frontier, density, knowledge, erosion, paused = 0.0, 0.0, 0.0, 0.0, 0.0
    rung_1, rung_2, rung_3, rung_4, dropped = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(labs):
        lab = tile.labs[k]
        frontier += lab.frontier[w]
        density += lab.density[w]
        knowledge += lab.knowledge[w]
        erosion += lab.erosion[w]
        paused += lab.paused[w]
        rung_1 += 1.0 if lab.paradigm[w] == 1.0 else 0.0
        rung_2 += 1.0 if lab.paradigm[w] == 2.0 else 0.0
        rung_3 += 1.0 if lab.paradigm[w] == 3.0 else 0.0
        rung_4 += 1.0 if lab.paradigm[w] == 4.0 else 0.0
        dropped += lab.dropped[w]
    capability, misaligned, reward_seeking, scheming = 0.0, 0.0, 0.0, 0.0
    for i in range(systems):
        system = tile.systems[i]
        capability += system.capability[w]
        misaligned += system.misaligned[w]
        reward_seeking += 1.0 if system.archetype[w] == 1.0 else 0.0
        scheming += 1.0 if system.archetype[w] == 2.0 else 0.0
    return (
        frontier / labs,
        world.leader[w],
        capability / systems,
        (capability - held_back) / systems,
        world.level[w],
        density / labs,
        knowledge / labs,
        erosion / labs,
        rung_1 / labs,
        rung_2 / labs,
        rung_3 / labs,
        rung_4 / labs,
        dropped / labs,
        world.aware_systems[w] / systems,
        world.favourable_systems[w] / systems,
        world.contentment[w] / systems,
        misaligned / systems,
        world.awake_systems[w] / systems,
        reward_seeking / systems,
        scheming / systems,
        world.audit_budget[w],
        believed_catch_rate(world.caught_belief[w], world.missed_belief[w]),
        1.0 - world.miss[w],
        1.0 - world.exercise_miss[w],
        logistic(world.danger[w]),
        paused / labs,
        world.learns[w] * world.correction[w] * world.fed[w],
        world.alarm[w],
        world.month_stories[w],
        world.month_strikes[w],
        world.month_strikes_caught[w],
        world.month_feints[w],
        world.month_critical[w],
    )
