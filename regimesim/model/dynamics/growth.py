"""Growth: how fast a frontier would move, and when a lab climbs the ladder of paradigms."""

from regimesim.model.compilation import equation
from regimesim.model.world.mathematics import exp, logistic

LAST_PARADIGM = 4.0


@equation
def research_rate(capability, gain, midpoint, width):
    """r: how much research automation adds to growth and to safety research. Eq. 7.2.2."""
    return gain * logistic((capability - midpoint) / width)


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
