"""The order of policies in tables and figures: those with the fewest takeovers first."""

from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.present_worlds import PresentWorlds


def ranked_in(summary: dict) -> list[str]:
    """The same from the content of summary.json."""
    safe = {name: of["no_takeover"]["estimate"] for name, of in summary["policies"].items()}
    return sorted(safe, key=lambda policy: -safe[policy])


def as_estimate(content: dict) -> Estimate:
    """An estimate as it stands in summary.json."""
    return Estimate(*(content[name] for name in Estimate._fields))


def ranked(worlds: PresentWorlds) -> list[str]:
    """The policies by their share of worlds without a takeover, the highest first."""
    safe = {policy: estimate(worlds, policy, "no_takeover").estimate for policy in worlds.policies}
    return sorted(safe, key=lambda policy: -safe[policy])
