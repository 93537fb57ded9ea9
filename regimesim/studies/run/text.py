"""The verdict on every policy of a run, for the terminal."""

from regimesim.analysis.formatting import (
    CONDITIONAL_NOTE,
    mark,
    marked_of,
    median_date,
    met_a_critical_try,
    narrowing,
    percent,
    percent_interval,
)
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later

HEADINGS = {
    "capable": "capable",
    "aware": "aware",
    "favourable": "favour-\nable",
    "favourable_despite_safeguards": "despite\nsafeguards",
    "first_critical_try": "first\ntry",
    "takeover": "takeover",
}


def _alone(estimate) -> str:
    return percent(estimate["estimate"])


SHOWN = {  # estimands, each with its heading and how it is written
    "held_first_critical_try": ("first\ntry held", percent_interval),
    "no_takeover": ("no\ntakeover", percent_interval),
    "believed_catch_rate": ("\nbelief", _alone),
    "true_catch_rate": ("\ntrue", _alone),
}
LEGEND = (
    "Shares of worlds in %, with 95 % intervals. A critical try is one that would succeed "
    "unopposed; it is held if a safeguard catches it. Belief is the catch rate that overseers "
    "infer, at the first critical try; true is the actual one."
)

HALFWAY = "Month by which half of all worlds had crossed each threshold:"


def text(summary: dict, scenario, closing: str = "") -> str:
    """The verdict on every policy of a summary, in plain ASCII lines for a terminal.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    scenario : Scenario
        For its first month.
    closing : str
        Words that follow the tables, such as how adding worlds ended.
    """
    end = months_later(scenario.start, summary["months"] - 1)
    heading = (
        f"{summary['scenario']}: {summary['worlds']:,} worlds, {scenario.start} to {end}, "
        f"seed {summary['seed']}"
    )
    lines = [filled(heading), filled(LEGEND), *_shares(summary)]
    if times := narrowing(summary, SHOWN):
        lines += ["", filled(CONDITIONAL_NOTE.format(times[-1]))]
    lines += ["", filled(HALFWAY), *_medians(summary, scenario.start)]
    if closing:
        lines += ["", filled(closing)]
    return "\n".join(lines)


def _shares(summary):
    policies = summary["policies"]
    marked = marked_of(SHOWN, policies.values())
    rows = []
    for name, policy in policies.items():
        cells = [
            write(policy[key]) + mark(policy, key, marked).strip()
            for key, (_, write) in SHOWN.items()
        ]
        rows.append((name, percent(met_a_critical_try(policy)), *cells))
    return table(("policy", "met a\ntry", *(heading for heading, _ in SHOWN.values())), rows)


def _medians(summary, start):
    rows = [
        (name, *(median_date(policy["thresholds"][key], start) for key in HEADINGS))
        for name, policy in summary["policies"].items()
    ]
    return table(("policy", *HEADINGS.values()), rows)
