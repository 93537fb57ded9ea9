"""AI control: a monitor, trusted or untrusted, that scores what a system does."""

from math import sqrt

from regimesim.model.compilation import equation
from regimesim.model.world.normal import normal_quantile

SQRT_2 = sqrt(2.0)


@equation
def parity_strength(auroc):
    """d′ at equal capability from the area under the ROC curve: √2·Φ⁻¹(auroc)."""
    return SQRT_2 * normal_quantile(auroc)


@equation
def monitor_capability(frontier, monitor_lag, trusted_cap, untrusted):
    """Capability of the monitor: a trusted one must itself be too weak to scheme."""
    trusted = min(frontier - monitor_lag, trusted_cap)
    return frontier if untrusted else trusted


@equation
def strength(parity, monitor_slope, monitor, capability, knowledge, loyalty):
    """d′ of control: falls with the lead of the system over its monitor.

    `loyalty` is the share of an untrusted monitor's work that collusion leaves.
    """
    return max(0.0, parity + monitor_slope * (monitor - capability) + knowledge) * loyalty


@equation
def loyalty(monitor_collusion, willing, systems):
    """Share of an untrusted monitor's work that collusion with willing systems leaves."""
    return 1.0 - monitor_collusion * willing / max(systems, 1.0)
