"""Axes of shares and of calendar dates, and labels at the ends of lines."""

import numpy as np

from regimesim.plots.style import points, scale, thick
from regimesim.scenario.dates import first_day

STRIPE = "#F3F3F5"
TICK_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)


def share_axis(ax):
    """Set the y axis to percent."""
    ax.set_ylim(0, 1.012)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])


def date_axis(ax, start: str, months: int, first: int = 0):
    """Set the x axis, in months from the start, to calendar dates, from month `first` on."""
    last = max(months - 1, 1)
    inches = ax.get_position().width * ax.figure.get_size_inches()[0] / scale()
    step = next((s for s in TICK_MONTHS if _fits(s, last - first, inches)), TICK_MONTHS[-1])
    ax.set_xticks(*dates(start, first, last, step))
    ax.set_xlim(first, last)


def dates(start: str, first: int, last: int, step: int):
    """(months from the start, their calendar dates) from `first` to `last`, each `step`."""
    begin = first_day(start)
    origin = begin.year * 12 + begin.month - 1
    ticks = np.arange(-(-(origin + first) // step) * step, origin + last + 1, step)
    years, month = np.divmod(ticks, 12)
    if step < 12:
        labels = [f"{y}-{m + 1:02d}" for y, m in zip(years, month, strict=True)]
    else:
        labels = [str(year) for year in years]
    return ticks - origin, labels


def _fits(step: int, months: int, inches: float) -> bool:
    """Whether dates every `step` months fit side by side, and are no more than seven."""
    return months / step <= min(6, inches / (0.42 if step >= 12 else 0.62))


def striped(ax, rows):
    """Put a stripe behind every other one of `rows`, which are places on the y axis."""
    for row in rows[::2]:
        ax.axhspan(row - 0.5, row + 0.5, color=STRIPE, linewidth=0, zorder=0)


def label_ends(ax, ends, height=0.055):
    """Label each line beside its end; labels that would overlap are moved apart.

    `ends` are (end, label, colour, line style), the end as a share of the axis.
    """
    order = sorted(range(len(ends)), key=lambda k: ends[k][0])
    places, floor = {}, -np.inf
    for k in order:
        places[k] = floor = max(ends[k][0], floor + height)
    # Labels that were pushed over the top move down again.
    ceiling = max(1.0, height * (len(ends) - 1))
    for k in reversed(order):
        places[k] = min(places[k], ceiling)
        ceiling = places[k] - height
    across = ax.get_yaxis_transform()
    for k, (end, text, ink, dash) in enumerate(ends):
        leader = {"color": ink, "linestyle": dash, "linewidth": thick(), "clip_on": False}
        ax.plot([1.005, 1.045], [end, places[k]], transform=across, **leader)
        size = points(8.5)
        ax.text(1.055, places[k], text, transform=across, va="center", fontsize=size)
