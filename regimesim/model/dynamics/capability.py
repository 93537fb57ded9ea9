"""Labs: feedback density, safety knowledge, frontier growth and the paradigm ladder."""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.costs import about_to_cost, count_costs, grow_freely
from regimesim.model.dynamics.growth import (
    LAST_PARADIGM,
    chance,
    free_growth,
    ladder_chance,
    research_rate,
)
from regimesim.model.oversight.adoption import of_adopter
from regimesim.model.oversight.dropping import burden, kept
from regimesim.model.oversight.pause import paused_share
from regimesim.model.world.draws import GROWTH, unit, words
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import EACH, TAX_OF, WIDTH
from regimesim.model.world.normal import normal


@equation
def feedback_density(density, deviation, drift, race, sparse_premium, with_growth, floor, months):
    """φ_l(t): the industry's drift, labs moving towards the feedback that pays, and drift with
    a lab's own growth.

    `deviation` is density_spread·z_l; `with_growth` is `density_grown`.
    Eq. 7.2.1.
    """
    wanted = density + deviation + (drift - race * sparse_premium) * months + with_growth
    return min(max(wanted, floor), 1.0)


@equation
def density_grown(per_doubling, capability, initial):
    """What a lab's growth so far has added to its feedback density. Eq. 7.2.1."""
    return per_doubling * max(0.0, capability - initial)


@equation
def drop_chance(drop_rate, burden, gap):
    """Probability that a lab drops its taxed safeguards: the more they cost it and the further
    it lags, the sooner. Eq. 7.2.11."""
    return chance(drop_rate * burden * gap)


@stage
def grow(tile, stack):
    """Feedback density, safety knowledge, frontier, paradigm and safeguards of every lab.

    The leader against whom labs measure themselves is the one before growth.
    """
    world, parameters = tile.worlds[0], tile.parameters[0]
    labs = tile.labs.shape[0]
    _lead(tile)
    for k in range(labs):
        densify(tile.labs[k], world, parameters)
        _tax(tile.labs[k], tile.rows, parameters, stack)
    costs = about_to_cost(tile)
    for k in range(labs):
        if costs:
            grow_freely(k, tile.labs[k], world, parameters)
        _develop(k, tile.labs[k], labs, world, parameters)
    count_costs(tile, costs)
    _lead(tile)


@stage
def _lead(tile):
    """The largest frontier, in every column."""
    world = tile.worlds[0]
    for w in range(WIDTH):
        world.leader[w] = tile.labs[0].frontier[w]
    for k in range(1, tile.labs.shape[0]):
        for w in range(WIDTH):
            world.leader[w] = max(world.leader[w], tile.labs[k].frontier[w])


@equation
def density_of(lab, feedback, outside, initial, floor, month, w):
    """φ_l of one lab: labs that do not adopt the policy have densities of their own. Eq. 7.2.1."""
    adopts = lab.adopts[w]
    per_doubling = of_adopter(
        adopts, feedback.density_per_doubling[w], outside.density_per_doubling[w]
    )
    return feedback_density(
        of_adopter(adopts, feedback.density[w], outside.density[w]),
        feedback.density_spread[w] * lab.deviation[w],
        of_adopter(adopts, feedback.density_trend[w], outside.density_trend[w]),
        feedback.density_race[w],
        feedback.sparse_premium[w],
        density_grown(per_doubling, lab.frontier[w], initial),
        floor,
        month,
    )


@stage
def densify(lab, world, parameters):
    """Feedback density of one lab this month."""
    feedback, outside = parameters.feedback, parameters.outside
    for w in range(WIDTH):
        initial, month = parameters.capability.initial[w], float(world.month[w])
        lab.density[w] = density_of(
            lab, feedback, outside, initial, lab.density_floor[w], month, w
        )


@stage
def _tax(lab, rows, parameters, stack):
    """The tax that a lab pays, and what it would save by dropping its taxed safeguards.
    Eq. 7.2.12."""
    oversight, outside = parameters.oversight, parameters.outside
    for w in range(WIDTH):
        lab.tax[w] = of_adopter(lab.adopts[w], oversight.tax[w], outside.tax[w])
        lab.saved[w] = 0.0
    for j in range(EACH):
        if stack.active[j]:
            for w in range(WIDTH):
                tax = rows[TAX_OF[j], w]
                lab.tax[w] += tax * kept(lab.dropped[w], tax) * lab.adopts[w]
                lab.saved[w] += burden(tax) * lab.adopts[w]


@stage
def _develop(k, lab, labs, world, parameters):
    """One lab's month. Eqs. 7.2.3, 7.2.5, 7.2.7, 7.2.8 and 7.2.10."""
    capability, feedback, paradigm = (
        parameters.capability,
        parameters.feedback,
        parameters.paradigm,
    )
    for w in range(WIDTH):
        c = lab.frontier[w]
        gap = world.leader[w] - c
        rate = research_rate(
            c,
            capability.research_automation_gain[w],
            capability.research_automation_midpoint[w],
            capability.research_automation_width[w],
        )
        lab.knowledge[w] += paradigm.safety_research[w] * (
            1.0 + paradigm.safety_automation[w] * rate
        )
        free = free_growth(
            rate,
            of_paradigm(paradigm.premium, lab.paradigm[w], w),
            feedback.sparse_premium[w],
            lab.density[w],
            c,
            capability.ceiling[w],
        )
        taxed = free * max(0.0, 1.0 - lab.tax[w])
        paused = paused_share(
            world.pause[w],
            lab.complies[w] * lab.adopts[w],
            of_adopter(lab.adopts[w], world.growth[w], 1.0),
        )
        frozen = lab.frozen[w] > 0.0
        lab.paused[w] = 1.0 if frozen else paused
        lab.growth[w] = taxed * (1.0 - lab.paused[w])
        drawn = words(world.seed[w], k, world.month[w] + 1, world.number[w], GROWTH)
        doublings = lab.growth[w] / capability.doubling_time[w]
        imitated = capability.diffusion[w] * gap
        reached = c + doublings + imitated + capability.noise[w] * normal(drawn[0])
        lab.frontier[w] = c if frozen else min(reached, capability.ceiling[w])
        share = 1.0 / (capability.doubling_time[w] * labs)
        world.growth_lost_to_taxes[w] += (free - taxed) * share
        world.growth_lost_to_pauses[w] += (taxed - lab.growth[w]) * share
        free_to_move = lab.paradigm[w] < min(lab.hold[w], LAST_PARADIGM) and not frozen
        moving = ladder_chance(
            paradigm.ladder_rate[w],
            paradigm.race[w],
            gap,
            paradigm.ladder_per_doubling[w],
            doublings,
        )
        moves = free_to_move and unit(drawn[1]) < moving
        lab.paradigm[w] += 1.0 if moves else 0.0
        lab.knowledge[w] *= paradigm.knowledge_transfer[w] if moves else 1.0
        dropping = drop_chance(parameters.oversight.drop_rate[w], lab.saved[w], gap)
        drops = unit(drawn[2]) < dropping
        lab.dropped[w] = max(lab.dropped[w], 1.0 if drops else 0.0)
