"""A trace in words: the timeline that a terminal shows, and the verdict of that world."""

from itertools import groupby
from textwrap import wrap

WIDTH = 80
MINOR = ("story_incidents", "feints")  # months with nothing else are put together
COLUMNS = (  # quantity, heading, unit, factor, decimals
    ("leader", "lead", "log2h", 1, 1),
    ("difficulty", "need", "log2h", 1, 1),
    ("aware_systems", "aware", "%", 100, 0),
    ("audit_budget", "audit", "%", 100, 1),
    ("catch_rate_believed", "trust", "%", 100, 0),
    ("catch_rate", "catch", "%", 100, 0),
)
DATE, CELL = 7, 6
BEFORE = DATE + CELL * len(COLUMNS) + 2  # what stands left of the words
LEGEND = (
    "lead: capability of the leading frontier; need: that at which a takeover succeeds half the "
    "time; aware: systems that see through oversight; audit: actions audited; trust and catch: "
    "the catch rate that overseers believe, and the true one. Quiet months are left out."
)


def text(trace) -> str:
    """The timeline and the verdict of a `Trace`."""
    return "\n".join(timeline(trace))


def timeline(trace) -> list[str]:
    """The lines of the printed timeline, of 80 columns at most."""
    scenario = trace.scenario
    last = scenario.date(scenario.months - 1)
    head = (
        f"{scenario.name}, policy {trace.policy}, world {trace.world}, seed {scenario.seed}: "
        f"{scenario.start} to {last}"
    )
    lines = [*wrap(head, WIDTH), *_drawn(trace), *wrap(LEGEND, WIDTH), ""]
    for place, start in ((1, ""), (2, "month")):
        lines.append(start.ljust(DATE) + "".join(column[place].rjust(CELL) for column in COLUMNS))
    lines[-1] += "  what happened"
    lines.append("-" * WIDTH)
    for months, words in _entries(trace):
        lines += _entry(trace, months, words)
    return [*lines, "-" * WIDTH, *_wrapped(verdict(trace), WIDTH)]


def _drawn(trace):
    """What this world drew, where the scenario leaves it open."""
    if not trace.drawn:
        return []
    values = ", ".join(f"{key} = {value:.4g}" for key, value in trace.drawn.items())
    return wrap(f"Drawn: {values}", WIDTH)


def _entries(trace):
    """(months, sentences): a month of its own, or a run of months with minor events only."""
    days = [(month, list(events)) for month, events in groupby(trace.events, lambda e: e.month)]
    for minor, run in groupby(days, lambda day: all(event.kind in MINOR for event in day[1])):
        run = list(run)
        if minor:
            yield [month for month, _ in run], _together(run)
        else:
            for month, events in run:
                yield [month], [event.words for event in events if event.words]


def _together(run):
    """Minor events of a run of months, added up."""
    if len(run) == 1:
        return [event.words for event in run[0][1]]
    counts = {}
    for _, events in run:
        for event in events:
            counts[event.kind] = counts.get(event.kind, 0) + event.count
    said = [f"{count} {kind.replace('_', ' ')}" for kind, count in counts.items()]
    return [f"{' and '.join(said)} in {len(run)} months"]


def _entry(trace, months, sentences):
    """The lines of one entry: dates and numbers at the left, words wrapped at the right."""
    row = trace.months.loc[months[-1]]
    cells = [f"{row[name] * factor:.{digits}f}" for name, _, _, factor, digits in COLUMNS]
    left = [row["date"] + "".join(cell.rjust(CELL) for cell in cells)]
    if len(months) > 1:
        since = trace.months.loc[months[0]]["date"]
        left = [f"{since} to", *left]
    right = [line for words in sentences for line in _wrapped(words, WIDTH - BEFORE)]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [f"{a.ljust(BEFORE)}{b}".rstrip() for a, b in zip(left, right, strict=True)]


def _wrapped(words, width):
    """Lines of a width, none of which begins with the sign of a percentage."""
    return [line.replace("\xa0", " ") for line in wrap(words.replace(" %", "\xa0%"), width)]


def verdict(trace) -> str:
    """How this world ended, in a few sentences."""
    date, outcome = trace.scenario.date, trace.outcome
    who, end = f"World {trace.world} under {trace.policy}", date(trace.scenario.months - 1)
    first, lost = trace.crossings["first_critical_try"], trace.crossings["takeover"]
    counts = (
        f"It saw {_count(outcome['strikes'], 'strike')}, {outcome['warning_shots']} caught, and "
        f"{_count(outcome['story_incidents'], 'story incident')}."
    )
    if first is None:
        return f"{who} met no critical try by {end}: nothing was tested. {counts}"
    rates = (
        f"at the first one overseers believed that {_rate(outcome['believed_catch_rate'])} of "
        f"attempts are caught, and {_rate(outcome['true_catch_rate'])} are"
    )
    story = ", a story incident," if outcome["first_try_was_story"] else ""
    held = outcome["critical_tries_held"]
    tries = "one critical try" if held == 1 else f"{held:,} critical tries, the first"
    if outcome["held_first_critical_try"] == 0:
        said = f"was lost in {date(lost)} at its first critical try{story.rstrip(',')}"
    else:
        ended = f"was not lost by {end}" if lost is None else f"was lost in {date(lost)}"
        said = f"held {tries}{story} in {date(first)}, and {ended}"
    return f"{who} {said}; {rates}. {counts}"


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _rate(share: float) -> str:
    return f"{100 * share:.3g} %"
