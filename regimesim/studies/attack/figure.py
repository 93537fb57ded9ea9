"""The figure of attacks: each policy with the scenario's attacker and with the worst one."""

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import percent
from regimesim.plots.policies import looks_in
from regimesim.plots.rows import Panel, draw_mark, row_panels, write
from regimesim.plots.saving import Drawing
from regimesim.plots.style import SOFT, finish, points, styled, thick
from regimesim.studies.attack.text import leads, ranked
from regimesim.studies.attack.words import short, shown
from regimesim.studies.attacker import TARGET

READ = (
    "hollow: with the attacker of the scenario; filled: with the worst that a search found, both "
    "with 95 % intervals, in the same worlds, which the search has not seen; at the right: what "
    "of the attacker matters most, and how many points come back without it"
)


@styled
def attack(content: dict, ax=None):
    """Draw a row for each policy, the one that is best in its worst case at the top.

    Parameters
    ----------
    content : dict
        The content of attack.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    policies = ranked(content)
    looks = looks_in(content, [one["policy"] for one in policies])
    titles = [looks[one["policy"]].title for one in policies]
    panel = Panel("Worlds without a takeover", "%", columns=("", "", "", "what matters most"))
    axes, figure = row_panels(titles, [panel], ax)
    (ax,) = axes
    for row, one in enumerate(policies):
        _draw(ax, row, one, looks[one["policy"]].ink)
    ax.set_xlim(0, 100)
    finish(figure, axes, content, READ, finding=finding(content))
    return ax


def _draw(ax, row, one, ink):
    """One policy: both shares, an arrow from one to the other, and what matters most."""
    own, worst = (_in_percent(one[key]) for key in ("own", "worst"))
    if abs(own.estimate - worst.estimate) > 4:
        ax.annotate(
            "",
            (worst.estimate + 1, row),
            (own.estimate - 1.5, row),
            arrowprops={
                "arrowstyle": "-|>",
                "color": SOFT,
                "linewidth": 0.8 * thick(),
                "mutation_scale": points(7),
            },
            zorder=1,
        )
    draw_mark(ax, row, own, ink, hollow=True)
    draw_mark(ax, row, worst, ink)
    if one["choices"]:
        most = one["choices"][0]
        write(ax, row, 3, f"{_named(most)} {_points(most['gain'])}", soft=True)


def _in_percent(estimate) -> Estimate:
    middle, low, high = (
        None if estimate[key] is None else 100 * estimate[key]
        for key in ("estimate", "low", "high")
    )
    return Estimate(middle, low, high, estimate["n"])


def _named(choice) -> str:
    """A choice; the target with its name."""
    if choice["name"] == TARGET:
        return f"{TARGET} {shown(choice['value'])}"
    return short(choice["name"])


def _points(gain) -> str:
    return f"+{percent(gain['estimate'])}"


def finding(content: dict) -> str:
    """What the figure shows, in a sentence."""
    policies = ranked(content)
    if len(policies) == 1:
        (one,) = policies
        return (
            f"An attacker that answers {one['title']} takes it from "
            f"{percent(one['own']['estimate'])} % of worlds without a takeover to "
            f"{percent(one['worst']['estimate'])} %"
        )
    best, second = policies[:2]
    if not leads(policies, "worst"):
        kept = [f"{one['title']} {percent(one['worst']['estimate'])} %" for one in (best, second)]
        return (
            "Against the worst attackers found, no policy clearly keeps most worlds: "
            f"{kept[0]}, {kept[1]}"
        )
    worst, own = (percent(best[end]["estimate"]) for end in ("worst", "own"))
    instead = "as" if worst == own else f"and not {own} % as"
    return (
        f"Against the worst attacker found, {best['title']} keeps most worlds: {worst} %, "
        f"{instead} with the attacker of the scenario"
    )


FIGURES = (Drawing("attack", attack, ("attack",)),)
