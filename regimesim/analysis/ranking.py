"""The order of policies in tables and figures: those with the fewest takeovers first."""

from regimesim.analysis import policy_cells
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.policy_cells import LOST, SAFE
from regimesim.analysis.present_worlds import PresentWorlds


def ranked_in(summary: dict) -> list[str]:
    """The same from the content of summary.json."""
    return policy_cells.ranked(summary["policies"])


def as_estimate(content: dict) -> Estimate:
    """An estimate as it stands in summary.json."""
    return Estimate(*(content[name] for name in Estimate._fields))


def ranked(worlds: PresentWorlds) -> list[str]:
    """The policies by their share of worlds without a takeover, the highest first; of equal ones
    the one that loses less growth, where the dataset has that."""
    known = [SAFE, LOST] if LOST in worlds.variables else [SAFE]
    return policy_cells.ranked(
        {
            policy: {name: {"estimate": estimate(worlds, policy, name).estimate} for name in known}
            for policy in worlds.policies
        }
    )
