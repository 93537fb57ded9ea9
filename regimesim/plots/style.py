"""Common elements of the figures: palette, styles, panels, captions.

All sizes scale with the font size, so that the same layout serves a page and a slide.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from inspect import signature
from textwrap import wrap
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.labels import attribute, labels_of
from regimesim.plots.display import shown_by_notebooks
from regimesim.plots.titles import entitle, extend

# Of policies.  Each has a contrast of 3 or more to white paper, and readers who see no red or no
# green can distinguish any two; line styles distinguish the same lines in grey.
INKS = (
    "#000000",
    "#C90F00",
    "#003AE9",
    "#0C715E",
    "#851E9A",
    "#AC9200",
    "#4292FF",
    "#CE78A9",
    "#582A00",
)
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
# From lost, at the bottom, to safe; each is lighter than the one below it, for grey print.
REGIME_INKS = ("#22222A", "#00735C", "#E08B1E", "#A8D5EF", "#EEF1F3")
BELIEVED, TRUE = "#D55E00", "#0072B2"  # belief of overseers, and truth
SOFT = "#555555"
ABSENT = {"color": SOFT, "bbox": {"facecolor": "white", "edgecolor": "none"}}
MOST_POINTS = 60  # of a drawn line, to keep files small
BAND_SEEN = 0.006  # a band narrower than this share of the axis is hidden by its line
BASE = 9.0  # points, the font size to which the inches below refer
LEFT, RIGHT, TOP, GAP = 0.72, 0.2, 0.32, 0.42  # margins in inches
LONG = 26  # letters on a line of a title
LETTER = 0.068  # inches of a letter of a name
BELOW = 0.62  # inches for ticks and caption
LEGEND_ROW, CAPTION_ROW = 0.19, 0.11  # inches for each further row


OF_THE_SESSION = (  # settings of matplotlib that are not about how a figure looks
    "backend",
    "date.epoch",
    "docstring",
    "figure.max_open_warning",
    "interactive",
    "keymap",
    "macosx",
    "savefig.directory",
    "timezone",
    "tk.",
    "toolbar",
    "webagg",
)


@cache
def _defaults() -> dict:
    """Matplotlib's own defaults of how figures look."""
    defaults = matplotlib.rcParamsDefault
    return {key: defaults[key] for key in defaults if not key.startswith(OF_THE_SESSION)}


class Style(NamedTuple):
    """A style of figures.

    Attributes
    ----------
    font : float
        Font size in points.
    thick : float
        Thickness of lines relative to the style "paper".
    widths : dict of int to float
        Widths in inches by the number of panels in a row.
    """

    font: float
    thick: float
    widths: dict[int, float]

    @property
    def rc(self) -> dict:
        """The matplotlib settings of the style: its own, and matplotlib's defaults for the rest.

        A user's matplotlibrc or style sheet (dark faces, LaTeX, fonts that are missing) must not
        make lines vanish or a figure fail.
        """
        font, thick = self.font, self.thick
        return {
            **_defaults(),
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
    "paper": Style(9, 1, {1: 6.4, 2: 7.2, 3: 8.6, 4: 10.0}),  # the width of a page
    "column": Style(7, 0.8, {1: 3.5, 2: 3.5}),  # one of two columns
    "slide": Style(16, 1.7, {1: 10.0, 2: 12.8, 3: 13.3, 4: 13.3}),
}
_chosen = ContextVar("style", default=STYLES["paper"])


@contextmanager
def in_style(name: str):
    """A context in which figures are drawn in a style.

    Parameters
    ----------
    name : {"paper", "column", "slide"}
        A name of `STYLES`.
    """
    token = _chosen.set(STYLES[name])
    try:
        with matplotlib.rc_context(STYLES[name].rc):
            yield
    finally:
        _chosen.reset(token)


