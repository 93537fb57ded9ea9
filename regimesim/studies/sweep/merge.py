"""`regimesim merge`: all shards of a sweep merged into one folder."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from regimesim.errors import Refusal
from regimesim.results.folder import complete_or_absent
from regimesim.studies.study import folder_for
from regimesim.studies.sweep.compute import Sweep, in_folder
from regimesim.studies.sweep.filling import finish
from regimesim.studies.sweep.question import folder_name
from regimesim.sweeps.engine import Tallies
from regimesim.sweeps.folder import JOURNAL, MAKER, UNFINISHED, plan_in, state_of, write_plan
from regimesim.sweeps.journal import Journal
from regimesim.sweeps.plan import Plan
from regimesim.sweeps.plan_diff import differences


def merge(folders: Iterable[str | Path], out=None, command=()) -> tuple[Sweep, Path]:
    """Write the folder of a whole sweep from the folders of all its shards.

    The results equal those of the sweep run as a whole, bit for bit.

    Parameters
    ----------
    folders : iterable of path
        The folders of all shards, in any order.
    out : path, optional
        The folder to write, by default outputs/NAME-sweep.
    command : iterable of str
        The arguments of the command line, for the manifest.

    Returns
    -------
    Sweep, Path
        The whole sweep, and its folder.

    Raises
    ------
    Refusal
        With a sentence for each shard that is missing, unfinished or of another sweep.
    """
    began = time.perf_counter()
    folders = [Path(folder).expanduser() for folder in folders]
    with ExitStack() as stack:
        plan, journals = _matching(folders, stack)
        target = folder_for(out, folder_name(plan))
        _check_target(target, folders)
        with complete_or_absent(target, MAKER) as folder:
            with Journal(folder / JOURNAL, write=True) as whole:
                write_plan(folder, plan, whole)
                for number in plan.chunking.numbers():
                    whole.add_packed(number, journals[number % len(journals)].packed(number))
            failures = finish(folder, plan, Tallies(plan, journals), began, command, 1)
    return in_folder(plan, failures, target), target


def _check_target(target, folders):
    """Refuse a folder in which something would be lost."""
    for folder in folders:
        if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(target)):
            raise Refusal(f"--out: {target}: is or holds the shard {folder}, and would replace it")
    if state_of(target) == UNFINISHED:
        raise Refusal(f"{target}: holds an unfinished sweep; finish it, remove it, or name --out")


def _matching(folders, stack) -> tuple[Plan, list[Journal]]:
    """The plan of the whole sweep, and the open journals of its shards in their order."""
    plans, lines = {}, []
    for folder in folders:
        try:
            plans[folder] = plan_in(folder)
        except Refusal as refusal:
            lines += refusal.lines
    lines += [f"{folder}: is no shard of a sweep" for folder in plans if not plans[folder].shard]
    if lines or not plans:
        raise Refusal(lines or "name the folders of all shards of a sweep")
    first, *others = plans
    for folder in others:
        lines += _mismatches(plans[folder], folder, plans[first], first)
    if lines:
        raise Refusal(lines)
    parts, by_part = plans[first].shard[1], {}
    for folder, plan in plans.items():
        if plan.shard[0] in by_part:
            there = by_part[plan.shard[0]]
            lines.append(f"{folder}: is shard {plan.shard[0]}/{parts}, and so is {there}")
        by_part.setdefault(plan.shard[0], folder)
    for part in range(1, parts + 1):
        if part not in by_part:
            lines.append(f"shard {part}/{parts} is missing")
    journals = {}
    for part, folder in sorted(by_part.items()):
        plan, journal = plans[folder], stack.enter_context(Journal(folder / JOURNAL))
        journals[part] = journal
        numbers = plan.chunking.numbers()
        there = sum(number in journal for number in numbers)
        if there < len(numbers):
            done = f"{there:,} of {len(numbers):,} chunks"
            lines.append(f"{folder}: shard {part}/{parts} is unfinished: {done}")
    if lines:
        raise Refusal(lines)
    return plans[first].whole(), [journals[part] for part in sorted(journals)]


def _mismatches(ours: Plan, folder, theirs: Plan, first) -> Iterator[str]:
    """A sentence for each reason why two shards are not of one sweep."""
    for line in differences(ours, theirs, first):
        yield f"{folder}: {line}"
    if ours.shard[1] != theirs.shard[1]:
        yield f"{folder}: is one of {ours.shard[1]} shards, and {first} one of {theirs.shard[1]}"
    if ours.worlds != theirs.worlds:
        here, there = map(_worlds, (ours, theirs))
        yield f"{folder}: worlds: {here}, and the sweep in {first} has {there}"
    elif ours.work != theirs.work:
        yield f"{folder}: has other chunks than {first}"


def _worlds(plan) -> str:
    """The worlds of a plan, and those added later: shards need the same steps."""
    steps = [f"{b - a:,}" for a, b in zip((0, *plan.worlds), plan.worlds, strict=False)]
    added = "".join(f", then {step} added" for step in steps[1:])
    return steps[0] + added
