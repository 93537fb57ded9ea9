"""Interpretability: a probe of what a system represents."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import EARNEST, WIDTH
from regimesim.model.world.mathematics import exp


@equation
def strength(fresh_strength, knowledge, erosion):
    """d′ of the probe, where nothing evades it: grows with safety knowledge, fades as training
    erodes it. Eq. 7.5.4."""
    return (fresh_strength + knowledge) * exp(-erosion)


@stage
def face(lab, scratch, parameters):
    """d′ of the probe against the systems of one lab."""
    for w in range(WIDTH):
        scratch.strength[EARNEST, w] = strength(
            parameters.interpretability.strength[w], lab.knowledge[w], lab.erosion[w]
        )
