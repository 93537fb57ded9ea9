"""Labs: feedback density, safety knowledge, frontier growth and the paradigm ladder."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.dropping import burden, kept
from regimesim.model.oversight.pause import paused_share
from regimesim.model.world.draws import GROWTH, unit, words
from regimesim.model.world.ladder import of_paradigm
from regimesim.model.world.layout import EACH, TAX_OF, WIDTH
from regimesim.model.world.mathematics import exp, logistic
from regimesim.model.world.normal import normal

LAST_PARADIGM = 4.0


@equation
def research_rate(capability, gain, midpoint, width):
    """r: how much research automation adds to growth and to safety research. Eq. 7.2.2."""
    return gain * logistic((capability - midpoint) / width)


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
def free_growth(rate, premium, sparse_premium, density, capability, ceiling):
    """Growth without taxes or pauses, relative to one doubling a doubling time: it
    flattens towards the ceiling. Eq. 7.2.4."""
    reached = max(0.0, capability) / ceiling
    headroom = max(0.0, 1.0 - reached * reached * (reached * reached))
    return (1.0 + rate) * (1.0 + premium) * (1.0 + sparse_premium * (1.0 - density)) * headroom


@equation
def chance(rate):
    """Probability of an event within a month, from its rate. Eq. 7.2.9."""
    return 1.0 - exp(-rate)


@equation
def ladder_chance(ladder_rate, race, gap, per_doubling, doublings):
    """Probability that a lab moves one paradigm up: labs that lag hurry, and growth drives it.
    Eq. 7.2.9."""
    return chance(ladder_rate * (1.0 + race * gap) + per_doubling * doublings)


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
        densify(tile.labs[k], world, parameters.feedback, parameters.capability.initial)
        _tax(tile.labs[k], tile.rows, parameters.oversight, stack)
        _develop(k, tile.labs[k], labs, world, parameters)
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


@stage
def densify(lab, world, feedback, initial):
    """Feedback density of one lab this month."""
    for w in range(WIDTH):
        lab.density[w] = feedback_density(
            feedback.density[w],
            feedback.density_spread[w] * lab.deviation[w],
            feedback.density_trend[w],
            feedback.density_race[w],
            feedback.sparse_premium[w],
            density_grown(feedback.density_per_doubling[w], lab.frontier[w], initial[w]),
            world.density_floor[w],
            float(world.month[w]),
        )


@stage
def _tax(lab, rows, oversight, stack):
    """The tax that a lab pays, and what it would save by dropping its taxed safeguards.
    Eq. 7.2.12."""
    for w in range(WIDTH):
        lab.tax[w], lab.saved[w] = oversight.tax[w], 0.0
    for j in range(EACH):
        if stack.active[j]:
            for w in range(WIDTH):
                tax = rows[TAX_OF[j], w]
                lab.tax[w] += tax * kept(lab.dropped[w], tax)
                lab.saved[w] += burden(tax)


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
        lab.paused[w] = paused_share(world.pause[w], lab.complies[w], world.growth[w])
        lab.growth[w] = taxed * (1.0 - lab.paused[w])
        drawn = words(world.seed[w], k, world.month[w] + 1, world.number[w], GROWTH)
        doublings = lab.growth[w] / capability.doubling_time[w]
        imitated = capability.diffusion[w] * gap
        reached = c + doublings + imitated + capability.noise[w] * normal(drawn[0])
        lab.frontier[w] = min(reached, 1e9 + capability.ceiling[w])
        share = 1.0 / (capability.doubling_time[w] * labs)
        world.growth_lost_to_taxes[w] += (free - taxed) * share
        world.growth_lost_to_pauses[w] += (taxed - lab.growth[w]) * share
        free_to_move = lab.paradigm[w] < min(world.hold[w], LAST_PARADIGM)
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
