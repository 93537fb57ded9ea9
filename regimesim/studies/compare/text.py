"""Runs side by side, in words."""

from textwrap import fill

from regimesim.analysis.formatting import (
    CONDITIONAL_NOTE,
    mark,
    marked_of,
    median_date,
    narrowing,
    percent_interval,
)
from regimesim.scenario.dates import months_later

WIDTH = 80
COLUMNS = (26, 19, 19, 8, 8)
SHOWN = ("no_takeover", "held_first_critical_try")
HEADINGS = (
    ("", "no", "first", "first", ""),
    ("policy, run", "takeover", "try held", "try", "lost"),
)
LEGEND = """\
Shares of worlds in %, with 95 % intervals: without a takeover by the end; and
that held the first critical try, of those that met one. Months by which half
of all worlds had met their first critical try, and were lost."""


def text(content: dict) -> str:
    """The content of compare.json, in lines of at most 80 columns: a block a policy, a line a
    run."""
    start, runs = content["start"], content["runs"]
    end = months_later(start, content["months"] - 1)
    lines = [f"{len(runs)} runs, {start} to {end}", *LEGEND.split("\n"), ""]
    lines += [_line(cells) for cells in HEADINGS]
    lines.append("-" * sum(COLUMNS))
    marked = {key for run in runs.values() for key in marked_of(SHOWN, run["policies"].values())}
    for policy in next(iter(runs.values()))["policies"]:
        lines.append(policy)
        lines += [_row(name, run["policies"][policy], start, marked) for name, run in runs.items()]
    if times := [time for run in runs.values() for time in narrowing(run, SHOWN)]:
        lines += ["", CONDITIONAL_NOTE.format(max(times))]
    return "\n".join(lines + [fill(note, WIDTH) for note in content["notes"]])


def _row(name, summary, start, marked) -> str:
    most = COLUMNS[0] - 3
    return _line(
        (
            f"  {name if len(name) <= most else f'{name[: most - 1]}…'}",
            *(percent_interval(summary[key]) + mark(summary, key, marked) for key in SHOWN),
            median_date(summary["thresholds"]["first_critical_try"], start),
            median_date(summary["thresholds"]["takeover"], start),
        )
    )


def _line(cells) -> str:
    name, *others = (
        cell.rjust(width) if k else cell.ljust(width)
        for k, (cell, width) in enumerate(zip(cells, COLUMNS, strict=True))
    )
    return "".join((name, *others)).rstrip()
