"""Figures of a run: threshold crossings, regimes, survival, and believed against true catch rates.

Each function takes the dataset of a run's worlds or months, draws into the axes it is
given (or into a new figure of its own) and returns the axes; a figure is `axes[0].figure`.
Nothing here touches pyplot, so a notebook's backend stays as it is.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.estimates import mean, wilson_interval
from regimesim.analysis.first_try import values
from regimesim.analysis.survival import cumulative_share
from regimesim.analysis.survival import survival as kaplan_meier
from regimesim.dates import first_day

# Colours of Okabe and Ito (2008), which the colour-blind tell apart, without their yellow,
# which is lost on white paper; line styles tell the same lines apart in grey.
INKS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
THRESHOLD_INKS = ("#7F7F7F", "#56B4E9", "#E69F00", "#009E73", "#0072B2", "#000000")
THRESHOLD_DASHES = (DASHES[2], DASHES[3], DASHES[1], "-", DASHES[2], "-")
# From lost, at the bottom, to safe: each lighter than the one below it, for grey print.
REGIME_INKS = ("#22222A", "#00735C", "#E08B1E", "#A8D5EF", "#EEF1F3")
STYLE = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.solid_capstyle": "butt",
    "svg.fonttype": "none",
    "svg.hashsalt": "regimesim",
    "figure.dpi": 100,
    "savefig.dpi": 150,
}
TICK_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)
MOST_POINTS, MOST_STEPS = 60, 180  # of a drawn line, to keep files small
BAND_SEEN = 0.006  # a band narrower than this share of the axis hides behind its line
MOST_DOTS = 1500  # more worlds than this are drawn as a density
ABSENT = {"color": "#555555", "bbox": {"facecolor": "white", "edgecolor": "none"}}
CROSSED = "lines: share that has crossed, bands: 95 % intervals; lost worlds cross nothing more"
LEFT, RIGHT, TOP, GAP = 0.72, 0.2, 0.32, 0.42  # margins in inches
BELOW, LEGEND_ROW = 0.62, 0.19  # room for the ticks and the caption, and for the legend


@matplotlib.rc_context(STYLE)
def crossings(worlds, axes=None):
    """Share of worlds that have crossed each threshold by each month, a panel a policy.

    `worlds` is the dataset of the worlds.  Bands are Wilson's 95 % intervals.
    """
    months, policies = int(worlds.attrs["months"]), _policies(worlds)
    axes, figure = _panels(policies, axes, "share of worlds", legend_rows=2)
    shown = _thinned(months)
    for ax, policy in zip(axes, policies, strict=True):
        for k, name in enumerate(worlds["threshold"].values):
            crossing = worlds["crossing"].sel(threshold=name, policy=policy).values
            curve = cumulative_share(crossing, months)
            style = {"color": THRESHOLD_INKS[k], "linestyle": THRESHOLD_DASHES[k]}
            _draw_curve(ax, shown, curve, label=_words(name), **style)
        _share_axis(ax)
        _date_axis(ax, worlds.attrs["start"], months)
    _finish(figure, axes, worlds, CROSSED, columns=3)
    return axes


@matplotlib.rc_context(STYLE)
def regimes(months, axes=None):
    """Share of worlds in each regime in each month, stacked, a panel a policy.

    `months` is the dataset of the months.  The white veil at each edge is the 95 %
    interval of the share of worlds below it.
    """
    length, policies = months.sizes["month"], _policies(months)
    axes, figure = _panels(policies, axes, "share of worlds", legend_rows=1)
    shown = _thinned(length)
    names = [_words(name) for name in months["regime"].values]
    n = int(months.attrs["worlds"])
    for ax, policy in zip(axes, policies, strict=True):
        shares = months["regime_share"].sel(policy=policy).values[:, shown]
        edges = np.clip(np.cumsum(shares, axis=0), 0, 1)
        below = np.zeros(len(shown))
        for edge, name, ink in zip(edges, names, REGIME_INKS, strict=True):
            ax.fill_between(shown, below, edge, color=ink, linewidth=0, label=name)
            below = edge
        for edge in edges[:-1]:
            low, high = wilson_interval(edge * n, n)
            if np.max(high - low) > BAND_SEEN and np.max(edge) > 0:
                ax.fill_between(shown, low, high, color="white", alpha=0.4, linewidth=0)
            ax.plot(shown, edge, color="white", linewidth=0.5)
        _share_axis(ax)
        _date_axis(ax, months.attrs["start"], length)
    note = "veils: 95 % intervals of the share below an edge"
    _finish(figure, axes, months, note, columns=5)
    return axes


@matplotlib.rc_context(STYLE)
def survival(worlds, ax=None):
    """Share of worlds without a takeover after each month, a line a policy.

    By the estimator of Kaplan and Meier, with pointwise 95 % bands; the tick at the end
    of a line marks the worlds that survive the run, whose later fate is not known.
    """
    months, policies = int(worlds.attrs["months"]), _policies(worlds)
    figure = None
    if ax is None:
        figure = Figure(figsize=(7.2, 4.2))
        # Names stand to the right of their lines.
        side = min(2.6, 0.75 + 0.072 * max(map(len, policies)))
        ax = figure.add_axes((LEFT / 7.2, 0.15, (7.2 - LEFT - side) / 7.2, 0.8))
    shown, ends = _thinned(months, MOST_STEPS), []
    for k, policy in enumerate(policies):
        crossing = worlds["crossing"].sel(threshold="takeover", policy=policy).values
        curve = kaplan_meier(crossing, months)
        ink, dash = INKS[k % len(INKS)], DASHES[(k + k // len(INKS)) % len(DASHES)]
        _draw_curve(ax, shown, curve, ink, step="post", linestyle=dash, label=policy)
        if curve.share[-1] > 0:
            ax.plot(shown[-1], curve.share[-1], marker="|", color=ink, markersize=8, clip_on=False)
        ends.append(
            (curve.share[-1], f"{_shortened(policy)}  {_percent(curve.share[-1])}", ink, dash)
        )
    _share_axis(ax)
    ax.set_ylabel("share of worlds without a takeover")
    _date_axis(ax, worlds.attrs["start"], months)
    _label_ends(ax, ends)
    note = "Kaplan-Meier, bands: 95 % intervals, ticks: worlds censored at the end"
    _finish(figure, [ax], worlds, note)
    return ax


@matplotlib.rc_context(STYLE)
def catch_rates(worlds, axes=None):
    """Believed against true catch rate at the first critical try, a panel a policy.

    A dot (or, for many worlds, a count in a cell) a world; above the diagonal overseers
    believed too much.  The diamond is the mean with its 95 % intervals.
    """
    policies = _policies(worlds)
    axes, figure = _panels(policies, axes, "believed catch rate", "true catch rate", square=True)
    for ax, policy in zip(axes, policies, strict=True):
        true = values(worlds, policy, "true_catch_rate")
        believed = values(worlds, policy, "believed_catch_rate")
        met = ~(np.isnan(true) | np.isnan(believed))
        _draw_worlds(ax, true[met], believed[met])
        ax.plot([0, 1], [0, 1], color="#555555", linewidth=0.8, linestyle=DASHES[1])
        if met.any():
            _draw_mean(ax, mean(true[met]), mean(believed[met]))
        else:
            ax.text(0.5, 0.5, "no critical try", ha="center", va="center", **ABSENT)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    note = (
        "dots or shades (logarithmic): worlds; diamond: mean with 95 % intervals; "
        "above the dashed line overseers believe too much"
    )
    _finish(figure, axes, worlds, note)
    return axes


def draw_all(worlds, months, folder, formats=("png", "svg")) -> list[Path]:
    """Save every figure of a run as folder/NAME.png and .svg; the same run gives the same bytes.

    Returns the paths.  The folder is made where it does not exist.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "crossings": lambda: crossings(worlds)[0].figure,
        "regimes": lambda: regimes(months)[0].figure,
        "survival": lambda: survival(worlds).figure,
        "catch_rates": lambda: catch_rates(worlds)[0].figure,
    }
    paths = []
    for name, draw in figures.items():
        figure = draw()
        for suffix in formats:
            paths.append(folder / f"{name}.{suffix}")
            told = {"Title": name.replace("_", " "), "Description": _provenance(worlds)}
            told |= {"png": {"Software": "regimesim"}, "svg": {"Date": None}}.get(suffix, {})
            with matplotlib.rc_context(STYLE):
                figure.savefig(paths[-1], metadata=told)
    return paths


