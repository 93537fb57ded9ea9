"""The trigger: a trait that was learned, and that sleeps until a date or a sign of deployment."""

from regimesim.model.compilation import equation


@equation
def triggered(month, trigger_month, automated, trigger_automation):
    """Whether the condition for which the trait waits holds: a date, or how far the economy
    is automated. Eq. 7.4.4."""
    return month >= trigger_month or automated > trigger_automation


@equation
def roused(value, trigger_shift, awake):
    """Logit-value that a system acts on: lower by the shift, where its trait is awake (0 or 1).
    Eq. 7.4.5."""
    return value - trigger_shift * awake
