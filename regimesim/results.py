"""The folder of results of one run: complete, or absent.

Everything is written to a folder beside it, which is renamed when it is complete.  A
folder is replaced only when its manifest says that it is one of ours.
"""

import json
import os
import platform
import shlex
import shutil
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from textwrap import fill

from regimesim import __version__
from regimesim.compiled import digest
from regimesim.experiment.ensemble import available_cores, check_room, fill_store, warm_up
from regimesim.experiment.netcdf import write_dataset
from regimesim.experiment.outcomes import ALL_ROOMS, WorldsFile, bytes_of_worlds
from regimesim.experiment.room import check_disk
from regimesim.experiment.saved import MAKER, files_in, open_run
from regimesim.partial import REPLACED, partial_beside
from regimesim.refusal import Refusal, nearest, shown
from regimesim.scenario import parse
from regimesim.sweeps.cuts import A_SECOND, weigh
from regimesim.sweeps.told import duration

OUTPUTS = Path("outputs")
PATIENCE = 1.5  # seconds of silence
LONG = 1800.0  # seconds of a run that are told before they are spent
WIDTH = 80  # of a terminal
DRAWN = (".png", ".svg", ".pdf")


def run_scenario(scenario, out=None, threads=None, figures=True, command=(), targets=None):
    """Run a scenario, write its folder of results (`out`, else outputs/NAME), and print the
    verdict.  Raises Refusal where that folder cannot be written or is not ours.

    targets: half-widths by estimand; worlds are added until all are reached, and the
    scenario's number of worlds is the maximum.
    """
    from rich.console import Console

    from regimesim.verdict import print_verdict

    target = Path(out) if out is not None else OUTPUTS / scenario.name
    threads = threads or available_cores()
    began = time.perf_counter()
    with complete_or_absent(target) as folder:
        if not targets:
            _tell_size(scenario, threads, folder)
        scenario, summary, words = _compute(scenario, folder, threads, targets)
        manifest = manifest_of(scenario, threads, command, time.perf_counter() - began)
        write_json(folder / "summary.json", summary)
        write_json(folder / "manifest.json", manifest | {"files": files_in(folder)})
        if figures:
            _draw(folder)
    print_verdict(summary, scenario, Console(highlight=False))
    if words:
        print(f"\n{fill(words, 79)}")
    print(f"\nResults are in {target}{os.sep}" + (", report.html first." if figures else "."))


def _tell_size(scenario, threads, folder):
    """Refuse a run that has no room, on disk or in memory, and say of a long one how long it
    takes."""
    worlds, policies = scenario.worlds, len(scenario.policies)
    what = f"{scenario.source}: {worlds:,} worlds under {policies} policies"
    advice = "lower worlds, or choose policies"
    check_disk(what, bytes_of_worlds(scenario), folder, advice)
    check_room(scenario, threads)
    work = worlds * float(weigh(scenario.systems, scenario.months, policies))
    if (seconds := work / (A_SECOND * threads)) > LONG:
        told = f"may take {duration(seconds)} on {threads} core{'s' * (threads > 1)}"
        print(f"{worlds:,} worlds under {policies} policies {told}.", file=sys.stderr)


def _compute(scenario, folder, threads, targets):
    """Run the worlds into the folder's files: the scenario with the number of worlds that
    were run, the summary, and how `targets` were met, in words."""
    import xarray

    from regimesim.analysis.precision import closing_words, progress_line, until_precise
    from regimesim.analysis.summary import summarise

    compile_model()
    path, months, words = folder / "worlds.nc", None, ""
    opened = partial(xarray.open_dataset, path, engine="h5netcdf")
    with progress_bar() as bar:

        @contextmanager
        def add(stage, first, looks):
            nonlocal months
            bar.total = stage.worlds * len(stage.policies)
            file = WorldsFile(path, stage, looks, bool(targets))

            def ended(worlds):
                file.check()
                bar.update(worlds)

            with file as store:
                months = fill_store(stage, store, (), threads, ended, first, months)
            with opened() as worlds:
                yield worlds

        def told(stage, found):
            bar.write(progress_line(stage, found), file=sys.stderr)

        if targets:
            ended = until_precise(scenario, targets, add, told)
            scenario, words = ended.scenario, closing_words(ended)
        else:
            with add(scenario, 0, 1):
                pass
    write_dataset(folder / "months.nc", months.dataset())
    with opened() as worlds:
        summary = summarise(worlds)
    return scenario, {**summary, "precision": ended.summary()} if targets else summary, words


