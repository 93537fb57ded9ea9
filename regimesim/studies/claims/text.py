"""A claim in words: its patterns, their numbers with intervals, and its verdict."""

from regimesim.analysis.formatting import percent
from regimesim.analysis.terminal import filled, table
from regimesim.ensemble.datasets import about_run
from regimesim.studies.claims.claim import BOUNDS
from regimesim.studies.claims.outcomes import Outcome
from regimesim.studies.claims.patterns import Seen

GROUPS = {
    "shown": "Where the mechanism works",
    "vanishes": "Where it is neutral",
    "besides": "What is seen besides",
}
TEXTS = (
    "id",
    "title",
    "argument",
    "held_by",
    "mechanism",
    "equations",
    "look_at",
    "neutral",
    "found",
    "because",
)
ATTRIBUTES = {"found": "reported"}  # of a claim, where a key has another name
MARKS = {True: "yes", False: "no", None: ""}


def plain(trial) -> dict:
    """A `Trial` as plain values, for JSON.

    They are the words of the claim, its run, its verdict, and the numbers of each pattern.
    """
    claim, scenario = trial.claim, trial.claim.scenario
    return {
        **about_run(scenario),
        **{key: getattr(claim, ATTRIBUTES.get(key, key)) for key in TEXTS},
        "systems": scenario.systems,
        "verdict": trial.verdict,
        "as_found": trial.as_reported,
        "patterns": {
            group: [_pattern(seen) for seen in getattr(trial, group)]
            for group in GROUPS
            if getattr(trial, group)
        },
    }


def _pattern(seen: Seen) -> dict:
    levels = () if seen.pattern.relation in BOUNDS else seen.levels
    return {
        "says": seen.pattern.says,
        "seen": seen.holds,
        "of": _outcome(seen),
        "numbers": [
            {
                "of": number.label,
                "written": _written(number.estimate, seen.outcome),
                "holds": number.holds,
                **number.estimate._asdict(),
            }
            for number in (*levels, *seen.steps)
        ],
    }


def _outcome(seen: Seen) -> str:
    """The outcome of a pattern, with its unit, its period and its bound."""
    pattern, outcome = seen.pattern, seen.outcome
    if outcome is None:
        allowed = " and ".join(name.replace("_", " ") for name in pattern.apart_from)
        return "all that is known of a world" + (f", apart from {allowed}" if allowed else "")
    words = outcome.words + (f" ({outcome.unit})" if outcome.unit else "")
    if len(pattern.periods) == 1:
        words += ", months {} to {}".format(*pattern.periods[0])
    bound = _number(pattern.value, outcome)
    if pattern.relation in BOUNDS:
        words += f"; must be {pattern.relation} {bound}"
    if pattern.relation in ("alike", "steady"):
        words += f"; must differ by less than {bound}"
    return words


def _written(estimate, outcome: Outcome | None) -> str:
    """An estimate with its interval in brackets."""
    middle, low, high, n = estimate
    if middle is None:
        return "none"
    if outcome is None:
        return f"{middle:.0f} of {n:,}"
    if low is None:
        return _number(middle, outcome)
    return f"{_number(middle, outcome)} ({_number(low, outcome)} to {_number(high, outcome)})"


def _number(value: float, outcome: Outcome) -> str:
    if outcome.is_share:
        return percent(value)
    if abs(value) < 5e-7:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def listed(claims: list[dict]) -> str:
    """A line a claim: its id, its verdict where there is one, and its title."""
    return "\n".join(_line(claim) for claim in claims)


def _line(claim) -> str:
    verdict = f"{claim['verdict']:9}  " if "verdict" in claim else ""
    if not claim.get("as_found", True):
        verdict = f"{claim['verdict']} (its file reports {claim['found']})  "
    start = f"{claim['id']:4} {verdict}"
    return filled(start + claim["title"], rest=" " * 5)


def text(claim: dict) -> str:
    """A claim, as `plain` returns it, in lines for a terminal."""
    run = (
        f"{claim['worlds']:,} worlds, {claim['systems']} systems, {claim['months']} months, "
        f"seed {claim['seed']}"
    )
    lines = [filled(f"{claim['id']}  {claim['title']}"), filled(f"{claim['scenario']}: {run}"), ""]
    own = ("argument", "held_by", "look_at", "neutral")
    lines += [filled(f"{_spaced(key)}: {claim[key]}") for key in own]
    for group, patterns in claim["patterns"].items():
        lines += ["", f"{GROUPS[group]}:"]
        for pattern in patterns:
            lines += _lines(pattern)
    lines += ["", f"{claim['id']}: {claim['verdict']}"]
    if claim["verdict"] != "shown" and claim["because"]:
        lines.append(filled(claim["because"]))
    if not claim["as_found"]:
        lines.append(f"Its file reports: {claim['found']}.")
    return "\n".join(lines)


def _spaced(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _lines(pattern):
    mark = "seen" if pattern["seen"] else "NOT SEEN"
    yield filled(f"[{mark}] {pattern['says']}", "  ", "    ")
    yield filled(pattern["of"], "      ")
    numbers = pattern["numbers"]
    yield from table(
        ("", "", ""),
        [(f"        {x['of']}", x["written"], f"{MARKS[x['holds']]:3}") for x in numbers],
    )
