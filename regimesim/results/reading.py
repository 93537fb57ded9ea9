"""Results that were saved: the folder of a run or of another command, read again or refused."""

import hashlib
import json
from contextlib import ExitStack, contextmanager
from pathlib import Path

from regimesim import __version__
from regimesim.errors import Refusal, shown
from regimesim.model.world.records import COUNTS, MONTHLY, REALS, names

MAKER = "regimesim run"
ADDED = ("contributions",)  # JSON files that other commands add to the folder of a run
OTHERS = {  # the one dataset or JSON file that other commands leave for figures
    "regimesim contributions": "contributions.json",
    "regimesim require": "require.json",
    "regimesim sweep": "sweep.nc",
    "regimesim sensitivity": "sensitivity.json",
    "regimesim cruxes": "cruxes.json",
    "regimesim discover": "discover.json",
}
WORLDS = ("crossing", "first_try_caught_by", *names(COUNTS), *names(REALS))
MONTHS = (
    "regime_share",
    "worlds_not_lost",
    "leader_quantile",
    *(f"{name}{suffix}" for name in names(MONTHLY) for suffix in ("", "_sd")),
)


@contextmanager
def open_results(folder: str | Path):
    """What a command left in `folder`, by name: of a run what `open_run` gives, of another
    command its open dataset or the content of its JSON file.

    Raises Refusal where it is not a folder of such a command, or of one of another version.
    """
    folder = Path(folder)
    manifest = check_manifest(folder, (MAKER, *OTHERS))
    maker = manifest["made_by"]
    if manifest.get("shard"):
        raise Refusal(f"{folder}: is a shard of a sweep, which has no results; merge all of them")
    if maker == MAKER:
        with open_run(folder) as run:
            yield run
        return
    path = folder / OTHERS[maker]
    if path.suffix == ".json":
        yield {path.stem: _read(path, manifest)}
        return
    with _open(path, manifest) as dataset:
        yield {path.stem: dataset}


@contextmanager
def open_run(folder: str | Path):
    """What a run left in `folder`, by name: the open datasets `worlds` and `months`, the
    content of `summary`, and that of `contributions` where it is there.

    Raises Refusal where it is not the folder of a run, or of a run of another version.
    """
    folder = Path(folder)
    manifest = check_manifest(folder)
    with ExitStack() as stack:
        run = {}
        for name, needed in (("worlds", WORLDS), ("months", MONTHS)):
            path = folder / f"{name}.nc"
            run[name] = stack.enter_context(_open(path, manifest))
            if missing := [item for item in needed if item not in run[name]]:
                listed = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
                raise Refusal(f"{path}: has no {listed}, which version {__version__} needs")
        run["summary"] = _read(folder / "summary.json", manifest)
        for name in ADDED:
            path = folder / f"{name}.json"
            if path.exists():
                run[name] = _read(path)
        yield run


def check_manifest(folder: Path, makers=(MAKER,)) -> dict:
    """The manifest of what one of the commands `makers` left in `folder`; Refusal where it
    holds none of this version."""
    if not folder.is_dir():
        raise Refusal(
            f"{folder}: {'is no folder' if folder.exists() else 'there is no such folder'}"
        )
    path = folder / "manifest.json"
    if not path.exists():
        what = "a run" if makers == (MAKER,) else "a run or of another command"
        raise Refusal(f"{folder}: is not the folder of {what}: it has no manifest.json")
    manifest = _read(path)
    maker, version = manifest.get("made_by"), manifest.get("version")
    if maker not in makers:
        known = " or ".join(map(shown, makers))
        raise Refusal(f"{path}: was not made by {known} but by {shown(str(maker))}")
    if version != __version__:
        raise Refusal(
            f"{path}: the run is of version {version or 'unknown'}, and this is {__version__}; "
            "run the scenario again"
        )
    for key in ("scenario", "given", "files"):
        if not isinstance(manifest.get(key, {}), dict):
            raise Refusal(f"{path}: {key}: found {shown(manifest[key])}; allowed is a table")
    return manifest


def files_in(folder: Path) -> dict[str, dict]:
    """The size of each dataset and JSON file in a folder, and the digest of the latter, by
    name: what a manifest holds, to tell whether they are still what was written."""
    found: dict[str, dict] = {}
    for path in sorted((*folder.glob("*.nc"), *folder.glob("*.json"))):
        found[path.name] = {"bytes": path.stat().st_size}
        if path.suffix == ".json":
            found[path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _check_whole(path, manifest):
    """Refuse a file that is not what was written."""
    told = manifest.get("files", {}).get(path.name)
    if not isinstance(told, dict) or not path.is_file():
        return
    same = path.stat().st_size == told.get("bytes")
    if same and path.suffix == ".json":
        same = hashlib.sha256(path.read_bytes()).hexdigest() == told.get("sha256")
    if not same:
        raise Refusal(f"{path}: is damaged: it is not what was written; run it again")


def _open(path, manifest):
    import xarray

    _check_whole(path, manifest)
    try:
        return xarray.open_dataset(path, engine="h5netcdf", decode_timedelta=False)
    except (OSError, RuntimeError, ValueError, KeyError):  # as the damage has it
        reason = "it is no dataset" if path.exists() else "there is no such file"
        raise Refusal(f"{path}: cannot be read: {reason}") from None


def _read(path, manifest=None) -> dict:
    _check_whole(path, manifest or {})
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        raise Refusal(f"{path}: cannot be read: {reason}") from None
    if not isinstance(content, dict):
        raise Refusal(f"{path}: expected a table, found {shown(content)}")
    return content
