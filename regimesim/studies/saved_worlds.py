"""What a study asks about: a scenario, whose worlds will be run, or a folder of saved worlds."""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from regimesim.ensemble.medians import at_place
from regimesim.errors import Refusal
from regimesim.scenario import Scenario, prepare


def read_source(file: Path, settings: Iterable[str], at: str | None = None) -> Scenario | Path:
    """The source that the command line names: a scenario with settings, `at` a place of its
    distributions, or the folder of a run.  Raises Refusal."""
    if not is_folder(file):
        return at_place(prepare(file, settings), at)
    if settings:
        raise Refusal(already_run(file, "--set, --worlds or --seed"))
    if at:
        raise Refusal(already_run(file, "--at"))
    return file


def is_folder(source) -> bool:
    """Whether `source` is the path of a folder."""
    return isinstance(source, str | PathLike) and Path(source).is_dir()


def already_run(run, change: str) -> str:
    """The sentence that refuses a change which would require new worlds."""
    return f"{run}: {change}: its worlds have been run; name the scenario's file to change them"


def worlds_to_run(scenario: Scenario, run: Path | None) -> int:
    """The number of worlds over all policies, 0 where those of a run are used."""
    return 0 if run else scenario.worlds * len(scenario.policies)
