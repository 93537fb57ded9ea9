"""The order of policies in figures: that of all tables."""

from regimesim.analysis.estimands import estimate
from regimesim.analysis.policy_cells import ranked
from regimesim.analysis.present_worlds import PresentWorlds


def ranked_in(worlds: PresentWorlds) -> list[str]:
    """The names of the policies of a run, in the order of `policy_cells.ranked`."""
    keys = ("no_takeover", "growth_lost")
    return ranked(
        {
            policy: {key: estimate(worlds, policy, key)._asdict() for key in keys}
            for policy in worlds.policies
        }
    )
