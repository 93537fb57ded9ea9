"""The figure of a comparison: several runs of the same policies, side by side."""

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.findings import in_percent
from regimesim.analysis.formatting import percent
from regimesim.plots.axes import date_axis
from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    BELOW,
    GAP,
    LETTER,
    RIGHT,
    SOFT,
    STYLES,
    TOP,
    finish,
    flat_axes,
    points,
    provenance,
    scale,
    shortened,
    styled,
    thick,
    width_for,
)

TITLES = ("no takeover", "held at the first critical try", "month of the first critical try")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")  # of runs; every second one is hollow
ROW, BETWEEN = 0.17, 0.2  # inches on paper, of a run and between two policies
BESIDE = 0.35  # inches on paper between panels
SIDE_BY_SIDE = 3
MARKED = (
    "shares of worlds, the second of those that met a critical try, with 95 % intervals; months: "
    "half of all worlds had met theirs at the mark, a tenth and nine tenths at the ends of its "
    "line; where fewer than half met one, the share that did is written"
)


@styled
def comparison(content: dict, axes=None):
    """Draw, for each policy and run, both shares and the month of the first critical try.

    Parameters
    ----------
    content : dict
        The content of compare.json.
    axes : array of Axes, optional
        Three, one for each panel; by default a new figure.

    Returns
    -------
    array of Axes
        Three panels, each with a block of rows for each policy and a row for each run.

    Raises
    ------
    ValueError
        For more or fewer than three axes.
    """
    runs, months = content["runs"], content["months"]
    first, *others = runs.values()
    policies = list(first["policies"])
    looks = looks_in(content, policies).values()
    titles = [look.title for look in looks]
    axes, figure = _panels(titles, len(runs), axes)
    for k, (name, run) in enumerate(runs.items()):
        marker = {"marker": MARKERS[k % len(MARKERS)], "hollow": k % 2 == 1}
        for row, (policy, of) in enumerate(zip(policies, looks, strict=True)):
            y, look = row * _pitch(len(runs)) + k * ROW, {"color": of.ink, **marker}
            summary = run["policies"][policy]
            _share(axes[0], summary["no_takeover"], y, look)
            _share(axes[1], summary["held_first_critical_try"], y, look)
            _when(axes[2], summary["thresholds"]["first_critical_try"], months, y, look)
        axes[0].plot([], [], label=shortened(name, 40), **_dot({"color": SOFT, **marker}))
    _label(axes, titles, len(runs), content)
    about = "; ".join([MARKED, *map(provenance, others)])
    finish(figure, axes, content, about, columns=len(runs), finding=_finding(runs, titles))
    return axes


def _finding(runs, titles) -> str:
    """The policy whose share without a takeover differs most between two runs, by intervals that
    are apart."""
    clear: dict[tuple[str, str], list[str]] = {}  # policies by what they keep in two runs
    gaps: dict[tuple[str, str], float] = {}
    for policy, title in zip(next(iter(runs.values()))["policies"], titles, strict=True):
        shares = {name: run["policies"][policy]["no_takeover"] for name, run in runs.items()}
        ranked = sorted(shares, key=lambda name: -shares[name]["estimate"])
        most, least = ranked[0], ranked[-1]
        if shares[most]["low"] <= shares[least]["high"]:
            continue
        high, low = (
            f"{in_percent(shares[name]['estimate'])} of worlds in {shortened(name, 40)}"
            for name in (most, least)
        )
        clear.setdefault((high, low), []).append(title)
        apart = shares[most]["estimate"] - shares[least]["estimate"]
        gaps[high, low] = max(apart, gaps.get((high, low), 0.0))
    if not gaps:
        return "No policy keeps clearly more worlds in one run than in another"
    high, low = max(gaps, key=lambda pair: gaps[pair])
    return f"{_differ(clear[high, low])} most: no takeover in {high}, and in {low}"


def _differ(titles: list[str]) -> str:
    """The policies that differ as much, the first by name, and the verb."""
    more = len(titles) - 1
    if not more:
        return f"{titles[0]} differs"
    return f"{titles[0]} and {more} other{'s' if more > 1 else ''} differ"


