"""What watches by default: the best that a lab has."""

from regimesim.model.compilation import stage
from regimesim.model.world.layout import WIDTH


@stage
def frontier_guard(lab, scratch, parameters, stack):
    """A safeguard is rated by the capability of its lab's frontier."""
    for w in range(WIDTH):
        scratch.monitor[w] = lab.frontier[w]
