"""Costs: each lab also as it would have grown without taxes, pauses, freezes and holds.

This second frontier is an observation that nothing in the model reads.  It meets the same draws.
While a policy has cost nothing in a tile of worlds it is the frontier itself.
"""

from regimesim.model.compilation import stage
from regimesim.model.dynamics.growth import (
    LAST_PARADIGM,
    free_growth,
    ladder_chance,
    research_rate,
)
from regimesim.model.world.draws import GROWTH, unit, words
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.normal import normal


@stage
def about_to_cost(tile):
    """In how many columns a lab differs, or is about to differ, from what it would be without
    the policy; and the largest frontier of those labs."""
    world, costs = tile.worlds[0], 0
    for w in range(WIDTH):
        world.free_leader[w] = tile.labs[0].free_frontier[w]
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            world.free_leader[w] = max(world.free_leader[w], lab.free_frontier[w])
            moved = lab.frontier[w] != lab.free_frontier[w]
            climbed = lab.paradigm[w] != lab.free_paradigm[w]
            bound = world.pause[w] > 0.0 or world.growth[w] < 1.0 or lab.frozen[w] > 0.0
            held = lab.hold[w] < LAST_PARADIGM and lab.paradigm[w] >= lab.hold[w]
            costs += 1 if moved or climbed or bound or held or lab.tax[w] != 0.0 else 0
    return costs


@stage
def grow_freely(k, lab, world, parameters):
    """One month of a lab without the policy's costs, before the lab's own month. Eq. 8.9."""
    capability, paradigm = parameters.capability, parameters.paradigm
    for w in range(WIDTH):
        c = lab.free_frontier[w]
        gap = world.free_leader[w] - c
        rate = research_rate(
            c,
            capability.research_automation_gain[w],
            capability.research_automation_midpoint[w],
            capability.research_automation_width[w],
        )
        free = free_growth(
            rate,
            of_paradigm(paradigm.premium, lab.free_paradigm[w], w),
            parameters.feedback.sparse_premium[w],
            lab.density[w],
            c,
            capability.ceiling[w],
        )
        doublings = free / capability.doubling_time[w]
        drawn = words(world.seed[w], k, world.month[w] + 1, world.number[w], GROWTH)
        imitated = capability.diffusion[w] * gap
        reached = c + doublings + imitated + capability.noise[w] * normal(drawn[0])
        lab.free_frontier[w] = min(reached, capability.ceiling[w])
        moving = ladder_chance(
            paradigm.ladder_rate[w],
            paradigm.race[w],
            gap,
            paradigm.ladder_per_doubling[w],
            doublings,
        )
        moves = lab.free_paradigm[w] < LAST_PARADIGM and unit(drawn[1]) < moving
        lab.free_paradigm[w] += 1.0 if moves else 0.0


@stage
def count_costs(tile, costs):
    """Add the month to the doublings that the policy cost, and to those that there would have
    been without it. Eq. 8.10."""
    world, labs = tile.worlds[0], tile.labs.shape[0]
    for k in range(labs):
        lab = tile.labs[k]
        for w in range(WIDTH):
            if costs == 0:
                lab.free_frontier[w], lab.free_paradigm[w] = lab.frontier[w], lab.paradigm[w]
            world.doublings_lost[w] += lab.free_frontier[w] - lab.frontier[w]
            world.doublings_free[w] += lab.free_frontier[w] - lab.founded[w]
            world.months_paused[w] += lab.paused[w] / labs
    for w in range(WIDTH):
        free = world.doublings_free[w]
        world.growth_lost[w] = world.doublings_lost[w] / free if free > 0.0 else 0.0
