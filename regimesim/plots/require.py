"""The figure of a requirement: what was estimated along the line, the targets, the answer."""

from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from regimesim.analysis.line import CUBES, RATIOS
from regimesim.analysis.require_told import sentence
from regimesim.plots.style import (
    BELIEVED,
    DASHES,
    LEFT,
    SOFT,
    TRUE,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
    words,
)

TICKS = (0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.5, 1)  # of a range, where it is drawn by its cube root
CLOSE = 0.1  # a target nearer than this to all or none of the worlds is looked at closely
SEEN = 12  # how many times its distance is then seen
PANEL, SIDE, ABOVE, BELOW = 2.5, 0.2, 0.32, 1.12  # inches of paper


@styled
def requirement(found, scenario, axes=None):
    """Estimates with their 95 % band along the line, a panel a target, with the answer.

    found: a `Requirement` · scenario: for the caption · axes: one a target.  Returns the
    axes.  Raises ValueError where there are more or fewer.
    """
    figure = None
    if axes is None:
        figure, axes = _stacked(len(found.targets))
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(found.targets):
        raise ValueError(f"{len(axes)} axes were given for {len(found.targets)} targets")
    for k, ax in enumerate(axes):
        _draw_answer(ax, found)
        _draw_target(ax, found, k)
        _value_axis(ax, found)
    axes[0].set_title(shortened(found.policy, 40))
    if figure is not None:
        _caption(figure, found, scenario)
    return axes


def save_requirement(found, scenario, path):
    """Draw a requirement in a figure of its own and save it; the same gives the same bytes."""
    figure = requirement(found, scenario)[0].figure
    told = {"png": {"Software": "regimesim"}, "svg": {"Date": None}}
    with matplotlib.rc_context({"svg.hashsalt": "regimesim", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Title": "require"} | told[path.suffix[1:]])


def _stacked(count):
    """A figure with a panel a target, one below the other."""
    unit, width = scale(), width_for(2)
    tall = PANEL * (1.2 if count == 1 else 0.85) * unit
    height = count * tall + (count - 1) * 0.2 * unit + (ABOVE + BELOW) * unit
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(count, 1, sharex=True, squeeze=False).ravel()
    figure.subplots_adjust(
        left=LEFT * unit / width,
        right=1 - SIDE * unit / width,
        top=1 - ABOVE * unit / height,
        bottom=BELOW * unit / height,
        hspace=0.2 * unit / tall,
    )
    return figure, axes


def _draw_target(ax, found, k):
    """The curve of one target with its band, and the target as a dashed line."""
    target = found.targets[k]
    tested = [one for one in found.tried if one.estimates[k].n]
    across = np.array([_across(found, one) for one in tested])
    told = np.array([one.estimates[k][:3] for one in tested], float).reshape(-1, 3)
    close = 0 < 1 - target.value <= CLOSE
    ax.fill_between(across, told[:, 1], told[:, 2], color=TRUE, alpha=0.18, linewidth=0)
    ax.plot(across, told[:, 0], color=TRUE, marker="o", markersize=3 * thick(), clip_on=close)
    ax.axhline(target.value, color=SOFT, linewidth=thick(), linestyle=DASHES[1])
    ax.set_ylabel(words(target.estimand))
    sought = f"{target.sense} {target.value:g}".replace(">=", "at least").replace("<=", "at most")
    ax.annotate(
        sought,
        (1, target.value),
        xycoords=ax.get_yaxis_transform(),
        xytext=(-3, -10 * scale() if target.value > 0.5 else 4),
        textcoords="offset points",
        ha="right",
        fontsize=points(8),
        color=SOFT,
    )
    if close:
        ax.set_ylim(1 - SEEN * (1 - target.value), 1 + 0.6 * (1 - target.value))


def _across(found, one) -> float:
    return one.place if len(found.line.varied) > 1 else one.values[0]


def _draw_answer(ax, found):
    """The answer's interval as a veil, and the answer as a line."""
    places = {one.values: _across(found, one) for one in found.tried}
    ends = places.values()
    if found.low is not None or found.high is not None:
        low = min(ends) if found.low is None else places[found.low]
        high = max(ends) if found.high is None else places[found.high]
        ax.axvspan(low, high, color=BELIEVED, alpha=0.13, linewidth=0)
    if found.answer is not None:
        ax.axvline(places[found.answer], color=BELIEVED, linewidth=thick())


def _value_axis(ax, found):
    """The values on the scale on which they were searched."""
    (one, *others), spacing = found.line.varied, found.line.spacing
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
        ends = [f"{v.key} {v.low:g} to {v.high:g}" for v in found.line.varied]
        ax.set_xlabel(f"share of the way: {', '.join(ends)}" if others else one.key)


def _caption(figure, found, scenario):
    width, height = figure.get_size_inches() / scale()
    made = (
        f"{shortened(scenario.name, 60)}: {found.worlds:,} worlds, the same at every value, seed "
        f"{scenario.seed}. Blue: estimates and 95 % intervals; red: the answer and its interval."
    )
    figure.text(
        0.06 / width,
        0.5 / height,
        f"{fill(made, 138)}\n{fill(sentence(found), 138, max_lines=3)}",
        fontsize=points(6.5),
        color=SOFT,
        va="top",
    )
