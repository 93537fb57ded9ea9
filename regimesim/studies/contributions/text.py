"""Contributions as tables for the terminal."""

from textwrap import fill

from regimesim.analysis.formatting import percent, percent_interval

WIDTH = 80
INDENTED = {"initial_indent": "  ", "subsequent_indent": "    "}
WORDS = {"no_takeover": "no takeover", "first_try_not_lost": "first try not lost"}
LEGEND = """\
Shares of worlds in %, with 95 % intervals; differences are within worlds.
lost without it: the whole policy minus the policy without that part.
Shapley value: the gain from the part, averaged over all orders of adding parts.
first try not lost: the first critical try was held, or never made."""
FRONTIER = """\
Safety and usefulness in %, with 95 % intervals. Usefulness is the growth kept
times the share of actions not audited, in worlds in which nothing is tried.
* dominated by no policy here: none is better in one and not worse in the other"""


def text(content: dict) -> str:
    """The content of contributions.json as tables of at most 80 columns."""
    about = f"{content['scenario']}: {content['worlds']:,} worlds, seed {content['seed']}"
    lines = [about, LEGEND]
    for name, policy in content["policies"].items():
        lines += ["", *_policy(name, policy)]
    lines += ["", FRONTIER, *_points(content["frontier"], "policy")]
    for name, points in content["audit_budgets"].items():
        at = {f"{point['audit_budget']:g}": point for point in points}
        lines += ["", f"{name}, by audit budget:", *_points(at, "audit budget")]
    return "\n".join(line.rstrip() for line in lines)


def finding(name: str, policy: dict) -> str:
    """The part of a policy that adds most, short enough for a progress bar."""
    parts = policy["no_takeover"]["parts"]
    most = max(parts, key=lambda part: parts[part]["shapley"]["estimate"])
    return f"{name}: {most} adds {percent(parts[most]['shapley']['estimate'])} points"


def _policy(name, policy):
    number = len(policy["parts"])
    yield f"{name}: {number} part{'s' if number > 1 else ''}"
    yield f"  {'':24}{'lost without it':>25}{'Shapley value':>25}"
    for estimand, words in WORDS.items():
        shares = policy[estimand]
        yield f"  {words}"
        for part, values in shares["parts"].items():
            alone, fair = (percent_interval(values[k]) for k in ("leave_one_out", "shapley"))
            yield f"    {part:22}{alone:>25}{fair:>25}"
        yield f"    {'none of them':22}{'':25}{percent_interval(shares['nothing']):>25}"
        yield f"    {'all of them':22}{'':25}{percent_interval(shares['full']):>25}"
    caught = policy["first_try_caught_by"]
    if caught:
        yield "  first critical tries were caught by"
        for by, share in caught.items():
            names = by.replace("+", " + ")
            yield f"    {names:47}{percent_interval(share):>25}"
    if policy["common_cause"]:
        yield "  gained if its safeguards failed independently of each other"
        for estimand, words in WORDS.items():
            cost = policy["common_cause"][estimand]["cost"]
            yield f"    {words:47}{percent_interval(cost):>25}"


def _points(points, heading):
    yield f"  {heading:24}{'no takeover':>18}{'usefulness':>18}{'growth':>9}{'audited':>9}"
    for name, point in points.items():
        mark, label = " " if point["dominated_by"] else "*", name
        if len(name) > 24:
            yield f"{mark} {name}"
            mark, label = " ", ""
        kept, audited = (percent(point[key]["estimate"]) for key in ("growth_kept", "audited"))
        safe, useful = (percent_interval(point[key]) for key in ("no_takeover", "usefulness"))
        yield f"{mark} {label:24}{safe:>18}{useful:>18}{kept:>9}{audited:>9}"
    for name, point in points.items():
        if point["dominated_by"]:
            better = (o if isinstance(o, str) else f"{o:g}" for o in point["dominated_by"])
            yield fill(f"{name} is dominated by {', '.join(better)}", WIDTH, **INDENTED)
