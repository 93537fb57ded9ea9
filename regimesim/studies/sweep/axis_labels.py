"""How the axes of a sweep's figures are labelled: ticks, names, dates, and space for them."""

import re
from textwrap import fill

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from regimesim.plots.axes import dates
from regimesim.plots.style import (
    LEFT,
    SOFT,
    extend_below,
    points,
    scale,
    shortened,
    thick,
)
from regimesim.studies.sweep.axes_and_outcomes import LOG, NAMED, Varied

TICK, MOST_TICKS = 0.42, 6  # inches of paper for a number side by side
RATIOS, STEPS = ((1, 2, 5), (1, 3), (1,)), (1, 2, 4, 5, 10)  # of ticks
EDGE = 0.03  # inches of paper that are left free
LETTER, LINE = 0.062, 0.15  # inches of paper that a letter and a line of a label take
SMALL = 0.067  # and a letter beside a tick
NARROW, DATE_WIDE = 5, 7  # letters of a tick that fit into the usual margin, and of a date
NAME_WIDE = 14  # letters of a line of a name on its side, or beside the upright axis
PARTS = re.compile(r"[^_\-/. ]*[_\-/. ]?")  # of a name, which may be broken between them
SECOND = re.compile(r" (?=\()|(?<=:) ")  # where the second part of a label begins
TITLE, LEAST_TITLE, USUAL_TITLE = 0.0095, 6.5, 9  # inches a letter for each point; points
MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)  # between dates
DATE = 0.3  # inches of paper for a date above another
NEVER, STRIP = "#ECECEF", 0.09  # the strip for what is later than the end, of the months
USUAL_DEPTH = 0.24  # inches below a panel that the usual figure has


def draw_axis(axis: Varied, along) -> None:
    """Scale, ticks and label of the matplotlib axis `along` which a sweep's axis lies."""
    ax = along.axes
    level = along is ax.xaxis
    length = inches(ax)[0 if level else 1]
    most = max(min(int(length / (TICK if level else TICK / 2)), MOST_TICKS), 2)
    own, where = np.unique(axis.places, return_index=True)
    if axis.scale == LOG:
        (ax.set_xscale if level else ax.set_yscale)("log")
    shown = own[:: -(-len(own) // most)]
    if axis.scale == NAMED:
        names = [axis.as_text(axis.values[k]) for k in where]
        along.set_ticks(own, **_beside_each_other(names, length) if level else _upright(names))
    elif all(float(f"{value:.2g}") == value for value in shown):
        along.set_ticks(shown, [f"{value:g}" for value in shown])
    elif axis.scale == LOG:
        decades = np.log10(own[-1] / own[0])
        fits = (subs for subs in RATIOS if len(subs) * decades <= most + 1)
        along.set_major_locator(LogLocator(subs=next(fits, RATIOS[-1]), numticks=most + 2))
        along.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    else:
        along.set_major_locator(MaxNLocator(most, steps=STEPS))
    along.set_minor_locator(NullLocator())
    along.set_label_text(label_lines(axis.label, length))


def _beside_each_other(names, length):
    """Names under an axis: in lines that fit side by side, or else turned by 90 degrees."""
    letters = int(length / len(names) / SMALL) - 1
    lines = [broken(name, max(letters, 1)) for name in names]
    if max(map(_width, lines)) <= letters:
        return {"labels": lines}
    return {**_upright(names), "rotation": 90}


def _upright(names):
    return {"labels": [broken(name, NAME_WIDE) for name in names]}


def broken(name: str, width: int) -> str:
    """A name in lines of `width` letters, broken where its parts end."""
    lines = [""]
    for part in PARTS.findall(name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def label_lines(label: str, length: float) -> str:
    """The label of an axis of `length` inches, in as many lines as it needs, the unit last."""
    letters = max(int(length / LETTER), 1)
    if len(label) <= letters:
        return label
    return "\n".join(fill(part, letters) for part in SECOND.split(label))


def left_of(label: str, tall: float, ticks: int) -> float:
    """Inches of paper left of panels of height `tall`, for ticks of `ticks` letters and the
    lines of a label."""
    lines = label_lines(label, tall).count("\n")
    return LEFT + EDGE + SMALL * max(ticks - NARROW, 0) + LINE * lines


def width_of_ticks(axis: Varied) -> int:
    """The width of the ticks beside a sweep's axis, in letters."""
    if axis.scale != NAMED:
        return NARROW
    return max(_width(broken(axis.as_text(value), NAME_WIDE)) for value in axis.values)


def fit_titles(axes, names) -> None:
    """Set titles no wider than their panels: in smaller type, and shortened if need be."""
    wide = min(inches(ax)[0] for ax in axes)
    titles = [shortened(name, max(int(wide / (TITLE * LEAST_TITLE)), 2)) for name in names]
    size = min(wide / (TITLE * max(map(len, titles))), USUAL_TITLE)
    for ax, name in zip(axes, titles, strict=True):
        ax.set_title(name, fontsize=points(size))


def fit_labels_below(figure, axes) -> None:
    """Extend our own figure below its panels, so that the labels under them fit."""
    if figure is not None:
        unit = figure.dpi * scale()
        depth = max((ax.bbox.y0 - ax.get_tightbbox().y0) / unit for ax in axes)
        extend_below(figure, max(depth - USUAL_DEPTH, LINE) * scale())


def date_rows(ax, start: str, months: int, strip=True) -> None:
    """Calendar dates along a vertical axis of months, and above them the strip for later dates."""
    most = max(inches(ax)[1] / DATE - 1, 1)
    step = next((step for step in MONTHS if months / step <= most), MONTHS[-1])
    at, labels = dates(start, 0, max(months - 1, 1), step)
    if not strip:
        ax.set_yticks(at, labels)
        return
    kept = [k for k, month in enumerate(at) if month < months * (1 - STRIP / 2)]
    at, labels = [at[k] for k in kept], [labels[k] for k in kept]
    ax.set_yticks([*at, never(months)], [*labels, "never"])
    ax.set_ylim(0, months * (1 + STRIP))
    ax.axhspan(months, months * (1 + STRIP), color=NEVER, linewidth=0, zorder=0)
    ax.axhline(months, color=SOFT, linewidth=0.5 * thick())


def never(months: float) -> float:
    """The place in the strip for a date after the end of a run of `months`."""
    return months * (1 + STRIP / 2)


def inches(ax) -> tuple[float, float]:
    """Width and height of axes, in inches of paper."""
    box, size = ax.get_position(), ax.figure.get_size_inches()
    return box.width * size[0] / scale(), box.height * size[1] / scale()
