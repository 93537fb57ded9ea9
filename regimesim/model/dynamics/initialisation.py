"""Founding: a column of a tile becomes a new world, and leaves its result when it is over."""

from regimesim.model.compilation import stage
from regimesim.model.dynamics.capability import feedback_density
from regimesim.model.oversight import control
from regimesim.model.world.draws import FOUNDED, LAB, NOBODY, WORLD, unit, words
from regimesim.model.world.normal import normal


@stage
def found(tile, w, seed, number, drawn):
    """Make column `w` world `number`, with its drawn parameters (numbers,); all of its
    systems are then due to be trained."""
    for k in range(tile.rows.shape[0]):
        tile.rows[k, w] = drawn[k]
    world, parameters = tile.worlds[0], tile.parameters[0]
    world.seed[w], world.number[w], world.month[w], world.running[w] = seed, number, 0, 1
    world.redline_error[w] = normal(words(seed, NOBODY, FOUNDED, number, WORLD)[0])
    world.parity[w] = control.parity_strength(parameters.control.auroc[w])
    world.danger[w] = parameters.beliefs.danger_prior[w]
    world.caught_belief[w], world.missed_belief[w] = 1.0, 1.0
    world.suppression[w], world.awake[w], world.fed[w] = 0.0, 0.0, 0.0
    world.audit_budget[w] = parameters.oversight.audit_budget[w]
    _forget(world, w)
    labs = tile.labs.shape[0]
    for k in range(labs):
        lab, block = tile.labs[k], words(seed, k, FOUNDED, number, LAB)
        _found_lab(lab, w, parameters, block)
        lab.systems[w] = (tile.systems.shape[0] - k + labs - 1) // labs
    for i in range(tile.systems.shape[0]):
        tile.due[i, w] = i
    world.due[w] = tile.systems.shape[0]


@stage
def _forget(world, w):
    """Clear what was counted in the column before."""
    world.critical_tries[w], world.critical_tries_held[w], world.tries_survived[w] = 0, 0, 0
    world.strikes[w], world.warning_shots[w] = 0, 0
    world.warning_shots_before_first_try[w] = 0
    world.story_incidents[w], world.feints[w] = 0, 0
    world.alarms[w], world.false_alarms[w], world.audits_spent[w] = 0, 0, 0.0
    world.first_try_was_story[w], world.held_first_critical_try[w] = -1, -1
    world.believed_catch_rate[w], world.true_catch_rate[w] = float("nan"), float("nan")
    world.growth_lost_to_pauses[w], world.growth_lost_to_taxes[w] = 0.0, 0.0
    world.month_stories[w], world.month_feints[w], world.month_strikes[w] = 0.0, 0.0, 0.0
    world.month_strikes_caught[w], world.month_strikes_found[w] = 0.0, 0.0
    world.exercises_caught[w] = 0.0
    world.carried[w], world.weight[w], world.untried[w] = 0.0, 1.0, 1.0
    _expect_nothing(world, w)
    for k in range(world.crossing.shape[0]):
        world.crossing[k, w] = -1
    for j in range(world.caught_by.shape[0]):
        world.caught_by[j, w] = -1


@stage
def _expect_nothing(world, w):
    """Clear what was expected of the column before."""
    world.expected_first_try[w], world.expected_held[w] = 0.0, 0.0
    world.expected_takeover[w], world.expected_story[w] = 0.0, 0.0
    world.expected_critical_tries[w], world.expected_critical_tries_held[w] = 0.0, 0.0
    world.expected_tries_survived[w], world.expected_believed[w] = 0.0, 0.0
    world.expected_warning_shots[w] = 0.0
    world.expected_brier_score[w], world.expected_log_score[w] = 0.0, 0.0
    world.expected_brier_score_of_true_rate[w] = 0.0
    world.expected_log_score_of_true_rate[w] = 0.0


@stage
def _found_lab(lab, w, parameters, block):
    """One lab at month 0."""
    capability, feedback = parameters.capability, parameters.feedback
    lab.frontier[w] = capability.initial[w] + capability.lab_spread[w] * normal(block[0])
    lab.deviation[w] = normal(block[1])
    lab.complies[w] = 1.0 if unit(block[2]) < parameters.pause.pause_compliance[w] else 0.0
    lab.paradigm[w] = parameters.paradigm.initial[w]
    lab.knowledge[w], lab.erosion[w], lab.dropped[w] = 0.0, 0.0, 0.0
    lab.growth[w], lab.paused[w], lab.willing[w] = 0.0, 0.0, 0.0
    lab.density[w] = feedback_density(
        feedback.density[w],
        feedback.density_spread[w] * lab.deviation[w],
        feedback.density_trend[w],
        feedback.density_race[w],
        feedback.sparse_premium[w],
        feedback.density_floor[w],
        0.0,
    )


@stage
def leave(tile, w, outcome):
    """Write what came of column `w` into one OUTCOME record."""
    world = tile.worlds[0]
    outcome.critical_tries = world.critical_tries[w]
    outcome.critical_tries_held = world.critical_tries_held[w]
    outcome.tries_survived = world.tries_survived[w]
    outcome.strikes = world.strikes[w]
    outcome.warning_shots = world.warning_shots[w]
    outcome.warning_shots_before_first_try = world.warning_shots_before_first_try[w]
    outcome.story_incidents = world.story_incidents[w]
    outcome.feints = world.feints[w]
    outcome.alarms, outcome.false_alarms = world.alarms[w], world.false_alarms[w]
    outcome.audits_spent = world.audits_spent[w]
    outcome.first_try_was_story = world.first_try_was_story[w]
    outcome.held_first_critical_try = world.held_first_critical_try[w]
    outcome.believed_catch_rate = world.believed_catch_rate[w]
    outcome.true_catch_rate = world.true_catch_rate[w]
    outcome.growth_lost_to_pauses = world.growth_lost_to_pauses[w]
    outcome.growth_lost_to_taxes = world.growth_lost_to_taxes[w]
    for k in range(world.crossing.shape[0]):
        outcome.crossing[k] = world.crossing[k, w]
    for j in range(world.caught_by.shape[0]):
        outcome.caught_by[j] = world.caught_by[j, w]


@stage
def leave_expected(tile, w, outcome):
    """Write what is expected of column `w` into one OUTCOME record."""
    world = tile.worlds[0]
    outcome.expected_first_try = world.expected_first_try[w]
    outcome.expected_held = world.expected_held[w]
    outcome.expected_takeover = world.expected_takeover[w]
    outcome.expected_critical_tries = world.expected_critical_tries[w]
    outcome.expected_critical_tries_held = world.expected_critical_tries_held[w]
    outcome.expected_tries_survived = world.expected_tries_survived[w]
    outcome.expected_story = world.expected_story[w]
    outcome.expected_believed = world.expected_believed[w]
    outcome.expected_warning_shots = world.expected_warning_shots[w]
    outcome.expected_brier_score = world.expected_brier_score[w]
    outcome.expected_log_score = world.expected_log_score[w]
    outcome.expected_brier_score_of_true_rate = world.expected_brier_score_of_true_rate[w]
    outcome.expected_log_score_of_true_rate = world.expected_log_score_of_true_rate[w]
