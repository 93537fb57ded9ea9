"""Claims put to the test: their worlds, the patterns that are seen in them, and verdicts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from regimesim.ensemble.batches import run_in_batches
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.claims import text
from regimesim.studies.claims.claim import Claim
from regimesim.studies.claims.content import content
from regimesim.studies.claims.patterns import Seen, look
from regimesim.studies.claims.question import Question, ask

if TYPE_CHECKING:
    import pandas

BATCHES = 20


class Trial(NamedTuple):
    """A claim put to the test: its patterns in a run, and the content of its figure."""

    claim: Claim
    shown: tuple[Seen, ...]
    vanishes: tuple[Seen, ...]
    besides: tuple[Seen, ...]
    figure: dict

    @property
    def verdict(self) -> str:
        """The verdict: "shown", "not shown", or undecided.

        A claim is shown where all its patterns are seen, those of the neutral mechanism
        included.  It is undecided where the number of worlds in its file might show it.
        """
        needed, worlds = (*self.shown, *self.vanishes), self.claim.scenario.worlds
        if all(one.holds for one in needed):
            return "shown"
        if worlds < self.claim.worlds and all(one.open for one in needed):
            return f"undecided with {worlds:,} worlds"
        return "not shown"

    @property
    def as_reported(self) -> bool:
        """Whether the verdict, and the other patterns, are what the file reports."""
        alike = (self.verdict == "shown") == (self.claim.reported == "shown")
        return alike and all(one.holds for one in self.besides)

    def to_dict(self) -> dict:
        """The content of claim.json."""
        return {**text.plain(self), "figure": self.figure}

    def text(self) -> str:
        """Patterns, numbers and the verdict, in lines as wide as the terminal."""
        return text.text(text.plain(self))

    def plot(self, ax=None):
        """Draw the figure of the claim, into one axes a panel, or into a new figure."""
        from regimesim.studies.claims.figure import claim

        return claim(self.to_dict(), ax)


@dataclass(frozen=True)
class Claims:
    """Claims put to the test: a `Trial` each, by the claim's number.

    Attributes
    ----------
    trials : tuple of Trial
        In the order of their names in the call, or of their files.
    """

    trials: tuple[Trial, ...]

    def __getitem__(self, number: str) -> Trial:
        return {trial.claim.id: trial for trial in self.trials}[number]

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    def __len__(self) -> int:
        return len(self.trials)

    def to_dict(self) -> dict:
        """The content of claims.json."""
        return {"claims": [text.plain(trial) for trial in self.trials]}

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each level and each difference, with its interval."""
        import pandas

        return pandas.DataFrame(
            {
                "claim": claim["id"],
                "verdict": claim["verdict"],
                "group": group,
                "pattern": pattern["says"],
                "seen": pattern["seen"],
                **{key: value for key, value in number.items() if key != "written"},
            }
            for claim in self.to_dict()["claims"]
            for group, patterns in claim["patterns"].items()
            for pattern in patterns
            for number in pattern["numbers"]
        )

    def text(self) -> str:
        """One claim in full, or a line a claim."""
        if len(self.trials) == 1:
            return self.trials[0].text()
        return text.listed(self.to_dict()["claims"])

    def plot(self, ax=None, claim: str | None = None):
        """Draw the figure of one claim (by default the first); returns the axes."""
        return (self.trials[0] if claim is None else self[claim]).plot(ax)


def claims(
    claims: str | Iterable[str] = (),
    settings: Mapping[str, object] | Iterable[str] = (),
    folder: str | Path | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Claims:
    """Put arguments from the debate to the test, each in its own scenario.

    Parameters
    ----------
    claims : str or iterable of str
        Numbers of claims, such as "C6"; by default all of them.
    settings : mapping or iterable of str
        Other assumptions, {"worlds": 200} or texts such as "worlds=200", for each claim.
    folder : path, optional
        The folder of the files of claims, by default the shipped one.
    threads : int, optional
        By default one a core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Claims
        A `Trial` a claim, with its verdict and every number with its 95 % interval.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.
    """
    return compute(ask(claims, settings, folder, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Claims:
    """Put each claim to the test."""
    return Claims(tuple(put_to_test(one, question.threads, progress) for one in question.claims))


def put_to_test(claim: Claim, threads=None, progress=None) -> Trial:
    """Run the scenario of a claim and look for its patterns.

    threads, progress: as for `ensemble.run`.
    """
    in_months = claim.figure != "outcomes" or any(one.periods for one in claim.patterns)
    run = run_in_batches(claim.scenario, BATCHES if in_months else 1, threads, progress)
    groups = (claim.shown, claim.vanishes, claim.besides)
    seen = (tuple(look(one, run) for one in group) for group in groups)
    return Trial(claim, *seen, content(claim, run))
