"""The verdict on every policy of a run, for the terminal."""

from regimesim.analysis.formatting import half_width, median_date, met_a_critical_try, percent
from regimesim.analysis.policy_cells import (
    BELIEVED,
    COSTS,
    COSTS_LEGEND,
    HELD,
    SAFE,
    cost_cells,
    cost_headings,
    notes_on_precision,
    ranked,
)
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later
from regimesim.studies.run.verdict import verdict

HEADINGS = {
    "capable": "capable",
    "aware": "aware",
    "favourable": "favour-\nable",
    "favourable_despite_safeguards": "despite\nsafeguards",
    "first_critical_try": "first\ntry",
    "takeover": "takeover",
}
SHOWN = (SAFE, HELD, BELIEVED, *COSTS)  # estimands of the first table
LEGEND = (
    "Shares in %. The policy that keeps most worlds without a takeover stands first; +- is how "
    "far its 95 % interval reaches. A critical try is one that would succeed unopposed; it is "
    "held if a safeguard catches it. Believed is the catch rate that overseers infer at the first "
    f"critical try. {COSTS_LEGEND}"
)
HALFWAY = "Month by which half of all worlds had crossed each threshold:"


def text(summary: dict, scenario, closing: str = "") -> str:
    """The verdict on every policy of a summary, in plain ASCII lines for a terminal.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    scenario : Scenario
        The scenario of the run.
    closing : str
        Words that follow the tables, such as how adding worlds ended.
    """
    end = months_later(scenario.start, summary["months"] - 1)
    heading = (
        f"{summary['scenario']}: {summary['worlds']:,} worlds, {scenario.start} to {end}, "
        f"seed {summary['seed']}"
    )
    lines = [filled(heading), filled(LEGEND), *_verdicts(summary)]
    if notes := list(notes_on_precision(summary["policies"].values(), SHOWN)):
        lines += ["", filled(" ".join(notes))]
    lines += ["", filled(HALFWAY), *_medians(summary, scenario.start)]
    lines += ["", *(filled(said, "- ", "  ") for said in verdict(summary, scenario, end))]
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
