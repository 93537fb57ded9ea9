"""What a careful reader would say of the table of a run, from its numbers alone.

Every sentence follows from the summary: which policy keeps most worlds and what that costs,
whether its worlds meet fewer critical tries or hold them, and where belief was furthest from the
truth.  Differences that lie within their intervals are said to.
"""

from collections.abc import Iterator, Mapping

from regimesim.analysis.formatting import half_width, listed, met_a_critical_try, percent
from regimesim.analysis.meaning import sign_is_known
from regimesim.analysis.policy_cells import HELD, SAFE, ranked

GAP = "evidence_gap"
MOST_OF = 2 / 3  # of a difference is most of it
NEGLIGIBLE = 0.005  # of all worlds: what rounding and two estimators leave
UNTESTED = "No world meets a critical try{}, so no safeguard is tested."


def ranking(summary: Mapping, end: str) -> list[str]:
    """Which policy ranks first, at what cost, and whether by fewer tries or by catching.

    Parameters
    ----------
    summary : mapping
        The content of summary.json.
    end : str
        The last month of the run.
    """
    policies = summary["policies"]
    if _untested(policies):
        return [UNTESTED.format(" under any policy" if len(policies) > 1 else "")]
    order = ranked(policies)
    first = _leaders(summary, order)
    return [
        *_ranking(policies, order, first, end),
        *_fewer_or_held_tries(policies, order, first),
    ]


def beliefs(summary: Mapping) -> list[str]:
    """Where overseers were furthest from the truth at the first critical try; empty where no
    world meets one."""
    policies = summary["policies"]
    return [] if _untested(policies) else list(_beliefs(policies, ranked(policies)))


def _untested(policies) -> bool:
    return all(met_a_critical_try(policy) == 0 for policy in policies.values())


def difference(summary: Mapping, name: str, other: str) -> Mapping:
    """How many more worlds see no takeover under one policy than under another: an estimate with
    its interval, in the same worlds."""
    paired = summary["paired"]
    if (pair := paired.get(f"{name} vs {other}")) is not None:
        return pair[SAFE]
    pair = paired[f"{other} vs {name}"][SAFE]
    turned = {"estimate": pair["estimate"], "low": pair["high"], "high": pair["low"]}
    return {key: None if value is None else -value for key, value in turned.items()}


def _leaders(summary, order) -> list[str]:
    """The first policy, and those that do not keep clearly fewer worlds."""
    first, *others = order
    fewer = [difference(summary, first, name)["low"] for name in others]
    ties = [name for name, low in zip(others, fewer, strict=True) if low is None or low <= 0]
    return [first, *ties]


def _ranking(policies, order, first, end) -> Iterator[str]:
    top, titles = order[0], [policies[name]["title"] for name in first]
    safe, everywhere = policies[top][SAFE]["estimate"], f"see no takeover by {end}"
    if len(order) == 1:
        yield f"{_share(policies[top])} of worlds {everywhere}{_at_a_cost(policies[top])}."
    elif safe == 0:
        yield f"No policy keeps a world: all are lost by {end}."
    elif all(policies[name][SAFE]["estimate"] == 1 for name in order):
        yield f"No world is lost by {end}, under any policy."
        yield from _cheapest(policies, order)
    elif len(first) == len(order):
        yield (
            f"{titles[0]} stands first, but no policy keeps clearly fewer worlds: the 95 % "
            "interval of each difference from it contains 0."
        )
        yield from _cheapest(policies, first)
    elif len(first) > 1:
        differ = "their difference" if len(first) == 2 else "each difference from the first"
        shares = {percent(policies[name][SAFE]["estimate"]) for name in first}
        upper = percent(safe)
        lower = percent(min(policies[name][SAFE]["estimate"] for name in first))
        span = f"{upper} %" if len(shares) == 1 else f"{lower} to {upper} %"
        yield (
            f"{listed(titles)} rank first together: {span} of worlds {everywhere}, and the 95 % "
            f"interval of {differ} contains 0."
        )
        yield from _cheapest(policies, first)
    else:
        yield (
            f"{titles[0]} ranks first: {percent(safe)} % of worlds {everywhere}, against "
            f"{_next(policies, order[1:])}{_at_a_cost(policies[top], titles[0])}."
        )


def _next(policies, others) -> str:
    """How many worlds the next policy keeps, or each of the others where all keep as many."""
    shares = [percent(policies[name][SAFE]["estimate"]) for name in others]
    if len(others) > 1 and len(set(shares)) == 1:
        return f"{shares[0]} % under each of the other {len(others)} policies"
    return f"{shares[0]} % under {policies[others[0]]['title']}, the next"


def _share(policy) -> str:
    width = half_width(policy[SAFE])
    reach = "" if width is None else f" (+- {percent(width)})"
    return f"{percent(policy[SAFE]['estimate'])} %{reach}"


def _at_a_cost(policy, who: str = "this") -> str:
    lost = policy["growth_lost"]["estimate"]
    if lost is None:
        return ""
    if lost < 0:
        return f"; growth gains {percent(-lost)} %"
    return f"; {who} costs {f'{percent(lost)} % of' if lost else 'no'} growth"


