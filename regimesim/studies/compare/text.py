"""Runs side by side, in words."""

from regimesim.analysis.formatting import half_width, median_date, percent
from regimesim.analysis.policy_cells import (
    COSTS,
    COSTS_LEGEND,
    HELD,
    SAFE,
    cost_cells,
    cost_headings,
    notes_on_precision,
)
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later

SHOWN = (SAFE, HELD, *COSTS)
HEADINGS = (
    "policy, run",
    "no\ntake-\nover",
    "+-",
    "first\ntry\nheld",
    *cost_headings(),
    "first\ntry",
    "lost",
)
LEGEND = (
    "Shares in %: of worlds without a takeover by the end, where +- is how far the 95 % interval "
    "reaches; and of worlds that held the first critical try, among those that met one. "
    f"{COSTS_LEGEND} Months by which half of all worlds had met their first critical try, and "
    "were lost."
)


def text(content: dict) -> str:
    """The content of compare.json, for a terminal: a block a policy, a line a run."""
    start, runs = content["start"], content["runs"]
    end = months_later(start, content["months"] - 1)
    lines = [filled(f"{len(runs)} runs, {start} to {end}"), filled(LEGEND), ""]
    rows: list = []
    first, *_ = runs.values()
    for policy, summary in first["policies"].items():
        rows.append(summary["title"])
        rows += [_row(name, run["policies"][policy], start) for name, run in runs.items()]
    lines += table(HEADINGS, rows)
    compared = [policy for run in runs.values() for policy in run["policies"].values()]
    if notes := list(notes_on_precision(compared, SHOWN)):
        lines += ["", filled(" ".join(notes))]
    return "\n".join(lines + [filled(note) for note in content["notes"]])


def _row(name, summary, start) -> tuple[str, ...]:
    return (
        f"  {name}",
        percent(summary[SAFE]["estimate"]),
        percent(half_width(summary[SAFE])),
        percent(summary[HELD]["estimate"]),
        *cost_cells(summary),
        median_date(summary["thresholds"]["first_critical_try"], start),
        median_date(summary["thresholds"]["takeover"], start),
    )
