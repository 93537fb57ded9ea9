"""Interpretability: a probe of what a system represents."""

from regimesim.model.compilation import equation
from regimesim.model.world.mathematics import exp


@equation
def strength(fresh_strength, knowledge, erosion):
    """d′ of the probe: grows with safety knowledge, fades as training erodes it."""
    return (fresh_strength + knowledge) * exp(-erosion)
