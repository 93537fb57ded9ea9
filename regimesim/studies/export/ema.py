"""A sweep as an archive that `load_results` of EMA workbench reads (Kwakkel 2017).

The archive holds `experiments.csv`, a file without a header for each outcome, and
`metadata.json`, which names the types of the columns.  As in EMA workbench itself, all points
under the first policy come first, and the columns `scenario` (the number of the point), `policy`
and `model` stand last.
"""

import gzip
import json
import tarfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regimesim.errors import Refusal, shown
from regimesim.studies.export.points import Points

if TYPE_CHECKING:
    import pandas

SUFFIX = ".ema.tar.gz"
FORMAT = 0.1  # the version of the archive that EMA workbench 2.5 to 3.0 writes
CATEGORY = "category"


def check(points: Points, source: str) -> dict[str, tuple[str, ...]]:
    """Refuse names that the archive cannot hold.  No outcome is left out."""
    lines = []
    for key, labels in (("policy", points.policies), *points.columns.items()):
        if np.asarray(labels).dtype.kind in "OU" and (lost := _read_otherwise(labels)):
            lines.append(
                f"{source}: {key}: found {shown(lost)}, which EMA workbench would read as a "
                "number or as missing; sweep under another name"
            )
    if lines:
        raise Refusal(lines)
    return {}


def _read_otherwise(labels) -> str | None:
    """A label that a CSV file does not keep as text, such as "null" or "1"; None for none."""
    import pandas

    unique = list(dict.fromkeys(map(str, labels)))
    text = pandas.DataFrame({"label": unique}).to_csv(index=False)
    read = pandas.read_csv(StringIO(text))["label"].tolist()
    return next((ours for ours, theirs in zip(unique, read, strict=True) if ours != theirs), None)


def write(points: Points, path: Path) -> None:
    """Write the archive; equal sweeps give equal bytes."""
    experiments = _experiments(points)
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        _add(archive, "experiments.csv", experiments.to_csv(index=False, lineterminator="\n"))
        for name in points.outcomes:
            numbers = np.concatenate([points.values(name, one) for one in points.policies])
            _add(archive, f"{name}.cls", "".join(f"{number!r}\n" for number in numbers.tolist()))
        metadata = {
            "version": FORMAT,
            "outcomes": [["ScalarOutcome", name, f"{name}.cls"] for name in points.outcomes],
            "experiments": {key: kind.name for key, kind in experiments.dtypes.items()},
        }
        _add(archive, "metadata.json", json.dumps(metadata))


def _experiments(points) -> "pandas.DataFrame":
    """A row for each policy and point."""
    import pandas

    policies, size = points.policies, len(points)
    table = pandas.DataFrame(
        {
            **{key: np.tile(values, len(policies)) for key, values in points.columns.items()},
            "scenario": np.tile(np.arange(size), len(policies)),
            "policy": np.repeat(policies, size),
            "model": "regimesim",
        }
    )
    names = [key for key, kind in table.dtypes.items() if kind.kind not in "bif"]
    return table.astype(dict.fromkeys([*names, "scenario"], CATEGORY))


def _add(archive, name: str, text: str):
    """Add a text file, without the time at which it was made."""
    content = text.encode("utf-8")
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, BytesIO(content))
