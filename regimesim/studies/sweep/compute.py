"""`regimesim sweep`: a scenario at every point of a design, kept chunk by chunk, and resumed."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from regimesim.ensemble.ensemble import ScenarioLike, available_cores
from regimesim.ensemble.memory import RAN_OUT, check_disk
from regimesim.ensemble.workload import duration
from regimesim.errors import Refusal, shown
from regimesim.model.oversight.policy import Policy
from regimesim.results.folder import OUTPUTS
from regimesim.results.manifest import manifest_of, write_json
from regimesim.results.progress import compile_model, progress_bar
from regimesim.sweeps.dataset import bytes_of
from regimesim.sweeps.designs import make_design, read_design
from regimesim.sweeps.engine import Found, complete, evaluate, with_python
from regimesim.sweeps.executors import SPARE
from regimesim.sweeps.files import RESULT, digests, write_results
from regimesim.sweeps.folder import (
    FIGURES,
    MAKER,
    MANIFEST,
    begun_in,
    check_target,
    opened,
    results_in,
)
from regimesim.sweeps.forecast import forecast
from regimesim.sweeps.make_executor import make_crew
from regimesim.sweeps.plan import Plan, make_plan
from regimesim.sweeps.text import closing_words, plan_in_words

if TYPE_CHECKING:
    import distributed
    import xarray

A_LINE = 60.0  # seconds between two lines of progress where there is no terminal
FAILED = 1  # exit code where points failed
MOST_SHARDS = 1_000_000


def run_sweep(
    scenario,
    design,
    *,
    independent=False,
    shard=None,
    out=None,
    resume=False,
    figures=True,
    crew=None,
    command=(),
) -> int:
    """Run a sweep into its folder (`out`, else outputs/NAME-sweep) and tell what came of it.

    shard: "K/N" · resume: whether what is there is gone on with · crew: of make_crew ·
    Returns the exit code: 1 where points failed.  Raises Refusal.
    """
    plan = make_plan(scenario, design, independent, read_shard(shard))
    target = Path(out) if out is not None else folder_of(plan)
    if check_target(target, plan, resume):
        print(f"{target}{os.sep}: is finished, and nothing in it has changed.")
        return 0
    if not plan.shard:
        told = f"{scenario.source}: {len(design):,} points under {len(design.policies)} policies"
        check_disk(told, bytes_of(design), target, "lower the points, or choose policies")
    compile_model()
    crew = crew or make_crew()
    failures = fill_folder(target, plan, crew, command=command, resume=resume)
    return tell_end(target, plan, failures, figures)


def tell_end(target, plan, failures, figures=True) -> int:
    """Draw the figures of a sweep that is complete, and tell what came of it: the exit code."""
    failed = failures.number if failures else 0
    if figures and failures and failed < len(plan.design):
        draw(target)
    print(closing_words(target, plan, failures))
    return FAILED if failed else 0


def tell_plan(
    scenario, design, *, independent=False, shard=None, threads=None, out=None, resume=False
) -> None:
    """Print what a sweep would be and what it would take, or (resume) what is left of it;
    nothing is written."""
    plan = make_plan(scenario, design, independent, read_shard(shard))
    target = Path(out) if out is not None else folder_of(plan)
    done = ()
    if resume:
        if check_target(target, plan, resume):
            print(f"{target}{os.sep}: is finished; --resume would change nothing in it.")
            return
        plan, done = begun_in(target, plan)
    compile_model()
    threads = threads or available_cores()
    print(plan_in_words(plan, forecast(plan, threads=threads, done=done), threads, len(done)))


def sweep(
    scenario: ScenarioLike,
    axes: Mapping[str, object] | Iterable[str] | None = None,
    *,
    kind: str | None = None,
    points: int | None = None,
    independent: bool = False,
    policies: Iterable[Policy] = (),
    executor: "str | Executor | distributed.Client | None" = None,
    threads: int | None = None,
    scheduler: str | None = None,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
) -> "xarray.Dataset":
    """Run a scenario at every point of a design: a dataset, dims of the design × policy.

    axes: what varies, by key, as in a file's [sweep.vary]; None for that of the scenario ·
    kind, points: of the design · folder: where it is kept; what is there of the same sweep
    is gone on with, also with more worlds.  The rest is as in `sweep.engine.evaluate`.
    Raises Refusal.
    """
    import xarray

    from regimesim.ensemble.ensemble import as_scenario

    scenario = as_scenario(scenario)
    if axes is None:
        design = read_design(scenario, kind=kind, points=points)
    else:
        design = make_design(scenario, axes, kind or "grid", points)
    told = {"executor": executor, "threads": threads, "scheduler": scheduler}
    if folder is None:
        asked = {"independent": independent, "policies": policies, "progress": progress}
        return evaluate(scenario, design, **asked, **told)
    scenario, design, rules = with_python(scenario, design, policies)
    plan, folder = make_plan(scenario, design, independent, rules=rules), Path(folder)
    if not check_target(folder, plan, resume=True):
        fill_folder(folder, plan, make_crew(**told), rules, resume=True, progress=progress)
    return xarray.load_dataset(folder / RESULT, engine="h5netcdf", decode_timedelta=False)


def fill_folder(target, plan, crew, rules=None, command=(), resume=False, progress=None):
    """Run what is missing in a folder and, unless it is a shard's, write the results there:
    the points that failed, None for a shard."""
    began = time.perf_counter()
    with crew, opened(target, plan, resume) as (plan, journal):
        with told_how_to_resume(target, journal, command):
            with _bar(plan, journal) as bar:
                complete(plan, journal, crew, rules, progress or _told(bar, plan, journal))
            found = None if plan.shard else Found(plan, [journal])
            return finish(target, plan, found, began, command, crew.room // SPARE)


def finish(target, plan: Plan, found, began, command, threads):
    """Write results (of `found`, None for a shard) and the manifest into a folder, all or
    none: the points that failed."""
    failures = None
    with results_in(target) as partial:
        if found is not None:
            with progress_bar(total=len(plan.design), desc="writing", unit=" points") as bar:
                failures = write_results(partial, plan, found, bar.update)
        spent = time.perf_counter() - began
        manifest = manifest_of(plan.scenario, threads, command, spent, MAKER)
        manifest |= {
            "design": plan.design.kind,
            "axes": list(plan.design.values),
            "points": len(plan.design),
            "independent": plan.independent,
            "shard": list(plan.shard) if plan.shard else None,
            "failed": failures.number if failures else 0,
            "files": digests(partial),
        }
        write_json(partial / MANIFEST, manifest)
    return failures


def read_shard(text: str | None) -> tuple[int, int] | None:
    """(k, n) of "K/N"; raises Refusal."""
    if text is None:
        return None
    part, slash, parts = text.partition("/")
    good = len(text) < 20 and slash and part.isdecimal() and parts.isdecimal()
    if not good or not 1 <= int(part) <= int(parts) <= MOST_SHARDS:
        allowed = f"allowed is K/N, as in 1/8, with K from 1 to N, and N at most {MOST_SHARDS:,}"
        raise Refusal(f"--shard: found {shown(text)}; {allowed}")
    return int(part), int(parts)


def folder_of(plan: Plan) -> Path:
    """The folder of a sweep, or of a shard of one, where none was named."""
    part = ".{}-of-{}".format(*plan.shard) if plan.shard else ""
    return OUTPUTS / f"{plan.scenario.name}-sweep{part}"


@contextmanager
def told_how_to_resume(target, journal, command):
    """What is kept, and how to go on with it, where a sweep ends early."""
    again = shlex.join(
        ["regimesim", *(word for word in command if word != "--resume"), "--resume"]
    )
    how = f"go on with it with: {again}" if command else "sweep into it again to go on with it"
    told = f"What is finished is kept in {target}{os.sep}; {how}"
    try:
        yield
    except KeyboardInterrupt:
        print(f"\n{told}", file=sys.stderr)
        raise
    except (Refusal, MemoryError) as error:
        lines = error.lines if isinstance(error, Refusal) else [f"{target}: {RAN_OUT}"]
        raise Refusal([*lines, told] if len(journal) else lines) from None


def draw(folder: Path) -> None:
    """Draw the figures of the sweep in `folder`."""
    from regimesim.results.reading import open_results
    from regimesim.studies.plot.figures import draw_drawable

    try:
        with open_results(folder) as results:
            draw_drawable(results, folder / FIGURES)
    except OSError as error:
        told = f"its numbers are complete, but figures cannot be drawn: {error.strerror or error}"
        raise Refusal(f"{folder}: {told}; draw them with: regimesim plot {folder}") from None


def _bar(plan, journal):
    """A bar that counts worlds, of which some may be there already."""
    cuts, policies = plan.cuts, len(plan.scenario.policies)
    numbers = cuts.numbers()
    total = sum(map(cuts.worlds, numbers)) * policies
    there = sum(cuts.worlds(number) for number in numbers if number in journal) * policies
    return progress_bar(total=total, initial=there)


def _told(bar, plan, journal):
    """Has the bar move; where no terminal shows it, tells a line a minute on stderr."""
    if not bar.disable:
        return bar.update
    numbers = plan.cuts.numbers()
    there = sum(number in journal for number in numbers)
    began = told = time.monotonic()
    ended = 0

    def tell(_worlds):
        nonlocal told, ended
        ended += 1
        now = time.monotonic()
        if now - told >= A_LINE:
            left = (now - began) / ended * (len(numbers) - there - ended)
            done = f"{there + ended:,} of {len(numbers):,} chunks are done"
            print(f"{done}; some {duration(left)} left", file=sys.stderr, flush=True)
            told = now

    return tell
