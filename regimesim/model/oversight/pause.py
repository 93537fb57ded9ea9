"""A pause on warning shots: labs are asked to slow down while danger is believed."""

from regimesim.model.compilation import equation


@equation
def asked(danger_belief, pause_threshold, pause_strength):
    """Share of growth that labs are asked to give up."""
    return pause_strength if danger_belief > pause_threshold else 0.0


@equation
def paused_share(asked_share, complies, growth):
    """Share of a lab's growth that is paused: the stronger of the pause that it is asked
    for, if it complies, and of the limit that binds every lab."""
    return max(asked_share * complies, 1.0 - growth)
