"""What the figures have in common: palette, styles, panels, axes, names at line ends, captions.

Sizes follow the font size, so that one figure is laid out for a page and for a slide.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import signature
from textwrap import wrap
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from regimesim.scenario.dates import first_day

# Colours of Okabe and Ito (2008), which the colour-blind tell apart, without their yellow,
# which is lost on white paper; line styles tell the same lines apart in grey.
INKS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
# From lost, at the bottom, to safe: each lighter than the one below it, for grey print.
REGIME_INKS = ("#22222A", "#00735C", "#E08B1E", "#A8D5EF", "#EEF1F3")
BELIEVED, TRUE = "#D55E00", "#0072B2"  # what overseers believe, and what is so
SOFT = "#555555"
ABSENT = {"color": SOFT, "bbox": {"facecolor": "white", "edgecolor": "none"}}
TICK_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)
MOST_POINTS = 60  # of a drawn line, to keep files small
BAND_SEEN = 0.006  # a band narrower than this share of the axis hides behind its line
BASE = 9.0  # points, the font size that the inches below belong to
LEFT, RIGHT, TOP, GAP = 0.72, 0.2, 0.32, 0.42  # margins in inches
LETTER = 0.068  # inches that a letter of a name takes
BELOW, LEGEND_ROW, CAPTION_ROW = 0.62, 0.19, 0.11  # room for ticks and caption, and for more


class Style(NamedTuple):
    """A style: font size, thickness of lines against paper's, and widths in inches by the
    number of panels in a row."""

    font: float
    thick: float
    widths: dict[int, float]

    @property
    def rc(self) -> dict:
        """Its settings of matplotlib."""
        font, thick = self.font, self.thick
        return {
            "font.size": font,
            "axes.titlesize": font,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": font,
            "axes.linewidth": 0.6 * thick,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.labelsize": font * 8 / 9,
            "ytick.labelsize": font * 8 / 9,
            "xtick.major.width": 0.6 * thick,
            "ytick.major.width": 0.6 * thick,
            "legend.fontsize": font * 8.5 / 9,
            "legend.frameon": False,
            "lines.linewidth": 1.4 * thick,
            "lines.solid_capstyle": "butt",
            "hatch.linewidth": 0.5 * thick,
            "svg.fonttype": "none",
            "svg.hashsalt": "regimesim",
            "pdf.fonttype": 42,
            "figure.dpi": 100,
            "savefig.dpi": 150,
        }


STYLES = {
    "paper": Style(9, 1, {1: 6.4, 2: 7.2, 3: 8.6, 4: 10.0}),  # across a page
    "column": Style(7, 0.8, {1: 3.5, 2: 3.5}),  # one of two columns
    "slide": Style(16, 1.7, {1: 10.0, 2: 12.8, 3: 13.3, 4: 13.3}),
}
_chosen = ContextVar("style", default=STYLES["paper"])


@contextmanager
def in_style(name: str):
    """Figures drawn in this context have this style: a name of STYLES."""
    token = _chosen.set(STYLES[name])
    try:
        with matplotlib.rc_context(STYLES[name].rc):
            yield
    finally:
        _chosen.reset(token)


def styled(draw):
    """Have a figure drawn in the chosen style, whatever matplotlib is set to; one that takes
    `axes=` takes a single `ax=` as well."""
    many = "axes" in signature(draw).parameters

    @wraps(draw)
    def drawn(*args, **options):
        if many and "ax" in options:
            options["axes"] = options.pop("ax")
        with matplotlib.rc_context(_chosen.get().rc):
            return draw(*args, **options)

    return drawn


def scale() -> float:
    """How much larger than on paper the chosen style's type is."""
    return _chosen.get().font / BASE


def thick() -> float:
    """How much thicker than on paper the chosen style's lines are."""
    return _chosen.get().thick


def points(size: float) -> float:
    """A font size of paper in the chosen style."""
    return size * scale()


