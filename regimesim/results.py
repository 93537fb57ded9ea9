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
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from regimesim import __version__
from regimesim.compiled import digest, is_warm
from regimesim.experiment.ensemble import available_cores, fill_store
from regimesim.experiment.outcomes import ALL_ROOMS, WorldsFile
from regimesim.refusal import Refusal, shown

MAKER = "regimesim run"
OUTPUTS = Path("outputs")


def run_scenario(scenario, out=None, threads=None, figures=True, command=()):
    """Run a scenario, write its folder of results (`out`, else outputs/NAME), and print the
    verdict.  Raises Refusal where that folder cannot be written or is not ours."""
    from rich.console import Console

    from regimesim.verdict import print_verdict

    target = Path(out) if out is not None else OUTPUTS / scenario.name
    began = time.perf_counter()
    with complete_or_absent(target) as folder:
        summary = _compute(scenario, folder, threads or available_cores())
        manifest = _manifest(scenario, threads, command, time.perf_counter() - began)
        _write_json(folder / "summary.json", summary)
        _write_json(folder / "manifest.json", manifest)
        if figures:
            _draw(folder)
    print_verdict(summary, scenario, Console(highlight=False))
    print(f"\nResults are in {target}{os.sep}" + (", report.html first." if figures else "."))


def _compute(scenario, folder, threads):
    """Run the worlds into the folder's files; returns the summary."""
    from tqdm import tqdm

    if not is_warm():
        print(
            "Compiling the model for this machine: once, some 15 seconds.",
            file=sys.stderr,
            flush=True,
        )
    total = scenario.worlds * len(scenario.policies)
    with (
        WorldsFile(folder / "worlds.nc", scenario) as store,
        tqdm(total=total, unit=" worlds", ncols=79, file=sys.stderr, leave=False) as bar,
    ):
        months = fill_store(scenario, store, threads=threads, progress=bar.update)
    import xarray

    from regimesim.analysis.summary import summarise

    months.dataset().to_netcdf(folder / "months.nc", engine="h5netcdf")
    with xarray.open_dataset(folder / "worlds.nc", engine="h5netcdf") as worlds:
        return summarise(worlds)


def _draw(folder):
    """Draw the figures and write the report of the run in `folder`."""
    import xarray

    from regimesim.plots import draw_all
    from regimesim.report import write_report

    with (
        xarray.open_dataset(folder / "worlds.nc", engine="h5netcdf") as worlds,
        xarray.open_dataset(folder / "months.nc", engine="h5netcdf") as months,
    ):
        draw_all(worlds, months, folder / "figures")
    write_report(folder)


def _manifest(scenario, threads, command, seconds):
    """What is needed to do the run again, and what it was done with."""
    from importlib.metadata import version

    libraries = ("numpy", "numba", "scipy", "xarray", "h5netcdf")
    return {
        "made_by": MAKER,
        "scenario": scenario.resolved(),
        "seed": scenario.seed,
        "version": __version__,
        "code_digest": digest(ALL_ROOMS),
        "libraries": {name: version(name) for name in libraries},
        "python": platform.python_version(),
        "machine": platform.platform(),
        "threads": threads,
        "command": shlex.join(["regimesim", *command]),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(seconds, 3),
    }


def _write_json(path, content):
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


@contextmanager
def complete_or_absent(target: Path):
    """A folder to write to, which becomes `target` when the block ends well and vanishes
    when it does not."""
    _check_replaceable(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        folder.chmod(0o755)
    except OSError as error:
        raise Refusal(f"{target}: cannot be written: {error.strerror}") from None
    try:
        yield folder
        _check_replaceable(target)
        _put_in_place(folder, target)
    except OSError as error:
        raise Refusal(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_replaceable(target):
    if not (target.exists() or target.is_symlink()):
        return
    if not target.is_dir():
        raise Refusal(f"{target}: a file is in the way of the folder of results")
    if not any(target.iterdir()):
        return
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        ours = manifest["made_by"] == MAKER
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise Refusal(
            f"{target}: holds files that are no results of {shown(MAKER)}; "
            "choose another folder with --out"
        )


def _put_in_place(folder, target):
    """Rename `folder` to `target`, moving what was there out of the way first."""
    if not target.exists():
        folder.rename(target)
        return
    old = folder.with_suffix(".replaced")
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
