"""Files of measured capability, recognised by what they hold and not by their names."""

import csv
from os import PathLike
from pathlib import Path

from regimesim.errors import Refusal
from regimesim.scenario.input_errors import wrong_separator
from regimesim.scenario.measured.epoch import HUB, INDEX, hub_file, index_file
from regimesim.scenario.measured.horizons import COLUMNS, horizons_in
from regimesim.scenario.measured.measurement import MeasuredFile
from regimesim.scenario.measured.metr import is_of_metr, metr_file, read_yaml
from regimesim.scenario.toml_reader import read_text

ALLOWED = (
    "allowed are METR's results in YAML (benchmark_name, results), Epoch AI's table of METR's "
    f"horizons ({', '.join(HUB)}), Epoch AI's Capabilities Index ({', '.join(INDEX)}), both in "
    f"CSV, and a CSV file with the columns {', '.join(COLUMNS)}"
)
OWN = "a CSV file of time horizons"


def read_measured(path: str | PathLike[str]) -> MeasuredFile:
    """Read a file of measured capability, whichever of the known ones it is.

    Parameters
    ----------
    path : path
        METR's results as published (YAML), Epoch AI's table of METR's horizons or its
        Capabilities Index (CSV), or a CSV file with the columns `COLUMNS`.

    Returns
    -------
    MeasuredFile

    Raises
    ------
    Refusal
        With a sentence for a file that cannot be read, is larger than 1 MiB or is none of these,
        and one for each wrong value in it.
    """
    place = str(path)
    try:
        text, digest = read_text(Path(path).expanduser(), "a file of measurements")
    except Refusal as refusal:
        raise Refusal(f"{place}: {line}" for line in refusal.lines) from None
    if not text.strip():
        raise Refusal(f"{place}: is empty; {ALLOWED}")
    if text.lstrip().startswith("<"):
        raise Refusal(f"{place}: is a saved web page and not the data behind it; {ALLOWED}")
    head = _header(text)
    if message := wrong_separator(head):
        raise Refusal(f"{place}: {message}; {ALLOWED}")
    if set(HUB) & set(head):
        return hub_file(text, place, digest)
    if "eci" in head:
        return index_file(text, place, digest)
    if set(COLUMNS) & set(head) and len(head) > 1:
        where = "the texts of column published_file_version"
        horizons = tuple(horizons_in(text, place))
        return MeasuredFile(place, digest, OWN, horizons=horizons, where=where)
    try:
        content = read_yaml(text)
    except Refusal as refusal:
        raise Refusal(f"{place}: {line}" for line in refusal.lines) from None
    if content is None or not is_of_metr(content):
        raise Refusal(f"{place}: holds no measured capability that is known here; {ALLOWED}")
    return metr_file(content, place, digest)


def _header(text: str) -> list[str]:
    """The cells of the first line that is no comment."""
    line = next((line for line in text.splitlines() if line and not line.startswith("#")), "")
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error:
        return []
