"""Chain-of-thought monitoring: as strong as the share of the reasoning that can be read."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import EARNEST, WIDTH


@equation
def strength(faithfulness, full_strength):
    """d′ of the monitor, where nothing evades it: faithfulness of the paradigm times its strength
    at full faithfulness. Eq. 7.5.3."""
    return faithfulness * full_strength


@stage
def face(p, scratch, parameters):
    """d′ of the monitor against systems that were trained under paradigm p + 1."""
    for w in range(WIDTH):
        scratch.strength[EARNEST, w] = strength(
            parameters.paradigm.faithfulness[p, w], parameters.cot_monitor.strength[w]
        )
