"""The manifest of a folder of results: what is needed to produce it again."""

import json
import os
import platform
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from regimesim import __version__
from regimesim.analysis.terminal import json_text
from regimesim.ensemble.datasets import WHOLE_PACKAGE, digest_of
from regimesim.folders import MANIFEST
from regimesim.model.compilation import digest
from regimesim.results.partial import write_whole
from regimesim.results.reading import MAKER


def manifest_of(scenario, threads, command, seconds, maker=MAKER):
    """The content of manifest.json.

    Parameters
    ----------
    scenario : Scenario or None
        The scenario, if any; the key `given` holds it as written, `scenario` with all
        defaults, `titles` those of all policies of its file, and `scenario_files` the SHA-256
        of each file that it was read from.
    threads : int
        The number of threads.
    command : list of str
        The arguments of the command line.
    seconds : float
        The wall time in seconds.
    maker : str
        The command that wrote the folder.
    """
    from importlib.metadata import version

    libraries = ("mesa", "numpy", "numba", "scipy", "matplotlib", "xarray", "h5netcdf", "h5py")
    return {
        "made_by": maker,
        **(_of_scenario(scenario) if scenario else {}),
        "version": __version__,
        "code_digest": digest(WHOLE_PACKAGE),
        "libraries": {name: version(name) for name in libraries},
        "python": platform.python_version(),
        "machine": platform.platform(),
        "threads": threads,
        "command": shlex.join(["regimesim", *map(_legible, command)]),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(seconds, 3),
    }


def _of_scenario(scenario):
    return {
        "scenario": scenario.resolved(),
        "given": scenario.raw,
        "titles": scenario.order,
        "scenario_files": scenario.files,
        "scenario_digest": digest_of(scenario),
        "seed": scenario.seed,
    }


def _legible(argument) -> str:
    """An argument as UTF-8 text, also where the encoding of the terminal cannot represent it."""
    return os.fsencode(argument).decode("utf-8", "replace")


def record_written(folder: Path, paths: Iterable[Path]) -> None:
    """Add figures and pages to what a manifest lists as written by its command.

    The next run into the folder removes what is listed, and keeps the files of the user.
    """
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    before = manifest.get("written", [])
    names = {path.relative_to(folder).as_posix() for path in paths}
    if not names <= set(before):
        write_json(path, manifest | {"written": sorted({*before, *names})})


def write_json(path, content):
    """Write plain values as JSON."""
    write_whole(path, json_text(content) + "\n")
