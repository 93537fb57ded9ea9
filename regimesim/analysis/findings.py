"""What a run shows, in one sentence each, from its numbers.

A sentence names a policy as the best or the worst only where its interval is apart from those of
the others; where intervals overlap it says what they have in common.
"""

import math
from collections.abc import Mapping, Sequence

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import percent

FEW = 30  # first critical tries below which a rate of them says little
MOST_NAMED = 2  # sources in a sentence
OPEN = "no single source"
LUCK, TOGETHER = "luck", "assumptions together"  # sources beside single assumptions, in words
UNTRIED = "No world met a critical try, so no policy was tested"


def whole_percent(share: float) -> str:
    """A share in whole percent; only a share of exactly 0 or 1 is 0 % or 100 %."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def in_percent(share: float) -> str:
    """A share in percent, rounded as in every table; `−` before one below 0."""
    return f"{percent(share)} %".replace("-", "−")


def as_estimate(content: Mapping) -> Estimate:
    """An estimate as it stands in summary.json."""
    return Estimate(*(content[name] for name in Estimate._fields))


def survivors(shares: Mapping[str, Estimate], tries: int) -> str:
    """Under which policies worlds see no takeover.

    Parameters
    ----------
    shares : mapping
        The share of worlds without a takeover, by the title of the policy.
    tries : int
        How many worlds met a critical try, under any policy.
    """
    if not tries:
        return UNTRIED
    ranked = sorted(shares, key=lambda title: -_middle(shares[title]))
    best, worst = shares[ranked[0]], shares[ranked[-1]]
    if len(ranked) == 1:
        return f"Under {ranked[0]}, {_with_interval(best)} of worlds see no takeover"
    if not _high(worst) < _low(best):
        return _alike([_middle(shares[title]) for title in ranked])
    top = [title for title in ranked if _high(shares[title]) >= _low(best)]
    rest = [title for title in ranked if title not in top]
    above, below = (_range([_middle(shares[t]) for t in group]) for group in (top, rest))
    return (
        f"Under {_listed(top)}, {above} of worlds see no takeover; "
        f"under {_listed(rest, len(rest))}, {below}"
    )


def _alike(shares: Sequence[float]) -> str:
    """What policies have in common whose intervals all overlap."""
    every = _every([""] * len(shares))
    if max(shares) == 0:
        return f"Under {every}, every world is lost"
    if min(shares) == 1:
        return f"Under {every}, no world sees a takeover"
    return (
        f"Under {every}, {_range(shares)} of worlds see no takeover: "
        "too close for this many worlds to rank them"
    )


def gaps(rates: Mapping[str, tuple[Estimate, int]]) -> str:
    """How far the believed catch rate at the first critical try is from the true one.

    Parameters
    ----------
    rates : mapping
        By the title of the policy: believed minus true catch rate, and the number of worlds that
        met a critical try.
    """
    most = max(tries for _, tries in rates.values())
    if not most:
        return UNTRIED
    known = {title: gap for title, (gap, tries) in rates.items() if tries >= FEW}
    if not known:
        return f"Too few first critical tries to judge beliefs by: {most} at most"
    over = {title: _middle(gap) for title, gap in known.items() if _low(gap) > 0}
    under = {title: -_middle(gap) for title, gap in known.items() if _high(gap) < 0}
    if not over and not under:
        return "At the first critical try, beliefs about safeguards differ from the truth by luck"
    parts = [
        f"{verb} their safeguards by {_points(list(by.values()))} under {_listed(list(by))}"
        for verb, by in (("overrate", over), ("underrate", under))
        if by
    ]
    return f"At the first critical try, overseers {', and '.join(parts)}"


def losses(halfway: Mapping[str, str | None], end: str) -> str:
    """By when half of all worlds are lost.

    Parameters
    ----------
    halfway : mapping
        The month as YYYY-MM, by the title of the policy; None where half are never lost.
    end : str
        The last month of the run.
    """
    fallen = {title: month for title, month in halfway.items() if month is not None}
    lasting = [title for title in halfway if title not in fallen]
    if not fallen:
        return f"Under {_every(lasting)}, most worlds last to {end} without a takeover"
    first, last = min(fallen.values()), max(fallen.values())
    when = f"by {first}" if first == last else f"between {first} and {last}"
    named = _listed(list(fallen)) if lasting else _every(list(fallen))
    lost = f"Under {named}, half of all worlds are lost {when}"
    if not lasting:
        return lost
    return f"{lost}; under {_listed(lasting, len(lasting))}, most last to {end}"


def regimes_at_the_end(leading: Mapping[str, str], end: str) -> str:
    """In which regime most worlds end.

    Parameters
    ----------
    leading : mapping
        The most common regime at the end, in words, by the title of the policy.
    end : str
        The last month of the run.
    """
    groups: dict[str, list[str]] = {}
    for title, regime in leading.items():
        groups.setdefault(regime, []).append(title)
    if len(groups) == 1:
        (regime,) = groups
        return f"In {end} the most common regime is “{regime}” under {_every(list(leading))}"
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    parts = [f"“{regime}” under {_listed(titles)}" for regime, titles in ranked]
    return f"In {end} the most common regime is {', '.join(parts[:-1])} and {parts[-1]}"


def deciders(shares: Mapping[str, Mapping[str, Estimate]]) -> str:
    """What decides most whether a world ends without a takeover.

    Parameters
    ----------
    shares : mapping
        By the title of the policy, the shares of the variance by their source, in words, with
        LUCK and TOGETHER among them.
    """
    groups: dict[str, list[str]] = {}
    for title, of in shares.items():
        first, *others = sorted(of, key=lambda source: -_middle(of[source]))
        apart = not others or _low(of[first]) > _middle(of[others[0]])
        groups.setdefault(f"“{first}”" if apart else OPEN, []).append(title)
    if set(groups) == {OPEN}:
        return _divided(shares)
    ranked = sorted(groups.items(), key=lambda group: (group[0] == OPEN, -len(group[1])))
    parts = [f"{source} under {_listed(titles)}" for source, titles in ranked[:MOST_NAMED]]
    if others := [title for _, titles in ranked[MOST_NAMED:] for title in titles]:
        parts.append(f"others under {_listed(others)}")
    return f"What decides most: {', '.join(parts)}"


def _divided(shares: Mapping[str, Mapping[str, Estimate]]) -> str:
    """How much is luck and how much the greatest assumption, where no source decides most."""
    luck = [_middle(of[LUCK]) for of in shares.values()]
    alone = [
        _middle(share)
        for of in shares.values()
        for source, share in of.items()
        if source not in (LUCK, TOGETHER)
    ]
    part = f"Luck is {_range(luck)} of what makes worlds differ"
    return f"{part}, and no assumption by itself more than {in_percent(max(alone, default=0.0))}"


def _middle(estimate: Estimate) -> float:
    """An estimate, or NaN, which is neither above nor below any other."""
    return math.nan if estimate.estimate is None else estimate.estimate


def _low(estimate: Estimate) -> float:
    return _middle(estimate) if estimate.low is None else estimate.low


def _high(estimate: Estimate) -> float:
    return _middle(estimate) if estimate.high is None else estimate.high


def _in_words(share: float) -> str:
    """A share in percent, in a sentence."""
    return in_percent(share).replace("<", "less than ").replace(">", "more than ")


def _with_interval(share: Estimate) -> str:
    text = _in_words(_middle(share))
    if share.low is None or share.high is None:
        return text
    return f"{text} ({percent(share.low)} to {in_percent(share.high)})"


def _range(shares: Sequence[float]) -> str:
    """The lowest and the highest of some shares, or the one that they have in common."""
    low, high = in_percent(min(shares)), in_percent(max(shares))
    if low == high or high.startswith("<"):
        return _in_words(max(shares))
    if low == "0 %" or low.startswith("<"):
        return f"at most {high}"
    if low.startswith(">"):
        return _in_words(min(shares))
    if high == "100 %" or high.startswith(">"):
        return f"at least {low}"
    return f"{low.removesuffix(' %')} to {high}"


def _points(differences: Sequence[float]) -> str:
    """The smallest and the largest of some differences, in percentage points."""
    low, high = (percent(end) for end in (min(differences), max(differences)))
    if low == high:
        return f"{low} points"
    return f"{low} to {high} points"


def _listed(titles: Sequence[str], others: int = 0) -> str:
    """Policies by their titles where they are one or two, else how many they are.

    `others` is the number of all policies that a sentence has not named yet.
    """
    if len(titles) <= 2:
        return " or ".join(titles)
    return f"the other {len(titles)}" if len(titles) == others else f"{len(titles)} policies"


def _every(titles: Sequence[str]) -> str:
    """All policies of a run: a single one by its title."""
    if len(titles) == 1:
        return titles[0]
    return "both policies" if len(titles) == 2 else f"all {len(titles)} policies"
