"""The model held against its targets: the rows, and whether each of them holds.

To add a row: give its targets in targets.toml, and a function that gives ours here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.errors import Refusal, in_short, shown
from regimesim.scenario import load
from regimesim.studies.validate import limits, published, shapes
from regimesim.studies.validate.targets import Asked, Target, read_targets

FOLDER = Path("scenarios") / "validation"
OURS = {
    "V1": published.doubling_times,
    "V2": published.success_slopes,
    "V3": published.nested_oversight,
    "V4": published.detection,
    "V5": published.upfront_audits,
    "V6": published.common_causes,
    "V7": published.stopping,
    "V8": published.options,
    "V9": shapes.visible_signal,
    "V10": shapes.looks_fixed,
    "V11": shapes.sees_exhaustion,
    "L1": limits.no_safeguards,
    "L2": limits.endless_slope,
    "L3": limits.no_contact,
    "L4": limits.one_cause,
    "L5": limits.no_patience,
    "L6": limits.posterior_mean,
    "L7": limits.no_noise,
}


class Number(NamedTuple):
    """A number of a row: of what, its target, ours, and whether they agree."""

    label: str
    target: Target
    ours: Estimate
    holds: bool


class Row(NamedTuple):
    """A row of the table: what was asked, and its numbers."""

    asked: Asked
    numbers: tuple[Number, ...]

    @property
    def holds(self) -> bool:
        """Whether all of its numbers agree with their targets."""
        return all(number.holds for number in self.numbers)


class Context(NamedTuple):
    """What rows are computed with: the folder of their scenarios, and threads."""

    rows: dict[str, Asked]
    folder: Path
    threads: int | None

    def scenario(self, name: str):
        """The shipped scenario that shows a row."""
        return load(self.folder / f"{self.rows[name].scenario}.toml")


def validate(
    names: Iterable[str] = (),
    targets: str | Path | None = None,
    folder: str | Path | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Row]:
    """The rows of these names, such as "V3" (all where there are none), computed and judged.

    targets: a file laid over the shipped targets · folder: of the scenarios, else
    scenarios/validation here or in the checkout · threads: one a core by default · progress:
    called with 1 after each row.  Raises Refusal for a name that is no row.
    """
    rows = read_targets(targets)
    chosen = choose(names)
    context = Context(rows, _folder(folder, [rows[name] for name in chosen]), threads)
    found = []
    for name in chosen:
        found.append(_judged(rows[name], OURS[name](context)))
        if progress:
            progress(1)
    return found


def choose(names: Iterable[str]) -> list[str]:
    """The rows of these names, in the order of the table; all where there are none."""
    wanted = list(names)
    there = " and ".join(in_short(OURS))
    lines = [
        f"validate: no row {shown(name)}; there are {there}"
        for name in wanted
        if name.upper() not in OURS
    ]
    if lines:
        raise Refusal(lines)
    asked = {name.upper() for name in wanted}
    return [name for name in OURS if name in asked or not wanted]


def _folder(given, rows) -> Path:
    """The folder of the scenarios; refuses one that lacks a scenario of these rows."""
    if given is not None:
        folder = Path(given)
    else:
        checkout = Path(__file__).parents[3]
        folder = FOLDER if FOLDER.is_dir() else checkout / FOLDER
    lines = [
        f"{folder}: has no {row.scenario}.toml, which {row.name} needs; name the folder of the "
        "scenarios with --from"
        for row in rows
        if row.scenario and not (folder / f"{row.scenario}.toml").is_file()
    ]
    if lines:
        raise Refusal(lines)
    return folder


def _judged(asked: Asked, ours: dict[str, Estimate]) -> Row:
    """A row from its targets and ours, which must be of the same things."""
    if list(ours) != list(asked.targets):
        raise ValueError(f"{asked.name}: ours are {list(ours)}, targets {list(asked.targets)}")
    return Row(
        asked,
        tuple(
            Number(label, target, ours[label], target.holds(ours[label]))
            for label, target in asked.targets.items()
        ),
    )
