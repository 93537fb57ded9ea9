"""The verdict on every policy of a run, for the terminal."""

from io import StringIO
from textwrap import fill

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


LONG = 18  # a name of more letters takes spaces from between the columns
WIDTH = 80
HALFWAY = "\nMonth by which half of all worlds had crossed each threshold:"


def text(summary: dict, scenario, closing: str = "") -> str:
    """The verdict on every policy of a summary, in plain ASCII lines of at most 80 columns.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    scenario : Scenario
        For its first month.
    closing : str
        Words that follow the tables, such as how adding worlds ended.
    """
    from rich.console import Console

    written = StringIO()
    console = Console(file=written, width=WIDTH, color_system=None, highlight=False)
    end = months_later(scenario.start, summary["months"] - 1)
    heading = (
        f"{summary['scenario']}: {summary['worlds']:,} worlds, {scenario.start} to {end}, "
        f"seed {summary['seed']}"
    )
    console.print(heading, markup=False)
    console.print(LEGEND)
    console.print(_shares(summary))
    if times := narrowing(summary, SHOWN):
        console.print(f"\n{CONDITIONAL_NOTE.format(times[-1])}", markup=False)
    console.print(HALFWAY)
    console.print(_medians(summary, scenario.start))
    if closing:
        console.print(f"\n{fill(closing, WIDTH - 1)}", markup=False)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def _shares(summary):
    table = _table(("met a\ntry", *(heading for heading, _ in SHOWN.values())), summary)
    policies = summary["policies"]
    marked = marked_of(SHOWN, policies.values())
    for name, policy in policies.items():
        cells = [
            write(policy[key]) + mark(policy, key, marked) for key, (_, write) in SHOWN.items()
        ]
        table.add_row(_plain(name), percent(met_a_critical_try(policy)), *cells)
    return table


def _medians(summary, start):
    table = _table(HEADINGS.values(), summary)
    for name, policy in summary["policies"].items():
        dates = (median_date(policy["thresholds"][key], start) for key in HEADINGS)
        table.add_row(_plain(name), *dates)
    return table


def _table(headings, summary):
    from rich import box
    from rich.table import Table

    long = max(map(len, summary["policies"]), default=0) > LONG
    plain = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
    table = Table(
        box=plain,
        padding=(0, 0 if long else 1, 0, 0),
        pad_edge=False,
        header_style="",
        show_edge=False,
    )
    table.add_column("policy", overflow="fold", min_width=12)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _plain(name: str):
    """A name as plain text, in which brackets are not markup."""
    from rich.text import Text

    return Text(name)
