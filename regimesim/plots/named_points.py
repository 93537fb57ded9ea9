"""Names beside points: those of points close together stand in a column."""

import numpy as np

from regimesim.plots.style import SOFT, points, scale, thick

PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.3}
CLOSE_BY = 0.12  # a share of the panel: names of points closer than this stand in a column
STEPS = 60  # of half a line, by which a column of names may move up or down
LETTER, LINE = 0.066, 0.15  # inches on paper, of a name's letter and line


def size_of_name(ax, letters: int):
    """Width and height of a name as shares of its panel."""
    width, height = ax.get_window_extent().size / ax.figure.dpi / scale()
    return letters * LETTER / width, LINE / height


def name_points(ax, places) -> None:
    """Write the names to the left of their points: those of points close together in a
    column, with a thin line from each to its point.  No name hides another, or a point."""
    left, right = ax.get_xlim()
    line = size_of_name(ax, 0)[1] * np.ptp(ax.get_ylim())
    taken = [(x, x, y, y) for x, y, *_ in places]
    for group in sorted(_close(places, (right - left) * CLOSE_BY), key=len):
        group.sort(key=lambda place: (place[1], -place[0]))
        edge = min(x for x, *_ in group) - 0.03 * (right - left)
        wide = max(size_of_name(ax, len(name))[0] for _, _, name, _ in group) * (right - left)
        middle = np.mean([y for _, y, *_ in group])
        lowest = _free_height(middle, len(group), line, (edge - wide, edge), taken)
        for k, (x, y, name, ink) in enumerate(group):
            at = lowest + k * line
            ax.plot([edge, x], [at, y], color=SOFT, linewidth=0.4 * thick(), zorder=1)
            look = {"fontsize": points(8), "color": ink, "ha": "right", "va": "center"}
            ax.text(edge, at, f"{name} ", bbox=PAPER, zorder=3, **look)


def _free_height(middle, count, line, across, taken) -> float:
    """Where the lowest name of a column stands: as near as can be to the middle of its points,
    so that it hides no place that is taken; the column then joins these."""
    highest = 0.98 - line * (count - 1)
    wished = max(min(middle - line * (count - 1) / 2, highest), 0.02)
    steps = sorted(np.arange(-STEPS, STEPS + 1) / 2, key=lambda step: (abs(step), -step))
    heights = [wished + line * step for step in steps]
    boxes = [(*across, at - 0.7 * line, at + (count - 0.3) * line) for at in heights]
    free = [
        place
        for place in zip(heights, boxes, strict=True)
        if 0.02 <= place[0] <= highest and not any(_overlap(place[1], one) for one in taken)
    ]
    at, box = free[0] if free else (wished, boxes[0])
    taken.append(box)
    return at


def _overlap(one, other) -> bool:
    """Whether two boxes (left, right, low, high) share a place."""
    return one[0] <= other[1] and other[0] <= one[1] and one[2] <= other[3] and other[2] <= one[3]


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
