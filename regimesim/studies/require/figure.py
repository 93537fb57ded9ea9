"""The figure of a requirement: the estimates along the line, the targets and the answer."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from regimesim.analysis.estimand_table import SHARES
from regimesim.analysis.formatting import rounded
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    BELOW,
    DASHES,
    LEFT,
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
from regimesim.scenario.parameters import declared_by_key
from regimesim.studies.ranges import Varied
from regimesim.studies.require.line import CUBES, RATIOS, Line
from regimesim.studies.targets import Target

TICKS = (0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.5, 1)  # of a range, where it is drawn by its cube root
CLOSE = 0.1  # a target nearer than this to all or none of the worlds is magnified
SEEN = 12  # how many times its distance the axis then covers, where the curve begins far below
FAR = 2  # times as much: how far below the curve may begin for the axis to hold all of it
PANEL, SIDE, ABOVE = 2.5, 0.2, 0.32  # inches of paper
READ = (
    "the same worlds at every value, or fewer of them far from the answer; curve and band: "
    "estimates with 95 % intervals; dashed: the target; upright line and hatching: the answer "
    "with its 95 % interval"
)


@styled
def requirement(content: dict, policy: str, axes=None):
    """Draw the estimates along the line with their 95 % band, and the answer.

    Parameters
    ----------
    content : dict
        The content of require.json.
    policy : str
        The policy whose search is drawn.
    axes : Axes or array of Axes, optional
        One for each target; by default a new figure.

    Returns
    -------
    array of Axes
        A panel for each target.
    """
    figure, targets, answer = None, content["targets"], content["policies"][policy]
    if axes is None:
        figure, axes = _stacked(len(targets))
    axes = flat_axes(axes, len(targets), "targets")
    line = Line(tuple(Varied(**one) for one in content["vary"]))
    title, ink, _ = looks_in(content, [policy])[policy]
    for target, ax in zip(targets, axes, strict=True):
        _draw_answer(ax, answer, line)
        _draw_target(ax, answer, line, Target(**target), ink)
        _value_axis(ax, line)
    if figure is None:
        axes[0].set_title(shortened(title, 40))  # above one of several panels of the caller
    finish(figure, axes, content, READ, finding=_finding(answer))
    return axes


def _finding(answer) -> str:
    """The first sentence of an answer, without what it costs."""
    return answer["sentence"].split(". ")[0].rstrip(".")


def _stacked(count):
    """A figure with a panel for each target, one below the other."""
    unit, width = scale(), width_for(2)
    tall = PANEL * (1.2 if count == 1 else 0.85) * unit
    below = (BELOW + 0.15) * unit
    height = count * tall + (count - 1) * 0.2 * unit + ABOVE * unit + below
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(count, 1, sharex=True, squeeze=False).ravel()
    figure.subplots_adjust(
        left=LEFT * unit / width,
        right=1 - SIDE * unit / width,
        top=1 - ABOVE * unit / height,
        bottom=below / height,
        hspace=0.2 * unit / tall,
    )
    return figure, axes


def _draw_target(ax, answer, line, target, ink):
    """The curve of one target with its band, and the target as a dashed line."""
    tested = [one for one in answer["tried"] if one["estimates"][str(target)]["n"]]
    across = np.array([_across(line, one["place"], one["values"]) for one in tested])
    estimates = [one["estimates"][str(target)] for one in tested]
    columns = [[estimate[key] for key in ("estimate", "low", "high")] for estimate in estimates]
    curve, low, high = np.array(columns, float).reshape(-1, 3).T
    close = 0 < 1 - target.value <= CLOSE
    ax.fill_between(across, low, high, color=ink, alpha=0.18, linewidth=0)
    ax.plot(across, curve, color=ink, marker="o", markersize=3 * thick(), clip_on=close)
    ax.axhline(target.value, color=SOFT, linewidth=thick(), linestyle=DASHES[1])
    ax.set_ylabel(words(target.estimand))
    value = f"{target.value:g}"
    if target.estimand in SHARES:
        value = f"{100 * target.value:g} %"
        ax.yaxis.set_major_formatter(lambda share, _: f"{rounded(100 * share, '.3g')} %")
    sought = f"{target.sense} {value}".replace(">=", "at least").replace("<=", "at most")
    ends = np.abs(curve[[0, -1]] - target.value) if len(curve) else (0, 0)
    right = ends[1] >= ends[0]  # where the curve is further from it
    ax.annotate(
        sought,
        (1 if right else 0, target.value),
        xycoords=ax.get_yaxis_transform(),
        xytext=(-3 if right else 3, -10 * scale() if target.value > 0.5 else 4),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=points(8),
        color=SOFT,
    )
    if close:
        ax.set_ylim(_bottom(low, 1 - target.value), 1 + 0.6 * (1 - target.value))


def _bottom(low, distance) -> float:
    """Where the axis of a target begins that lies at `distance` from 1: where the band does, but
    for a curve that begins far below, which leaves the axis."""
    begins, least = np.nanmin(low, initial=1.0), 1 - SEEN * distance
    lowest = begins - distance / 4 if 1 - begins < FAR * (1 - least) else least
    return max(lowest, -distance / 4)


def _across(line, place, values) -> float:
    """Where a place of the line is drawn: at its value, or at its share of the way."""
    return place if len(line.varied) > 1 else values[line.varied[0].key]


def _draw_answer(ax, answer, line):
    """The answer as a line, and its interval as a band."""
    places = {
        tuple(one["values"].values()): _across(line, one["place"], one["values"])
        for one in answer["tried"]
    }

    def across(values, otherwise):
        return otherwise if values is None else places[tuple(values.values())]

    if answer["low"] is not None or answer["high"] is not None:
        low = across(answer["low"], min(places.values()))
        high = across(answer["high"], max(places.values()))
        hatched = {"facecolor": "none", "edgecolor": SOFT, "hatch": "///", "linewidth": 0}
        ax.axvspan(low, high, alpha=0.4, **hatched)
    if answer["answer"] is not None:
        ax.axvline(across(answer["answer"], None), color=SOFT, linewidth=2 * thick())


def _value_axis(ax, line):
    """The values on the scale on which they were searched."""
    (one, *others), spacing = line.varied, line.spacing
    low, high = (0, 1) if others else (one.low, one.high)
    if spacing == RATIOS:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
        ax.minorticks_off()
    elif spacing == CUBES:
        ax.set_xscale("function", functions=(np.cbrt, lambda place: place**3))
        ticks = [float(f"{share * high:.3g}") for share in TICKS]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    margin = 1.03 if spacing == RATIOS else 1 + 0.01 * (high - low)
    ax.set_xlim(*((low / margin, high * margin) if spacing == RATIOS else (low, high)))
    if ax.get_subplotspec() is None or ax.get_subplotspec().is_last_row():
        ends = [f"{v.key} {v.low:g} to {v.high:g}" for v in line.varied]
        unit = declared_by_key()[one.key].quantity.unit if one.key in declared_by_key() else ""
        name = f"{one.key} ({unit})" if unit not in ("", "1") else one.key
        ax.set_xlabel(f"share of the way: {', '.join(ends)}" if others else name)


FIGURES = (Drawing("require", requirement, ("require",), each="policies"),)
