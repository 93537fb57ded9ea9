"""The manifest of a folder of results: what is needed to produce it again."""

import os
import platform
import shlex
from datetime import UTC, datetime

from regimesim import __version__
from regimesim.analysis.terminal import json_text
from regimesim.ensemble.datasets import WHOLE_PACKAGE
from regimesim.model.compilation import digest
from regimesim.results.reading import MAKER


def manifest_of(scenario, threads, command, seconds, maker=MAKER):
    """The content of manifest.json.

    Parameters
    ----------
    scenario : Scenario or None
        The scenario, if any; the key `given` holds it as written, `scenario` with all
        defaults, and `scenario_files` the SHA-256 of each file that it was read from.
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
        "scenario_files": scenario.files,
        "seed": scenario.seed,
    }


def _legible(argument) -> str:
    """An argument as UTF-8 text, also where the encoding of the terminal cannot represent it."""
    return os.fsencode(argument).decode("utf-8", "replace")


def write_json(path, content):
    """Write plain values as JSON."""
    path.write_text(json_text(content) + "\n", encoding="utf-8")
