"""Which assumptions decide, in a sentence from the shares of variance in a summary."""

from collections.abc import Mapping

from regimesim.analysis.formatting import listed
from regimesim.analysis.policy_cells import SAFE
from regimesim.analysis.variance_shares import LUCK, REST, is_clear

MOST = 3  # assumptions that are named


def deciding(summary: Mapping) -> list[str]:
    """What decides under the policy whose worlds differ most; empty where nothing is drawn.

    Parameters
    ----------
    summary : mapping
        The content of summary.json.
    """
    policies = [one for one in summary["policies"].values() if one.get("variance_shares")]
    if not policies:
        return []
    policy = max(policies, key=lambda one: _variance(one[SAFE]["estimate"]))
    shares = {one["source"]: one for one in policy["variance_shares"]}
    luck, rest = shares.pop(LUCK), shares.pop(REST)
    together = (
        f", and {_between(rest)} arises only where several act together" if rest["low"] > 0 else ""
    )
    return [
        f"Under {policy['title']}, {_between(luck)} of what makes worlds differ is luck; "
        f"{_alone(shares)}{together} (95 % intervals)."
    ]


def _alone(shares: Mapping) -> str:
    """Which assumptions decide by themselves, of those that are drawn."""
    drawn = f"of the {len(shares)} assumptions that are drawn" if len(shares) > 1 else ""
    clear = [one for one in shares.values() if is_clear(one["estimate"], one["low"])]
    if not clear:
        none = f"{drawn}, none decides much by itself"
        return none if drawn else f"{listed(list(shares))} decides little"
    named = listed([f"{one['source']} ({_between(one)})" for one in clear[:MOST]])
    if not drawn:
        return f"{named} decides the rest"
    own = "decides most by itself" if len(clear) == 1 else "decide most by themselves"
    return f"{drawn}, {named} {own}"


def _between(share: Mapping) -> str:
    """The interval of a share, in whole percents: an estimate alone looks too sharp."""
    low, high = (f"{100 * min(max(share[end], 0.0), 1.0):.0f}" for end in ("low", "high"))
    return f"{low} to {high} %" if low != high else f"{low} %"


def _variance(share: float) -> float:
    return share * (1.0 - share)