def styled(draw):
    """Decorate a drawing function: it draws in the chosen style, whatever the settings of
    matplotlib, accepts `ax=` for `axes=`, and returns axes that a notebook shows as a picture."""
    many = "axes" in signature(draw).parameters

    @wraps(draw)
    def drawn(*args, **options):
        if many and "ax" in options:
            options["axes"] = options.pop("ax")
        with matplotlib.rc_context(_chosen.get().rc):
            return shown_by_notebooks(draw(*args, **options), _chosen.get().rc)

    return drawn


def scale() -> float:
    """The font size of the chosen style relative to the style "paper"."""
    return _chosen.get().font / BASE


def thick() -> float:
    """The thickness of lines of the chosen style relative to the style "paper"."""
    return _chosen.get().thick


def points(size: float) -> float:
    """A font size of the style "paper", scaled to the chosen style."""
    return size * scale()


def width_for(columns: int) -> float:
    """The width in inches of a figure with `columns` panels in a row."""
    widths = _chosen.get().widths
    return widths[min(columns, max(widths))]


def policies_of(dataset) -> list[str]:
    """The names of the policies of a dataset."""
    return list(labels_of(dataset, "policy", "dataset"))


def words(name) -> str:
    """A name as words; "favourable" alone would read as good."""
    text = str(name).replace("_", " ")
    return f"takeover {text}" if text.startswith("favourable") else text


def shortened(name: str, most: int = 24) -> str:
    """A name of at most `most` characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def provenance(source) -> str:
    """The run behind a figure, from a dataset or the content of a JSON file.

    Worlds of several runs that were pooled have the attributes of the first, but repeat numbers.
    Content that comes from no run says itself what it is `about`.
    """
    if not hasattr(source, "attrs") and "about" in source:
        return source["about"]
    wanted, sizes = ("scenario", "worlds", "seed"), getattr(source, "sizes", {})
    if hasattr(source, "attrs"):
        name, worlds, seed = (attribute(source, one, "dataset") for one in wanted)
    else:
        name, worlds, seed = (source[one] for one in wanted)
    name = shortened(name, 60)
    if "world" not in sizes:
        return f"{name}: {int(worlds):,} worlds, seed {seed}"
    runs = int(np.unique(source["world"].values, return_counts=True)[1].max(initial=0))
    seeds = f"seed {seed}" if runs < 2 else f"of {runs} runs with seeds of their own"
    return f"{name}: {sizes['world']:,} worlds, {seeds}"


def thinned(months: int, most: int = MOST_POINTS) -> np.ndarray:
    """The months that are drawn: at most `most`, with the first and the last."""
    return np.unique(np.linspace(0, months - 1, min(months, most)).round().astype(int))


def panels(names, axes, ylabel, xlabel="", square=False, left=LEFT, right=RIGHT):
    """(axes, figure): a titled panel for each name.

    Parameters
    ----------
    names : sequence of str
        The titles.
    axes : Axes or array of Axes, optional
        One for each name; by default those of a new figure.
    ylabel, xlabel : str
        The labels of the axes.
    square : bool
        Whether the panels of a new figure are square.
    left, right : float
        The margins of a new figure, in inches of the style "paper".

    Returns
    -------
    axes : array of Axes
        The panels.
    figure : Figure or None
        The new figure.

    Raises
    ------
    ValueError
        Where the number of axes is not that of names.
    """
    figure = None
    if axes is None:
        figure, axes = grid(len(names), square, left, right)
        if max(map(len, names)) > LONG:
            extend(figure, above=0.13 * scale())
    axes = flat_axes(axes, len(names), "policies")
    for ax, name in zip(axes, names, strict=True):
        title = "\n".join(wrap(name, LONG))  # a title of a policy has two lines at most
        ax.set_title(title, fontsize=points(9 if len(name) <= 18 else 8))
        if figure is None or ax.get_subplotspec().is_first_col():
            ax.set_ylabel(ylabel)
        if figure is None or ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel(xlabel)
    return axes, figure


def flat_axes(axes, count: int, of: str = "panels") -> np.ndarray:
    """Axes as a flat array.

    Raises
    ------
    ValueError
        Where there are not `count` of them, one for each of what `of` names.
    """
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != count:
        raise ValueError(f"{len(axes)} axes were given for {count} {of}")
    return axes


def grid(count: int, square: bool, left=LEFT, right=RIGHT, alike=True, height=0.0):
    """A new figure with `count` panels, up to four in a row.

    The panels share the y axis, and the x axis too where they are `alike`.  The margins `left` and
    `right`, and the `height` of a panel where it does not follow from the width, are in inches of
    the style "paper".
    """
    columns = count if count <= 3 else 2 if count == 4 else 3 if count <= 6 else 4
    columns = min(columns, max(_chosen.get().widths))
    rows, unit = -(-count // columns), scale()
    width = width_for(columns)
    panel = (width - (left + right + (columns - 1) * 0.2) * unit) / columns
    below = (BELOW + (0.15 if square else 0.1)) * unit
    tall = min(panel, 4.2 * unit) if square else min(0.75 * panel, 3.2 * unit)
    tall = height * unit or tall
    gap = GAP * unit * (1 if alike else 2)  # for labels
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
    """(ax, figure): one panel, by default in a new figure.

    The margins `left` and `right` and the height `tall` are in inches of the style "paper".
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
    """Draw a curve with its band, where the band is wide enough to be visible."""
    low, high = curve.low[shown], curve.high[shown]
    if np.max(high - low) > BAND_SEEN:
        ax.fill_between(shown, low, high, color=color, alpha=0.16, linewidth=0, step=step)
    drawn = f"steps-{step}" if step else "default"
    ax.plot(shown, curve.share[shown], color=color, drawstyle=drawn, **line)


