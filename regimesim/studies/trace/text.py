"""A trace told: the timeline that a terminal shows, and the verdict of that world."""

from itertools import groupby
from pathlib import Path
from textwrap import wrap

from regimesim.errors import Refusal
from regimesim.plots.saving import check_drawing
from regimesim.results.progress import compile_model
from regimesim.scenario import Scenario
from regimesim.studies.trace.compute import Trace, check_world, trace
from regimesim.studies.trace.find import KINDS, check_kind, find_world

WIDTH = 80
MINOR = ("story_incidents", "feints")  # months with nothing else are told together
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


def tell_world(scenario: Scenario, policy=None, world=None, find=None, out=None) -> Trace | None:
    """Print the timeline of a world, by its number or the first of a kind, and draw it to `out`.

    Returns its trace, or None where no world is of that kind.  Raises Refusal before
    anything runs.
    """
    if world is not None and find is not None:
        raise Refusal("--world and --find both name a world; give one of them")
    if find is not None:
        check_kind(find)
    number = check_world(0 if world is None else world)
    policy = policy or next(iter(scenario.policies))
    scenario = scenario.choose([policy])
    if out is not None:
        check_drawing(Path(out))
    compile_model()
    if find is not None:
        number = find_world(scenario, policy, find)
        if number is None:
            print(f"None of the {scenario.worlds:,} worlds of {policy} is one {KINDS[find]}.")
            return None
    found = trace(scenario, policy, number)
    print("\n".join(timeline(found)))
    if out is not None:
        from regimesim.studies.trace.figure import save_trace

        try:
            save_trace(found, Path(out))
        except OSError as error:
            raise Refusal(f"{out}: cannot be written: {error.strerror or error}") from None
        print(f"\nThe timeline is drawn in {out}.")
    return found


def timeline(found: Trace) -> list[str]:
    """The lines of the printed timeline, of 80 columns at most."""
    scenario = found.scenario
    last = scenario.date(scenario.months - 1)
    head = (
        f"{scenario.name}, policy {found.policy}, world {found.world}, seed {scenario.seed}: "
        f"{scenario.start} to {last}"
    )
    lines = [*wrap(head, WIDTH), *_drawn(found), *wrap(LEGEND, WIDTH), ""]
    for place, start in ((1, ""), (2, "month")):
        lines.append(start.ljust(DATE) + "".join(column[place].rjust(CELL) for column in COLUMNS))
    lines[-1] += "  what happened"
    lines.append("-" * WIDTH)
    for months, words in _told(found):
        lines += _entry(found, months, words)
    return [*lines, "-" * WIDTH, *_wrapped(verdict(found), WIDTH)]


def _drawn(found):
    """What this world drew, where the scenario leaves it open."""
    if not found.drawn:
        return []
    values = ", ".join(f"{key} = {value:.4g}" for key, value in found.drawn.items())
    return wrap(f"Drawn: {values}", WIDTH)


def _told(found):
    """(months, sentences): a month of its own, or a run of months with minor events only."""
    days = [(month, list(events)) for month, events in groupby(found.events, lambda e: e.month)]
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
    told = [f"{count} {kind.replace('_', ' ')}" for kind, count in counts.items()]
    return [f"{' and '.join(told)} in {len(run)} months"]


def _entry(found, months, sentences):
    """The lines of one entry: dates and numbers at the left, words wrapped at the right."""
    row = found.months.loc[months[-1]]
    cells = [f"{row[name] * factor:.{digits}f}" for name, _, _, factor, digits in COLUMNS]
    left = [row["date"] + "".join(cell.rjust(CELL) for cell in cells)]
    if len(months) > 1:
        since = found.months.loc[months[0]]["date"]
        left = [f"{since} to", *left]
    right = [line for words in sentences for line in _wrapped(words, WIDTH - BEFORE)]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [f"{a.ljust(BEFORE)}{b}".rstrip() for a, b in zip(left, right, strict=True)]


def _wrapped(words, width):
    """Lines of a width, none of which begins with the sign of a percentage."""
    return [line.replace("\xa0", " ") for line in wrap(words.replace(" %", "\xa0%"), width)]


def verdict(found: Trace) -> str:
    """How this world ended, in a few sentences."""
    date, outcome = found.scenario.date, found.outcome
    who, end = f"World {found.world} under {found.policy}", date(found.scenario.months - 1)
    first, lost = found.crossings["first_critical_try"], found.crossings["takeover"]
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
        told = f"was lost in {date(lost)} at its first critical try{story.rstrip(',')}"
    else:
        ended = f"was not lost by {end}" if lost is None else f"was lost in {date(lost)}"
        told = f"held {tries}{story} in {date(first)}, and {ended}"
    return f"{who} {told}; {rates}. {counts}"


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _rate(share: float) -> str:
    return f"{100 * share:.3g} %"
