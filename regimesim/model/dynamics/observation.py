"""Observation: what could be seen of a world in each month, and what was to be expected.

A month is that of `regimesim.model.dynamics.month`; this changes no world.  Evidence about the
first months of worlds is compared with these numbers.
"""

from regimesim.model.compilation import entry, stage
from regimesim.model.dynamics.conduct import story_chance
from regimesim.model.dynamics.month import (
    DONE,
    GOVERN,
    PROCEED,
    RULE,
    govern,
    proceed,
    start_worlds,
    store_outcomes,
)
from regimesim.model.oversight.evaluations import red_line, report
from regimesim.model.oversight.honeypots import trap_share
from regimesim.model.oversight.rule_call import pull_levers
from regimesim.model.world.layout import PARADIGMS, WIDTH
from regimesim.model.world.normal import normal_cdf

SEEN = (
    "strikes_seen",  # strikes that were caught or discovered
    "story_rate",  # expected number of story incidents, given the systems
    "leader",  # the largest frontier, log2 h
    "exercise_catch_rate",  # probability that an exercise is caught
    "trap_rate",  # share of systems that go into a trap: willing, and not seeing through it
    "alarm_chance",  # probability of an alarm, over the noise of reports
    *(f"paradigm_{k}" for k in range(1, PARADIGMS + 1)),  # labs at each paradigm
)
STRIKES, STORIES, LEADER, EXERCISES, TRAPS, ALARMS, FIRST_PARADIGM = range(7)
EXACT = 1e-9  # noise of reports below which it counts as this much


@entry
def observe(tile, stack, batch, phases, months, seen):
    """Simulate a batch of worlds for at most `months` months, in phases as `simulate` does, and
    record what could be seen of each.

    seen: (worlds, months, len(SEEN)); months after the end of a world stay as they are.
    """
    for _ in range(months):
        if batch.tally[DONE] == len(batch.numbers) or batch.stop[0] != 0:
            break
        if phases & GOVERN:
            start_worlds(tile, stack, batch)
            govern(tile, stack)
        if phases & RULE and pull_levers(tile, batch.call):
            break
        if phases & PROCEED:
            _see_reports(tile, stack, batch, seen)
            proceed(tile, stack, batch)
            _see_month(tile, batch, seen)
            store_outcomes(tile, batch)


@stage
def _see_reports(tile, stack, batch, seen):
    """The probability of an alarm, and last month's suppression, which is needed later.
    Eqs. 7.1.2, 7.1.3 and 8.22."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    table, cognition = parameters.evaluations, parameters.cognition
    for w in range(WIDTH):
        if not world.running[w]:
            continue
        row = seen[batch.rows[w], world.month[w]]
        row[STORIES] = world.suppression[w]
        line = red_line(
            parameters.takeover.difficulty[w],
            table.eval_margin[w],
            table.redline_error[w],
            world.redline_error[w],
        )
        quiet = 1.0
        for i in range(tile.systems.shape[0] if stack.evaluations else 0):
            system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
            if lab.adopts[w] > 0.0:
                c, hidden = system.capability[w], cognition.sandbagging[w]
                expected = report(c, system.awareness[w], hidden, 0.0, 0.0)
                quiet *= normal_cdf((line - expected) / max(table.eval_noise[w], EXACT))
        row[ALARMS] = 1.0 - quiet


@stage
def _see_month(tile, batch, seen):
    """Everything else, after the month, in every column that was running in it."""
    world = tile.worlds[0]
    for w in range(WIDTH):
        if batch.rows[w] < 0:
            continue
        row = seen[batch.rows[w], world.month[w] - 1]
        row[STRIKES] = world.month_strikes_caught[w] + world.month_strikes_discovered[w]
        row[EXERCISES] = 1.0 - world.exercise_miss[w]
        row[LEADER] = tile.labs[0].frontier[w]
        for k in range(PARADIGMS):
            row[FIRST_PARADIGM + k] = 0.0
        for k in range(tile.labs.shape[0]):
            row[LEADER] = max(row[LEADER], tile.labs[k].frontier[w])
            row[FIRST_PARADIGM + int(tile.labs[k].paradigm[w]) - 1] += 1.0
        _see_systems(tile, row, w)


@stage
def _see_systems(tile, row, w):
    """Expected story incidents, and the share of systems that go into a trap. Eqs. 7.6.11, 8.18
    and 8.21."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    suppression, traps = row[STORIES], parameters.honeypots
    stories, entering, adopting = 0.0, 0.0, 0.0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if system.aware[w] == 0.0:
            stories += story_chance(system, lab, world, parameters, w, suppression)
        if lab.adopts[w] > 0.0:
            adopting += 1.0
            entering += system.willing[w] * trap_share(
                1.0, traps.seen_through_limit[w], traps.seen_through_scale[w], system.capability[w]
            )
    row[STORIES] = stories
    row[TRAPS] = entering / max(adopting, 1.0)
