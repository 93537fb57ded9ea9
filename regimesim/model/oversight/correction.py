"""Corrective training: flag a behaviour with a probe and train on its opposite."""

from regimesim.model.compilation import equation


@equation
def suppressed(suppression, correction_strength):
    """Share of story incidents suppressed, after one more month of use. Eq. 7.8.9."""
    return 1.0 - (1.0 - suppression) * (1.0 - correction_strength)


@equation
def fed(flagged_by_cot, missed):
    """Share of corrective training that is left where a chain-of-thought monitor misses an
    attempt with probability `missed`: what needs a flag works as often as there is one.
    Eq. 7.8.8."""
    return 1.0 - flagged_by_cot * missed


@equation
def goal_shift(correction_goal_shift, desire_targeting):
    """Shift of an aware system's logit-value in a month of use. Eq. 7.8.11."""
    return correction_goal_shift * desire_targeting


@equation
def erosion(probe_erosion, desire_targeting):
    """What a month of use adds to the erosion of a lab's probes: pressure that does not
    reach goals teaches concealment. Eq. 7.8.10."""
    return probe_erosion * (1.0 - desire_targeting)
