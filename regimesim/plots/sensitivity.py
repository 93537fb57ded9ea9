"""How much each parameter matters to an outcome: Sobol indices and elementary effects."""

import numpy as np
from matplotlib.figure import Figure

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

FIRST, TOTAL, EFFECT = INKS[2], INKS[1], INKS[3]
STRIPE = "#F3F3F5"
# Of the figure, in inches of paper: a parameter's row, and what is around the panels.
ROW, HEAD, FOOT, RIGHT, BETWEEN, LETTER = 0.3, 0.3, 0.8, 0.2, 0.25, 0.064
WIDEST = 2.3  # for the names
READ = (
    "left: share of the variance of {outcome} over points that a parameter explains by itself "
    "(first), and with all others (total); right: mean size of its elementary effects (mu*); "
    "whiskers: 95 % intervals"
)


@styled
def sensitivity(found, axes=None):
    """First and total Sobol indices of every parameter, and Morris' mu* beside.

    found: the content of sensitivity.json, or the table of `regimesim.sensitivity` · axes:
    two.  Where indices or effects were not measured their panel is left out, and takes no
    axes.  Raises ValueError where there are more or fewer axes than panels.
    """
    found = getattr(found, "attrs", found)
    parameters = found["parameters"]
    drawn = [draw for name, draw in PANELS if any(one[name] for one in parameters.values())]
    figure = None
    if axes is None:
        figure, axes = _panels(list(parameters), max(len(drawn), 1))
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != max(len(drawn), 1):
        raise ValueError(f"{len(axes)} axes were given for {len(drawn)} panels")
    at = np.arange(len(parameters))[::-1]
    for ax in axes:
        _rows(ax, at, parameters, named=figure is None or ax is axes[0])
    for ax, draw in zip(axes, drawn, strict=False):
        draw(ax, at, list(parameters.values()), found)
    note = READ.format(outcome=words(found["outcome"]))
    if found.get("noise_share") is not None:
        note += f"; {100 * found['noise_share']:.2g} % of that variance is luck, of so many worlds"
    caption = {**found, "scenario": f"{found['scenario']}, {found['policy']}"}
    finish(figure, axes, caption, note, columns=2)
    return axes


def _rows(ax, at, parameters, named):
    for k in at[::2]:
        ax.axhspan(k - 0.5, k + 0.5, color=STRIPE, linewidth=0, zorder=0)
    letters = int(WIDEST / LETTER)
    ax.set_yticks(at, [shortened(key, letters) for key in parameters] if named else [])
    ax.set_ylim(-0.5, len(parameters) - 0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _draw_indices(ax, at, parameters, _):
    _draw_dots(ax, at + 0.14, [one["total"] for one in parameters], TOTAL, "o", "total")
    _draw_dots(ax, at - 0.14, [one["first"] for one in parameters], FIRST, "D", "first")
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, 0), max(high, 0.1))
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    _tell_no_effect(ax, at, parameters)
    ax.set_xlabel("share of variance")


def _draw_effects(ax, at, parameters, found):
    _draw_dots(ax, at, [one["mu_star"] for one in parameters], EFFECT, "s", None)
    ax.set_xlim(min(0, ax.get_xlim()[0]), None)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    unit = found.get("unit", "1")
    ax.set_xlabel("mu*" if unit == "1" else f"mu* ({unit})")


PANELS = (("total", _draw_indices), ("mu_star", _draw_effects))  # what each is drawn from


def _draw_dots(ax, at, estimates, ink, marker, label):
    """Dots with whiskers, of the estimates that are there."""
    there = [(y, one) for y, one in zip(at, estimates, strict=True) if one]
    whiskers = [(y, one) for y, one in there if one["low"] is not None]
    if whiskers:
        y, low, high = np.array([(y, one["low"], one["high"]) for y, one in whiskers]).T
        bars = {"fmt": "none", "ecolor": ink, "elinewidth": thick(), "capsize": points(1.5)}
        ax.errorbar((low + high) / 2, y, xerr=(high - low) / 2, zorder=2, **bars)
    look = {"color": ink, "markersize": points(4), "linestyle": "none", "label": label}
    ax.plot([one["estimate"] for _, one in there], [y for y, _ in there], marker, zorder=3, **look)


def _tell_no_effect(ax, at, parameters):
    for y, one in zip(at, parameters, strict=True):
        if one["no_effect"]:
            small = {"fontsize": points(6.5), "color": SOFT, "va": "center"}
            ax.text(0, y, " no effect", **small)


def _panels(names, count):
    """(figure, axes): panels side by side, as tall as there are parameters."""
    unit, width = scale(), width_for(2)
    tall = max(ROW * len(names), 1.2)
    height = (HEAD + tall + FOOT) * unit
    figure = Figure(figsize=(width, height))
    left = min(0.2 + LETTER * max(map(len, names)), WIDEST) * unit
    inner = width - left - (RIGHT + BETWEEN * (count - 1)) * unit
    shares = (0.6, 0.4) if count == 2 else (1.0,)
    axes, begin = [], left
    for share in shares:
        box = (begin, FOOT * unit, share * inner, tall * unit)
        axes.append(figure.add_axes(np.array(box) / [width, height, width, height]))
        begin += share * inner + BETWEEN * unit
    return figure, axes
