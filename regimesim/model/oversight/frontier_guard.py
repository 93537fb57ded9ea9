"""The default guard of a safeguard under the curve "elo": the frontier of its lab."""

from regimesim.model.compilation import stage
from regimesim.model.world.layout import WIDTH


@stage
def frontier_guard(lab, scratch, parameters, stack):
    """The capability by which a safeguard is rated is that of its lab's frontier."""
    for w in range(WIDTH):
        scratch.monitor[w] = lab.frontier[w]
