"""A run: the worlds of every policy of a scenario, and their folder of results."""

import os
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from textwrap import fill

from regimesim.ensemble.datasets import WorldsFile, bytes_of_worlds
from regimesim.ensemble.ensemble import available_cores, check_run_memory, fill_store
from regimesim.ensemble.memory import check_disk
from regimesim.ensemble.netcdf import write_dataset
from regimesim.ensemble.workload import A_SECOND, duration, weigh
from regimesim.results.folder import OUTPUTS, complete_or_absent
from regimesim.results.manifest import manifest_of, write_json
from regimesim.results.progress import compile_model, progress_bar
from regimesim.results.reading import files_in, open_run

LONG = 1800.0  # seconds of a run that are told before they are spent


def run_scenario(scenario, out=None, threads=None, figures=True, command=(), targets=None):
    """Run a scenario, write its folder of results (`out`, else outputs/NAME), and print the
    verdict.  Raises Refusal where that folder cannot be written or is not ours.

    targets: half-widths by estimand; worlds are added until all are reached, and the
    scenario's number of worlds is the maximum.
    """
    from rich.console import Console

    from regimesim.studies.run.text import print_verdict

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
    check_run_memory(scenario, threads)
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


def _draw(folder):
    """Draw the figures and write the report of the run in `folder`."""
    from regimesim.results.report import write_report
    from regimesim.studies.plot.figures import draw_all

    with open_run(folder) as run:
        draw_all(folder=folder / "figures", **run)
    write_report(folder)
