"""Chain-of-thought monitoring: worth as much as the reasoning that can be read."""

from regimesim.model.compilation import equation


@equation
def strength(faithfulness, full_strength):
    """d′ of the monitor: faithfulness of the paradigm times its strength at full faithfulness."""
    return faithfulness * full_strength
