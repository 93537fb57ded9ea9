"""The figure of cruxes: what each group adds, from one scenario's outcome to another's."""

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.formatting import percent
from regimesim.analysis.meaning import sign_is_known
from regimesim.plots.axes import striped
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
    words,
)

UP, DOWN, SIDE = "#0B4F8A", "#F0A33A", "#7F7F7F"  # dark and light, for grey print
MOST_NAMED = 2  # parameters of a group that are named
# In inches of paper: a row, the margins of the panel, and a letter of a name.
ROW, HEAD, FOOT, RIGHT, LETTER = 0.4, 0.25, 0.8, 0.65, 0.064
WIDEST, HALF = 2.6, 0.45  # for the names: inches, and a share of the width
READ = (
    "{words}, from A to B; bars: what a group of parameters adds on the way, averaged over all "
    "orders (Shapley values, which add up to the difference), with 95 % intervals"
)


@styled
def cruxes(content: dict, ax=None):
    """Draw a bar for each group of parameters, from the outcome of scenario a to that of b.

    Each bar begins where the bar above it ends.

    Parameters
    ----------
    content : dict
        The content of cruxes.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    widest = min(WIDEST, HALF * width_for(2) / scale())
    rows = _labels(content, int(widest / LETTER))
    figure = None
    if ax is None:
        figure, ax = _panel(rows)
    factor = 100 if content.get("unit", "1") == "1" else 1
    groups, last = list(content["groups"].values()), len(rows) - 1
    striped(ax, range(len(rows)))
    so_far = factor * content["a"]["estimate"]
    _draw_side(ax, 0, content["a"], factor)
    for place, group in enumerate(groups, 1):
        so_far = _draw_group(ax, place, so_far, group["shapley"], factor)
    _draw_side(ax, last, content["b"], factor)
    _write_numbers(ax, content, factor)
    ax.set_yticks(range(len(rows)), rows, fontsize=points(8))
    ax.set_ylim(last + 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    unit = {"1": " (%)"}.get(content.get("unit", "1"), f" ({content.get('unit')})")
    ax.set_xlabel(f"{words(content['outcome'])}{unit}")
    note = READ.format(words=content.get("words", words(content["outcome"])))
    finish(figure, [ax], content, note, finding=_finding(content, _written(content, factor)))
    return ax


def _finding(content, written: list[str]) -> str:
    """Both outcomes, and the group that adds most where that is clearly something."""
    steps = {name: group["shapley"] for name, group in content["groups"].items()}
    clear = [name for name, step in steps.items() if sign_is_known(step)]
    sides = f"{written[0]} in A, {written[-1]} in B"
    if clear:
        most = max(clear, key=lambda name: abs(steps[name]["estimate"]))
        step = dict(zip(steps, written[1:-1], strict=True))[most]
        points = f"{step} points" if content.get("unit", "1") == "1" else step
        added = f"{most} adds most, {points}"
    else:
        added = "no group of parameters clearly adds anything"
    name = words(content["outcome"])
    return f"{name[0].upper()}{name[1:]}: {sides}; {added}"


def _labels(content, letters) -> list[str]:
    """The name of each row, and in a second line what differs."""
    sides = [_side(name.upper(), content[name], letters) for name in "ab"]
    groups = []
    for name, group in content["groups"].items():
        groups.append(f"{shortened(name, letters)}\n{_differing(group['parameters'], letters)}")
    return [sides[0], *groups, sides[1]]


def _differing(parameters, letters) -> str:
    """What differs, with its values where they fit into the line."""
    full = [_change(key, *values) for key, values in parameters.items()]
    bare = [key.rpartition(".")[2] for key in parameters]
    wanted = ((full, MOST_NAMED), (full, 1), (bare, MOST_NAMED), (bare, 1))
    lines = [_listed(some, most) for some, most in wanted]
    return next((line for line in lines if len(line) <= letters), shortened(lines[-1], letters))


def _listed(some, most) -> str:
    more = f" and {len(some) - most} more" if len(some) > most else ""
    return ", ".join(some[:most]) + more


def _side(name, side, letters) -> str:
    scenario, policy = f"{name}: {side['scenario']}", side.get("title")
    if policy is None:
        return shortened(scenario, letters)
    line = f"{scenario}, {policy}"
    lines = f"{shortened(scenario, letters)}\n{shortened(policy, letters)}"
    return line if len(line) <= letters else lines


def _change(key, ours, theirs) -> str:
    return f"{key.rpartition('.')[2]} {_value(ours)} → {_value(theirs)}"


def _value(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return " ".join(f"{kind} {_value(inner)}" for kind, inner in value.items())
    if isinstance(value, list):
        return f"({', '.join(map(_value, value))})"
    return "none" if value is None else str(value)


def _draw_side(ax, place, side, factor):
    """The outcome of one scenario with its interval."""
    x = factor * side["estimate"]
    ax.plot([x], [place], "o", color=SIDE, markersize=points(5), zorder=3)
    _whisker(ax, place, side["low"], side["high"], factor, SIDE)


def _draw_group(ax, place, begin, shapley, factor) -> float:
    """A bar from where the one above ends, to where the next begins; where the step is not known,
    its interval alone."""
    step = factor * (shapley["estimate"] or 0.0)
    link = {"color": SOFT, "linewidth": 0.5 * thick(), "zorder": 1}
    ax.plot([begin, begin], [place - 1, place], **link)
    ax.plot([begin + step] * 2, [place, place + 1], **link)
    ax.barh(place, step, left=begin, height=0.44, color=UP if step >= 0 else DOWN, zorder=2)
    shift = begin / factor
    if shapley["low"] is not None:
        low, high = shapley["low"] + shift, shapley["high"] + shift
        _whisker(ax, place, low, high, factor, INKS[0])
    return begin + step


def _whisker(ax, place, low, high, factor, ink):
    if low is not None and high is not None:
        low, high = factor * low, factor * high
        bar = {"fmt": "none", "ecolor": ink, "elinewidth": thick(), "capsize": points(2)}
        ax.errorbar([(low + high) / 2], [place], xerr=[(high - low) / 2], zorder=4, **bar)


def _write_numbers(ax, content, factor):
    """Write each row's number at the right edge."""
    across = ax.get_yaxis_transform()
    for place, text in enumerate(_written(content, factor)):
        look = {"fontsize": points(8), "va": "center", "ha": "left"}
        ax.text(1.02, place, text, transform=across, **look)


