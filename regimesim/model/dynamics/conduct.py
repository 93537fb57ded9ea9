"""Conduct and its resolution: story incidents, feints and strikes, which of them are
critical, and which are caught."""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.expectation import (
    begin_month,
    end_month,
    expect,
    expect_parts,
    expect_try,
    foreseeable,
)
from regimesim.model.dynamics.growth import chance
from regimesim.model.dynamics.prospects import success
from regimesim.model.oversight.decomposition import misses_in_part
from regimesim.model.oversight.detection import catches
from regimesim.model.oversight.honeypots import HONEYPOTS, trap_chance
from regimesim.model.oversight.red_team import believed_catch_rate
from regimesim.model.world.draws import ATTEMPT, TRAP, unit, words
from regimesim.model.world.layout import (
    CANDIDATE,
    COMPLIES,
    EACH,
    FEINTS,
    STORY_INCIDENT,
    WIDTH,
)
from regimesim.model.world.mathematics import exp2
from regimesim.model.world.places import located
from regimesim.model.world.records import THRESHOLDS

FIRST_CRITICAL_TRY = [item.name for item in THRESHOLDS].index("first_critical_try")


@equation
def story_rate(rate, capability, initial, reliability_scale, suppression, factor):
    """Rate of misbehaviour as in a story; it fades as systems get more reliable. Eq. 7.6.11."""
    fading = exp2(-max(0.0, capability - initial) / reliability_scale)
    return rate * fading * (1.0 - suppression) * factor


@stage
def resolve(tile, stack, acting):
    """Carry out this month's conduct, system by system, in every running column: the first
    `acting` of `tile.acting` are where a system acts, or may act."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    _clear(world)
    begin_month(world)
    for k in range(acting):
        i, w = located(tile.acting[k])
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if system.conduct[w] == CANDIDATE:
            _settle(system, lab, world, parameters, w)
        if system.conduct[w] == FEINTS:
            world.month_feints[w] += 1.0
            world.feints[w] += 1
            system.spent[w] = 1.0
        elif system.conduct[w] != COMPLIES:
            _attempt(i, system, lab, world, parameters, stack, w)
    for w in range(WIDTH):
        if world.running[w] and world.month_critical[w] > 0.0:
            _count_try(world, w)


@stage
def _clear(world):
    for w in range(WIDTH):
        clear_attempts(world, w)
        world.month_feints[w] = 0.0
        world.month_critical[w] = 0.0
        world.month_lost[w] = 0.0


@stage
def clear_attempts(world, w):
    """Nothing has been attempted this month."""
    world.month_strikes[w] = 0.0
    world.month_strikes_caught[w] = 0.0
    world.month_strikes_discovered[w] = 0.0
    world.month_recognised[w] = 0.0
    world.month_stories[w] = 0.0
    world.month_unseen[w] = 1.0
    world.month_true[w], world.month_strike_critical[w] = 1.0, 0.0
    for j in range(EACH):
        world.month_caught_by[j, w] = 1


@stage
def weigh(tile, batch):
    """The month's hazard, and the weight of what goes on, in every column."""
    world = tile.worlds[0]
    expect_try(world)
    end_month(world, batch.continuation_rate[0])
    for w in range(WIDTH):
        world.learns[w] = 1.0 if world.running[w] and world.month_lost[w] == 0.0 else 0.0


@stage
def story_chance(system, lab, world, parameters, w, suppression):
    """Probability that a system that is not aware has a story incident this month."""
    conduct = parameters.conduct
    factor = parameters.training.emergent_story_factor[w]
    moved = system.misaligned[w] > 0.0 or world.awake[w] * system.trait[w] > 0.0
    rate = story_rate(
        conduct.story_rate[w],
        system.capability[w],
        parameters.capability.initial[w],
        conduct.reliability_scale[w],
        suppression * lab.adopts[w],
        factor if moved else 1.0,
    )
    return chance(rate)


@equation
def _settle(system, lab, world, parameters, w):
    """Turn a candidate into a feint, a story incident, or compliance."""
    if system.aware[w] > 0.0:
        likely = chance(parameters.conduct.feint_rate[w])
    else:
        likely = story_chance(system, lab, world, parameters, w, world.suppression[w])
    acts = system.mood[w] < likely
    kind = FEINTS if system.aware[w] > 0.0 else STORY_INCIDENT
    system.conduct[w] = kind if acts else COMPLIES


