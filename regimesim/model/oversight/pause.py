"""A pause on warning shots: labs are requested to slow down while danger is believed."""

from regimesim.model.compilation import equation


@equation
def requested(danger_belief, pause_threshold, pause_strength):
    """Share of growth that labs are requested to give up. Eq. 7.1.1."""
    return pause_strength if danger_belief > pause_threshold else 0.0


@equation
def paused_share(requested_share, complies, growth):
    """Share of a lab's growth that is paused: the stronger of the pause that is
    requested, if it complies, and of the limit that binds every lab. Eq. 7.2.6."""
    return max(requested_share * complies, 1.0 - growth)
