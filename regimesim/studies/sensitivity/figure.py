"""The figure of a sensitivity: Sobol indices and elementary effects of each parameter."""

from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.formatting import percent, rounded
from regimesim.plots.axes import striped
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
    words,
)

FIRST, TOTAL, EFFECT = INKS[2], INKS[1], INKS[3]
# Of the figure, in inches of paper: a parameter's row, and what is around the panels.
ROW, HEAD, FOOT, RIGHT, BETWEEN, LETTER = 0.3, 0.3, 0.8, 0.2, 0.25, 0.064
WIDEST = 2.3  # for the names
MOST = 40  # rows
OF_INDICES = (
    "share of the variance of {outcome} over points that a parameter explains by itself (first), "
    "and with all others (total)"
)
OF_EFFECTS = "mean size of the elementary effects of a parameter on {outcome} (mu*)"


@styled
def sensitivity(content: dict, axes=None):
    """Draw first and total Sobol indices of every parameter, and Morris' mu* beside.

    Parameters
    ----------
    content : dict
        The content of sensitivity.json.
    axes : Axes or array of Axes, optional
        One a panel; by default a new figure.  Where indices or effects were not measured
        their panel is left out, and takes no axes.

    Returns
    -------
    array of Axes

    Raises
    ------
    ValueError
        Where there are more or fewer axes than panels.
    """
    drawn = [panel for panel in PANELS if any(map(panel.of, content["parameters"].values()))]
    parameters = dict(list(content["parameters"].items())[:MOST])
    figure = None
    if axes is None:
        figure, axes = _panels(list(parameters), max(len(drawn), 1))
    axes = flat_axes(axes, max(len(drawn), 1))
    at = np.arange(len(parameters))[::-1]
    for ax in axes:
        _rows(ax, at, parameters, named=figure is None or ax is axes[0])
    for ax, panel in zip(axes, drawn, strict=False):
        panel.draw(ax, at, list(parameters.values()), content)
    title = looks_in(content, [content["policy"]])[content["policy"]].title
    caption = {**content, "scenario": f"{content['scenario']}, {title}"}
    note = _read(content, drawn)
    finish(figure, axes, caption, note, columns=2, finding=_finding(content))
    return axes


def _finding(content) -> str:
    """Which parameter matters most, where the intervals say so; else the one that leads."""
    outcome, every = words(content["outcome"]), content["parameters"]
    for kind, name in (("total", "total index"), ("mu_star", "mu*")):
        known = {key: one[kind] for key, one in every.items() if one[kind]}
        if not known:
            continue
        first, *others = sorted(known, key=lambda key: -known[key]["estimate"])
        if known[first]["estimate"] == 0:
            return f"No parameter is seen to change {outcome}"
        vague = kind == "total" and any(
            one["mu_star"] and not one[kind] and not one["no_effect"] for one in every.values()
        )
        highs = [known[key]["high"] for key in others]
        ends = [known[first]["low"], *highs]
        if vague or None in ends or any(high >= ends[0] for high in highs):
            return f"{first} leads by its {name} for {outcome}, but others may matter more"
        return f"{outcome} depends most on {first}, by its {name}"
    return f"No parameter is seen to change {outcome}"


def _read(content, drawn) -> str:
    """How to read the panels that are drawn, and what else a reader must know."""
    says = [panel.words.format(outcome=words(content["outcome"])) for panel in drawn]
    sides = ("left: ", "right: ") if len(says) == 2 else ("",)
    notes = [f"{side}{text}" for side, text in zip(sides, says, strict=False)]
    notes += ["whiskers: 95 % intervals"] if says else ["nothing was measured"]
    share = content.get("noise_share")
    if share is not None:
        most = f"{percent(min(share, 1.0))} %"
        notes.append(f"at most {most} of the variance over points is sampling noise")
    return "; ".join([*notes, *_not_drawn(content, drawn)])


def _not_drawn(content, drawn):
    """How many parameters are not drawn, and the greatest estimate among them."""
    rest = list(content["parameters"].values())[MOST:]
    known = [panel.of(one)["estimate"] for panel in drawn[:1] for one in rest if panel.of(one)]
    known = [value for value in known if value is not None]
    if rest:
        size = f", of {drawn[0].measure} {_most(known, drawn[0], content)}" if known else ""
        yield f"and {len(rest)} more{size}"


def _most(values, panel, content) -> str:
    largest = max(values) * panel.size(content)
    return f"at most {largest:.2g}" if largest else "0"


def _rows(ax, at, parameters, named):
    striped(ax, at)
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
    _write_no_effect(ax, at, parameters)
    ax.xaxis.set_major_formatter(lambda share, _: f"{rounded(100 * share, '.3g')} %")
    ax.set_xlabel("share of variance")


def _draw_effects(ax, at, parameters, content):
    size = _effect_size(content)
    sized = [one["mu_star"] and _times(size, one["mu_star"]) for one in parameters]
    _draw_dots(ax, at, sized, EFFECT, "s", None)
    low, high = ax.get_xlim()
    ax.set_xlim(min(0, low), high if any(one and one["estimate"] for one in sized) else 1)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    _write_no_effect(ax, at, parameters)
    unit = content.get("unit", "1")
    ax.set_xlabel(f"mu* ({'% points' if unit == '1' else unit})")


def _effect_size(content) -> int:
    """By what effects are multiplied: those of shares are in percentage points."""
    return 100 if content.get("unit", "1") == "1" else 1


def _times(size, estimate):
    return {name: None if value is None else size * value for name, value in estimate.items()}


class Panel(NamedTuple):
    """What a panel shows: the estimate of a parameter, its name, how it is drawn and read, and
    by what it is multiplied."""

    of: Callable
    measure: str
    draw: Callable
    words: str
    size: Callable


PANELS = (
    Panel(itemgetter("total"), "total index", _draw_indices, OF_INDICES, lambda _: 1),
    Panel(itemgetter("mu_star"), "mu*", _draw_effects, OF_EFFECTS, _effect_size),
)


def _draw_dots(ax, at, estimates, ink, marker, label):
    """Dots with whiskers, of the estimates that are there."""
    there = [(y, one) for y, one in zip(at, estimates, strict=True) if one]
    whiskers = [(y, one) for y, one in there if one["low"] is not None and one["estimate"]]
    if whiskers:
        y, low, high = np.array([(y, one["low"], one["high"]) for y, one in whiskers]).T
        bars = {"fmt": "none", "ecolor": ink, "elinewidth": thick(), "capsize": points(1.5)}
        ax.errorbar((low + high) / 2, y, xerr=(high - low) / 2, zorder=2, **bars)
    look = {"color": ink, "markersize": points(4), "linestyle": "none", "label": label}
    ax.plot([one["estimate"] for _, one in there], [y for y, _ in there], marker, zorder=3, **look)


def _write_no_effect(ax, at, parameters):
    for y, one in zip(at, parameters, strict=True):
        if one["no_effect"]:
            small = {"fontsize": points(6.5), "color": SOFT, "va": "center"}
            ax.text(0, y, "   no effect seen", **small)


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


FIGURES = (Drawing("sensitivity", sensitivity, ("sensitivity",)),)
