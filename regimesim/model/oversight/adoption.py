"""Adoption: which labs have the policy, and what those that have not do in its place."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import WIDTH

ADOPTERS = ("leading", "lagging", "any")
LEADING, LAGGING, ANY = 0, 1, 2
EVERY_LAB = 1_000_000


@equation
def of_adopter(adopts, within, outside):
    """The value of a lab: that of the policy, or that of the scenario without it. Eq. 7.1.6."""
    return within if adopts > 0.0 else outside


@stage
def adopt(labs, stack, w):
    """Which labs of column `w` adopt the policy, by their frontiers at month 0. Eq. 5.4."""
    number = labs.shape[0]
    for k in range(number):
        ahead = 0
        for other in range(number):
            leads = labs[other].frontier[w] > labs[k].frontier[w]
            ties = labs[other].frontier[w] == labs[k].frontier[w] and other < k
            ahead += 1 if leads or ties else 0
        place = ahead
        if stack.adopters_are == LAGGING:
            place = number - 1 - ahead
        if stack.adopters_are == ANY:
            place = k
        labs[k].adopts[w] = 1.0 if place < stack.adopters else 0.0


@stage
def bind(labs, world, parameters):
    """The levers that bind each lab this month, in every column: none binds one that has not
    adopted the policy. Eq. 7.1.6."""
    outside, free_contact = parameters.outside, parameters.takeover.real_world_contact
    for w in range(WIDTH):
        world.budget[w] = max(world.audit_budget[w], world.audit_floor[w])
    for k in range(labs.shape[0]):
        lab = labs[k]
        for w in range(WIDTH):
            adopts = lab.adopts[w]
            lab.contact[w] = of_adopter(adopts, world.contact[w], free_contact[w])
            lab.hold[w] = of_adopter(adopts, world.hold[w], outside.hold[w])
            lab.density_floor[w] = of_adopter(
                adopts, world.density_floor[w], outside.density_floor[w]
            )
            lab.frozen[w] = 1.0 if adopts > 0.0 and world.frozen[w] > 0.0 else 0.0
