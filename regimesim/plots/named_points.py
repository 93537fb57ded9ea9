"""Names beside points: those of points close together stand in a column."""

import numpy as np

from regimesim.plots.style import SOFT, points, scale, thick

PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.3}
CLOSE_BY = 0.12  # a share of the panel: names of points closer than this stand in a column
LETTER, LINE = 0.066, 0.15  # inches on paper, of a name's letter and line


def size_of_name(ax, letters: int):
    """Width and height of a name as shares of its panel."""
    width, height = ax.get_window_extent().size / ax.figure.dpi / scale()
    return letters * LETTER / width, LINE / height


def name_points(ax, places) -> None:
    """Write the names to the left of their points: those of points close together in a
    column, with a thin line from each to its point."""
    left, right = ax.get_xlim()
    line = size_of_name(ax, 0)[1]
    for group in _close(places, (right - left) * CLOSE_BY):
        group.sort(key=lambda place: (place[1], -place[0]))
        middle = np.mean([y for _, y, *_ in group]) - line * (len(group) - 1) / 2
        lowest = max(min(middle, 0.98 - line * (len(group) - 1)), 0.02)
        edge = min(x for x, *_ in group) - 0.03 * (right - left)
        for k, (x, y, name, ink) in enumerate(group):
            at = lowest + k * line
            ax.plot([edge, x], [at, y], color=SOFT, linewidth=0.4 * thick(), zorder=1)
            look = {"fontsize": points(8), "color": ink, "ha": "right", "va": "center"}
            ax.text(edge, at, f"{name} ", bbox=PAPER, zorder=3, **look)


def _close(places, wide):
    """The places in groups, in each of which every one is close to another."""
    groups: list[list] = []
    for place in places:
        near = [
            group
            for group in groups
            if any(abs(place[0] - x) < wide and abs(place[1] - y) < CLOSE_BY for x, y, *_ in group)
        ]
        groups = [group for group in groups if group not in near]
        groups.append([place, *(other for group in near for other in group)])
    return groups
