"""What overseers see, and beside it what is so, over capability."""

from matplotlib.figure import Figure

from regimesim.plots.style import BELIEVED, DASHES, TRUE, finish, points, scale, styled, width_for
from regimesim.studies.claims.panels import monthly

# A row each: what is seen, in words and by variable, and what is so.
ROWS = (
    (
        ("story incidents a month", "story_incidents"),
        ("systems for which takeover would pay, %", "favourable_systems"),
    ),
    (
        ("strikes caught a month", "strikes_caught"),
        ("strikes a month, caught or not", "strikes"),
    ),
    (
        ("capability that systems report, log2 h", "capability_reported"),
        ("capability, log2 h", "capability"),
    ),
    (
        ("catch rate believed, %", "catch_rate_believed"),
        ("catch rate, mean over systems, %", "catch_rate"),
    ),
)
SHARES = ("favourable_systems", "catch_rate_believed", "catch_rate")
SAME_SCALE = (1, 2, 3)  # rows of which both sides are the same quantity
ENOUGH = 0.1  # share of worlds left below which nothing is drawn
SIDES = (("What overseers see", BELIEVED), ("What is so", TRUE))


@styled
def visible_signal(months, policy=None):
    """What overseers see in the left column, what is so in the right one, over the capability
    of the leading lab; returns the axes, row by row.

    months: the dataset of a run's months · policy: its name, else the first.  Lines are
    means over the worlds not yet lost, bands 95 % intervals.  At the right what is seen is
    drawn again, dashed, where it is the same quantity.
    """
    chosen = months.sel(policy=months["policy"].values[0] if policy is None else policy)
    left = chosen["worlds_not_lost"].values
    chosen = chosen.isel(month=left >= ENOUGH * left[0])
    unit = scale()
    figure = Figure(figsize=(width_for(2), 7.9 * unit))
    axes = figure.subplots(len(ROWS), 2, sharex=True)
    figure.subplots_adjust(left=0.07, right=0.98, top=0.915, bottom=0.1, wspace=0.16, hspace=0.42)
    leader = chosen["leader"].values
    for number, (pair, (seen, so)) in enumerate(zip(axes, ROWS, strict=True)):
        _line(pair[0], leader, chosen, seen, BELIEVED)
        if number in SAME_SCALE:
            _line(pair[1], leader, chosen, seen, BELIEVED, DASHES[1])
        _line(pair[1], leader, chosen, so, TRUE)
        tops = [ax.get_ylim()[1] for ax in pair]
        for ax, top in zip(pair, tops, strict=True):
            ax.set_ylim(0, max(tops) if number in SAME_SCALE else top)
    for ax, (words, ink) in zip(axes[0], SIDES, strict=True):
        box = ax.get_position()
        figure.text(box.x0, 0.965, words, color=ink, fontweight="bold", fontsize=points(10))
    for ax in axes[-1]:
        ax.set_xlabel("capability of the leading lab, log2 h")
    note = (
        f"policy {chosen['policy'].item()}; means over the worlds not yet lost, while a tenth is "
        "left; bands: 95 % intervals; dashed: what is seen, again"
    )
    finish(figure, axes.ravel(), months, note)
    return axes.ravel()


def _line(ax, leader, months, named, ink, dash="-"):
    title, name = named
    factor = 100 if name in SHARES else 1
    middle, half = monthly(months, name)
    low, high = (factor * (middle + sign * half) for sign in (-1, 1))
    ax.fill_between(leader, low, high, color=ink, alpha=0.18, linewidth=0)
    ax.set_title(title, fontsize=points(8), fontweight="normal")
    ax.plot(leader, factor * middle, color=ink, linestyle=dash)
    ax.margins(x=0.01)
