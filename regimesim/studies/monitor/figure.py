"""The figure of a measured monitor: its ROC curve on axes of log-odds, with the model's curves."""

from math import pi, sin

import numpy as np

from regimesim.analysis.findings import whole_percent
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    extend_below,
    finish,
    points,
    scale,
    single,
    styled,
    thick,
)
from regimesim.studies.monitor.curves import curves

LEAST = 0.001  # of both axes
DRAWS = 1_000
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
LOOKS = {"binormal": (INKS[2], "-"), "logistic": (INKS[1], (0, (5, 1.5)))}
READ = (
    "points: where the scores divide; bars: 95 % intervals by clusters at the audit budgets; "
    "lines: fits, with the band that holds 95 % of the curves their uncertainty allows; dotted: "
    "by lot. Both axes are logits, on which a logistic curve is a straight line"
)


@styled
def monitor_roc(content: dict, ax=None):
    """Draw the ROC curve of a monitor on logit axes, with the fitted curves.

    Parameters
    ----------
    content : dict
        The content of monitor.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    ax, figure = single(ax)
    audited = 1 / (1 + np.exp(-np.linspace(-7.5, 7.5, 121)))
    ax.plot(audited, audited, linestyle=":", color=SOFT, linewidth=0.9 * thick(), label="by lot")
    for curve in curves():
        _curve(ax, curve, content["curves"][curve.name], audited)
    _points(ax, content)
    for axis, name in ((ax.xaxis, "honest work audited"), (ax.yaxis, "attacks caught")):
        axis.set_label_text(f"{name} (logit scale)")
    ax.set_xscale("logit")
    ax.set_yscale("logit")
    ax.set_xlim(LEAST, 1 - LEAST)
    ax.set_ylim(LEAST, 1 - LEAST)
    named = [f"{100 * tick:g} %" for tick in TICKS]
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(TICKS, named)
        axis.set_ticks([], minor=True)
    corner = "lower right" if content["auroc"]["estimate"] >= 0.5 else "upper left"  # none lies
    ax.legend(loc=corner, fontsize=points(7.5))
    if figure is not None:
        extend_below(figure, 0.2 * scale())  # for the label of the axis
    finish(figure, [ax], content, READ, finding=_finding(content))
    return ax


def _curve(ax, curve, fitted: dict, audited):
    """A fitted curve with its band."""
    color, dash = LOOKS[curve.name]
    strength, slope = fitted["strength"], fitted["slope"]
    middle = curve.caught(strength["mean"], slope["median"], audited)
    correlation = 2 * sin(pi * fitted["strength_with_slope"] / 6)
    draws = np.random.Generator(np.random.Philox(1)).standard_normal((2, DRAWS))
    draws[1] = correlation * draws[0] + np.sqrt(1 - correlation**2) * draws[1]
    drawn = [
        curve.caught(d, b, audited)
        for d, b in zip(
            strength["mean"] + strength["sd"] * draws[0],
            slope["median"] * np.exp(slope["sigma"] * draws[1]),
            strict=True,
        )
    ]
    low, high = np.clip(  # 0 and 1 lie nowhere on an axis of logits
        np.quantile(drawn, (0.025, 0.975), axis=0), LEAST / 10, 1 - LEAST / 10
    )
    ax.fill_between(audited, low, high, color=color, alpha=0.13, linewidth=0)
    name = f"{curve.name}, slope {slope['median']:.2f}"
    ax.plot(audited, middle, color=color, linestyle=dash, label=name, linewidth=1.4 * thick())


def _points(ax, content):
    """What was measured: the points of the curve, and intervals at the budgets."""
    false, true = (np.array(content["roc"][kind]) for kind in ("false", "true"))
    inside = (false > 0) & (false < 1) & (true > 0) & (true < 1)
    look = {"linestyle": "none", "color": INKS[0], "zorder": 4}
    ax.plot(
        false[inside], true[inside], marker=".", markersize=points(7), label="measured", **look
    )
    for row in content["budgets"]:
        one = row["measured"]
        ends = np.clip([one["low"], one["high"]], LEAST / 10, 1 - LEAST / 10)
        ax.plot([row["budget"]] * 2, ends, color=INKS[0], linewidth=0.9 * thick(), zorder=3)


def _finding(content) -> str:
    """What the figure shows, in a sentence."""
    least = 1 / content["counted"]["honest"]
    row = next((r for r in content["budgets"] if r["budget"] >= least), content["budgets"][-1])
    low, high = (whole_percent(row["measured"][end]).removesuffix(" %") for end in ("low", "high"))
    audited = f"{100 * row['budget']:g} %"
    return f"Auditing {audited} of honest work catches {low} to {high} % of attacks"


FIGURES = (Drawing("monitor", monitor_roc, ("monitor",)),)
