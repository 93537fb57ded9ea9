"""How the folder of a sweep is filled: chunk by chunk, so that an interruption costs little."""

import os
import shlex
import sys
import time
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

from regimesim.ensemble.memory import RAN_OUT, check_disk
from regimesim.ensemble.workload import duration
from regimesim.errors import Refusal
from regimesim.folders import MANIFEST
from regimesim.results.manifest import manifest_of, write_json
from regimesim.results.progress import compile_model, progress_bar
from regimesim.studies.sweep.question import Question
from regimesim.sweeps.dataset import bytes_of
from regimesim.sweeps.engine import Tallies, complete
from regimesim.sweeps.files import Failures, digests, write_results
from regimesim.sweeps.folder import (
    JOURNAL,
    MAKER,
    PLAN,
    check_target,
    opened,
    results_in,
    resumed_plan,
)
from regimesim.sweeps.forecast import forecast
from regimesim.sweeps.plan import Plan
from regimesim.sweeps.text import plan_in_words

A_LINE = 60.0  # seconds between two lines of progress where there is no terminal


def fill_folder(
    target: Path, question: Question, command: Iterable[str] = (), progress=None
) -> Failures | None:
    """Run what is missing in a folder and, unless it is a shard's, write the results there.

    Returns the points that failed, or None for a shard.  Raises Refusal.
    """
    plan, executor = question.plan, question.executor
    if not plan.shard:
        scenario, design = plan.scenario, plan.design
        size = f"{len(design):,} points under {len(design.policies)} policies"
        advice = "lower the points, or choose policies"
        check_disk(f"{scenario.source}: {size}", bytes_of(design), target, advice)
    compile_model()
    began = time.perf_counter()
    with executor, opened(target, plan, question.resume) as (plan, journal):
        with how_to_resume(target, journal, command):
            with _bar(plan, journal) as bar:
                count = progress or _counter(bar, plan, journal)
                complete(plan, journal, executor, question.rules, count)
            points = None if plan.shard else Tallies(plan, [journal])
            return finish(target, plan, points, began, command, question.threads)


def words_of_plan(question: Question, target: Path) -> str:
    """The plan of a sweep and its cost, or the part that is left; nothing is written.

    Some of its worlds run, to measure the time.  Raises Refusal.
    """
    plan, done = question.plan, ()
    if question.resume:
        if check_target(target, plan, resume=True):
            return f"{target}{os.sep}: is finished; --resume would change nothing in it."
        plan, done = resumed_plan(target, plan)
    compile_model()
    threads = question.threads
    return plan_in_words(plan, forecast(plan, threads=threads, done=done), threads, len(done))


def finish(target, plan: Plan, points, began, command, threads) -> Failures | None:
    """Write the results of `points` (None for a shard) and the manifest into a folder, all or
    none.  Returns the points that failed."""
    failures = None
    with results_in(target) as partial:
        if points is not None:
            with progress_bar(total=len(plan.design), desc="writing", unit=" points") as bar:
                failures = write_results(partial, plan, points, bar.update)
        spent = time.perf_counter() - began
        manifest = manifest_of(plan.scenario, threads, command, spent, MAKER)
        manifest |= {
            "design": plan.design.kind,
            "axes": list(plan.design.values),
            "points": len(plan.design),
            "independent": plan.independent,
            "plan_digest": plan.digest,
            "shard": list(plan.shard) if plan.shard else None,
            "failed": failures.number if failures else 0,
            "files": digests(partial),
            "written": [JOURNAL, PLAN],
        }
        write_json(partial / MANIFEST, manifest)
    return failures


@contextmanager
def how_to_resume(target, journal, command):
    """Say what is kept, and how to resume, where a sweep ends early."""
    again = shlex.join(
        ["regimesim", *(word for word in command if word != "--resume"), "--resume"]
    )
    how = f"resume it with: {again}" if command else "sweep into it again to resume"
    kept = f"What is finished is kept in {target}{os.sep}; {how}"
    try:
        yield
    except KeyboardInterrupt:
        print(f"\n{kept}", file=sys.stderr)
        raise
    except (Refusal, MemoryError, OSError) as error:
        lines = [f"{target}: {RAN_OUT}"]
        if isinstance(error, OSError):
            lines = [f"{target}: cannot be written: {error.strerror or error}"]
        elif isinstance(error, Refusal):
            lines = list(error.lines)
        raise Refusal([*lines, kept] if len(journal) else lines) from None


def _bar(plan, journal):
    """A bar that counts worlds, of which some may be there already."""
    chunking, policies = plan.chunking, len(plan.scenario.policies)
    numbers = chunking.numbers()
    total = sum(map(chunking.worlds, numbers)) * policies
    there = sum(chunking.worlds(number) for number in numbers if number in journal) * policies
    return progress_bar(total=total, initial=there)


def _counter(bar, plan, journal):
    """A function that moves the bar; where no terminal shows it, it prints a line a minute."""
    if not bar.disable:
        return bar.update
    numbers = plan.chunking.numbers()
    there = sum(number in journal for number in numbers)
    began = latest = time.monotonic()
    ended = 0

    def count(_worlds):
        nonlocal latest, ended
        ended += 1
        now = time.monotonic()
        if now - latest >= A_LINE:
            left = (now - began) / ended * (len(numbers) - there - ended)
            done = f"{there + ended:,} of {len(numbers):,} chunks are done"
            print(f"{done}; some {duration(left)} left", file=sys.stderr, flush=True)
            latest = now

    return count
