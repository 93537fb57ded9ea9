"""The timeline of one world: capability, what happened, beliefs against truth, and responses."""

from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from regimesim.plots.axes import date_axis, share_axis
from regimesim.plots.horizons import horizon_axis
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    BELIEVED,
    DASHES,
    INKS,
    SOFT,
    TRUE,
    flat_axes,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
)
from regimesim.plots.titles import entitle

# Rows of the panel of events, from the top: kind, label, marker, colour.
ROWS = (
    ("paradigm", "paradigm move", "^", "#7F7F7F"),
    ("dropped", "safeguards dropped", "P", "#0072B2"),
    ("threshold", "threshold crossed", "", "#000000"),
    ("trigger", "trait wakes", "*", "#0072B2"),
    ("alarm", "alarm begins", "v", "#E69F00"),
    ("event", "event comes", ">", "#E69F00"),
    ("withdrawals", "withdrawal", "d", "#0072B2"),
    ("story_incidents", "story incident", "o", "#56B4E9"),
    ("feints", "feint", "s", "#CC79A7"),
    ("strikes", "strike", "X", "#D55E00"),
    ("strikes_caught", "strike caught", "o", "#009E73"),
    ("critical_tries_held", "critical try held", "D", "#009E73"),
    ("takeover", "takeover", "X", "#000000"),
)
LETTERS = {
    "capable": "C",
    "aware": "A",
    "favourable": "F",
    "favourable_despite_safeguards": "D",
}
ALWAYS = ("story_incidents", "strikes", "critical_tries_held", "takeover")  # also when empty
PANELS = (2.1, 1.5, 1.25, 1.0, 0.8)  # heights in inches of paper
GAP, ABOVE, BELOW, SIDE = 0.16, 0.2, 0.72, 1.25
LEADING = 1.3  # the left margin, which holds the names of the rows
MOST_LABS = 3  # more labs than this are drawn as one grey bundle


@styled
def timeline(content: dict, axes=None):
    """Draw five panels over the same months: capability of labs and systems against the
    difficulty of a takeover; events; catch rate, believed and true; responses; audit budget.

    Parameters
    ----------
    content : dict
        The content of trace.json.
    axes : array of Axes, optional
        Five; by default a new figure.

    Returns
    -------
    array of Axes
        A panel each.

    Raises
    ------
    ValueError
        For more or fewer than five axes.
    """
    figure, table = None, _table(content)
    if axes is None:
        figure, axes = _stacked()
    axes = flat_axes(axes, len(PANELS))
    _capability(axes[0], table, content["events"])
    _events(axes[1], content)
    for ax, draw in zip(axes[2:], (_rates, _responses, _budget), strict=True):
        draw(ax, table)
    for name in ("first_critical_try", "takeover"):
        if (month := content["crossings"][name]) is not None:
            style = {"color": SOFT, "linewidth": 0.8 * thick(), "zorder": 0}
            for ax in axes:
                ax.axvline(month, linestyle="-" if name == "takeover" else DASHES[2], **style)
    months = len(table["leader"])
    for ax in axes:
        date_axis(ax, content["start"], max(months, 2))
        ax.set_xlim(-0.5, months - 0.5)
        ax.tick_params(labelbottom=ax is axes[-1])
    if figure is not None:
        _caption(figure, axes, content)
    return axes


def _table(content) -> dict[str, np.ndarray]:
    """The columns of numbers of the table of months, NaN where there is none."""
    columns = content["monthly"].items()
    return {
        name: np.array(column, float) for name, column in columns if name not in ("date", "regime")
    }


def _stacked():
    unit, width = scale(), width_for(2)
    height = (sum(PANELS) + (len(PANELS) - 1) * GAP + ABOVE + BELOW) * unit
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(len(PANELS), 1, sharex=True, height_ratios=PANELS)
    figure.subplots_adjust(
        left=LEADING * unit / width,
        right=1 - SIDE * unit / width,
        top=1 - ABOVE * unit / height,
        bottom=BELOW * unit / height,
        hspace=GAP * len(PANELS) / sum(PANELS),
    )
    return figure, axes


def _capability(ax, table, events):
    months = np.arange(len(table["leader"]))
    band = table["systems_low"], table["systems_high"]
    ax.fill_between(months, *band, color=TRUE, alpha=0.15, linewidth=0, label="systems, 5-95 %")
    labs = [name for name in table if name.startswith("lab_")]
    for k, name in enumerate(labs):
        few = len(labs) <= MOST_LABS
        style = {"color": INKS[2], "linestyle": DASHES[k]} if few else {"color": "#7F7F7F"}
        label = f"lab {k}" if few else "labs" if k == 0 else None
        ax.plot(months, table[name], linewidth=thick(), label=label, **style)
    ax.plot(months, table["difficulty"], color="#000000", label="difficulty")
    for kind, marker, ink in (("story_incidents", "o", "#56B4E9"), ("strikes", "X", "#D55E00")):
        acted = [(e["month"], c) for e in events if e["kind"] == kind for c in e["capability"]]
        if acted:
            size = (2.5 if kind == "story_incidents" else 6) * thick()
            style = {"marker": marker, "markersize": size, "markeredgewidth": 0, "zorder": 4}
            ax.plot(*zip(*acted, strict=True), linestyle="", color=ink, **style)
    low, high = ax.get_ylim()
    horizon_axis(ax, low, high)
    ax.set_ylabel("time horizon\n(work)")
    _legend(ax)


