"""The verdict on every policy of a run, for the terminal."""

from collections.abc import Iterable, Sequence

from regimesim.analysis.formatting import (
    COSTS,
    COSTS_LEGEND,
    cost_cells,
    cost_headings,
    half_width,
    listed,
    median_date,
    met_a_critical_try,
    narrowing,
    number,
    percent,
    ranked,
)
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later
from regimesim.studies.run.sentences import sentences

HEADINGS = {
    "capable": "capable",
    "aware": "aware",
    "favourable": "favour-\nable",
    "favourable_despite_safeguards": "despite\nsafeguards",
    "first_critical_try": "first\ntry",
    "takeover": "takeover",
}
SAFE, HELD, BELIEVED = "no_takeover", "held_first_critical_try", "believed_catch_rate"
SHOWN = (SAFE, HELD, BELIEVED, *COSTS)  # estimands of the first table
LEGEND = (
    "Shares in %. The policy that keeps most worlds without a takeover stands first; +- is how "
    "far its 95 % interval reaches. A critical try is one that would succeed unopposed; it is "
    "held if a safeguard catches it. Believed is the catch rate that overseers infer at the first "
    f"critical try. {COSTS_LEGEND}"
)
NARROWER = "Conditional Monte Carlo makes intervals up to {:.2f} times narrower."
REACH = {  # words for estimands whose interval has no place in the table, by unit
    "points": (
        percent,
        {
            HELD: "first tries held",
            BELIEVED: "belief",
            "growth_lost": "growth lost",
            "audited": "audits",
        },
    ),
    "months": (
        number,
        {"months_paused_a_year": "pauses", "false_alarms_a_year": "false alarms"},
    ),
}

HALFWAY = "Month by which half of all worlds had crossed each threshold:"


def text(summary: dict, scenario, closing: str = "", assumptions: Sequence[str] = ()) -> str:
    """The verdict on every policy of a summary, in plain ASCII lines for a terminal.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    scenario : Scenario
        For its first month.
    closing : str
        Words that follow the tables, such as how adding worlds ended.
    assumptions : sequence of str
        Sentences on which assumptions decide, which follow those on the policies.
    """
    end = months_later(scenario.start, summary["months"] - 1)
    heading = (
        f"{summary['scenario']}: {summary['worlds']:,} worlds, {scenario.start} to {end}, "
        f"seed {summary['seed']}"
    )
    lines = [filled(heading), filled(LEGEND), *_verdicts(summary)]
    if notes := list(_notes(summary)):
        lines += ["", filled(" ".join(notes))]
    lines += ["", filled(HALFWAY), *_medians(summary, scenario.start)]
    lines += ["", filled(" ".join((*sentences(summary, end), *assumptions)))]
    if closing:
        lines += ["", filled(closing)]
    return "\n".join(lines)


def _verdicts(summary):
    policies = summary["policies"]
    head = ("policy", "no\ntake-\nover", "+-", "met a\ntry", "first\ntry\nheld", "be-\nlieved")
    rows = [
        (
            policies[name]["title"],
            percent(policies[name][SAFE]["estimate"]),
            percent(half_width(policies[name][SAFE])),
            percent(met_a_critical_try(policies[name])),
            percent(policies[name][HELD]["estimate"]),
            percent(policies[name][BELIEVED]["estimate"]),
            *cost_cells(policies[name]),
        )
        for name in ranked(policies)
    ]
    return table((*head, *cost_headings()), rows)


def _notes(summary) -> Iterable[str]:
    """How precise the estimates are whose intervals have no place in the table."""
    parts = []
    for unit, (write, words) in REACH.items():
        widest = {word: _widest(summary, name) for name, word in words.items()}
        ends = [f"{write(width)} for {word}" for word, width in widest.items() if width]
        if ends:
            ends[0] = ends[0].replace(" for", f" {unit} for", 1)
            parts.append(listed(ends, len(ends)))
    if parts:
        yield f"The other 95 % intervals reach at most {', and '.join(parts)}."
    if times := narrowing(summary, SHOWN):
        yield NARROWER.format(times[-1])


def _widest(summary, estimand) -> float:
    widths = [half_width(policy[estimand]) for policy in summary["policies"].values()]
    return max((width for width in widths if width is not None), default=0.0)


def _medians(summary, start):
    policies = summary["policies"]
    rows = [
        (
            policies[name]["title"],
            *(median_date(policies[name]["thresholds"][key], start) for key in HEADINGS),
        )
        for name in ranked(policies)
    ]
    return table(("policy", *HEADINGS.values()), rows)
