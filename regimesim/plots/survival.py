"""The share of worlds without a takeover, month by month."""

from regimesim.analysis.estimands import estimate
from regimesim.analysis.findings import in_percent, losses
from regimesim.analysis.present_worlds import crossing, present_worlds
from regimesim.analysis.survival import survival as kaplan_meier
from regimesim.plots.axes import date_axis, label_ends, share_axis
from regimesim.plots.policies import looks_of
from regimesim.plots.style import (
    draw_curve,
    finish,
    points,
    shortened,
    single,
    styled,
    thinned,
)
from regimesim.scenario.dates import months_later

MOST_STEPS = 180
LONGEST = 40  # letters of a title
HALF = 0.5


@styled
def survival(worlds, ax=None):
    """Draw the share of worlds without a takeover after each month, a line for each policy.

    It is the Kaplan-Meier estimate, with pointwise 95 % bands.  The tick at the end of a line
    marks the worlds that are censored at the end of the run.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    worlds = present_worlds(worlds, some=True)
    months, looks = worlds.months, looks_of(worlds)
    # Titles stand to the right of their lines.
    side = min(3.2, 0.75 + 0.072 * max(len(look.title) for look in looks.values()))
    ax, figure = single(ax, right=side)
    shown, ends, halfway = thinned(months, MOST_STEPS), [], {}
    for policy, (title, ink, dash) in looks.items():
        curve = kaplan_meier(crossing(worlds, policy, "takeover"), months)
        draw_curve(ax, shown, curve, ink, step="post", linestyle=dash, label=title)
        end = curve.share[-1]
        if end > 0:
            tick = {"marker": "|", "markersize": points(8), "clip_on": False}
            ax.plot(shown[-1], end, color=ink, **tick)
        # As everywhere else; the line itself shows what was counted.
        survived = estimate(worlds, policy, "no_takeover").estimate
        ends.append((end, f"{shortened(title, LONGEST)}  {in_percent(survived)}", ink, dash))
        fallen = curve.share <= HALF
        halfway[title] = months_later(worlds.start, fallen.argmax()) if fallen.any() else None
    share_axis(ax)
    ax.set_ylabel("share of worlds without a takeover")
    date_axis(ax, worlds.start, months)
    label_ends(ax, ends)
    note = (
        "Kaplan-Meier, bands: 95 % intervals, ticks: worlds censored at the end; lines: worlds "
        "counted; numbers: the estimates of the run"
    )
    finding = losses(halfway, months_later(worlds.start, months - 1))
    finish(figure, [ax], worlds, note, finding=finding)
    return ax
