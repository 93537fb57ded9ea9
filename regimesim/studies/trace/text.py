"""A trace in words: the timeline on a terminal, and how the world ended."""

from itertools import groupby

from regimesim.analysis.terminal import filled, table, width

MINOR = ("story_incidents", "feints")  # months with no other event share an entry
COLUMNS = (  # quantity, heading, unit, factor, decimals
    ("leader", "lead", "log2h", 1, 1),
    ("difficulty", "need", "log2h", 1, 1),
    ("aware_systems", "aware", "%", 100, 0),
    ("audit_budget", "audit", "%", 100, 1),
    ("catch_rate_believed", "trust", "%", 100, 0),
    ("catch_rate", "catch", "%", 100, 0),
)
LEGEND = {
    "lead": "capability of the leading lab",
    "need": "capability at which half of all takeover attempts would succeed",
    "aware": "share of systems that see through training and oversight",
    "audit": "share of trajectories that overseers audit",
    "trust": "catch rate that overseers believe",
    "catch": "true catch rate",
}


def text(trace) -> str:
    """The text of a `Trace`: its timeline, and how the world ended."""
    return "\n".join(timeline(trace))


def timeline(trace) -> list[str]:
    """The lines of the text."""
    scenario = trace.scenario
    last = scenario.date(scenario.months - 1)
    policy = f"policy {scenario.title(trace.policy)}, world {trace.world}"
    head = f"{scenario.name}, {policy}, seed {scenario.seed}: {scenario.start} to {last}"
    lines = [filled(head), *_drawn(trace), ""]
    lines += [filled(words, f"{name:7}", " " * 7) for name, words in LEGEND.items()]
    lines += [filled("Months without events are left out."), ""]
    headings = (f"{heading}\n{unit}" for _, heading, unit, _, _ in COLUMNS)
    rows = [_row(trace, months, words) for months, words in _entries(trace)]
    lines += table(("month", *headings, "what happened"), rows, words=True)
    lines += ["-" * width(), filled(verdict(trace))]
    return [line for block in lines for line in block.split("\n")]


def _drawn(trace):
    """The parameters that this world drew, where the scenario has distributions."""
    if not trace.drawn:
        return []
    values = ", ".join(f"{key} = {value:.4g}" for key, value in trace.drawn.items())
    return [filled(f"Drawn for this world: {values}")]


def _entries(trace):
    """(months, sentences) of each entry: one month, or several with minor events only."""
    days = [(month, list(events)) for month, events in groupby(trace.events, lambda e: e.month)]
    for minor, run in groupby(days, lambda day: all(event.kind in MINOR for event in day[1])):
        run = list(run)
        if minor:
            yield [month for month, _ in run], _together(run)
        else:
            for month, events in run:
                yield [month], [event.words for event in events if event.words]


def _together(run):
    """The minor events of several months, added up."""
    if len(run) == 1:
        return [event.words for event in run[0][1]]
    counts = {}
    for _, events in run:
        for event in events:
            counts[event.kind] = counts.get(event.kind, 0) + event.count
    words = [f"{count} {kind.replace('_', ' ')}" for kind, count in counts.items()]
    return [f"{' and '.join(words)} in {len(run)} months"]


def _row(trace, months, sentences) -> tuple[str, ...]:
    """The cells of an entry: its last month, the numbers of that month, and words."""
    numbers = trace.months.loc[months[-1]]
    cells = (f"{numbers[name] * factor:.{digits}f}" for name, _, _, factor, digits in COLUMNS)
    if len(months) > 1:
        since = trace.months.loc[months[0]]["date"]
        sentences = [f"since {since}: {words}" for words in sentences]
    return numbers["date"], *cells, "\n".join(sentences)


def verdict(trace) -> str:
    """How this world ended, in a few sentences."""
    date, outcome = trace.scenario.date, trace.outcome
    title, end = trace.scenario.title(trace.policy), date(trace.scenario.months - 1)
    who = f"World {trace.world} under {title}"
    first, lost = trace.crossings["first_critical_try"], trace.crossings["takeover"]
    counts = (
        f"Strikes: {outcome['strikes']:,}, of which {outcome['warning_shots']:,} were caught. "
        f"Story incidents: {outcome['story_incidents']:,}."
    )
    if first is None:
        return f"{who} had no critical try by {end}, so its safeguards were not tested. {counts}"
    story = ", a story incident" if outcome["first_try_was_story"] else ""
    held = outcome["critical_tries_held"]
    if outcome["held_first_critical_try"] == 0:
        ended = f"was lost in {date(lost)} at its first critical try{story}."
    else:
        tries = "one critical try" if held == 1 else f"{held:,} critical tries, the first"
        last = f"was not lost by {end}" if lost is None else f"was lost in {date(lost)}"
        ended = f"held {tries} in {date(first)}{story}. It {last}."
    rates = (
        f"At the first critical try overseers believed in a catch rate of "
        f"{_rate(outcome['believed_catch_rate'])}; the true one was "
        f"{_rate(outcome['true_catch_rate'])}."
    )
    return f"{who} {ended} {rates} {counts}"


def _rate(share: float) -> str:
    return f"{100 * share:.3g} %"
