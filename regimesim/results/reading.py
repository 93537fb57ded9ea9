"""Reading of saved results: the folder of a run or of another command, checked or refused."""

import hashlib
import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from regimesim import __version__
from regimesim.ensemble.netcdf import read_dataset
from regimesim.errors import Refusal, shown
from regimesim.model.world.records import COUNTS, MONTHLY, REALS, names
from regimesim.scenario import Scenario, parse

MAKER = "regimesim run"
COMMAND = "regimesim "  # how the maker of a folder of results begins
DATASETS = ("sweep",)  # commands whose folder is read from NAME.nc, instead of NAME.json
WORLDS = ("crossing", "first_try_caught_by", *names(COUNTS), *names(REALS))
MONTHS = (
    "regime_share",
    "worlds_not_lost",
    "leader_quantile",
    *(f"{name}{suffix}" for name in names(MONTHLY) for suffix in ("", "_sd")),
)


@contextmanager
def open_results(folder: str | Path):
    """The results of a command, by name.

    Of a run they are those of `open_run`, of another command its open dataset or the content of
    its JSON file.

    Raises
    ------
    Refusal
        Where `folder` was not written by a command, or by another version of regimesim.
    """
    folder = Path(folder).expanduser()
    manifest = check_manifest(folder, None)
    if manifest.get("shard"):
        raise Refusal(f"{folder}: is a shard of a sweep, which has no results; merge all of them")
    if manifest["made_by"] == MAKER:
        with open_run(folder) as run:
            yield run
        return
    path = _file_of_results(folder, manifest)
    if path.suffix == ".json":
        yield {path.stem: _read(path, manifest)}
        return
    with _open(path, manifest) as dataset:
        yield {path.stem: dataset}


def _file_of_results(folder: Path, manifest: dict) -> Path:
    """The file that the command NAME left: NAME.nc or NAME.json, or else the only one that its
    manifest lists, such as the claim.json of one of all claims."""
    name = manifest["made_by"].removeprefix(COMMAND)
    usual = f"{name}.nc" if name in DATASETS else f"{name}.json"
    listed = list(manifest.get("files", {}))
    return folder / (listed[0] if len(listed) == 1 else usual)


@contextmanager
def open_run(folder: str | Path):
    """The results of a run, by name.

    They are the open datasets `worlds` and `months`, and the content of `summary`.

    Raises
    ------
    Refusal
        Where `folder` is not the folder of a run, or of a run of another version of regimesim.
    """
    folder = Path(folder).expanduser()
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
        yield run


def scenario_of(folder: str | Path) -> Scenario:
    """The scenario of the run in `folder`, as it was run: with its policies, worlds and seed.

    Raises Refusal where it is not the folder of a run, or of a run of another version.
    """
    manifest, source = check_manifest(Path(folder)), str(folder)
    if missing := [key for key in ("scenario", "given") if key not in manifest]:
        raise Refusal(f"{folder}: its manifest.json has no {missing[0]}; run the scenario again")
    as_run = parse(manifest["scenario"], source)
    scenario = parse(manifest["given"], source, as_run.name)
    # a run that ended by its precision has fewer worlds than were written
    scenario = scenario.override({"worlds": as_run.worlds, "seed": as_run.seed}, source)
    return replace(scenario, order=manifest.get("titles", scenario.order))


def check_manifest(folder: Path, maker: str | None = MAKER) -> dict:
    """The manifest of a folder that the command `maker`, or any command, wrote.

    Raises
    ------
    Refusal
        Where `folder` has no such manifest of this version.
    """
    if not folder.is_dir():
        raise Refusal(
            f"{folder}: {'is no folder' if folder.exists() else 'there is no such folder'}"
        )
    path = folder / "manifest.json"
    if not path.exists():
        what = "a run" if maker else "a run or of another command"
        raise Refusal(f"{folder}: is not the folder of {what}: it has no manifest.json")
    manifest = _read(path)
    made_by, version = str(manifest.get("made_by")), manifest.get("version")
    if not (made_by == maker if maker else made_by.startswith(COMMAND)):
        known = shown(maker) if maker else "a command of regimesim"
        raise Refusal(f"{path}: was not made by {known} but by {shown(made_by)}")
    if version != __version__:
        raise Refusal(
            f"{path}: the run is of version {version or 'unknown'}, and this is {__version__}; "
            "run the scenario again"
        )
    for key in ("scenario", "given", "files"):
        if not isinstance(manifest.get(key, {}), dict):
            raise Refusal(f"{path}: {key}: found {shown(manifest[key])}; allowed is a table")
    return manifest


def files_in(folder: Path) -> dict[str, dict[str, int | str]]:
    """The size of each dataset and JSON file in a folder, and the SHA-256 of the latter, by name.

    The manifest holds them, so that damage can be detected.
    """
    files: dict[str, dict[str, int | str]] = {}
    for path in sorted((*folder.glob("*.nc"), *folder.glob("*.json"))):
        files[path.name] = {"bytes": path.stat().st_size}
        if path.suffix == ".json":
            files[path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def _check_whole(path, manifest):
    """Refuse a file that has changed since it was written."""
    recorded = manifest.get("files", {}).get(path.name)
    if not isinstance(recorded, dict) or not path.is_file():
        return
    same = path.stat().st_size == recorded.get("bytes")
    if same and path.suffix == ".json":
        same = hashlib.sha256(path.read_bytes()).hexdigest() == recorded.get("sha256")
    if not same:
        raise Refusal(f"{path}: is damaged: it has changed since it was written; run it again")


@contextmanager
def _open(path, manifest):
    _check_whole(path, manifest)
    with ExitStack() as stack:
        try:
            dataset = stack.enter_context(read_dataset(path, decode_timedelta=False))
        except (OSError, RuntimeError, ValueError, KeyError):  # depending on the damage
            reason = "it is not a dataset" if path.exists() else "there is no such file"
            raise Refusal(f"{path}: cannot be read: {reason}") from None
        yield dataset


def _read(path, manifest=None) -> dict:
    _check_whole(path, manifest or {})
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not JSON"
        raise Refusal(f"{path}: cannot be read: {reason}") from None
    if not isinstance(content, dict):
        raise Refusal(f"{path}: expected a table, found {shown(content)}")
    return content
