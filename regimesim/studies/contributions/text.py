"""Contributions in words: tables for the terminal."""

from regimesim.analysis.formatting import percent, percent_interval

WORDS = {"no_takeover": "no takeover", "first_try_not_lost": "first try not lost"}


LEGEND = """\
Shares of worlds in %, with 95 % intervals; differences are within worlds.
lost without it: the whole policy minus the policy without that part.
Shapley value: what the part adds, averaged over all orders of adding the parts."""


FRONTIER = """\
Safety and usefulness in %, with 95 % intervals. Usefulness is the growth kept
times the share of actions not audited, in worlds in which nothing is tried.
* no policy here is better in one of them and not worse in the other"""


def told(found: dict) -> str:
    """The content of contributions.json as tables of at most 80 columns."""
    lines = [f"{found['scenario']}: {found['worlds']:,} worlds, seed {found['seed']}", LEGEND]
    for name, policy in found["policies"].items():
        lines += ["", *_policy(name, policy)]
    lines += ["", FRONTIER, *_points(found["frontier"], "policy")]
    for name, points in found["audit_budgets"].items():
        at = {f"{point['audit_budget']:g}": point for point in points}
        lines += ["", f"{name}, by audit budget:", *_points(at, "audit budget")]
    return "\n".join(line.rstrip() for line in lines)


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
        for by, found in caught.items():
            names = by.replace("+", " + ")
            yield f"    {names:47}{percent_interval(found):>25}"
    if policy["common_cause"]:
        yield "  gained if its safeguards failed independently of each other"
        for estimand, words in WORDS.items():
            cost = policy["common_cause"][estimand]["cost"]
            yield f"    {words:47}{percent_interval(cost):>25}"


def _points(points, heading):
    yield f"  {heading:24}{'no takeover':>18}{'usefulness':>18}{'growth':>9}{'audited':>9}"
    for name, point in points.items():
        mark = " " if point["dominated_by"] else "*"
        if len(name) > 24:
            yield f"{mark} {name}"
            mark, name = " ", ""
        kept, audited = (percent(point[key]["estimate"]) for key in ("growth_kept", "audited"))
        safe, useful = (percent_interval(point[key]) for key in ("no_takeover", "usefulness"))
        yield f"{mark} {name:24}{safe:>18}{useful:>18}{kept:>9}{audited:>9}"
