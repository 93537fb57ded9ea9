"""`regimesim compare`: saved runs of the same policies, side by side, as a table and a figure."""

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from textwrap import fill

from regimesim.errors import Refusal, nearest, shown
from regimesim.plots.saving import check_drawing
from regimesim.results.reading import check_manifest, open_run
from regimesim.studies.compare.text import _span, told

WIDTH = 80


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
    from regimesim.studies.compare.figure import save_comparison

    try:
        save_comparison({name: run["worlds"] for name, run in runs.items()}, policies, out)
    except OSError as error:
        raise Refusal(f"{out}: cannot be written: {error.strerror or error}") from None
