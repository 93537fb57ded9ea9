"""Axes of time horizons, in lengths of work that a person uses."""

import numpy as np

from regimesim.plots.style import points

# Hours of work by common names: 8 to a day, 167 to a month, 2,000 to a year.
# Where not all fit, the first ones have priority.
LENGTHS = {
    "1 hour": 1,
    "1 year": 2e3,
    "1 month": 167,
    "1 day": 8,
    "100 years": 2e5,
    "10,000 years": 2e7,
    "1 million years": 2e9,
    "1 minute": 1 / 60,
    "1 second": 1 / 3600,
}
WORKED = {  # the same for measurements, which span fewer orders of magnitude
    "1 hour": 1,
    "1 day": 8,
    "1 minute": 1 / 60,
    "1 week": 40,
    "10 minutes": 1 / 6,
    "1 month": 167,
    "1 second": 1 / 3600,
    "10 seconds": 1 / 360,
    "1 year": 2e3,
    "4 hours": 4,
    "30 minutes": 1 / 2,
    "3 minutes": 1 / 20,
    "2 days": 16,
    "2 weeks": 80,
}
WORK = "hours of work: 8 a day, 167 a month, 2,000 a year"
APART = 0.125  # inches of the style "paper" between two of them


def horizon_axis(ax, low: float, high: float, lengths=LENGTHS) -> None:
    """Label a y axis of log2 of hours, from `low` to `high`, with lengths of work in hours."""
    inches = ax.get_position().height * ax.figure.get_figheight()
    apart = points(APART) / inches * (high - low)
    kept = _apart({name: np.log2(hours) for name, hours in lengths.items()}, low, high, apart)
    ax.set_yticks(list(kept.values()), list(kept))
    ax.set_ylim(low, high)  # last, for ticks widen it


def _apart(named, low, high, least):
    """The named levels within the axis that are at least `least` apart, the first ones first."""
    kept = {}
    for name, level in named.items():
        clear = all(abs(level - other) >= least for other in kept.values())
        if clear and low <= level <= high:
            kept[name] = level
    return kept