def width_for(columns: int) -> float:
    """The chosen style's width in inches of a figure with so many panels in a row."""
    widths = _chosen.get().widths
    return widths[min(columns, max(widths))]


def policies_of(dataset) -> list[str]:
    """The names of a dataset's policies."""
    return [str(name) for name in dataset["policy"].values]


def words(name) -> str:
    """A name as words."""
    return str(name).replace("_", " ")


def shortened(name: str, most: int = 24) -> str:
    """A name of at most `most` characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def percent(share: float) -> str:
    """Whole percent, and all or none only where it is all or none."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def provenance(made) -> str:
    """Which run a figure shows: a dataset, or the content of a JSON file."""
    attrs = getattr(made, "attrs", made)
    name = shortened(attrs["scenario"], 60)
    return f"{name}: {int(attrs['worlds']):,} worlds, seed {attrs['seed']}"


def thinned(months: int, most: int = MOST_POINTS) -> np.ndarray:
    """The months that are drawn: the first, the last, and at most `most` in all."""
    return np.unique(np.linspace(0, months - 1, min(months, most)).round().astype(int))


def panels(names, axes, ylabel, xlabel="", square=False, left=LEFT, right=RIGHT):
    """(axes, figure): a titled panel for each name, in a new figure unless axes are given.

    Raises ValueError where other than one axes a name are given.
    """
    figure = None
    if axes is None:
        figure, axes = grid(len(names), square, left, right)
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(names):
        raise ValueError(f"{len(axes)} axes were given for {len(names)} policies")
    for ax, name in zip(axes, names, strict=True):
        ax.set_title(shortened(name, 26), fontsize=points(9 if len(name) <= 18 else 8))
        if figure is None or ax.get_subplotspec().is_first_col():
            ax.set_ylabel(ylabel)
        if figure is None or ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel(xlabel)
    return axes, figure


def grid(count: int, square: bool, left=LEFT, right=RIGHT, alike=True):
    """A figure with `count` panels, up to four in a row, that share their axes: that of x only
    where they are `alike`.

    The margins at the left and the right are in inches of paper.
    """
    columns = count if count <= 3 else 2 if count == 4 else 3 if count <= 6 else 4
    columns = min(columns, max(_chosen.get().widths))
    rows, unit = -(-count // columns), scale()
    width = width_for(columns)
    panel = (width - (left + right + (columns - 1) * 0.2) * unit) / columns
    below = (BELOW + (0.15 if square else 0.1)) * unit
    tall = min(panel, 4.2 * unit) if square else min(0.75 * panel, 3.2 * unit)
    gap = GAP * unit * (1 if alike else 2)  # room for labels
    height = TOP * unit + rows * tall + (rows - 1) * gap + below
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(rows, columns, sharex=alike, sharey=True, squeeze=False).ravel()
    figure.subplots_adjust(
        left=left * unit / width,
        right=1 - right * unit / width,
        top=1 - TOP * unit / height,
        bottom=below / height,
        wspace=0.2 * unit / panel,
        hspace=gap / tall,
    )
    for ax in axes[count:]:
        ax.set_visible(False)
    for ax in axes[:count]:
        ax.label_outer(remove_inner_ticks=False)
    lowest = max(0, count - columns) if alike else 0
    for ax in axes[lowest:count]:  # the lowest panel of each column
        ax.tick_params(labelbottom=True)
    return figure, axes[:count]


def single(ax, left=LEFT, right=RIGHT, tall=4.2):
    """(ax, figure): one panel, in a new figure unless axes are given.

    The margins at the left and the right and the height are in inches of paper.
    """
    if ax is not None:
        return ax, None
    unit, width = scale(), width_for(2)
    height = tall * min(unit, max(1, width / 7.2))
    figure = Figure(figsize=(width, height))
    below = BELOW * unit / height
    above, begin = 0.2 * unit / height, left * unit / width
    across = 1 - begin - right * unit / width
    return figure.add_axes((begin, below, across, 1 - below - above)), figure


def draw_curve(ax, shown, curve, color, step=None, **line):
    """A curve with its band, where the band is wide enough to be seen."""
    low, high = curve.low[shown], curve.high[shown]
    if np.max(high - low) > BAND_SEEN:
        ax.fill_between(shown, low, high, color=color, alpha=0.16, linewidth=0, step=step)
    drawn = f"steps-{step}" if step else "default"
    ax.plot(shown, curve.share[shown], color=color, drawstyle=drawn, **line)


def share_axis(ax):
    """Percent on the y axis."""
    ax.set_ylim(0, 1.012)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])