def finish(figure, axes, dataset, note, columns=0, finding=""):
    """Add the legend and, to a new figure, the caption and above all panels the finding.

    Parameters
    ----------
    figure : Figure or None
        The new figure; None where the axes belong to the caller, who gets the legend in the first.
    axes : sequence of Axes
        The panels.
    dataset : Dataset or dict
        The run that the figure shows.
    note : str
        The caption.
    columns : int
        The largest number of columns of the legend; without a legend 0.
    finding : str
        What the figure shows, in a sentence; a single panel of the caller has it as its title.
    """
    if finding:
        entitle(figure, axes, finding, scale())
    handles, labels = axes[0].get_legend_handles_labels() if columns else ([], [])
    if figure is None:
        if handles:
            axes[0].legend(handles, labels, fontsize=points(7))
        return
    unit = scale()
    letters = int(figure.get_figwidth() / unit / 0.052)
    lines = [provenance(dataset), *wrap(f"{note[0].upper()}{note[1:]}.", letters)]
    caption = (0.36 + CAPTION_ROW * (len(lines) - 2)) * unit
    extend_below(figure, CAPTION_ROW * (len(lines) - 2) * unit)
    if handles:
        _draw_legend(figure, handles, labels, columns, caption)
    width, height = figure.get_size_inches() / unit
    small = {"fontsize": points(6.5), "color": SOFT, "va": "bottom"}
    figure.text(0.06 / width, 0.07 / height, "\n".join(lines), **small)


def _draw_legend(figure, handles, labels, columns, above):
    """Draw a legend `above` inches from the lower edge, in as many columns as fit."""
    look = {"columnspacing": 1.4, "handlelength": 2.6, "borderaxespad": 0, "loc": "lower center"}
    while True:
        legend = figure.legend(handles, labels, ncols=columns, **look)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            break
        legend.remove()
        columns -= 1
    extend_below(figure, -(-len(labels) // columns) * LEGEND_ROW * scale())
    legend.set_bbox_to_anchor((0.5, above / figure.get_figheight()), figure.transFigure)


def extend_below(figure, inches):
    """Make a figure taller by `inches`, below its axes."""
    extend(figure, below=inches)
