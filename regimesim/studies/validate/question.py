"""The rows to compute, their targets and their scenarios."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from regimesim.errors import Refusal, in_short, shown
from regimesim.scenario import Scenario, load
from regimesim.scenario.shipped import shipped
from regimesim.studies.validate.targets import RowTargets, read_targets


@dataclass(frozen=True)
class Question:
    """The rows with their targets, and the folder of the scenarios that show them."""

    rows: tuple[RowTargets, ...]
    scenarios: Path
    threads: int | None = None

    @property
    def scenario(self) -> None:
        """Each row has its own, or none."""
        return None

    @property
    def folder(self) -> str:
        return "validation"

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def scenario_of(self, name: str) -> Scenario:
        """The shipped scenario that shows a row."""
        (row,) = (row for row in self.rows if row.name == name)
        return load(self.scenarios / f"{row.scenario}.toml")


def ask(
    rows: str | Iterable[str] = (),
    targets: str | Path | None = None,
    folder: str | Path | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `validate`; see there.  Raises Refusal."""
    known = read_targets(targets)
    names = choose([rows] if isinstance(rows, str) else rows, known)
    chosen = tuple(known[name] for name in names)
    return Question(chosen, _folder(folder, chosen), threads)


def choose(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """The rows with these names, in the order of the table; all rows where there are no names."""
    wanted, known = list(names), list(known)
    there = " and ".join(in_short(known))
    lines = [
        f"validate: no row {shown(name)}; there are {there}"
        for name in wanted
        if name.upper() not in known
    ]
    if lines:
        raise Refusal(lines)
    chosen = {name.upper() for name in wanted}
    return [name for name in known if name in chosen or not wanted]


def _folder(folder, rows) -> Path:
    """The folder of the scenarios; refuses one that lacks a scenario of these rows."""
    folder = shipped("validation") if folder is None else Path(folder)
    lines = [
        f"{folder}: has no {row.scenario}.toml, which {row.name} needs; name the folder of the "
        "scenarios with --from"
        for row in rows
        if row.scenario and not (folder / f"{row.scenario}.toml").is_file()
    ]
    if lines:
        raise Refusal(lines)
    return folder
