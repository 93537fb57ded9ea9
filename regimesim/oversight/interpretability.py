"""Interpretability: a probe of what a system represents."""

from regimesim.compiled import equation
from regimesim.world.mathematics import exp


@equation
def strength(fresh_strength, knowledge, erosion):
    """d′ of the probe: grows with safety knowledge, fades as training erodes it."""
    return (fresh_strength + knowledge) * exp(-erosion)