def _cheapest(policies, names) -> Iterator[str]:
    """Which of several policies that do as well costs least growth, where they differ in it."""
    lost = {name: policies[name]["growth_lost"]["estimate"] for name in names}
    if None in lost.values():
        return
    least, most = min(lost, key=lost.__getitem__), max(lost, key=lost.__getitem__)
    if percent(lost[least]) == percent(lost[most]):
        return
    as_little = [n for n in names if percent(lost[n]) == percent(lost[least])]
    titles = listed([policies[name]["title"] for name in as_little])
    loss = percent(lost[least])
    least_lost = f"a gain of {loss[1:]}" if loss.startswith("-") else loss
    yield (
        f"Of these, {titles} cost{'s' if len(as_little) == 1 else ''} least growth, "
        f"{least_lost} %, and {policies[most]['title']} most, {percent(lost[most])} %."
    )


def _fewer_or_held_tries(policies, order, first) -> Iterator[str]:
    """Whether the first policy has fewer tries than the last, or holds more of them."""
    top = policies[order[0]]
    if len(order) == 1:
        yield from _own_tries(top)
    if len(first) == len(order):
        return
    last = policies[_baseline(policies)]
    gain = top[SAFE]["estimate"] - last[SAFE]["estimate"]
    fewer = met_a_critical_try(last) - met_a_critical_try(top)
    caught = gain - fewer
    points = f"{percent(gain)} points between {top['title']} and {last['title']}"
    without = f"{percent(min(fewer, gain))} are worlds without a critical try"
    met = (
        f"critical tries come in {percent(met_a_critical_try(top))} % of worlds under "
        f"{top['title']} and in {percent(met_a_critical_try(last))} % under {last['title']}"
    )
    holding = f"{percent(caught)} worlds that meet critical tries and hold all of them"
    what, pays = _kind_of_fewer_tries(top)
    if fewer <= NEGLIGIBLE:
        yield f"The {points} are catching: {met}, and all are held in more worlds."
    elif caught < -NEGLIGIBLE:
        yield (
            f"The {points} are {what}: {met}, though fewer worlds meet some and hold all of them."
        )
    elif fewer >= MOST_OF * gain:
        yield f"Most of the {points} are {what}: {without}, and {pays}."
    elif caught >= MOST_OF * gain:
        yield f"Most of the {points} are catching: {holding.replace(' worlds', ' are worlds', 1)}."
    else:
        yield f"The {points} are both {what} and catching: {without}, {holding}."


def _baseline(policies) -> str:
    """The policy that keeps fewest worlds; of equal ones, the one that costs least."""

    def place(name):
        costs = (policies[name][cost]["estimate"] or 0.0 for cost in ("growth_lost", "audited"))
        return (policies[name][SAFE]["estimate"], *costs)

    return min(policies, key=place)


def _own_tries(policy) -> Iterator[str]:
    met = met_a_critical_try(policy)
    held = max(policy[SAFE]["estimate"] - (1 - met), 0.0)
    if met == 1:
        yield f"Every world meets a critical try, and {percent(held)} % hold all of theirs."
    else:
        yield (
            f"{percent(1 - met)} % of worlds meet no critical try, and {percent(held)} % meet "
            "some and hold all of them."
        )


def _kind_of_fewer_tries(policy) -> tuple[str, str]:
    """What the lack of tries under a policy is, and how often takeover pays unopposed: where it
    does in most of the worlds that meet no try, systems were deterred."""
    pays, met = policy["thresholds"]["favourable"]["crossed"], met_a_critical_try(policy)
    where = f"{percent(pays)} % of worlds under {policy['title']}"
    if pays - met >= (1 - met) / 2:
        return "deterrence", f"unopposed, a takeover would pay in {where}"
    only = "only " if pays < 1 / 2 else ""
    return "tries that are never made", f"even unopposed, a takeover would pay in {only}{where}"


def _beliefs(policies, order) -> Iterator[str]:
    """Where the belief of overseers was furthest from the truth at the first critical try."""
    gaps = {name: policies[name][GAP] for name in order}
    known = {name: gap for name, gap in gaps.items() if gap["low"] is not None}
    apart = {name: gap for name, gap in known.items() if sign_is_known(gap)}
    if not apart:
        if known:
            where = "" if len(order) == 1 else " under any policy"
            yield (
                "What overseers believe at the first critical try does not differ clearly from "
                f"the true catch rate{where}."
            )
        return
    worst = max(apart, key=lambda name: abs(apart[name]["estimate"]))
    least = min(abs(apart[worst]["low"]), abs(apart[worst]["high"]))
    as_far = [
        policies[name]["title"]
        for name, gap in apart.items()
        if name != worst and max(abs(gap["low"]), abs(gap["high"])) >= least
    ]
    believed = percent(policies[worst]["believed_catch_rate"]["estimate"])
    both = (
        f"overseers believe in a catch rate of {believed} % at the first critical try, and "
        f"{percent(policies[worst][HELD]['estimate'])} % of first tries are held"
    )
    if len(order) == 1:
        yield f"Belief misleads: {both}."
    else:
        also = f", and perhaps as much under {listed(as_far)}" if as_far else ""
        under = "there" if not as_far else f"under {policies[worst]['title']}"
        title = policies[worst]["title"]
        yield f"Belief misleads most under {title}{also}: {under} {both}."
