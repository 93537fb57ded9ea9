"""Evaluations: systems report a capability, overseers compare it with a red line.

Evaluations never catch an attempt: they warn.
"""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.policy import PAUSE, RESTRICT
from regimesim.model.world.draws import EVALUATION, words
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.normal import normal

NOBODY = -1e300  # stands for the highest report where no system reports


@equation
def report(capability, awareness, sandbagging, eval_noise, z):
    """Capability that a system shows; one that sees through the test holds back. Eq. 7.1.2."""
    held_back = sandbagging if capability > awareness else 0.0
    return capability - held_back + eval_noise * z


@equation
def red_line(difficulty, eval_margin, redline_error, z):
    """Where overseers believe that danger begins, less their margin. Eq. 7.1.3."""
    return difficulty - eval_margin + redline_error * z


@equation
def restrained_growth(growth, response, eval_response):
    """The lever on growth under an alarm. Eq. 7.1.4."""
    return min(growth, 1.0 - eval_response) if response == PAUSE else growth


@equation
def restrained_contact(contact, response, eval_response):
    """The lever on contact under an alarm. Eq. 7.1.5."""
    return contact * (1.0 - eval_response) if response == RESTRICT else contact


@stage
def _draw_noise(four, world, scratch):
    """The noise of the reports of four systems, from the words of one block."""
    for w in range(WIDTH):
        drawn = words(world.seed[w], four, world.month[w] + 1, world.number[w], EVALUATION)
        scratch.noise[0, w], scratch.noise[1, w] = normal(drawn[0]), normal(drawn[1])
        scratch.noise[2, w], scratch.noise[3, w] = normal(drawn[2]), normal(drawn[3])


@stage
def evaluate(tile, stack):
    """Report of every system, the highest of them, and the alarm, in every column."""
    world, scratch = tile.worlds[0], tile.scratch[0]
    cognition = tile.parameters[0].cognition
    evaluations = tile.parameters[0].evaluations
    difficulty = tile.parameters[0].takeover.difficulty
    for w in range(WIDTH):
        world.highest_report[w] = NOBODY
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if i % 4 == 0:
            _draw_noise(i // 4, world, scratch)
        for w in range(WIDTH):
            reported = report(
                system.capability[w],
                system.awareness[w],
                cognition.sandbagging[w],
                evaluations.eval_noise[w],
                scratch.noise[i % 4, w],
            )
            counted = reported if lab.adopts[w] > 0.0 else world.highest_report[w]
            world.highest_report[w] = max(world.highest_report[w], counted)
    for w in range(WIDTH):
        line = red_line(
            difficulty[w],
            evaluations.eval_margin[w],
            evaluations.redline_error[w],
            world.redline_error[w],
        )
        world.alarm[w] = 1.0 if world.highest_report[w] > line else 0.0
        if world.highest_report[w] == NOBODY:
            world.highest_report[w] = float("nan")
        if world.alarm[w] > 0.0:
            world.growth[w] = restrained_growth(
                world.growth[w], stack.evaluations_response, evaluations.eval_response[w]
            )
            world.contact[w] = restrained_contact(
                world.contact[w], stack.evaluations_response, evaluations.eval_response[w]
            )