def progress_bar(unit=" worlds", **options):
    """A bar that counts worlds, where there is a terminal to show it."""
    from tqdm import tqdm

    return tqdm(unit=unit, ncols=79, file=sys.stderr, leave=False, disable=None, **options)


def compile_model():
    """Compile the model, or load it from disk; say so where that takes its time."""
    told = "Compiling the model for this machine: once, some 15 seconds."
    waiting = threading.Timer(PATIENCE, print, [told], {"file": sys.stderr, "flush": True})
    waiting.daemon = True
    waiting.start()
    try:
        warm_up(parse({}))
    finally:
        waiting.cancel()


def _draw(folder):
    """Draw the figures and write the report of the run in `folder`."""
    from regimesim.plots.figures import draw_all
    from regimesim.report import write_report

    with open_run(folder) as run:
        draw_all(folder=folder / "figures", **run)
    write_report(folder)


def manifest_of(scenario, threads, command, seconds, maker=MAKER):
    """What is needed to do it again, and what it was done with; `given` is the scenario as
    it was written, `scenario` the same with every default filled in."""
    from importlib.metadata import version

    libraries = ("mesa", "numpy", "numba", "scipy", "matplotlib", "xarray", "h5netcdf", "h5py")
    return {
        "made_by": maker,
        "scenario": scenario.resolved(),
        "given": scenario.raw,
        "seed": scenario.seed,
        "version": __version__,
        "code_digest": digest(ALL_ROOMS),
        "libraries": {name: version(name) for name in libraries},
        "python": platform.python_version(),
        "machine": platform.platform(),
        "threads": threads,
        "command": shlex.join(["regimesim", *map(_legible, command)]),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(seconds, 3),
    }


def _legible(argument) -> str:
    """An argument as UTF-8 text, also where the terminal's own encoding could not read it."""
    return os.fsencode(argument).decode("utf-8", "replace")


def write_json(path, content):
    """Write plain values as JSON."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def where_numbers_are(path) -> str:
    """Where the numbers are, in a line of at most 80 columns, or on the one below."""
    told = f"The numbers are in {path}."
    return told if len(told) <= WIDTH else f"The numbers are in\n{path}"


def check_drawing(out: Path):
    """Refuse a file (`--out`) that a figure cannot be drawn in."""
    if out.suffix not in DRAWN:
        close, known = nearest(out.suffix or out.name, DRAWN), ", ".join(DRAWN)
        raise Refusal(
            f"--out: {shown(str(out))} ends in none of {known}; the nearest is '{close}'"
        )
    if not out.parent.is_dir():
        raise Refusal(f"--out: {out}: there is no folder {out.parent}")


@contextmanager
def complete_or_absent(target: Path, maker: str = MAKER):
    """A folder to write to, which becomes `target` when the block ends well and vanishes
    when it does not.

    `maker` is the command that writes it, and that its manifest must name: a folder
    of another command, or of somebody else, is not replaced but refused.
    """
    target = _real(target)
    _check_replaceable(target, maker)
    made = [above for above in target.parents if not above.exists()]
    try:
        with partial_beside(target) as folder:
            yield folder
            _check_replaceable(target, maker)
            _put_in_place(folder, target)
    finally:
        with suppress(OSError):  # it is in use once something is in it
            for above in made:
                above.rmdir()


def _real(target):
    """The folder that `target` stands for; refuses one that the process itself is in."""
    real = Path(os.path.realpath(target))  # which lets a loop of links pass, to be refused
    if Path.cwd().resolve().is_relative_to(real):
        raise Refusal(f"{target}: is the current folder or above it; name a folder inside")
    return real


def _check_replaceable(target, maker):
    if not (target.exists() or target.is_symlink()):
        return
    if not target.is_dir():
        raise Refusal(f"{target}: a file is in the way of the folder of results")
    if not any(target.iterdir()):
        return
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        ours = manifest["made_by"] == maker
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise Refusal(
            f"{target}: holds files that are no results of {shown(maker)}; "
            "choose another folder with --out"
        )


def _put_in_place(folder, target):
    """Rename `folder` to `target`, moving what was there out of the way first."""
    if not target.exists():
        folder.rename(target)
        return
    old = folder.with_suffix(REPLACED)
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
