"""`regimesim compare`: saved runs of the same policies, side by side, as a table and a figure."""

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from textwrap import fill

from regimesim.dates import months_later
from regimesim.experiment.saved import check_manifest, open_run
from regimesim.refusal import Refusal, nearest, shown
from regimesim.results import check_drawing
from regimesim.verdict import (
    INTEGRATED,
    mark,
    marked_of,
    median_date,
    narrowing,
    percent_interval,
)

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


def compare(folders, policies=(), out=None) -> dict[str, dict]:
    """Print what the runs in `folders` say of the policies that they share, and draw it to `out`.

    policies: names among those, else all of them.  Returns the summaries of the runs by the
    names that they were given.  Raises Refusal, before anything is printed, for folders that
    are no runs, and for runs that share no policy or do not cover the same months.
    """
    folders = _folders(folders)
    with ExitStack() as stack:
        runs = _named(folders, _opened(stack, folders, out))
        _check_months(runs)
        chosen = _chosen(runs, policies)
        print("\n".join(told(runs, chosen)))
        for line in _left_aside(runs, chosen, folders, asked=bool(policies)):
            print(fill(line, WIDTH))
        if out is not None:
            _draw(runs, chosen, Path(out))
            print(f"\nThe comparison is drawn in {out}.")
        return {name: run["summary"] for name, run in runs.items()}


def _folders(given) -> list[Path]:
    folders = [Path(folder) for folder in given]
    real = {folder: os.path.realpath(folder) for folder in folders}
    times = Counter(real[folder] for folder in folders)
    if twice := [folder for folder in real if times[real[folder]] > 1]:
        raise Refusal(f"{folder}: given twice" for folder in twice)
    if len(folders) < 2:
        raise Refusal("one run compares with nothing; name the folders of two runs or more")
    return folders


def _opened(stack: ExitStack, folders, out) -> list[dict]:
    """The runs, or one Refusal of all folders that are none and of an `out` that cannot be."""
    runs, lines = [], []
    for folder in folders:
        try:
            runs.append(stack.enter_context(open_run(folder)))
        except Refusal as refusal:
            lines += refusal.lines
    if out is not None:
        try:
            check_drawing(Path(out))
        except Refusal as refusal:
            lines += refusal.lines
    if lines:
        raise Refusal(lines)
    return runs


def _named(folders, runs) -> dict[str, dict]:
    """The runs by the names of their scenarios, or by their folders where these are alike."""
    names = [run["summary"]["scenario"] for run in runs]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    return dict(zip(names, runs, strict=True))


def _check_months(runs):
    spans = {name: _span(run) for name, run in runs.items()}
    (first, span), *others = spans.items()
    lines = [
        f"{name}: covers {' to '.join(other)}, and {first} {' to '.join(span)}; "
        "run both over the same months"
        for name, other in others
        if other != span
    ]
    if lines:
        raise Refusal(lines)


def _span(run) -> tuple[str, str]:
    start = run["worlds"].attrs["start"]
    return start, months_later(start, run["summary"]["months"] - 1)


def _chosen(runs, asked) -> list[str]:
    """The policies to compare, in the order of the first run; Refusal where there are none."""
    first, *others = (run["summary"]["policies"] for run in runs.values())
    shared = [policy for policy in first if all(policy in other for other in others)]
    if not shared:
        listed = "; ".join(f"{name} has {_listed(run)}" for name, run in runs.items())
        raise Refusal(f"the runs share no policy: {listed}")
    lines = [
        f"--policy: not all runs have {shown(policy)}; the nearest that they share is "
        f"'{nearest(policy, shared)}'"
        for policy in asked
        if policy not in shared
    ]
    if lines:
        raise Refusal(lines)
    return [policy for policy in shared if policy in asked or not asked]


def _listed(run) -> str:
    return ", ".join(run["summary"]["policies"])


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
        lines += ["", INTEGRATED.format(max(times))]
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


def _left_aside(runs, chosen, folders, asked):
    """Sentences about policies that not all runs have, and those that are not set alike."""
    if not asked:
        for name, run in runs.items():
            if others := [p for p in run["summary"]["policies"] if p not in chosen]:
                yield f"Not in all runs: {', '.join(others)} of {name}."
    given = [check_manifest(folder).get("given", {}).get("policies", {}) for folder in folders]
    for policy in chosen:
        if any(one.get(policy) != given[0].get(policy) for one in given):
            yield f"Not set alike in all runs: the policy {policy}."


def _draw(runs, policies, out: Path):
    from regimesim.plots.comparison import save_comparison

    try:
        save_comparison({name: run["worlds"] for name, run in runs.items()}, policies, out)
    except OSError as error:
        raise Refusal(f"{out}: cannot be written: {error.strerror or error}") from None
