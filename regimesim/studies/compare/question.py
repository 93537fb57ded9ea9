"""The question of `compare`: saved runs, and the policies that all of them have."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from regimesim.errors import Refusal, nearest, shown
from regimesim.results.folder import PICTURES
from regimesim.results.reading import check_manifest, scenario_of
from regimesim.scenario import Scenario

LONGEST = 80  # letters that a run's name adds to the name of a folder


@dataclass(frozen=True)
class SavedRun:
    """A run to compare: the name that it goes by, its folder and its scenario as it was run.

    `version` and `code_digest` are of the code that ran it.
    """

    name: str
    folder: Path
    scenario: Scenario
    version: str
    code_digest: str | None

    def about(self) -> dict:
        """The values that make the run reproducible, as plain values."""
        return {
            "folder": str(self.folder),
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "worlds": self.scenario.worlds,
            "version": self.version,
            "code_digest": self.code_digest,
        }


@dataclass(frozen=True)
class Question:
    """How `runs` differ for the same `policies`, over the same months.

    `notes` are sentences about policies that not all runs have, or that are not set alike.
    """

    runs: tuple[SavedRun, ...]
    policies: tuple[str, ...]
    notes: tuple[str, ...] = ()
    threads: int | None = None

    @property
    def scenario(self) -> Scenario:
        """That of the first run; the manifest has all runs besides."""
        return self.runs[0].scenario

    @property
    def more(self) -> dict:
        """Further content of the manifest."""
        return {"runs": {run.name: run.about() for run in self.runs}}

    @property
    def folder(self) -> str:
        first, second, *others = (_in_a_file_name(run.name) for run in self.runs)
        return f"{first}-{'others' if others else second}-compare"

    @property
    def total(self) -> int:
        """No world is run."""
        return 0


def check_out(out: Path | None) -> None:
    """Refuse the name of a figure as `--out`, which named a figure in earlier versions."""
    if out is not None and out.suffix in PICTURES:
        raise Refusal(
            f"--out: {shown(str(out))} is the name of a figure, and --out names the folder of "
            "results, in which figures/ is drawn"
        )


def ask(folders: Iterable[str | os.PathLike], policies: Iterable[str] = ()) -> Question:
    """Check the arguments of `compare`, which explains them.  Raises Refusal."""
    policies = [policies] if isinstance(policies, str) else list(policies)
    runs = _named(_read(_different(folders)))
    _check_months(runs)
    chosen = _chosen(runs, policies)
    notes = [*([] if policies else _not_in_all(runs, chosen)), *_not_alike(runs, chosen)]
    return Question(tuple(runs), tuple(chosen), tuple(notes))


def _different(folders) -> list[Path]:
    """The folders as paths; refuses fewer than two folders, and a folder that is named twice."""
    folders = [folders] if isinstance(folders, str | os.PathLike) else folders
    folders = [Path(folder) for folder in folders]
    real = {folder: os.path.realpath(folder) for folder in folders}
    times = Counter(real[folder] for folder in folders)
    if twice := [folder for folder in real if times[real[folder]] > 1]:
        raise Refusal(f"{folder}: is named twice" for folder in twice)
    if len(folders) < 2:
        raise Refusal("one run compares with nothing; name the folders of two runs or more")
    return folders


def _read(folders) -> list[SavedRun]:
    """The runs, by the names of their scenarios; raises one Refusal for all wrong folders."""
    runs, lines = [], []
    for folder in folders:
        try:
            scenario, manifest = scenario_of(folder), check_manifest(folder)
        except Refusal as refusal:
            lines += refusal.lines
            continue
        made_by = (manifest["version"], manifest.get("code_digest"))
        runs.append(SavedRun(scenario.name, folder, scenario, *made_by))
    if lines:
        raise Refusal(lines)
    return runs


def _named(runs: list[SavedRun]) -> list[SavedRun]:
    """The runs, by their folders where two scenarios have the same name."""
    if len({run.name for run in runs}) == len(runs):
        return runs
    return [replace(run, name=str(run.folder)) for run in runs]


def _in_a_file_name(name: str) -> str:
    """The last part of a name, with only letters that every file system allows."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).name).strip("-.")
    return safe[:LONGEST] or "run"


def _check_months(runs):
    spans = [
        (run.name, run.scenario.start, run.scenario.date(run.scenario.months - 1)) for run in runs
    ]
    (first, *span), *others = spans
    lines = [
        f"{name}: covers {' to '.join(other)}, and {first} {' to '.join(span)}; "
        "run both over the same months"
        for name, *other in others
        if other != span
    ]
    if lines:
        raise Refusal(lines)


def _chosen(runs, policies) -> list[str]:
    """The policies to compare, in the order of the first run; Refusal where there are none."""
    first, *others = (run.scenario.policies for run in runs)
    shared = [policy for policy in first if all(policy in other for other in others)]
    if not shared:
        lists = (f"{run.name} has {', '.join(run.scenario.policies)}" for run in runs)
        raise Refusal(f"the runs share no policy: {'; '.join(lists)}")
    lines = [
        f"--policy: not all runs have {shown(policy)}; the nearest that they share is "
        f"'{nearest(policy, shared)}'"
        for policy in policies
        if policy not in shared
    ]
    if lines:
        raise Refusal(lines)
    return [policy for policy in shared if policy in policies or not policies]


def _not_in_all(runs, chosen):
    """Sentences about policies that not all runs have."""
    for run in runs:
        if others := [policy for policy in run.scenario.policies if policy not in chosen]:
            yield f"Not in all runs: {', '.join(others)} of {run.name}."


def _not_alike(runs, chosen):
    """Sentences about policies that the files set differently."""
    written = [run.scenario.raw.get("policies", {}) for run in runs]
    for policy in chosen:
        if any(one.get(policy) != written[0].get(policy) for one in written):
            yield f"Not set alike in all runs: the policy {policy}."
