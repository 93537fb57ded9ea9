"""Fits to files that a scenario names: each is read once, and its line takes its place.

`{ fit = { file = "horizons.csv", since = 2023 } }` becomes the same with the numbers of its line,
so that the scenario, its results and their manifest do not need the file again.
"""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.scenario.declaration import Quantity, declared_in
from regimesim.scenario.distribution import FIT_FORMS, OF_A_FILE, as_written
from regimesim.scenario.input_errors import Mistake
from regimesim.scenario.parameters import Tables
from regimesim.scenario.toml_reader import STDIN

Place = tuple[str, ...]
TEXTS = ("file", "quantile", "version")


def plain_content(content):
    """A copy of the content of a scenario in plain values: distributions, fits and growth as a
    file has them, and numbers of numpy as those of Python."""
    content = as_written(content)
    if isinstance(content, Mapping):
        return {key: plain_content(value) for key, value in content.items()}
    if type(content) in (list, tuple):
        return type(content)(map(plain_content, content))
    if type(content).__module__ == "numpy" and getattr(content, "ndim", 1) == 0:
        return content.item()
    return deepcopy(content)


def with_lines(raw: dict, folder: Path) -> tuple[dict, list[Mistake], dict[str, str]]:
    """A raw scenario in which every fit to a file has its line.

    Parameters
    ----------
    raw : dict
        The raw scenario, which is changed.
    folder : Path
        From which the files are named.

    Returns
    -------
    raw : dict
        The same.
    mistakes : list of Mistake
        One for each fit that cannot be used; it is left without a line.
    files : dict of str to str
        The SHA-256 of the files, by path.
    """
    mistakes: list[Mistake] = []
    files: dict[str, str] = {}
    for place, table in _places(raw):
        written = table[place[-1]]["fit"]
        lines: list[str] = []
        with gathering(lines):
            table[place[-1]] = {"fit": _with_line(written, folder, files)}
        mistakes += [Mistake(place, line) for line in lines]
    return raw, mistakes, files


def _places(raw: Mapping) -> Iterator[tuple[Place, dict]]:
    """(path, its table) of every fit to a file that has no line yet."""
    policies = raw.get("policies")
    named = policies.items() if isinstance(policies, Mapping) else ()
    roots = [((), raw), *((("policies", str(name)), overlay) for name, overlay in named)]
    for above, root in roots:
        for key in _fitted_keys():
            table = root
            for name in key[:-1]:
                table = table.get(name) if isinstance(table, Mapping) else None
            value = table.get(key[-1]) if isinstance(table, Mapping) else None
            fit = value.get("fit") if isinstance(value, Mapping) and len(value) == 1 else None
            if isinstance(fit, Mapping) and "line" not in fit and "file" in fit:
                yield (*above, *key), table


@cache
def _fitted_keys() -> tuple[Place, ...]:
    """The parameters that take a fit."""
    return tuple(
        tuple(one.key.split("."))
        for one in declared_in(Tables)
        if isinstance(one.quantity, Quantity) and one.quantity.fit
    )


def _with_line(written: Mapping, folder: Path, files: dict[str, str]) -> dict:
    """The fit with its line; the file's digest is added to `files`.  Raises Refusal."""
    # most scenarios name no file
    from regimesim.scenario.calibration import calibration_of, refuse_unfit

    if unknown := [key for key in written if key not in OF_A_FILE]:
        close = nearest(str(unknown[0]), OF_A_FILE)
        raise Refusal(f"unknown key {shown(str(unknown[0]))} of a fit; the nearest is '{close}'")
    lines = [
        f"{key}: found {shown(written[key])}; allowed is a text"
        for key in TEXTS
        if key in written and not (isinstance(written[key], str) and written[key].strip())
    ]
    if lines or "\0" in written["file"]:
        raise Refusal(lines or f"found {shown(written['file'])}; a fit is {FIT_FORMS}")
    if Path(written["file"]) == STDIN:
        raise Refusal("a fit reads a file, standard input it does not")
    path = folder / Path(written["file"]).expanduser()
    options = {key: value for key, value in written.items() if key != "file"}
    calibration = calibration_of(path, **options)
    refuse_unfit(calibration)
    files[str(path)] = calibration.measured.digest
    origin = {
        key: str(one) if isinstance(one, date) else one
        for key, one in options.items()
        if one != math.inf  # an `until` without an end, which JSON cannot hold
    }
    return {"file": path.name, **origin, **calibration.growth.plain()}