def _pitch(runs: int) -> float:
    """From one policy to the next, in the inches that rows are placed by."""
    return runs * ROW + BETWEEN


def _dot(look) -> dict:
    """How the mark of a run is drawn."""
    face = "white" if look["hollow"] else look["color"]
    dot = {"color": look["color"], "marker": look["marker"], "markerfacecolor": face}
    size = {"markersize": points(5), "markeredgewidth": thick(), "zorder": 4}
    return {**dot, **size, "linestyle": "none", "clip_on": False}


def _mark(ax, at, low, high, y, look):
    """A mark at `at` (None: none) with a line from low to high."""
    ax.plot([low, high], [y, y], color=look["color"], linewidth=1.3 * thick(), clip_on=False)
    if at is not None:
        ax.plot([at], [y], **_dot(look))


def _share(ax, share, y, look):
    if share["n"] == 0:
        _write(ax, 0.02, y, "never tried", look)
    else:
        _mark(ax, share["estimate"], share["low"], share["high"], y, look)


def _when(ax, times, months, y, look):
    """The line of first critical tries; its open end is the end of the run."""
    if times["p10"] is not None:
        end = months - 1 if times["p90"] is None else times["p90"]
        _mark(ax, times["median"], times["p10"], end, y, look)
    if times["median"] is None:
        _write(ax, 0.99, y, f"in {percent(times['crossed'])} %", look, ha="right")


def _write(ax, x, y, text, look, ha="left"):
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    spot = {"transform": ax.get_yaxis_transform(), "fontsize": points(7), "va": "center"}
    ax.text(x, y, text, color=look["color"], ha=ha, bbox=paper, **spot)


def _label(axes, titles, runs, content):
    pitch = _pitch(runs)
    for ax, title in zip(axes, TITLES, strict=True):
        ax.set_title(title, fontsize=points(8.5))
        ax.set_ylim((len(titles) - 1) * pitch + (runs - 1) * ROW + BETWEEN, -BETWEEN)
        ax.set_yticks([row * pitch + (runs - 1) * ROW / 2 for row in range(len(titles))], [])
        ax.tick_params(axis="y", length=0, pad=points(7))
        for row in range(1, len(titles)):
            ax.axhline(row * pitch - (ROW + BETWEEN) / 2, color=SOFT, linewidth=0.3 * thick())
    for ax in axes[:2]:
        ax.set_xlim(0, 1)
        ax.set_xlabel("share of worlds")
        ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    date_axis(axes[2], content["start"], content["months"])
    stacked = axes[0].get_position().x0 == axes[-1].get_position().x0
    for ax in axes if stacked else axes[:1]:
        ax.set_yticklabels([shortened(title) for title in titles])


def _panels(titles, runs, axes):
    """(axes, figure): three panels side by side, or stacked where the style is narrow."""
    if axes is not None:
        axes = flat_axes(axes, len(TITLES))
        return axes, None
    unit, width = scale(), width_for(SIDE_BY_SIDE)
    beside = width / unit > STYLES["paper"].widths[2] * 0.99
    rows, columns = (1, len(TITLES)) if beside else (len(TITLES), 1)
    tall = len(titles) * _pitch(runs) + BETWEEN
    left = 0.25 + LETTER * max(len(shortened(title)) for title in titles)
    under = BELOW + GAP
    height = TOP + rows * tall + (rows - 1) * under + BELOW + 0.15
    across = (width / unit - left - RIGHT - (columns - 1) * BESIDE) / columns
    figure = Figure(figsize=(width, height * unit))
    inches = np.array([width / unit, height, width / unit, height])
    boxes = [
        (
            left + (k % columns) * (across + BESIDE),
            height - TOP - tall - (k // columns) * (tall + under),
            across,
            tall,
        )
        for k in range(len(TITLES))
    ]
    return np.array([figure.add_axes(np.array(box) / inches) for box in boxes]), figure


FIGURES = (Drawing("compare", comparison, ("compare",)),)
