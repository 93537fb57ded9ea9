"""Saved runs of the same policies, side by side."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.ensemble.datasets import about_run
from regimesim.results.progress import Progress
from regimesim.results.reading import open_run
from regimesim.studies.compare import text
from regimesim.studies.compare.question import Question, ask

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Comparison:
    """The estimates of each run for the same policies.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    runs : mapping of str to dict
        For each run, by its name, the part of its summary about each policy: every estimand
        with its 95 % interval, and `thresholds`, times in months from the start.
    """

    question: Question
    runs: Mapping[str, dict[str, dict]]

    def __getitem__(self, run: str) -> dict[str, dict]:
        return self.runs[run]

    def to_dict(self) -> dict:
        """The content of compare.json; its `scenario` is that of the first run."""
        return {
            **about_run(self.question.scenario),
            "runs": {
                run.name: {**run.about(), "policies": self.runs[run.name]}
                for run in self.question.runs
            },
            "notes": list(self.question.notes),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each run, policy and estimand, with the estimate, its 95 % interval and the
        number of worlds."""
        import pandas

        return pandas.DataFrame(
            {
                "run": name,
                "policy": policy,
                "estimand": estimand,
                **{key: summary[estimand][key] for key in ("estimate", "low", "high", "n")},
            }
            for name, policies in self.runs.items()
            for policy, summary in policies.items()
            for estimand in ESTIMANDS
            if estimand in summary
        )

    def text(self) -> str:
        """The runs as a table, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the runs side by side (`ax`: three axes); returns the axes."""
        from regimesim.studies.compare.figure import comparison

        return comparison(self.to_dict(), ax)


def compare(folders: Iterable[str | os.PathLike], policies: Iterable[str] = ()) -> Comparison:
    """Set saved runs of the same policies side by side.

    Parameters
    ----------
    folders : iterable of path
        The folders of at least two runs, which must cover the same months.
    policies : iterable of str
        Names of policies that all runs have; by default all such policies.

    Returns
    -------
    Comparison
        The estimates of each run for each policy, with 95 % intervals.

    Raises
    ------
    Refusal
        For a folder that is not of a run, and for runs that share no policy or cover different
        months.
    """
    return compute(ask(folders, policies), Progress())


def compute(question: Question, progress: Progress) -> Comparison:
    """Read the estimates of the runs; no world is run."""
    runs = {}
    for run in question.runs:
        with open_run(run.folder) as saved:
            summary = saved["summary"]["policies"]
        runs[run.name] = {policy: _part(summary[policy]) for policy in question.policies}
    return Comparison(question, runs)


def _part(summary: dict) -> dict:
    return {key: summary[key] for key in ("title", *ESTIMANDS, "thresholds") if key in summary}