def _events(ax, content):
    counts = {row[0]: [e for e in content["events"] if e["kind"] == row[0]] for row in ROWS}
    rows = [row for row in ROWS if counts[row[0]] or row[0] in ALWAYS]
    for place, (kind, _, marker, ink) in enumerate(reversed(rows)):
        ax.axhline(place, color="#E4E4E4", linewidth=0.6 * thick(), zorder=0)
        at = [event["month"] for event in counts[kind]]
        size = [26 * scale() * min(event["count"], 6) ** 0.5 for event in counts[kind]]
        if kind == "threshold":
            _letters(ax, content, place)
        else:
            style = {"s": size, "marker": marker, "color": ink, "linewidths": 0}
            ax.scatter(at, [place] * len(at), clip_on=False, **style)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_yticks(range(len(rows)), [row[1] for row in reversed(rows)])
    ax.tick_params(axis="y", length=0)


def _letters(ax, content, place):
    """The thresholds as letters, those of one month side by side."""
    together = {}
    for name, letter in LETTERS.items():
        if (month := content["crossings"][name]) is not None:
            together[month] = together.get(month, "") + letter
    for month, letters in together.items():
        ax.text(month, place, letters, ha="center", va="center_baseline", fontsize=points(8))


def _rates(ax, table):
    believed, true = table["catch_rate_believed"], table["catch_rate"]
    months = np.arange(len(true))
    ax.fill_between(months, believed, true, color="#999999", alpha=0.15, linewidth=0)
    ax.plot(months, believed, color=BELIEVED, linestyle=DASHES[1], label="believed")
    ax.plot(months, true, color=TRUE, label="true, mean")
    ax.set_ylabel("catch rate")
    share_axis(ax)
    _legend(ax)


def _responses(ax, table):
    months = np.arange(len(table["alarm"]))
    edges = np.append(months, months[-1] + 1) - 0.5
    veil = {"color": "#E69F00", "alpha": 0.25, "linewidth": 0}
    ax.stairs(table["alarm"], edges, fill=True, label="alarm", **veil)
    ax.plot(months, table["danger_belief"], color=BELIEVED, label="belief in danger")
    ax.plot(
        months, table["pause"], color="#009E73", linestyle=DASHES[1], label="growth paused",
        drawstyle="steps-mid",
    )  # fmt: skip
    ax.set_ylabel("responses")
    share_axis(ax)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    _legend(ax)


def _budget(ax, table):
    percent = 100 * table["audit_budget"]
    ax.plot(
        np.arange(len(percent)), percent, color="#000000", label="share of\ntrajectories\naudited"
    )
    ax.set_ylim(0, 1.25 * max(float(percent.max()), 1e-6))
    ax.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(3))
    ax.yaxis.set_major_formatter(lambda tick, _: f"{tick:g} %" if tick else "0")
    ax.set_ylabel("audit\nbudget")
    _legend(ax)


def _legend(ax):
    ax.legend(
        loc="center left", bbox_to_anchor=(1.005, 0.5), fontsize=points(7.5), handlelength=1.8,
        borderaxespad=0.2,
    )  # fmt: skip


def _caption(figure, axes, content):
    from regimesim.scenario.dates import months_later

    look = looks_in(content, [content["policy"]])[content["policy"]]
    who = f"World {content['world']} under {shortened(look.title, 40)}"
    entitle(figure, axes, f"{who} {_ending(content)}", scale())
    marks = {"first_critical_try": "first critical try", "takeover": "takeover"}
    crossed = {}
    for name, label in marks.items():
        if (month := content["crossings"][name]) is not None:
            crossed.setdefault(month, []).append(label)
    dates = [
        f"{' and '.join(labels)} in {months_later(content['start'], month)}"
        for month, labels in crossed.items()
    ]
    lines = f"Vertical lines: {'; '.join(dates)}." if dates else "No critical try."
    made = (
        f"{shortened(content['scenario'], 60)}, seed {content['seed']}. {lines} Marks among "
        "capabilities: systems that had a story incident (dots) or struck (crosses). Below, a "
        "larger mark means more events in that month. C: capable, A: aware, F: favourable, "
        "D: despite safeguards."
    )
    width, height = figure.get_size_inches() / scale()
    size = points(6.5)
    figure.text(0.06 / width, 0.36 / height, fill(made, 138), fontsize=size, color=SOFT, va="top")


def _ending(content) -> str:
    """How the world ended."""
    from regimesim.scenario.dates import months_later

    first, lost = (content["crossings"][name] for name in ("first_critical_try", "takeover"))
    end = months_later(content["start"], len(content["monthly"]["date"]) - 1)
    if first is None:
        return f"met no critical try by {end}"
    date = months_later(content["start"], first)
    if lost == first:
        return f"was lost in {date}, at its first critical try"
    last = (
        "was not lost" if lost is None else f"was lost in {months_later(content['start'], lost)}"
    )
    return f"held its first critical try in {date}, and {last}"


FIGURES = (Drawing("trace", timeline, ("trace",)),)
