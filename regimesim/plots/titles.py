"""Titles that say what a figure shows: wrapped to its width, above its panels."""

import re
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

TITLE = 11.0  # points, of the style "paper"
MARGIN = 0.06  # inches on both sides, of the style "paper"
LEADING = 1.2  # height of a line relative to its letters
POINTS = 72  # in an inch
SLACK = 1.05  # rounding to dots makes a line a little wider
TOGETHER = re.compile(r" (?=%)|(?<=\d) (?=to \d)|(?<=\d to) (?=\d)")  # no break in a number
BOLD = FontProperties(family="DejaVu Sans", weight="bold")  # whatever the user's settings name


def entitle(figure, axes, finding: str, unit: float) -> None:
    """Write a finding above all panels of a new figure, which grows as tall as it needs.

    Parameters
    ----------
    figure : Figure or None
        The new figure; None where the axes belong to the caller, of which a single one gets the
        finding as its title.
    axes : sequence of Axes
        The panels.
    finding : str
        The sentence.
    unit : float
        By how much the chosen style is larger than the style "paper".
    """
    if figure is None:
        if len(axes) == 1:
            width = axes[0].get_window_extent().width / axes[0].figure.dpi
            size = axes[0].title.get_fontsize()
            axes[0].set_title("\n".join(fitted(finding, width, size)))
        return
    size, side = TITLE * unit, MARGIN * unit
    width = figure.get_figwidth()
    lines = fitted(finding, width - 2 * side, size)
    figure.set_label(finding)  # which names the file
    extend(figure, above=(len(lines) * LEADING + 0.5) * size / POINTS)
    top = 1 - side / figure.get_figheight()
    look = {"fontsize": size, "fontweight": "bold", "va": "top", "linespacing": LEADING}
    figure.text(side / width, top, "\n".join(lines), **look)


def fitted(text: str, width: float, size: float) -> list[str]:
    """A text in lines that are no wider than `width` inches in bold letters of `size` points.

    A single word that is wider has a line of its own.
    """
    most, space = width * POINTS / size / SLACK, _ems("a a") - _ems("aa")
    lines, used = [], most  # in ems
    for word in TOGETHER.sub("\u00a0", text).split(" "):
        wide = _ems(word)
        if used + space + wide <= most:
            lines[-1] += f" {word}"
            used += space + wide
        else:
            lines.append(word)
            used = wide
    return lines


@cache
def _ems(word: str) -> float:
    """The width of a word in bold letters, relative to their size."""
    return TextPath((0, 0), word, 100, prop=BOLD).get_extents().x1 / 100


def extend(figure, below: float = 0.0, above: float = 0.0) -> None:
    """Make a figure taller by so many inches below and above its axes."""
    before = figure.get_figheight()
    after = before + below + above
    figure.set_figheight(after)
    for ax in figure.axes:
        box = ax.get_position(original=True)
        low, high = ((y * before + below) / after for y in (box.y0, box.y1))
        ax.set_position((box.x0, low, box.width, high - low))
