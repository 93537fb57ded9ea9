"""Events: levers that are set, and models that are withdrawn, when something happens."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.red_team import believed_catch_rate
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import logistic
from regimesim.scenario.events import OBSERVED, WITHDRAWALS

STRIKES_SEEN = OBSERVED.index("strikes_seen")
MODEL, LAB = WITHDRAWALS.index("model"), WITHDRAWALS.index("lab")


@equation
def comes(observed, least, most):
    """Whether an event comes in a month. A report that nobody makes is none. Eq. 7.1.7."""
    return observed >= least and observed <= most


@stage
def _observe(world, code, w):
    """What an event waits for: last month's incidents, this month's reports, or beliefs."""
    if code == 0:
        return float(world.month[w])
    if code == 1:
        return world.month_strikes_caught[w] + world.month_strikes_discovered[w]
    if code == 2:
        return world.month_stories[w]
    if code == 3:
        return world.alarm[w]
    if code == 4:
        return world.highest_report[w]
    if code == 5:
        return logistic(world.danger[w])
    return believed_catch_rate(world.caught_belief[w], world.missed_belief[w])


@stage
def respond(tile, stack):
    """Let the events of the policy set levers, and withdraw models, in every column. Of several
    that are in effect the strictest holds. Eqs. 7.1.7 and 7.1.8."""
    world, events = tile.worlds[0], tile.parameters[0].events
    for k in range(stack.events):
        for w in range(WIDTH):
            if not world.running[w]:
                continue
            code = int(events.observed[k, w])
            if comes(_observe(world, code, w), events.least[k, w], events.most[k, w]):
                world.event_end[k, w] = float(world.month[w]) + events.months[k, w]
                if events.withdraw[k, w] > 0.0:
                    _withdraw(tile, code, int(events.withdraw[k, w]), w)
            if float(world.month[w]) < world.event_end[k, w]:
                _set_levers(world, events, k, w)


@stage
def _set_levers(world, events, k, w):
    """The stricter of each lever and what an event sets."""
    world.audit_floor[w] = max(world.audit_floor[w], events.audit_budget[k, w])
    world.pause[w] = max(world.pause[w], events.pause[k, w])
    world.growth[w] = min(world.growth[w], events.growth[k, w])
    world.contact[w] = min(world.contact[w], events.contact[k, w])
    world.hold[w] = min(world.hold[w], events.hold[k, w])
    world.density_floor[w] = max(world.density_floor[w], events.density_floor[k, w])
    world.frozen[w] = max(world.frozen[w], events.frozen[k, w])


@stage
def _withdraw(tile, code, whose, w):
    """Mark systems of adopting labs to be trained afresh this month: after a strike that was
    seen, those of its lab, or of its lab and model; else all. Eq. 7.1.9."""
    systems, labs = tile.systems, tile.labs.shape[0]
    narrow = code == STRIKES_SEEN and (whose == LAB or whose == MODEL)
    for i in range(systems.shape[0]):
        if tile.labs[i % labs].adopts[w] == 0.0:
            continue
        affected = not narrow
        if narrow:
            for other in range(i % labs, systems.shape[0], labs):
                same = whose == LAB or systems[other].model[w] == systems[i].model[w]
                if same and systems[other].seen[w] > 0.0:
                    affected = True
        if affected:
            tile.worlds[0].withdrawals[w] += 1 if systems[i].spent[w] == 0.0 else 0
            systems[i].spent[w] = 1.0
