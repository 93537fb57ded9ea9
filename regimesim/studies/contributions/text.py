"""Contributions as tables for the terminal."""

from regimesim.analysis.formatting import half_width, listed, percent, percent_interval
from regimesim.analysis.meaning import effects_need, withheld
from regimesim.analysis.policy_cells import COSTS_LEGEND, cost_cells, cost_headings
from regimesim.analysis.terminal import filled, table
from regimesim.studies.contributions.shares import NOBODY

WORDS = {"no_takeover": "no takeover", "first_try_not_lost": "first try not lost"}
LEGEND = (
    "Shares of worlds in %, with 95 % intervals; differences are within worlds.",
    "lost without it: the whole policy minus the policy without that part.",
    "Shapley value: the gain from the part, averaged over all orders of adding parts.",
    "first try not lost: the first critical try was held, or never made.",
)
FRONTIER = (
    "Safety and costs. No takeover in %, where +- is how far its 95 % interval reaches. "
    f"{COSTS_LEGEND} Usefulness, in %, is the growth of the leading lab that is kept, times the "
    "share of trajectories not audited, in worlds in which nothing is tried.",
    "* not dominated: no other policy here is surely better on no takeover or {} and, on the "
    "other, surely better or equal in every world",
)
WORDS_OF_COSTS = {
    "growth_lost": "growth lost",
    "audited": "audits",
    "months_paused_a_year": "months paused",
    "false_alarms_a_year": "false alarms",
    "usefulness": "usefulness",
}


def text(content: dict) -> str:
    """The content of contributions.json as tables for a terminal."""
    about = f"{content['scenario']}: {content['worlds']:,} worlds, seed {content['seed']}"
    lines = [*map(filled, (about, *LEGEND))]
    for name, policy in content["policies"].items():
        lines += ["", *_policy(content["titles"].get(name, name), policy)]
        lines += map(filled, effects_need(withheld(_effects(policy)), content["worlds"]))
    titles, legend, stars = content["titles"], *FRONTIER
    front = {titles.get(name, name): point for name, point in content["frontier"].items()}
    better = WORDS_OF_COSTS[content["cost"]]
    lines += ["", filled(legend), filled(stars.format(better)), *_points(front, "policy", titles)]
    for name, points in content["audit_budgets"].items():
        at = {f"{point['audit_budget']:g}": point for point in points}
        by = WORDS_OF_COSTS[content["cost_of_budgets"]]
        heading = f"{titles.get(name, name)}, by audit budget, compared by no takeover and {by}:"
        lines += ["", filled(heading), *_points(at, "audit budget", {})]
    return "\n".join(lines)


def _together(by: str) -> str:
    """A combination of safeguards that each caught a whole try, in words."""
    return "no single safeguard" if by == NOBODY else by.replace("+", " + ")


def finding(name: str, policy: dict) -> str:
    """The part of a policy that adds most, short enough for a progress bar."""
    parts = {part: one["shapley"] for part, one in policy["no_takeover"]["parts"].items()}
    adding = {part: one["estimate"] for part, one in parts.items() if one["low"] > 0}
    if not adding:
        return f"{name}: no part clearly adds"
    most = max(adding, key=lambda part: adding[part])
    return f"{name}: {most} adds {percent_interval(parts[most])} points"


def greatest(policies: dict[str, dict], titles: dict[str, str]) -> str:
    """The `finding` of the policy with the greatest contribution; where no part clearly adds, the
    interval of the part that may add most."""
    every = [
        (name, part, one["shapley"])
        for name, policy in policies.items()
        for part, one in policy["no_takeover"]["parts"].items()
    ]
    if clear := [one for one in every if one[2]["low"] > 0]:
        name = max(clear, key=lambda one: one[2]["estimate"])[0]
        return finding(titles[name], policies[name])
    name, part, most = max(every, key=lambda one: one[2]["low"] + one[2]["high"])
    ends = f"{percent(most['low'])} to {percent(most['high'])}"
    return f"{titles[name]}: no part clearly adds; perhaps {part}, {ends} points"


def _effects(policy):
    """Every effect that is printed."""
    for estimand in WORDS:
        for part in policy[estimand]["parts"].values():
            yield from part.values()
        if policy["common_cause"]:
            yield policy["common_cause"][estimand]["cost"]


def _policy(name, policy):
    number = len(policy["parts"])
    yield filled(f"{name}: {number} part{'s' if number > 1 else ''}")
    rows: list = []
    for estimand, words in WORDS.items():
        shares = policy[estimand]
        rows.append(f"  {words}")
        for part, values in shares["parts"].items():
            alone, fair = (percent_interval(values[k]) for k in ("leave_one_out", "shapley"))
            rows.append((f"    {part}", alone, fair))
        rows.append(("    none of them", "", percent_interval(shares["nothing"])))
        rows.append(("    all of them", "", percent_interval(shares["full"])))
    yield from table(("", "lost without it", "Shapley value"), rows)
    if caught := policy["first_try_caught_by"]:
        yield filled("first critical tries were caught by", "  ")
        yield from _shares({_together(by): share for by, share in caught.items()})
    if policy["common_cause"]:
        yield filled("gained if its safeguards failed independently of each other", "  ")
        costs = policy["common_cause"]
        yield from _shares({words: costs[key]["cost"] for key, words in WORDS.items()})


def _shares(shares):
    """A line for each share, without headings."""
    return table(("", ""), [(f"    {name}", percent_interval(x)) for name, x in shares.items()])


def _points(points, heading, titles):
    rows: list = []
    for name, point in points.items():
        mark, safe = " " if point["dominated_by"] else "*", point["no_takeover"]
        cells = (percent(safe["estimate"]), percent(half_width(safe)), *cost_cells(point))
        rows.append((f"{mark} {name}", *cells, percent(point["usefulness"]["estimate"])))
    head = (heading, "no\ntake-\nover", "+-", *cost_headings(), "use-\nful-\nness")
    yield from table(head, rows)
    for name, point in points.items():
        if point["dominated_by"]:
            better = (
                titles.get(o, o) if isinstance(o, str) else f"{o:g}" for o in point["dominated_by"]
            )
            names = listed(list(better), len(points))
            yield filled(f"{name} is dominated by {names}", "  ", "    ")
