"""Runs side by side, in words."""

from regimesim.analysis.formatting import (
    CONDITIONAL_NOTE,
    mark,
    marked_of,
    median_date,
    narrowing,
    percent_interval,
)
from regimesim.scenario.dates import months_later

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


def _span(run) -> tuple[str, str]:
    start = run["worlds"].attrs["start"]
    return start, months_later(start, run["summary"]["months"] - 1)


def told(runs, policies) -> list[str]:
    """The lines of the printed table, of 80 columns at most: a block a policy, a line a run."""
    start, end = _span(next(iter(runs.values())))
    lines = [f"{len(runs)} runs, {start} to {end}", *LEGEND.split("\n"), ""]
    lines += [_line(cells) for cells in HEADINGS]
    lines.append("-" * sum(COLUMNS))
    summaries = {
        name: {"policies": {one: run["summary"]["policies"][one] for one in policies}}
        for name, run in runs.items()
    }
    marked = {
        key
        for summary in summaries.values()
        for key in marked_of(SHOWN, summary["policies"].values())
    }
    for policy in policies:
        lines.append(policy)
        lines += [
            _row(name, summary["policies"][policy], start, marked)
            for name, summary in summaries.items()
        ]
    if times := [time for one in summaries.values() for time in narrowing(one, SHOWN)]:
        lines += ["", CONDITIONAL_NOTE.format(max(times))]
    return lines


def _row(name, found, start, marked) -> str:
    most = COLUMNS[0] - 3
    return _line(
        (
            f"  {name if len(name) <= most else f'{name[: most - 1]}…'}",
            *(percent_interval(found[key]) + mark(found, key, marked) for key in SHOWN),
            median_date(found["thresholds"]["first_critical_try"], start),
            median_date(found["thresholds"]["takeover"], start),
        )
    )


def _line(cells) -> str:
    name, *others = (
        cell.rjust(width) if k else cell.ljust(width)
        for k, (cell, width) in enumerate(zip(cells, COLUMNS, strict=True))
    )
    return "".join((name, *others)).rstrip()
