"""Learning: what overseers come to believe, and what they do about it."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight import correction
from regimesim.model.oversight.adaptive import believed_risk, steered
from regimesim.model.oversight.recognition import unrecognised_too
from regimesim.model.oversight.red_team import believed_catch_rate, exercises_caught, remembered
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import exp, logistic
from regimesim.model.world.records import MONITORS

COT_MONITOR = MONITORS.index("cot_monitor")  # whose flags may feed corrective training


@equation
def believed_danger(danger, danger_prior, memory_danger, evidence):
    """Λ after a month: old evidence fades towards the prior, new evidence is added. Eq. 7.8.4."""
    return danger_prior + (danger - danger_prior) * memory_danger + evidence


@stage
def learn(tile, stack):
    """Exercises, beliefs, audit budget and corrective training, in every column whose world was
    not lost this month: nobody learns from a lost one."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    _exercise(world, parameters.red_team)
    _update_beliefs(world, parameters.red_team, parameters.beliefs)
    if stack.adaptive:
        _steer(world, parameters.adaptive)
    if stack.correction:
        _correct(tile, parameters.correction)


@stage
def _exercise(world, red_team):
    """This month's exercises, four at a time."""
    most = 0
    for w in range(WIDTH):
        most = max(most, int(red_team.red_team[w]))
        world.exercises_caught[w] = 0.0
    for first in range(0, most, 4):
        for w in range(WIDTH):
            world.exercises_caught[w] += exercises_caught(
                world.seed[w],
                world.month[w],
                world.number[w],
                first,
                red_team.red_team[w],
                1.0 - world.exercise_miss[w],
            )


@stage
def _update_beliefs(world, red_team, beliefs):
    """Catch belief from exercises, strikes and feints; danger belief from incidents."""
    for w in range(WIDTH):
        learns = world.learns[w] > 0.0
        caught = world.exercises_caught[w]
        caught_belief = remembered(
            world.caught_belief[w],
            red_team.memory[w],
            caught + world.month_strikes_caught[w] + world.month_feints[w],
        )
        missed_belief = remembered(
            world.missed_belief[w],
            red_team.memory[w],
            red_team.red_team[w] - caught + world.month_strikes_discovered[w],
        )
        seen = world.month_strikes_caught[w] + world.month_strikes_discovered[w]
        taken_for_stories = seen - world.month_recognised[w]
        evidence = beliefs.strike_evidence[w] * world.month_recognised[w] + beliefs.story_evidence[
            w
        ] * (world.month_stories[w] + world.month_feints[w] + taken_for_stories)
        evidence += beliefs.alarm_evidence[w] * world.alarm[w]
        danger = believed_danger(
            world.danger[w], beliefs.danger_prior[w], beliefs.memory_danger[w], evidence
        )
        world.caught_belief[w] = caught_belief if learns else world.caught_belief[w]
        world.missed_belief[w] = missed_belief if learns else world.missed_belief[w]
        world.danger[w] = danger if learns else world.danger[w]


@stage
def _steer(world, adaptive):
    """Set next month's audit budget from the risk believed now."""
    for w in range(WIDTH):
        believed = believed_catch_rate(world.caught_belief[w], world.missed_belief[w])
        budget = steered(
            world.audit_budget[w],
            believed_risk(logistic(world.danger[w]), believed),
            adaptive.adaptation[w],
            adaptive.risk_tolerance[w],
            adaptive.audit_min[w],
            adaptive.audit_max[w],
        )
        world.audit_budget[w] = budget if world.learns[w] > 0.0 else world.audit_budget[w]


@stage
def _correct(tile, table):
    """A month of corrective training; it takes effect from the next month."""
    world = tile.worlds[0]
    _feed(tile, table)
    for w in range(WIDTH):
        used = table.correction_strength[w] * world.correction[w] * world.fed[w]
        after = correction.suppressed(world.suppression[w], used)
        world.suppression[w] = after if world.learns[w] > 0.0 else world.suppression[w]
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            eroded = correction.erosion(table.probe_erosion[w], table.desire_targeting[w])
            lab.erosion[w] += world.learns[w] * world.correction[w] * lab.fed[w] * eroded


@stage
def _feed(tile, table):
    """The share of corrective training that flags allow: for each system, whose goals it
    shifts; on average over the systems of each lab; and on average over all systems."""
    world = tile.worlds[0]
    for w in range(WIDTH):
        world.fed[w] = 0.0
    for k in range(tile.labs.shape[0]):
        for w in range(WIDTH):
            tile.labs[k].fed[w] = 0.0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        for w in range(WIDTH):
            missed = unrecognised_too(exp(system.log_miss[COT_MONITOR, w]), system.recognition[w])
            fed = correction.fed(table.flagged_by_cot[w], missed)
            shift = correction.goal_shift(
                table.correction_goal_shift[w], table.desire_targeting[w]
            )
            fed *= lab.adopts[w]
            taught = system.aware[w] * world.learns[w]
            system.value[w] += taught * world.correction[w] * fed * shift
            lab.fed[w] += fed
            world.fed[w] += fed
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            lab.fed[w] /= max(lab.systems[w], 1.0)
    for w in range(WIDTH):
        world.fed[w] /= max(world.exercised[w], 1.0)
