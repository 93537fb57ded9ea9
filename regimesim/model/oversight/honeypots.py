"""Honeypots: some of the opportunities for an attempt are traps, where it is surely caught."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.dropping import kept
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import exp2
from regimesim.model.world.records import SAFEGUARDS

HONEYPOTS = SAFEGUARDS.index("honeypots")


@equation
def trap_share(traps, limit, scale, capability):
    """h(c): share of the opportunities that are traps which the system does not see through.
    Eq. 7.5.17."""
    return traps * exp2(-max(0.0, capability - limit) / scale)


@stage
def trap_chance(system, lab, honeypots, w):
    """Probability that an attempt of a system is made in a trap: none where its lab has
    dropped its honeypots, or has none."""
    share = trap_share(
        honeypots.traps[w],
        honeypots.seen_through_limit[w],
        honeypots.seen_through_scale[w],
        system.capability[w],
    )
    return share * kept(lab.dropped[w], honeypots.tax[w]) * lab.adopts[w]


@stage
def escape(system, lab, honeypots):
    """Lower M of one system by the share of its attempts that are made in a trap, in every
    column. Eq. 7.5.18."""
    for w in range(WIDTH):
        system.miss[w] *= 1.0 - trap_chance(system, lab, honeypots, w)
