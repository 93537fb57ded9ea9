"""How numbers of a policy's monitors hang together: which follow, and which are drawn together."""

from collections.abc import Iterator

from regimesim.scenario.correlations import Correlation, of_ranks
from regimesim.scenario.monitor_strength import correlation_of
from regimesim.scenario.parameters import MONITOR_NAMES, Tables


def numbers_follow(tables: Tables) -> bool:
    """Whether numbers of a monitor follow from others: from a point, or from a measurement."""
    monitors = (getattr(tables.oversight, name) for name in MONITOR_NAMES)
    return any(one and (one.measured or one.operating_point) for one in monitors)


def measured_together(tables: Tables) -> Iterator[Correlation]:
    """What a measured monitor says of its area and its slope, which are drawn together.
    Eq. 6.9."""
    for name in MONITOR_NAMES:
        monitor = getattr(tables.oversight, name)
        correlation = None if monitor is None else correlation_of(monitor, monitor.AREA)
        if correlation is not None:
            home = f"oversight.{name}"
            yield Correlation((f"{home}.{monitor.AREA}", f"{home}.slope"), of_ranks(correlation))
