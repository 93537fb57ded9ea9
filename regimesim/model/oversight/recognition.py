"""Recognition: an attempt that is audited is caught only if it is seen for what it is."""

from regimesim.model.compilation import equation
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
