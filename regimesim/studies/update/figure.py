"""The figure of an update: P(no takeover) of every policy, and what was learned."""

from matplotlib.figure import Figure

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.findings import in_percent
from regimesim.analysis.formatting import rounded
from regimesim.plots.axes import striped
from regimesim.plots.rows import draw_mark
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
)
from regimesim.studies.update.measures import FEWEST

BEFORE, AFTER = SOFT, INKS[2]
MOST = 8  # assumptions
APART = 0.17  # of a row: before above after
LONG = 30  # letters of a name
# In inches of paper: a row, the margins, a letter of a name, and the space between the panels.
ROW, HEAD, FOOT, RIGHT, LETTER, BETWEEN = 0.3, 0.42, 0.8, 0.2, 0.063, 0.25
NARROW = 5.0  # a figure that is narrower has one panel below the other
READ = (
    "grey ring: before the evidence; blue dot: after it; bars left: 95 % intervals; right: the "
    "central 90 % of worlds and their median, by ranks before the evidence, where 0 to 100 % "
    "is the whole prior; the assumptions that changed most"
)


@styled
def before_and_after(content: dict, axes=None):
    """Draw P(no takeover) under every policy, and the assumptions that learned most.

    Parameters
    ----------
    content : dict
        The content of update.json.
    axes : Axes or array of Axes, optional
        Two, one a panel; by default a new figure.  Where nothing is drawn, one.

    Returns
    -------
    array of Axes

    Raises
    ------
    ValueError
        Where there are more or fewer axes than panels.
    """
    policies = {
        one["title"]: one["estimands"]["no_takeover"] for one in content["policies"].values()
    }
    learned = {}
    if content["effective"] >= FEWEST:
        learned = dict(list(content["assumptions"].items())[:MOST])
    count = 2 if learned else 1
    figure = None
    if axes is None:
        figure, axes = _panels(list(policies), list(learned))
    axes = flat_axes(axes, count)
    _draw_policies(axes[0], policies)
    if learned:
        _draw_assumptions(axes[1], learned)
    note = READ if learned else READ.split("; right")[0].replace("bars left", "bars")
    finish(figure, axes, content, note, finding=finding(content))
    return axes


def finding(content: dict) -> str:
    """What the figure shows, in a sentence."""
    own = content["policies"].get(content["policy"]) or next(iter(content["policies"].values()))
    one = own["estimands"]["no_takeover"]
    before, after = one["before"]["estimate"], one["after"]["estimate"]
    if before is None or after is None:
        return "Too few worlds show the evidence to say what it changes"
    change = one["change"]
    if change["low"] is None or change["low"] <= 0 <= change["high"]:
        return (
            f"The evidence leaves P(no takeover) under {own['title']} where it was, "
            f"{in_percent(before)}"
        )
    verb = "raises" if after > before else "lowers"
    return (
        f"The evidence {verb} P(no takeover) under {own['title']} from {in_percent(before)} to "
        f"{in_percent(after)}"
    )


def _rows(ax, names):
    """The names of rows, and stripes behind every other one."""
    striped(ax, range(len(names)))
    ax.set_yticks(range(len(names)), [shortened(name, LONG) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])


def _draw_policies(ax, policies):
    """P(no takeover) before and after, with intervals."""
    for row, one in enumerate(policies.values()):
        draw_mark(ax, row - APART, Estimate(**one["before"]), BEFORE, hollow=True)
        draw_mark(ax, row + APART, Estimate(**one["after"]), AFTER)
    _rows(ax, list(policies))
    ax.set_xlabel("P(no takeover)")
    ax.set_title("Worlds without a takeover", fontsize=points(8), loc="left")


def _draw_assumptions(ax, learned):
    """Where the values of each assumption lie, by their ranks before the evidence."""
    line = {"linewidth": 1.3 * thick(), "solid_capstyle": "butt", "zorder": 2}
    for row, one in enumerate(learned.values()):
        for place, part, ink in ((-APART, "ranks_before", BEFORE), (APART, "ranks_after", AFTER)):
            low, middle, high = one[part]
            ax.plot([low, high], [row + place] * 2, color=ink, **line)
            mark = Estimate(middle, None, None, 1)
            draw_mark(ax, row + place, mark, ink, hollow=part == "ranks_before")
        ax.text(
            1.06,
            row,
            f"{rounded(100 * one['learned'], '.0f')} %",
            fontsize=points(7.5),
            va="center",
            color=SOFT,
        )
    _rows(ax, list(learned))
    ax.set_xlabel("rank before the evidence")
    ax.set_title("Assumptions, and variance learned", fontsize=points(8), loc="left")


def _panels(policies, learned):
    """(figure, axes): policies, and assumptions beside or below them."""
    unit, width = scale(), width_for(3)
    inner = width / unit
    names = [[shortened(name, LONG) for name in one] for one in (policies, learned)]
    left, middle = (0.2 + LETTER * max(map(len, one), default=0) for one in names)
    rows = [len(policies), len(learned)]
    aside = RIGHT + 0.35  # for the shares at the right of the second panel
    if not learned:
        boxes, height = [(left, inner - left - RIGHT, 0.0, rows[0])], rows[0] * ROW
    elif inner < NARROW:
        below = rows[1] * ROW + HEAD + 0.45
        boxes = [
            (left, inner - left - RIGHT, below, rows[0]),
            (middle, inner - middle - aside, 0.0, rows[1]),
        ]
        height = below + rows[0] * ROW
    else:
        each = (inner - left - middle - BETWEEN - aside) / 2
        height = max(rows) * ROW
        boxes = [
            (left, each, height - rows[0] * ROW, rows[0]),
            (left + each + BETWEEN + middle, each, height - rows[1] * ROW, rows[1]),
        ]
    tall = HEAD + height + FOOT
    figure = Figure(figsize=(width, tall * unit))
    axes = [
        figure.add_axes(
            (a * 1.0 / inner, (FOOT + below) / tall, across / inner, count * ROW / tall)
        )
        for a, across, below, count in boxes
    ]
    return figure, axes


FIGURES = (Drawing("before_and_after", before_and_after, ("update",)),)
