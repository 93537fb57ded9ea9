"""AI control: a monitor, trusted or untrusted, that scores what a system does."""

from math import sqrt

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.logistic_area import strength_of_area
from regimesim.model.world.layout import EARNEST, WIDTH
from regimesim.model.world.normal import normal_quantile

SQRT_2 = sqrt(2.0)


@equation
def parity_strength(auroc, slope, is_logistic):
    """d′ at equal capability from the area under the ROC curve: √2·Φ⁻¹(auroc), or, where the
    curve is logistic, the one whose curve has that area. Eq. 7.5.2."""
    binormal = SQRT_2 * normal_quantile(auroc)
    return strength_of_area(auroc, slope) if is_logistic else binormal


@equation
def monitor_capability(frontier, monitor_lag, trusted_cap, untrusted):
    """Capability of the monitor: a trusted one must itself be too weak to scheme. Eq. 7.5.5."""
    trusted = min(frontier - monitor_lag, trusted_cap)
    return frontier if untrusted else trusted


@equation
def strength(parity, monitor_slope, monitor, capability, knowledge, loyalty):
    """d′ of control: falls with the lead of the system over its monitor.

    `loyalty` is the share of an untrusted monitor's work that collusion leaves.
    Eq. 7.5.2.
    """
    return max(0.0, parity + monitor_slope * (monitor - capability) + knowledge) * loyalty


@equation
def loyalty(monitor_collusion, willing, systems):
    """Share of an untrusted monitor's work that collusion with willing systems leaves.
    Eq. 7.5.6."""
    return 1.0 - monitor_collusion * willing / max(systems, 1.0)


@stage
def guard(lab, scratch, parameters, stack):
    """Capability of the monitor of one lab."""
    table = parameters.control
    for w in range(WIDTH):
        scratch.monitor[w] = monitor_capability(
            lab.frontier[w], table.monitor_lag[w], table.trusted_cap[w], stack.control_untrusted
        )


@stage
def face(system, lab, world, scratch, parameters, stack):
    """d′ of control against one system."""
    table, untrusted = parameters.control, stack.control_untrusted
    for w in range(WIDTH):
        monitor = monitor_capability(
            lab.frontier[w], table.monitor_lag[w], table.trusted_cap[w], untrusted
        )
        loyal = loyalty(table.monitor_collusion[w], lab.willing[w], lab.systems[w])
        scratch.strength[EARNEST, w] = strength(
            world.parity[w],
            table.monitor_slope[w],
            monitor,
            system.capability[w],
            lab.knowledge[w],
            loyal if untrusted else 1.0,
        )