def date_axis(ax, start: str, months: int, first: int = 0):
    """Calendar dates under an axis of months from the start, from month `first` on."""
    last = max(months - 1, 1)
    inches = ax.get_position().width * ax.figure.get_size_inches()[0] / scale()
    step = next((s for s in TICK_MONTHS if _fits(s, last - first, inches)), TICK_MONTHS[-1])
    ax.set_xticks(*dates(start, first, last, step))
    ax.set_xlim(first, last)


def dates(start: str, first: int, last: int, step: int):
    """(months from the start, their calendar dates) from `first` to `last`, a `step` apart."""
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
    """Whether dates a `step` apart have room side by side, and are no more than seven."""
    return months / step <= min(6, inches / (0.42 if step >= 12 else 0.62))


def label_ends(ax, ends, height=0.055):
    """Write each line's label beside its end, moved apart where they would overlap.

    `ends` are (end, label, colour, line style), the end as a share of the axis.
    """
    order = sorted(range(len(ends)), key=lambda k: ends[k][0])
    places, floor = {}, -np.inf
    for k in order:
        places[k] = floor = max(ends[k][0], floor + height)
    # What was pushed over the top comes down again.
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


def finish(figure, axes, dataset, note, columns=0):
    """Legend and caption, in figures of our own; a legend goes into the first axes of others.

    `columns` is how many columns the legend has where there is room for them.
    """
    handles, labels = axes[0].get_legend_handles_labels() if columns else ([], [])
    if figure is None:
        if handles:
            axes[0].legend(handles, labels, fontsize=points(7))
        return
    unit = scale()
    letters = int(figure.get_figwidth() / unit / 0.052)
    lines = [provenance(dataset), *wrap(f"{note[0].upper()}{note[1:]}.", letters)]
    caption = (0.36 + CAPTION_ROW * (len(lines) - 2)) * unit
    make_room(figure, CAPTION_ROW * (len(lines) - 2) * unit)
    if handles:
        _draw_legend(figure, handles, labels, columns, caption)
    width, height = figure.get_size_inches() / unit
    small = {"fontsize": points(6.5), "color": SOFT, "va": "bottom"}
    figure.text(0.06 / width, 0.07 / height, "\n".join(lines), **small)


def _draw_legend(figure, handles, labels, columns, above):
    """A legend `above` inches from the lower edge, in as many columns as there is room for."""
    look = {"columnspacing": 1.4, "handlelength": 2.6, "borderaxespad": 0, "loc": "lower center"}
    while True:
        legend = figure.legend(handles, labels, ncols=columns, **look)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            break
        legend.remove()
        columns -= 1
    make_room(figure, -(-len(labels) // columns) * LEGEND_ROW * scale())
    legend.set_bbox_to_anchor((0.5, above / figure.get_figheight()), figure.transFigure)


def make_room(figure, inches):
    """Make a figure so much taller, with the room below its axes."""
    before = figure.get_figheight()
    after = before + inches
    figure.set_figheight(after)
    for ax in figure.axes:
        box = ax.get_position(original=True)
        low, high = ((y * before + inches) / after for y in (box.y0, box.y1))
        ax.set_position((box.x0, low, box.width, high - low))
