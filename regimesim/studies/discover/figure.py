"""Boxes of assumptions in which policies fail: how they were peeled, and their limits."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from regimesim.analysis.findings import in_percent
from regimesim.plots.axes import share_axis
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    flat_axes,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
)

RANGE, PATH = "#E4E4E8", "#B5B5BB"
MOST = 5  # dimensions that have a colour of their own
FEWEST = 4  # rows that a panel has room for
# Of the figure, in inches of paper: a row of panels and what is around and between them.
TALL, ROW, HEAD, LEFT, RIGHT, BETWEEN, FOOT = 1.9, 0.42, 0.55, 0.75, 0.3, 0.35, 0.85
VALUE, LETTER = 0.5, 0.055  # for a number under a bar, and for a letter above one
SIDES = ("low", "high")
READ = (
    "left: steps of peeling in the worlds in which boxes are found, dots: the same without "
    "limits that luck explains, diamonds: the chosen ones by number, cross: the first box in the "
    "other half of the worlds, with its 95 % intervals; right: limits of each box among the "
    "worlds' values of a parameter, by rank, from the least to the greatest"
)


@styled
def boxes(content: dict, axes=None):
    """Draw trajectory and limits of the boxes in which policies fail, two panels a policy.

    The left panel shows density (the share of a box's worlds that fail) against coverage (its
    share of all failures), coloured by the number of parameters that are limited; the right
    one shows the limits.

    Parameters
    ----------
    content : dict
        The content of discover.json.
    axes : array of Axes, optional
        Two a policy; by default a new figure.

    Returns
    -------
    array of Axes

    Raises
    ------
    ValueError
        Where there are more or fewer axes.
    """
    policies, figure = content["policies"], None
    if axes is None:
        figure, axes = _panels(policies)
    axes = flat_axes(axes, 2 * len(policies))
    looks = looks_in(content, policies)
    for k, (name, policy) in enumerate(policies.items()):
        title, ink, _ = looks[name]
        _draw_trajectory(axes[2 * k], policy, ink)
        _draw_limits(axes[2 * k + 1], policy, ink)
        axes[2 * k].set_title(shortened(title, 26))
        axes[2 * k].set_ylabel("density")
    axes[-2].set_xlabel("coverage")
    axes[-1].set_xlabel("share of worlds with lower values")
    _legend(axes[0], policies.values())
    titles = {name: look.title for name, look in looks.items()}
    finish(figure, axes, content, READ, columns=MOST + 1, finding=_finding(policies, titles))
    return axes


def _finding(policies, titles) -> str:
    """The first box of the policy that a box sets furthest apart from all of its worlds."""
    boxed = [name for name, policy in policies.items() if policy["boxes"]]
    if not boxed:
        return "No limits of assumptions hold more failures than luck would put there"

    def apart(name):
        return _middle(policies[name]["boxes"][0]["density"]) - _middle(policies[name]["failing"])

    name = max(boxed, key=apart)
    box, failing = policies[name]["boxes"][0], in_percent(_middle(policies[name]["failing"]))
    dense = in_percent(_middle(box["density"]))
    where = f"worlds with {box['condition']}"
    return f"{titles[name]} fails in {dense} of {where}, and in {failing} of all"


def _middle(estimate) -> float:
    return estimate["estimate"] or 0.0


def _colour(dimensions):
    return colormaps["viridis"](0.02 + 0.93 * min(dimensions, MOST) / MOST)


def _legend(ax, policies):
    """The colours of the steps of peeling, for the legend of the figure."""
    counts = {
        min(step["pruned"]["dimensions"], MOST)
        for policy in policies
        for box in policy["boxes"][:1]
        for step in box["trajectory"]
    }
    for k in sorted(counts):
        label = "no limit" if k == 0 else f"{k} limited" if k < MOST else f"{k} or more"
        ax.plot([], [], "o", color=_colour(k), markersize=points(4), label=label)


def _draw_trajectory(ax, policy, ink):
    for k, box in enumerate(policy["boxes"]):
        steps = box["trajectory"]
        path = [[step[name] for step in steps] for name in ("coverage", "density")]
        ax.plot(*path, color=PATH, linewidth=0.8 * thick(), zorder=1)
        if k == 0:
            pruned = [step["pruned"] for step in steps]
            place = [[step[name] for step in pruned] for name in ("coverage", "density")]
            inks = [_colour(step["dimensions"]) for step in pruned]
            dots = {"s": points(4) ** 2, "linewidths": 0, "zorder": 2, "clip_on": False}
            ax.scatter(*place, c=inks, **dots)
        chosen = steps[box["chosen"]]["pruned"]
        look = {"color": "none", "markeredgecolor": INKS[0], "markersize": points(7)}
        at = chosen["coverage"], chosen["density"]
        ax.plot(*at, "D", zorder=3, clip_on=False, **look)
        beside = {"textcoords": "offset points", "xytext": (points(6), points(1))}
        ax.annotate(str(k + 1), at, fontsize=points(8), **beside)
    if policy["boxes"]:
        _draw_judged(ax, policy["boxes"][0], ink)
    else:
        ax.text(0.5, 0.5, "no box", transform=ax.transAxes, ha="center", color=SOFT)
    base = policy["failing"]["estimate"]
    ax.axhline(base, color=SOFT, linewidth=0.6 * thick(), linestyle=":", zorder=0)
    share_axis(ax)
    ax.set_xlim(0, 1.012)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])


def _draw_judged(ax, box, ink):
    """The first box as the worlds that had no part in finding it have it."""
    # The interval of a share is drawn at the other share, where that is known.
    x, y = (
        {name: np.nan if end is None else end for name, end in box[share].items()}
        for share in ("coverage", "density")
    )
    line = {"color": ink, "linewidth": 1.2 * thick(), "zorder": 4}
    ax.plot([x["low"], x["high"]], [y["estimate"]] * 2, **line)
    ax.plot([x["estimate"]] * 2, [y["low"], y["high"]], **line)


def _rows(policy):
    """(number of the box, key, limits) of each limited parameter of each box."""
    return [
        (number, key, sides)
        for number, box in enumerate(policy["boxes"], 1)
        for key, sides in box["limits"].items()
    ]


def _draw_limits(ax, policy, ink):
    """A row for each limited parameter of each box."""
    rows, size = _rows(policy), points(7)
    wide = ax.get_position().width * ax.figure.get_figwidth() / scale()
    close, letters = VALUE / wide, int(wide / LETTER)
    for place, (number, key, sides) in enumerate(rows):
        ax.barh(place, 1, height=0.3, color=RANGE, zorder=1)
        begin, end = (sides[s]["worlds_below"] if s in sides else k for k, s in enumerate(SIDES))
        ax.barh(place, end - begin, left=begin, height=0.3, color=ink, zorder=2)
        low, high = policy["parameters"][key]["range"]
        unit = policy["parameters"][key]["unit"]
        unit = f" ({unit})" if unit not in ("", "1") else ""
        name = f"{shortened(f'{number}: {key}', letters - len(unit))}{unit}"
        ax.text(0, place - 0.24, name, fontsize=size, va="bottom", ha="left")
        small = {"fontsize": points(6.5), "va": "top", "color": SOFT}
        ends = {0.0: (low, "left"), 1.0: (high, "right")}
        for at, (value, side) in ends.items():
            if all(abs(limit["worlds_below"] - at) > close for limit in sides.values()):
                ax.text(at, place + 0.19, _end(value, low, high), ha=side, **small)
        for limit in sides.values():
            at = limit["worlds_below"]
            side = "left" if at < 0.1 else "right" if at > 0.9 else "center"
            bold = {"color": INKS[0], "ha": side}
            ax.text(at, place + 0.19, f"{limit['value']:.4g}", **{**small, **bold})
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.set_ylim(max(len(rows), FEWEST) - 0.35, -0.75)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _end(value, low, high):
    """An end of a range as text: as good as zero, beside its width, is zero."""
    return "0" if abs(value) < (high - low) / 1000 else f"{value:.3g}"


def _panels(policies):
    """(figure, axes): two panels a policy, one policy below the other."""
    unit, width = scale(), width_for(3)
    tall = [max(TALL, ROW * len(_rows(policy))) for policy in policies.values()]
    height = (sum(tall) + len(tall) * HEAD + FOOT) * unit
    figure = Figure(figsize=(width, height))
    inner = width - (LEFT + RIGHT + BETWEEN) * unit
    axes, top = [], height
    for deep in tall:
        top -= (deep + HEAD) * unit
        for left, wide in ((0, 0.4), (0.4 * inner + BETWEEN * unit, 0.6)):
            box = (LEFT * unit + left, top, wide * inner, deep * unit)
            axes.append(figure.add_axes(np.array(box) / [width, height, width, height]))
    return figure, axes


FIGURES = (Drawing("boxes", boxes, ("discover",)),)
