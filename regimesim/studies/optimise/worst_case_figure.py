"""The figure of the worst case: what the best policies keep against attackers that answer them."""

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import percent
from regimesim.plots.rows import Panel, draw_mark, row_panels
from regimesim.plots.style import INKS, SOFT, finish, styled
from regimesim.studies.optimise.worst_case_text import file_is_safer

FIRST, SAFEST, UPPER = "best against the scenario's attacker", "best in the worst case", "at most"
SOME = "{} (of the file)"
READ = (
    "filled: against the worst attacker that a search found; hollow: against the attacker of the "
    "scenario; diamond: what the best answer to the attackers keeps, which no policy of the "
    "search exceeds; 95 % intervals, in worlds that no search has seen"
)


@styled
def worst_case(content: dict, ax=None):
    """Draw what is kept against the worst attackers: by the policy that is best against the
    scenario's attacker, by the policies that are best in the worst case, and by the safest policy
    of the file.

    Parameters
    ----------
    content : dict
        The content of optimise.json of a search against attackers.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
    """
    against = content["against"]
    panel = Panel("Worlds without a takeover", "%")
    of_file = against.get("file")  # results that were saved earlier may lack it
    further = [SOME.format(of_file["words"])] if of_file else []
    axes, figure = row_panels([FIRST, SAFEST, *further, UPPER], [panel], ax)
    (ax,) = axes
    best = content["chosen"]["best"]["fresh"]["no_takeover"]
    draw_mark(ax, 0, _in_percent(best), INKS[2], hollow=True)
    draw_mark(ax, 0, _in_percent(against["first"]["worst"]), INKS[2])
    if "own" in against:  # results that were saved earlier may lack it
        draw_mark(ax, 1, _in_percent(against["own"]), INKS[1], hollow=True)
    draw_mark(ax, 1, _in_percent(against["fresh"]["lower"]), INKS[1])
    if of_file:
        draw_mark(ax, 2, _in_percent(of_file["worst"]), INKS[2])
    last = 2 + len(further)
    draw_mark(ax, last, _in_percent(against["fresh"]["upper"]), SOFT, marker="D")
    ax.set_xlim(0, 100)
    finish(figure, axes, content, READ, finding=finding(against))
    return ax


def finding(against: dict) -> str:
    """What the figure shows, in a sentence."""
    kept = percent(against["fresh"]["lower"]["estimate"])
    rival, other = "the policy that is best against the scenario's attacker", against["first"]
    if file_is_safer(against):
        other = against["file"]
        rival = SOME.format(other["words"])
    which = "policy" if len(against["policies"]) == 1 else "mixture of policies"
    return (
        f"Against attackers that answer it, the best {which} keeps {kept} % of worlds; {rival} "
        f"keeps {percent(other['worst']['estimate'])} %"
    )


def nothing_to_draw(results: dict) -> str | None:
    """Why there is no such figure, or None."""
    content = results["optimise"]
    if "against" not in content:
        return "the search was not --against attackers"
    if not content["against"]["policies"]:
        return "no policy reaches the targets against all attackers that were found"
    return None


def _in_percent(estimate: dict) -> Estimate:
    ends = (estimate[key] for key in ("estimate", "low", "high"))
    return Estimate(*(None if end is None else 100 * end for end in ends), estimate["n"])
