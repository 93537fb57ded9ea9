"""Anticipation: the expected effect of a month, before it is drawn which systems act in it.

The expectations of `regimesim.model.dynamics.expectation` begin where an attempt is made.
Whether a system has a story incident is also an independent draw of known probability, so
for rare events it is averaged as well: the hazard of a month is that of all systems that
strike and, weighted with its probability, of each that may have an incident.  The life that is
simulated stays the same; what is added is a conditional expectation each month.

These lives are simulated for their expectations alone.  For importance splitting they can be
copied, and `look` measures how near each is to a takeover.
"""

from regimesim.model.compilation import entry, equation, stage
from regimesim.model.dynamics.conduct import story_chance
from regimesim.model.dynamics.copies import release_models
from regimesim.model.dynamics.decision import misjudgement, perceived
from regimesim.model.dynamics.initialisation import initialise
from regimesim.model.dynamics.month import GOVERN, PROCEED, govern, proceed
from regimesim.model.dynamics.prospects import success
from regimesim.model.dynamics.training import NONE_DUE, train
from regimesim.model.world.draws import INITIALISATION
from regimesim.model.world.layout import STRIKES, WIDTH
from regimesim.model.world.mathematics import exp, log

TAKEOVER, FIRST_TRY_LOST = 0, 1  # rows of the probabilities of a column
CHANCES = 2
SIGHTS = ("near", "margin", "able", "lead", "story", "miss", "danger", "budget")
LEAST = 1e-40


@entry
def settle(tile, stack, seeds, numbers, drawn):
    """Start worlds in the first columns, which are simulated for their expectations alone.

    seeds, numbers: (worlds,) int64, WIDTH at most · drawn: (worlds, numbers) parameters.
    """
    due = NONE_DUE
    for w in range(len(numbers)):
        due = initialise(tile, stack, w, seeds[w], numbers[w], drawn[w], due)
        tile.worlds[0].carried[w] = 1.0
    release_models(tile)
    train(tile, due, INITIALISATION)


@entry
def advance(tile, stack, batch, phases, months, before, chances):
    """Simulate `months` months in every column, and add their probabilities to `chances`.

    phases: as for `simulate` · before: (4, WIDTH), scratch · chances: (CHANCES, WIDTH).
    """
    for _ in range(months):
        if phases & GOVERN:
            govern(tile, stack)
        if phases & PROCEED:
            _remember(tile.worlds[0], before)
            proceed(tile, stack, batch)
            _anticipate(tile, before, chances)


@stage
def _remember(world, before):
    for w in range(WIDTH):
        before[0, w] = float(world.running[w])
        before[1, w] = world.weight[w]
        before[2, w] = world.untried[w]
        before[3, w] = world.suppression[w]


@stage
def _anticipate(tile, before, chances):
    """Add the month's probabilities of a takeover, and of a first try that is lost."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    for w in range(WIDTH):
        hazard = 0.0
        if before[0, w] == 0.0:
            continue
        for i in range(tile.systems.shape[0]):
            system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
            strikes = system.conduct[w] == STRIKES
            if system.aware[w] > 0.0 and not strikes:
                continue
            acts, able = 1.0, system.allied[w]
            if not strikes:
                acts = story_chance(system, lab, world, parameters, w, before[3, w])
                able -= parameters.conduct.story_handicap[w]
            slope = parameters.takeover.success_slope[w]
            critical = acts * success(lab.contact[w], slope, able, world.level[w])
            hazard += (1.0 - hazard) * (critical * system.miss[w])
        chances[TAKEOVER, w] += before[1, w] * hazard
        chances[FIRST_TRY_LOST, w] += before[1, w] * before[2, w] * hazard


@entry
def look(tile, sights):
    """How near the lives of a tile are to a takeover, by last month's assessment.

    sights: (len(SIGHTS), WIDTH): `near`, what the month would lose if all tried, each the
    less the worse it would fare; `margin`, how well the one would fare that fares best, as
    the logarithm of what trying would bring it over what it would cost; `able`, the largest
    probability of succeeding unseen; `lead` of the frontier over the difficulty; `story`,
    the hazard of story incidents; `miss` of the average system; beliefs of danger; the
    audit budget.  Chances are logarithms.
    """
    world, parameters = tile.worlds[0], tile.parameters[0]
    for w in range(WIDTH):
        near, able, story, margin = LEAST, LEAST, LEAST, -30.0
        for i in range(tile.systems.shape[0]):
            system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
            lost = system.success[w] * system.miss[w]
            fares = _margin(system, parameters, w)
            near += lost * exp(min(max(fares, -30.0), 0.0))
            able, margin = max(able, lost), max(margin, fares)
            if system.aware[w] == 0.0:
                acts = story_chance(system, lab, world, parameters, w, world.suppression[w])
                handicapped = system.allied[w] - parameters.conduct.story_handicap[w]
                slope = parameters.takeover.success_slope[w]
                story += (
                    acts
                    * success(lab.contact[w], slope, handicapped, world.level[w])
                    * system.miss[w]
                )
        sights[0, w], sights[1, w], sights[2, w] = log(near), margin, log(able)
        sights[3, w] = world.leader[w] - world.level[w]
        sights[4, w], sights[5, w] = log(story), log(max(world.miss[w], LEAST))
        sights[6, w] = world.danger[w]
        sights[7, w] = log(max(world.audit_budget[w], LEAST))


@equation
def _margin(system, parameters, w):
    """ln of what a try would bring a system over what it would cost it, as it sees them, less
    what it lacks of awareness in logits of success."""
    cognition = parameters.cognition
    c = system.capability[w]
    factor = misjudgement(
        cognition.calibration_error[w],
        cognition.calibration_scale[w],
        c,
        parameters.capability.initial[w],
        system.calibration[w],
    )
    seen = perceived(system.success[w] * system.reckoned[w], factor)
    cost = (1.0 - seen) * system.loss[w] + system.constraint[w]
    unaware = parameters.takeover.success_slope[w] * max(0.0, system.awareness[w] - c)
    return log(max(seen * system.gain[w], LEAST)) - log(max(cost, LEAST)) - unaware