def _policies(dataset) -> list[str]:
    return [str(name) for name in dataset["policy"].values]


def _words(name) -> str:
    return str(name).replace("_", " ")


def _shortened(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _percent(share: float) -> str:
    """Whole percent, and all or none only where it is all or none."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _provenance(dataset) -> str:
    attrs = dataset.attrs
    name = _shortened(attrs["scenario"], 60)
    return f"{name}: {int(attrs['worlds']):,} worlds, seed {attrs['seed']}"


def _thinned(months: int, most: int = MOST_POINTS) -> np.ndarray:
    """The months that are drawn: the first, the last, and at most `most` in all."""
    return np.unique(np.linspace(0, months - 1, min(months, most)).round().astype(int))


def _panels(policies, axes, ylabel, xlabel="", legend_rows=0, square=False):
    """(axes, figure): a titled panel for each policy, in a new figure unless axes are given."""
    figure = None
    if axes is None:
        figure, axes = _grid(len(policies), legend_rows, square)
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(policies):
        raise ValueError(f"{len(axes)} axes were given for {len(policies)} policies")
    for ax, policy in zip(axes, policies, strict=True):
        ax.set_title(_shortened(policy, 26), fontsize=9 if len(policy) <= 18 else 8)
        if figure is None or ax.get_subplotspec().is_first_col():
            ax.set_ylabel(ylabel)
        if figure is None or ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel(xlabel)
    return axes, figure


def _grid(count: int, legend_rows: int, square: bool):
    """A figure with `count` panels, up to four in a row, that share their axes."""
    columns = count if count <= 3 else 2 if count == 4 else 3 if count <= 6 else 4
    rows = -(-count // columns)
    width = {1: 6.4, 2: 7.2, 3: 8.6, 4: 10.0}[columns]
    panel = (width - LEFT - RIGHT - (columns - 1) * 0.2) / columns
    below = BELOW + LEGEND_ROW * legend_rows + (0.15 if square else 0.1)
    tall = min(panel, 4.2) if square else min(0.75 * panel, 3.2)
    height = TOP + rows * tall + (rows - 1) * GAP + below
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    figure.subplots_adjust(
        left=LEFT / width,
        right=1 - RIGHT / width,
        top=1 - TOP / height,
        bottom=below / height,
        wspace=0.2 / panel,
        hspace=GAP / tall,
    )
    for ax in axes[count:]:
        ax.set_visible(False)
    for ax in axes[:count]:
        ax.label_outer(remove_inner_ticks=False)
    for ax in axes[max(0, count - columns) : count]:  # the lowest panel of each column
        ax.tick_params(labelbottom=True)
    return figure, axes[:count]


def _draw_curve(ax, shown, curve, color, step=None, **line):
    """A curve with its band, where the band is wide enough to be seen."""
    low, high = curve.low[shown], curve.high[shown]
    if np.max(high - low) > BAND_SEEN:
        ax.fill_between(shown, low, high, color=color, alpha=0.16, linewidth=0, step=step)
    drawn = f"steps-{step}" if step else "default"
    ax.plot(shown, curve.share[shown], color=color, drawstyle=drawn, **line)


def _draw_worlds(ax, true, believed):
    if len(true) <= MOST_DOTS:
        size = np.clip(1500 / max(len(true), 1), 3, 16)
        ax.scatter(
            true, believed, s=size, color="#0072B2", alpha=0.35, linewidths=0, rasterized=True
        )
        return
    counts, _, _ = np.histogram2d(believed, true, bins=50, range=((0, 1), (0, 1)))
    shades = np.ma.masked_equal(np.log1p(counts), 0)
    ax.imshow(shades, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", vmin=-1, aspect="auto")


def _draw_mean(ax, true, believed):
    def reach(estimate):
        if estimate.low is None:
            return None
        return [[estimate.estimate - estimate.low], [estimate.high - estimate.estimate]]

    ax.errorbar(
        true.estimate,
        believed.estimate,
        xerr=reach(true),
        yerr=reach(believed),
        fmt="D",
        markersize=5,
        color="#D55E00",
        markeredgecolor="white",
        markeredgewidth=0.6,
        elinewidth=1.2,
        capsize=2.5,
        zorder=4,
    )
    gap = believed.estimate - true.estimate
    ax.text(0.97, 0.05, f"gap {gap:+.2f}", ha="right", transform=ax.transAxes, fontsize=8)


def _share_axis(ax):
    ax.set_ylim(0, 1.012)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])


def _date_axis(ax, start: str, months: int, most: int = 6):
    """Calendar dates under an axis of months from the start."""
    last = max(months - 1, 1)
    begin = first_day(start)
    step = next((s for s in TICK_MONTHS if last / s <= most), TICK_MONTHS[-1])
    origin = begin.year * 12 + begin.month - 1
    ticks = np.arange(-(-origin // step) * step, origin + last + 1, step)
    years, month = np.divmod(ticks, 12)
    if step < 12:
        labels = [f"{y}-{m + 1:02d}" for y, m in zip(years, month, strict=True)]
    else:
        labels = [str(year) for year in years]
    ax.set_xticks(ticks - origin, labels)
    ax.set_xlim(0, last)


def _label_ends(ax, ends, height=0.055):
    """Write each line's label beside its end, moved apart where they would overlap."""
    order = sorted(range(len(ends)), key=lambda k: ends[k][0])
    places, floor = {}, -np.inf
    for k in order:
        places[k] = floor = max(ends[k][0], floor + height)
    # What was pushed over the top comes down again.
    ceiling = max(1.0, height * (len(ends) - 1))
    for k in reversed(order):
        places[k] = min(places[k], ceiling)
        ceiling = places[k] - height
    across = ax.get_yaxis_transform()
    for k, (end, text, ink, dash) in enumerate(ends):
        leader = {"color": ink, "linestyle": dash, "linewidth": 1, "clip_on": False}
        ax.plot([1.005, 1.045], [end, places[k]], transform=across, **leader)
        ax.text(1.055, places[k], text, transform=across, va="center", fontsize=8.5)


def _finish(figure, axes, dataset, note, columns=0):
    """Legend and caption, in figures of our own; a legend goes into the first axes of others."""
    handles, labels = axes[0].get_legend_handles_labels() if columns else ([], [])
    if figure is None:
        if handles:
            axes[0].legend(handles, labels, fontsize=7)
        return
    width, height = figure.get_size_inches()
    if handles:
        figure.legend(
            handles,
            labels,
            loc="lower center",
            bbox_to_anchor=(0.5, 0.36 / height),
            ncols=columns,
            columnspacing=1.4,
            handlelength=2.6,
            borderaxespad=0,
        )
    figure.text(
        0.06 / width,
        0.07 / height,
        f"{_provenance(dataset)}\n{note[0].upper()}{note[1:]}.",
        fontsize=6.5,
        color="#555555",
        va="bottom",
    )
