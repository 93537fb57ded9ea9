"""The model compared with its targets: the rows, and whether each of them holds.

To add a row, add its targets to targets.toml, and a function that computes ours to `OURS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.validate import attempts, limits, published, shapes, text
from regimesim.studies.validate.question import Question, ask
from regimesim.studies.validate.targets import RowTargets, Target

if TYPE_CHECKING:
    import pandas

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
    "V12": attempts.retries,
    "V13": attempts.stack,
    "V14": attempts.several_attempts,
    "V15": published.audits_that_run_out,
    "L1": limits.no_safeguards,
    "L2": limits.endless_slope,
    "L3": limits.no_contact,
    "L4": limits.one_cause,
    "L5": limits.no_patience,
    "L6": limits.posterior_mean,
    "L7": limits.no_noise,
}


class Number(NamedTuple):
    """A number of a row: its label, its target, ours, and whether they agree."""

    label: str
    target: Target
    ours: Estimate
    holds: bool


class Row(NamedTuple):
    """A row of the table: its targets, and its numbers."""

    about: RowTargets
    numbers: tuple[Number, ...]

    @property
    def holds(self) -> bool:
        """Whether all of its numbers agree with their targets."""
        return all(number.holds for number in self.numbers)


@dataclass(frozen=True)
class Validation:
    """The model compared with published and exact numbers: a `Row` each, by name.

    Attributes
    ----------
    rows : tuple of Row
        In the order of the table.
    """

    rows: tuple[Row, ...]

    def __getitem__(self, name: str) -> Row:
        return {row.about.name: row for row in self.rows}[name]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def holds(self) -> bool:
        """Whether all rows hold."""
        return all(row.holds for row in self.rows)

    @property
    def whole(self) -> bool:
        """Whether these are all rows of the table."""
        return len(self.rows) == len(OURS)

    def to_dict(self) -> dict:
        """The content of validate.json."""
        return text.plain(self)

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each number, with its target."""
        import pandas

        return pandas.DataFrame(
            {
                "row": row.about.name,
                "number": number.label,
                "target": number.target.value,
                "kind": number.target.kind,
                **number.ours._asdict(),
                "holds": number.holds,
            }
            for row in self.rows
            for number in row.numbers
        )

    def text(self) -> str:
        """The table of targets and ours, in lines as wide as the terminal."""
        return text.text(self)

    def markdown(self) -> str:
        """The table as the page of the documents."""
        return text.markdown(self)


def validate(
    rows: str | Iterable[str] = (),
    targets: str | Path | None = None,
    folder: str | Path | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Validation:
    """Compare the model with published and exact numbers.

    Parameters
    ----------
    rows : str or iterable of str
        Names of rows, such as "V3"; by default all of them.
    targets : path, optional
        A file of targets that replace shipped ones.
    folder : path, optional
        The folder of the scenarios that show rows, by default the shipped one.
    threads : int, optional
        By default one a core.
    progress : callable, optional
        Called with 1 after each row.

    Returns
    -------
    Validation
        Every number beside its target, and whether it holds.

    Raises
    ------
    Refusal
        For a name that is not a row, and for mistakes in a file of targets.
    """
    return compute(ask(rows, targets, folder, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Validation:
    """Compute and judge each row."""
    rows = []
    for about in question.rows:
        rows.append(_judged(about, OURS[about.name](question)))
        progress(1)
    return Validation(tuple(rows))


def _judged(about: RowTargets, ours: dict[str, Estimate]) -> Row:
    """A row from its targets and ours, which must have the same labels."""
    if list(ours) != list(about.targets):
        raise ValueError(f"{about.name}: ours are {list(ours)}, targets {list(about.targets)}")
    return Row(
        about,
        tuple(
            Number(label, target, ours[label], target.holds(ours[label]))
            for label, target in about.targets.items()
        ),
    )
