"""A claim in words: its numbers with their intervals, and its verdict."""

from textwrap import fill, indent

from regimesim.claims.outcomes import Outcome
from regimesim.claims.patterns import Found, Seen
from regimesim.claims.reading import BOUNDS
from regimesim.claims.trial import Trial
from regimesim.verdict import percent

WIDTH = 79
HEADS = {
    "shown": "Where the mechanism works",
    "vanishes": "Where it is neutral",
    "instead": "What is seen instead",
}


def number(value: float, outcome: Outcome | None) -> str:
    """A value of an outcome as it is written."""
    if outcome is not None and outcome.is_share:
        return percent(value)
    if value == int(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.1f}"


def with_interval(found: Found, outcome: Outcome | None) -> str:
    """An estimate with its interval in brackets."""
    middle, low, high, _ = found.estimate
    if middle is None:
        return "none"
    if low is None:
        return number(middle, outcome)
    return f"{number(middle, outcome)} ({number(low, outcome)} to {number(high, outcome)})"


def unit(outcome: Outcome | None) -> str:
    """The unit of an outcome, in brackets, or nothing."""
    return f" ({outcome.unit})" if outcome is not None and outcome.unit else ""


def rows(seen: Seen) -> list[tuple[str, str, str]]:
    """(of what, number, mark) of every number that was looked at for a pattern."""
    levels = seen.levels if seen.pattern.relation not in BOUNDS else ()
    found = [(level.label, with_interval(level, seen.outcome), "") for level in levels]
    marks = {True: "yes", False: "no", None: ""}
    decided = ((s.label, with_interval(s, seen.outcome), marks[s.holds]) for s in seen.steps)
    return [*found, *decided]


def heading(seen: Seen) -> str:
    """What was looked at, with its unit and its period."""
    pattern, outcome = seen.pattern, seen.outcome
    if outcome is None:
        allowed = ", ".join(name.replace("_", " ") for name in pattern.apart_from)
        return "all that is known of a world" + (f", apart from {allowed}" if allowed else "")
    when = ""
    if len(pattern.periods) == 1:
        when = f", months {pattern.periods[0][0]} to {pattern.periods[0][1]}"
    bound = ""
    if pattern.relation in BOUNDS:
        bound = f", {pattern.relation} {number(pattern.value, outcome)}"
    if pattern.relation in ("alike", "steady"):
        bound = f", within {number(pattern.value, outcome)}"
    return f"{outcome.words}{unit(outcome)}{when}{bound}"


def told(trial: Trial) -> str:
    """A trial as text of at most 80 columns."""
    claim, scenario = trial.claim, trial.claim.scenario
    lines = [
        fill(f"{claim.id}  {claim.title}", WIDTH),
        f"{scenario.worlds:,} worlds, {scenario.systems} systems, {scenario.months} months, "
        f"seed {scenario.seed}",
        "",
        fill(f"Argument: {claim.argument}", WIDTH),
        fill(f"Held by: {claim.held_by}", WIDTH),
        fill(f"Look at: {claim.look_at}", WIDTH),
        fill(f"Neutral: {claim.neutral}", WIDTH),
    ]
    for group, head in HEADS.items():
        if getattr(trial, group):
            lines += ["", f"{head}:"]
        for seen in getattr(trial, group):
            lines += _pattern(seen)
    lines += ["", f"{claim.id}: {trial.verdict}"]
    if trial.verdict == "not shown" and claim.because:
        lines.append(fill(claim.because, WIDTH))
    return "\n".join(lines)


def _pattern(seen: Seen):
    mark = "seen" if seen.holds else "NOT SEEN"
    yield indent(fill(f"[{mark}] {seen.pattern.says}", WIDTH - 2, subsequent_indent="  "), "  ")
    yield indent(fill(heading(seen), WIDTH - 6), "      ")
    for label, value, holds in rows(seen):
        yield f"        {label:42} {value:22} {holds}".rstrip()
