"""The folder of a sweep: started, resumed, finished.

An unfinished folder holds the plan and the journal.  A finished one has a manifest too, with
as many worlds as the plan.  While worlds are added, the results of fewer worlds stay.  A
finished sweep that is replaced stays beside it, as NAME.previous, until the new one is
complete.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from regimesim.errors import Refusal, shown
from regimesim.folders import MANIFEST, carry_over, written_in
from regimesim.sweeps.files import digests, on_disk
from regimesim.sweeps.journal import MARK, Journal
from regimesim.sweeps.plan import Plan, read_plan
from regimesim.sweeps.plan_diff import differences

MAKER = "regimesim sweep"
PLAN, JOURNAL = "plan.json", "journal"
ABSENT, UNFINISHED, FINISHED = "absent", "unfinished", "finished"


class Opened(NamedTuple):
    """A folder open for writing: its plan, perhaps with added worlds, and its journal."""

    plan: Plan
    journal: Journal

    @property
    def left(self) -> int:
        """The number of chunks that are not in the journal."""
        return sum(number not in self.journal for number in self.plan.chunking.numbers())


def state_of(folder: Path) -> str:
    """ABSENT, UNFINISHED or FINISHED.  Raises Refusal if the folder holds anything else."""
    if not (folder.exists() or folder.is_symlink()):
        return ABSENT
    if not folder.is_dir():
        raise Refusal(f"{folder}: a file is in the way of the folder of results")
    there = {path.name for path in folder.iterdir() if path.name[0] != "."}
    if not there or (there == {JOURNAL} and not (folder / JOURNAL).stat().st_size):
        return ABSENT
    manifest, plan = _content(folder / MANIFEST), _content(folder / PLAN)
    if not manifest or manifest.get("made_by") == MAKER:
        if manifest and (not plan or (plan.get("worlds") or [0])[-1] == _worlds(manifest)):
            return FINISHED
        if plan.get("made_by") == MAKER or _begins_with_mark(folder / JOURNAL):
            return UNFINISHED
    raise Refusal(
        f"{folder}: holds files that are not results of {shown(MAKER)}; "
        "choose another folder with --out"
    )


def check_target(folder: Path, plan: Plan, resume: bool) -> bool:
    """Whether the folder holds the results of this sweep already.  Raises Refusal if the sweep
    cannot be written there."""
    if Path.cwd().resolve().is_relative_to(os.path.realpath(folder)):
        raise Refusal(f"{folder}: is the current folder or above it; name a folder inside")
    state = state_of(folder)
    if state == UNFINISHED and not resume:
        raise Refusal(
            f"{folder}: holds an unfinished sweep; continue it with --resume, or remove it"
        )
    if state == ABSENT or not resume:
        return False
    kept, worlds_wanted = plan_in(folder), plan.worlds[-1]
    whole = _content(folder / MANIFEST)
    there = worlds_wanted == _worlds(whole) and digests(folder) == whole.get("files")
    if there and worlds_wanted in kept.worlds:  # the worlds that are being added are not finished
        kept = kept._replace(worlds=kept.worlds[: kept.worlds.index(worlds_wanted) + 1])
    if continued(plan, kept, folder).worlds != kept.worlds or not there:
        return False
    with Journal(folder / JOURNAL) as journal:
        return all(number in journal for number in kept.chunking.numbers())


@contextmanager
def opened(folder: Path, plan: Plan, resume: bool) -> Iterator[Opened]:
    """The folder, locked and ready for writing.

    If the block raises Refusal before any chunk is finished, the folder is removed again.
    """
    previous, empty = folder.with_name(f"{folder.name}.previous"), False
    try:
        moved = state_of(folder) == FINISHED and not resume
        if moved:
            _set_aside(folder, previous)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with Journal(folder / JOURNAL, write=True) as journal:
                empty = not (folder / PLAN).exists() and not _begins_with_mark(journal.path)
                if not empty:
                    plan = continued(plan, plan_in(folder), folder)
                for path in folder.glob(".results.*.partial"):
                    shutil.rmtree(path)
                write_plan(folder, plan, journal)
                try:
                    yield Opened(plan, journal)
                finally:
                    empty = empty and not len(journal)
        except (Refusal, OSError):
            if empty:
                _remove(folder, {PLAN, JOURNAL})
                if moved:
                    previous.rename(folder)
            raise
        if previous.exists() and state_of(previous) == FINISHED:
            carry_over(previous, folder)
            shutil.rmtree(previous)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written: {error.strerror or error}") from None


def continued(ours: Plan, theirs: Plan, folder: Path) -> Plan:
    """Our plan as a continuation of the sweep in `folder`, perhaps with more worlds.

    Raises Refusal with a sentence for each difference."""
    lines = [f"{line}; run it without --resume" for line in differences(ours, theirs, folder)]
    if ours.shard != theirs.shard:
        lines.append(f"shard: {_shard(ours)}, and the sweep in {folder} is {_shard(theirs)}")
    worlds_wanted, there = ours.worlds[-1], theirs.worlds[-1]
    if worlds_wanted < there:
        more = f"--resume can only add worlds: --worlds {there} continues it"
        lines.append(f"worlds: {worlds_wanted}, and the sweep in {folder} has {there}; {more}")
    if lines:
        raise Refusal(lines)
    worlds = theirs.worlds if worlds_wanted == there else (*theirs.worlds, worlds_wanted)
    return ours._replace(worlds=worlds, work=theirs.work)


def resumed_plan(folder: Path, plan: Plan) -> tuple[Plan, list[int]]:
    """The plan that `--resume` would continue, and the numbers of its finished chunks.

    Raises Refusal if it cannot be resumed."""
    if state_of(folder) == ABSENT:
        return plan, []
    plan = continued(plan, plan_in(folder), folder)
    if not (folder / JOURNAL).exists():
        return plan, []
    with Journal(folder / JOURNAL) as journal:
        return plan, [number for number in plan.chunking.numbers() if number in journal]


def plan_in(folder: Path) -> Plan:
    """The plan of the sweep in a folder, which its journal must have too.

    Raises Refusal if there is none, or if the journal is that of another sweep.
    """
    written, kept = _content(folder / PLAN), _kept_in(folder / JOURNAL)
    if not written and not kept:
        if _begins_with_mark(folder / JOURNAL):
            raise Refusal(f"{folder}: its {PLAN} is lost, so it cannot be resumed; remove it")
        readable = "readable " * (folder / PLAN).exists()
        raise Refusal(f"{folder}: is not the folder of a sweep: it has no {readable}{PLAN}")
    plans = [_read_plan(folder / PLAN, content) for content in (written, kept) if content]
    if difference := _difference(*plans):
        raise Refusal(
            f"{folder}: its {JOURNAL} is of another sweep than its {PLAN} ({difference}); "
            "remove the one that does not belong there"
        )
    return max(plans, key=lambda plan: len(plan.worlds))


def _kept_in(path: Path) -> dict:
    """The plan that a journal keeps, as JSON values; empty where there is none."""
    if not _begins_with_mark(path):
        return {}
    with Journal(path) as journal:
        return json.loads(journal.kept_plan() or "{}")


def _read_plan(path: Path, content: dict) -> Plan:
    try:
        return read_plan(content)
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{path}: cannot be read: {error}") from None
    except Refusal as refusal:
        raise Refusal(f"{path}: {line}" for line in refusal.lines) from None


def _difference(written: Plan, kept: Plan | None = None) -> str | None:
    """Why chunks of one plan cannot be those of the other, or None.  One may have more worlds."""
    if kept is None:
        return None
    if lines := differences(kept, written, PLAN):
        return lines[0]
    if kept.shard != written.shard:
        return f"shard: {_shard(kept)}, and {_shard(written)}"
    steps = min(len(kept.worlds), len(written.worlds))
    if (kept.worlds[:steps], kept.work) != (written.worlds[:steps], written.work):
        return f"worlds: {_steps(kept)}, and {_steps(written)}"
    return None


def _steps(plan: Plan) -> str:
    return ", then ".join(map(str, plan.worlds))


@contextmanager
def results_in(folder: Path) -> Iterator[Path]:
    """A temporary folder whose files move to `folder` if the block succeeds, the manifest last.

    Earlier results in `folder` stay until then."""
    partial = Path(mkdtemp(prefix=".results.", suffix=".partial", dir=folder))
    try:
        yield partial
        names = {path.name for path in partial.iterdir()}
        for name in names:
            on_disk(partial / name)
        drawn = written_in(folder) - {PLAN, JOURNAL, *names}
        (folder / MANIFEST).unlink(missing_ok=True)
        on_disk(folder)
        _remove(folder / "figures", {Path(name).name for name in drawn})
        for name in sorted(names - {MANIFEST}):
            os.replace(partial / name, folder / name)
        on_disk(folder)
        os.replace(partial / MANIFEST, folder / MANIFEST)
        on_disk(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_plan(folder: Path, plan: Plan, journal: Journal) -> None:
    """Write plan.json, and a copy into the journal, from which it can be restored."""
    text = json.dumps({"made_by": MAKER} | plan.plain(), indent=1, ensure_ascii=False)
    journal.keep_plan(text)
    partial = folder / f".{PLAN}.partial"
    partial.write_text(text + "\n", encoding="utf-8")
    on_disk(partial)
    partial.replace(folder / PLAN)
    on_disk(folder)


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files of a folder, and the folder unless it holds others."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _set_aside(folder, previous):
    """Move a finished sweep aside, where it stays until it is replaced."""
    with Journal(folder / JOURNAL, write=True):
        pass  # refused while another process adds worlds to it
    if state_of(previous) == FINISHED:
        carry_over(previous, folder)
        shutil.rmtree(previous)
    elif previous.exists():
        raise Refusal(f"{previous}: is in the way; it is where {folder} is kept meanwhile")
    folder.rename(previous)


def _content(path) -> dict:
    """The content of a JSON file; empty if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _worlds(manifest) -> int | None:
    """The number of worlds at each point, by the manifest of the results."""
    return manifest.get("scenario", {}).get("worlds")


def _begins_with_mark(path) -> bool:
    """Whether a file is the journal of a sweep."""
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK
    except OSError:
        return False


def _shard(plan):
    return "all of it" if plan.shard is None else "shard {}/{}".format(*plan.shard)
