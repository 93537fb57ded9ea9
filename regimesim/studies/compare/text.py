"""Runs side by side, in words."""

from regimesim.analysis.formatting import (
    CONDITIONAL_NOTE,
    mark,
    marked_of,
    median_date,
    narrowing,
    percent_interval,
)
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later

SHOWN = ("no_takeover", "held_first_critical_try")
HEADINGS = ("policy, run", "no\ntakeover", "first\ntry held", "first\ntry", "lost")
LEGEND = (
    "Shares of worlds in %, with 95 % intervals: without a takeover by the end; and that held the "
    "first critical try, of those that met one. Months by which half of all worlds had met their "
    "first critical try, and were lost."
)


def text(content: dict) -> str:
    """The content of compare.json, for a terminal: a block a policy, a line a run."""
    start, runs = content["start"], content["runs"]
    end = months_later(start, content["months"] - 1)
    lines = [filled(f"{len(runs)} runs, {start} to {end}"), filled(LEGEND), ""]
    rows: list = []
    marked = {key for run in runs.values() for key in marked_of(SHOWN, run["policies"].values())}
    for policy in next(iter(runs.values()))["policies"]:
        rows.append(policy)
        rows += [_row(name, run["policies"][policy], start, marked) for name, run in runs.items()]
    lines += table(HEADINGS, rows)
    if times := [time for run in runs.values() for time in narrowing(run, SHOWN)]:
        lines += ["", filled(CONDITIONAL_NOTE.format(max(times)))]
    return "\n".join(lines + [filled(note) for note in content["notes"]])


def _row(name, summary, start, marked) -> tuple[str, ...]:
    return (
        f"  {name}",
        *(percent_interval(summary[key]) + mark(summary, key, marked) for key in SHOWN),
        median_date(summary["thresholds"]["first_critical_try"], start),
        median_date(summary["thresholds"]["takeover"], start),
    )