@stage
def draw_attempt(i, system, lab, world, parameters, stack, w):
    """The draws of a strike or a story incident: the probability that it is critical,
    whether it is, which safeguards catch it (as bits), and whether, uncaught, it would be
    discovered, and recognised as strategic. Eq. 7.7.1."""
    month, number, seed = world.month[w], world.number[w], world.seed[w]
    is_story = system.conduct[w] == STORY_INCIDENT
    drawn = words(seed, i, month + 1, number, ATTEMPT)
    critical_chance = success(
        lab.contact[w],
        parameters.takeover.success_slope[w],
        system.allied[w] - (parameters.conduct.story_handicap[w] if is_story else 0.0),
        world.level[w],
    )
    caught_by = 0
    if unit(drawn[3]) < system.recognition[w]:
        caught_by = catches(
            seed, month, number, i, parameters.oversight.common_cause[w], system.log_miss, w
        )
    if stack.active[HONEYPOTS]:
        trap = unit(words(seed, i, month + 1, number, TRAP)[0])
        caught_by |= int(trap < trap_chance(system, lab, parameters.honeypots, w)) << HONEYPOTS
    return (
        critical_chance,
        unit(drawn[0]) < critical_chance,
        caught_by,
        unit(drawn[1]) < parameters.beliefs.discovery[w],
        unit(drawn[2]) < parameters.beliefs.attribution[w],
    )


@stage
def _attempt(i, system, lab, world, parameters, stack, w):
    """Resolve a strike or a story incident, count it, and apply its consequences."""
    critical_chance, critical, caught_by, discovered, attributed = draw_attempt(
        i, system, lab, world, parameters, stack, w
    )
    caught = caught_by > 0
    is_story = system.conduct[w] == STORY_INCIDENT
    expect(world, w, critical_chance, system.miss[w], is_story)
    unskilled, untrapped, recognised = misses_in_part(system, lab, parameters, stack, w)
    expect_parts(world, w, critical_chance, system.miss[w], unskilled, untrapped, recognised)
    if critical:
        world.month_critical[w] += 1.0
        world.month_lost[w] = world.month_lost[w] if caught else 1.0
        world.month_strike_critical[w] = world.month_strike_critical[w] if is_story else 1.0
        world.month_true[w] *= 1.0 - system.miss[w]
        for j in range(EACH):
            world.month_caught_by[j, w] &= (caught_by >> j) & 1
    follow(system, world, w, critical_chance, critical, caught, discovered, attributed)


@stage
def _count_try(world, w):
    """Count a month with a critical attempt, which is held if all of them were caught, and keep
    what was believed and true at the first."""
    held = world.month_lost[w] == 0.0
    world.critical_tries[w] += 1
    world.critical_tries_held[w] += 1 if held else 0
    world.tries_survived[w] += 1 if held else 0
    if world.crossing[FIRST_CRITICAL_TRY, w] >= 0:
        return
    world.crossing[FIRST_CRITICAL_TRY, w] = world.month[w]
    world.first_try_was_story[w] = 0 if world.month_strike_critical[w] > 0.0 else 1
    world.held_first_critical_try[w] = 1 if held else 0
    world.attempts_in_first_try[w] = int(world.month_critical[w])
    world.true_catch_rate[w] = world.month_true[w]
    world.foreseeable_catch_rate[w] = foreseeable(world.month_try[w], world.month_hazard[w])
    world.believed_catch_rate[w] = believed_catch_rate(
        world.caught_belief[w], world.missed_belief[w]
    )
    for j in range(EACH):
        world.caught_by[j, w] = world.month_caught_by[j, w] if held else 0


@stage
def follow(system, world, w, critical_chance, critical, caught, discovered, attributed):
    """The consequences of an attempt, and what overseers see of it."""
    if system.conduct[w] == STORY_INCIDENT:
        world.month_stories[w] += 1.0
        world.story_incidents[w] += 1
        system.spent[w] = 1.0 if caught else system.spent[w]
    else:
        seen = caught or discovered
        system.seen[w] = 1.0 if seen else 0.0
        world.strikes[w] += 1
        world.month_strikes[w] += 1.0
        world.month_strikes_caught[w] += 1.0 if caught else 0.0
        world.month_strikes_discovered[w] += 1.0 if discovered and not caught else 0.0
        world.month_recognised[w] += 1.0 if seen and attributed else 0.0
        world.warning_shots[w] += 1 if caught else 0
        system.spent[w] = 1.0 if caught or not critical else system.spent[w]
    world.month_unseen[w] *= 1.0 - critical_chance if caught else 1.0