def _written(content, factor) -> list[str]:
    """The number of each row: the outcome of A, what each group adds, the outcome of B."""
    ends = [content[name]["estimate"] for name in "ab"]
    steps = [group["shapley"]["estimate"] for group in content["groups"].values()]
    if factor == 100:
        first, last = (f"{percent(end)} %" for end in ends)
        return [first, *(_signed(step and 100 * step, 1) for step in steps), last]
    largest = max(abs(number or 0.0) for number in (*ends, *steps)) or 1
    digits = max(0, 2 - int(np.floor(np.log10(largest))))  # three of the largest
    first, last = (f"{end:.{digits}f}" for end in ends)
    return [first, *(_signed(step, digits) for step in steps), last]


def _signed(step: float | None, digits: int) -> str:
    """A change with its sign, 0 without one; a dash where it is not known."""
    if step is None:
        return "–"
    written = f"{step:+.{digits}f}"
    return written.replace("-", "−") if float(written) else "0"


def _panel(rows):
    unit, width = scale(), width_for(2)
    height = (HEAD + ROW * len(rows) + FOOT) * unit
    figure = Figure(figsize=(width, height))
    longest = max(len(line) for row in rows for line in row.splitlines())
    left = (0.15 + LETTER * longest) * unit
    box = (left, FOOT * unit, width - left - RIGHT * unit, ROW * len(rows) * unit)
    return figure, figure.add_axes(np.array(box) / [width, height, width, height])


FIGURES = (Drawing("cruxes", cruxes, ("cruxes",)),)
