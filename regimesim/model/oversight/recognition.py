"""Recognition: an attempt that is audited is caught only if it is seen for what it is."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import exp2


@equation
def recognised(recognition, limit, scale, capability):
    """r(c): probability that an audited attempt is recognised. Eq. 7.5.15."""
    return recognition * exp2(-max(0.0, capability - limit) / scale)


@equation
def unrecognised_too(miss, recognition):
    """Probability that the monitors miss an attempt, which they miss with `miss` if it is
    recognised. Eq. 7.5.16."""
    return miss + (1.0 - recognition) * (1.0 - miss)


@stage
def recognise(system, oversight):
    """r(c) of one system in every column: the power of two is taken only where some system is
    beyond the limit, as up to it it is 1."""
    beyond = 0
    for w in range(WIDTH):
        beyond += 1 if system.capability[w] > oversight.recognition_limit[w] else 0
        system.recognition[w] = oversight.recognition[w]
    if not beyond:
        return
    for w in range(WIDTH):
        system.recognition[w] = recognised(
            oversight.recognition[w],
            oversight.recognition_limit[w],
            oversight.recognition_scale[w],
            system.capability[w],
        )
