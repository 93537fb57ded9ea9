"""Logs of Inspect and of ControlArena, which writes them with Inspect: a light reader of both.

A log is an archive (`.eval`) with a header and a JSON file for each sample, or one JSON file
(`.json`).  Samples are read whole, one after the other: their summaries lack metadata of more than
1 kB, in old releases all metadata, and what a monitor's reply was made of.
"""

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from regimesim.errors import Refusal, shown
from regimesim.studies.monitor.scores import table_in

SUFFIXES = (".eval", ".json")
ZSTANDARD = 93  # the number of the compression in archives; Python reads it from 3.14 on
LARGEST = 2**31  # bytes of a sample, or of a log in one JSON file
INSTALL = "pip install 'regimesim[logs]'"
CONTROL_ARENA = "control_arena/"  # how the names of its solvers begin


class NotALog(Refusal):
    """A file that may be sound, but is no log."""


@dataclass(frozen=True)
class Log:
    """A log that was found.

    path, sha256: the file · made_by: the framework and its version · status: how the run ended,
    "success", "cancelled", "error" or "started" · run: by which samples without an id of their own
    are known.
    """

    path: Path
    sha256: str
    made_by: str
    status: str
    run: str


def find_logs(paths: Iterable[str | Path]) -> tuple[list[Path], set[Path]]:
    """The files with the ending of a log among `paths` and in folders among them, and those of
    them that a folder holds.

    Raises Refusal for a path that does not exist, and for a folder without such a file.
    """
    files: dict[Path, Path] = {}
    inside, lines = set(), []
    for path in (Path(os.path.expanduser(path)) for path in paths):
        if path.is_dir():
            held = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES)
            held = [one for one in held if one.is_file()]
            if not held:
                lines.append(f"{path}: the folder holds no log, a file *.eval or *.json")
            inside |= {one for one in held if one.resolve() not in files}
        elif path.is_file():
            held = [path]
        else:
            lines.append(f"{path}: there is no such file or folder")
            continue
        for one in held:
            files.setdefault(one.resolve(), one)
    if lines:
        raise Refusal(lines)
    if not files:
        raise Refusal("no log; name files *.eval or *.json, or folders of them")
    return list(files.values()), inside


def read_log(path: Path, take: Callable[[Log, dict], None]) -> Log:
    """Read a log, and hand each of its samples to `take`.

    Raises
    ------
    NotALog
        For a file that is no log.
    Refusal
        For a log that is damaged, or that needs a library that is not installed.
    """
    reader = _archive if path.suffix == ".eval" else _json_file
    with closing(reader(path)) as parts:
        header = next(parts)
        log = _log(path, header)
        for sample in parts:
            if isinstance(sample, dict):
                take(log, sample)
    return log


def _log(path: Path, header: dict) -> Log:
    spec = header["eval"]
    steps = table_in(header, "plan").get("steps")
    made_by = f"Inspect {table_in(spec, 'packages').get('inspect_ai', 'of unknown version')}"
    listed = steps if isinstance(steps, list) else ()
    solvers = [step.get("solver") for step in listed if isinstance(step, dict)]
    if any(str(solver).startswith(CONTROL_ARENA) for solver in solvers):
        made_by = f"ControlArena, {made_by}"
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    run = str(spec.get("eval_id") or spec.get("run_id") or path.resolve())
    return Log(path, sha256, made_by, str(header.get("status", "started")), run)


def _archive(path: Path) -> Generator[dict, None, None]:
    """The header of an archive, then its samples."""
    with _opened(path) as archive:
        names = archive.namelist()
        # a run that is not over, or that was killed, has the journal alone
        header = next((n for n in ("header.json", "_journal/start.json") if n in names), None)
        if header is None:
            raise NotALog(f"{path}: is no log of Inspect: it has no header.json")
        yield _checked(path, _member(path, archive, header))
        for name in names:
            if name.startswith("samples/") and name.endswith(".json"):
                yield _member(path, archive, name)


def _opened(path: Path):
    """The archive at a path, with a reader that knows the compression of its members."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise Refusal(f"{path}: is not a whole .eval log; it is cut off, or no archive") from None
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror})") from None
    compressed = any(item.compress_type == ZSTANDARD for item in archive.infolist())
    if not compressed or sys.version_info >= (3, 14):
        return archive
    archive.close()
    try:
        from backports.zstd import zipfile as of_all
    except ImportError:
        reason = f"is compressed with Zstandard, which this Python reads after {INSTALL}"
        raise Refusal(f"{path}: {reason}") from None
    return of_all.ZipFile(path)


def _member(path: Path, archive, name: str):
    """The content of a JSON file in an archive."""
    if archive.getinfo(name).file_size > LARGEST:
        raise Refusal(f"{path}: {name} has more than {LARGEST / 2**30:g} GiB")
    try:
        return json.loads(archive.read(name))
    except MemoryError:
        raise
    except Exception as error:  # whatever a decompressor raises for bytes that are wrong
        what = shown(str(error) or type(error).__name__)
        raise Refusal(f"{path}: {name} is damaged: {what}") from None


def _json_file(path: Path) -> Generator[dict, None, None]:
    """The header of a log in one JSON file, then its samples."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refusal(f"{path}: has more than {LARGEST / 2**30:g} GiB")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise NotALog(f"{path}: is no log of Inspect: it is not JSON") from None
    yield _checked(path, content)
    samples = content.get("samples")
    yield from samples if isinstance(samples, list) else ()


def _checked(path: Path, header) -> dict:
    if not isinstance(header, dict) or not isinstance(header.get("eval"), dict):
        raise NotALog(f"{path}: is no log of Inspect: its header has no table 'eval'")
    return header
