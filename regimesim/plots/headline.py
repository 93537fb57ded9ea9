"""The headline of a run: which policies survive, what they cost, and what overseers believe."""

from typing import NamedTuple

from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.findings import FEW, in_percent, survivors
from regimesim.analysis.formatting import rounded
from regimesim.analysis.present_worlds import present_worlds
from regimesim.analysis.ranking import ranked_in
from regimesim.plots.policies import Look, looks_of
from regimesim.plots.rows import Panel, draw_mark, row_panels, write
from regimesim.plots.style import finish, styled, thick

PANELS = (
    Panel("no takeover", "share of worlds", 1.5, ("",)),
    Panel("growth lost", "share of doublings", 0.8, ("", "audited")),
    Panel("catch rate at the first try", "● true   ◆ believed", 1.5, ("gap",)),
)
LEAST = 0.1  # the shortest axis of growth lost


class Row(NamedTuple):
    """What the figure shows of a policy: its look, and its estimates by estimand."""

    look: Look
    of: dict[str, Estimate]


ESTIMANDS = (
    "no_takeover",
    "growth_lost",
    "audited",
    "true_catch_rate",
    "believed_catch_rate",
    "evidence_gap",
)


@styled
def headline(worlds, axes=None):
    """Draw policies by their share of worlds without a takeover, with cost and evidence gap.

    Dots are estimates with 95 % intervals.  The true and the believed catch rate at the first
    critical try are joined by a line, the evidence gap; they are hollow where few worlds met
    a critical try.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    axes : array of Axes, optional
        Three; by default those of a new figure.

    Returns
    -------
    array of Axes
        The panels of survival, cost and belief.
    """
    worlds = present_worlds(worlds, some=True)
    looks = looks_of(worlds)
    rows = [
        Row(looks[policy], {name: estimate(worlds, policy, name) for name in ESTIMANDS})
        for policy in ranked_in(worlds)
    ]
    axes, figure = row_panels([row.look.title for row in rows], PANELS, axes)
    for at, row in enumerate(rows):
        _draw_survival(axes[0], at, row)
        _draw_cost(axes[1], at, row)
        _draw_belief(axes[2], at, row)
    for ax in axes[::2]:
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    _cost_axis(axes[1], rows)
    finding = survivors(
        {row.look.title: row.of["no_takeover"] for row in rows},
        sum(row.of["true_catch_rate"].n for row in rows),
    )
    note = (
        "bars: 95 % intervals; audited: share of trajectories; gap: believed minus true, in "
        f"points; hollow: fewer than {FEW} worlds met a critical try"
    )
    finish(figure, axes, worlds, note, finding=finding)
    return axes


def _draw_survival(ax, at, row):
    safe = row.of["no_takeover"]
    draw_mark(ax, at, safe, row.look.ink)
    write(ax, at, 0, in_percent(safe.estimate))


def _draw_cost(ax, at, row):
    for column, name in enumerate(("growth_lost", "audited")):
        of = row.of[name]
        write(ax, at, column, "–" if of.estimate is None else in_percent(of.estimate))
    draw_mark(ax, at, row.of["growth_lost"], row.look.ink, "s")


def _cost_axis(ax, rows):
    """Fit the axis of growth lost to the estimates, with zero on it."""
    lost = [row.of["growth_lost"] for row in rows]
    ends = [end for one in lost for end in (one.low, one.estimate, one.high) if end is not None]
    low, high = min([0.0, *ends]), max([LEAST, *ends])
    ax.set_xlim(low, high)
    step = next(s for s in (0.05, 0.1, 0.25, 0.5, 1.0, 10.0, 1e9) if high - low <= 2.5 * s)
    ticks = [k * step for k in range(int(low / step), int(high / step) + 1)]
    ax.set_xticks(
        ticks, [f"{100 * tick:.0f} %".replace("-", "−") if tick else "0" for tick in ticks]
    )


def _draw_belief(ax, at, row):
    true, believed = row.of["true_catch_rate"], row.of["believed_catch_rate"]
    if not true.n:
        write(ax, at, 0, "no try", soft=True)
        return
    few = true.n < FEW
    joined = {"color": row.look.ink, "linewidth": 2.4 * thick(), "alpha": 0.35, "zorder": 1}
    ax.plot([true.estimate, believed.estimate], [at, at], **joined)
    draw_mark(ax, at, true, row.look.ink, "o", few)
    draw_mark(ax, at, believed, row.look.ink, "D", few)
    gap = rounded(100 * row.of["evidence_gap"].estimate, "+.1f").replace("-", "−")
    write(ax, at, 0, f"{true.n} tr{'y' if true.n == 1 else 'ies'}" if few else gap, soft=few)
