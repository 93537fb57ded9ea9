"""The share of worlds without a takeover, month by month."""

from regimesim.analysis.estimands import estimate
from regimesim.analysis.findings import whole_percent
from regimesim.analysis.present_worlds import crossing, present_worlds
from regimesim.analysis.survival import survival as kaplan_meier
from regimesim.plots.axes import date_axis, label_ends, share_axis
from regimesim.plots.style import (
    DASHES,
    INKS,
    draw_curve,
    finish,
    points,
    shortened,
    single,
    styled,
    thinned,
)

MOST_STEPS = 180


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
    months, policies = worlds.months, worlds.policies
    # Names stand to the right of their lines.
    side = min(2.6, 0.75 + 0.072 * max(map(len, policies)))
    ax, figure = single(ax, right=side)
    shown, ends = thinned(months, MOST_STEPS), []
    for k, policy in enumerate(policies):
        curve = kaplan_meier(crossing(worlds, policy, "takeover"), months)
        ink, dash = INKS[k % len(INKS)], DASHES[(k + k // len(INKS)) % len(DASHES)]
        draw_curve(ax, shown, curve, ink, step="post", linestyle=dash, label=policy)
        end = curve.share[-1]
        if end > 0:
            tick = {"marker": "|", "markersize": points(8), "clip_on": False}
            ax.plot(shown[-1], end, color=ink, **tick)
        # As everywhere else; the line itself shows what was counted.
        survived = estimate(worlds, policy, "no_takeover").estimate
        ends.append((end, f"{shortened(policy)}  {whole_percent(survived)}", ink, dash))
    share_axis(ax)
    ax.set_ylabel("share of worlds without a takeover")
    date_axis(ax, worlds.start, months)
    label_ends(ax, ends)
    note = "Kaplan-Meier, bands: 95 % intervals, ticks: worlds censored at the end"
    finish(figure, [ax], worlds, note)
    return ax
