"""A run: the worlds of every policy of a scenario, and the estimates from them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from regimesim.analysis.estimands import estimates
from regimesim.analysis.precision import (
    Precision,
    Standing,
    closing_words,
    progress_line,
    until_precise,
)
from regimesim.analysis.summary import summarise
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.ensemble.labelled import Labelled
from regimesim.ensemble.months import Months
from regimesim.ensemble.netcdf import read_dataset
from regimesim.model.oversight.policy import Policy
from regimesim.results.folder import complete_or_absent
from regimesim.results.progress import Bar, Progress, as_progress, compile_model
from regimesim.scenario import Scenario
from regimesim.studies.run import text
from regimesim.studies.run.keeping import (
    MONTHS,
    WORLDS,
    InFolder,
    InMemory,
    is_small,
    read_large,
)
from regimesim.studies.run.question import MAKER, Question, ask
from regimesim.studies.run.size import check_size
from regimesim.studies.study import save_or_print, write_manifest

if TYPE_CHECKING:
    import pandas
    import xarray

SUMMARY = "summary.json"


@dataclass(frozen=True)
class RunResult:
    """The result of a run; `worlds, months = result` unpacks its datasets.

    Attributes
    ----------
    scenario : Scenario
        With the number of worlds that were simulated.
    precision : Precision or None
        How adding worlds ended, where worlds were added until estimates were precise.
    worlds : xarray.Dataset
        A row for each policy and world.
    months : xarray.Dataset
        Means for each policy and month.
    summary : dict
        Estimates of each policy, with 95 % intervals.
    """

    scenario: Scenario
    precision: Precision | None
    _worlds: Labelled | None = field(repr=False)
    _sums: Months = field(repr=False)
    _read: Callable[[], tuple] | None = field(default=None, repr=False)
    _summary: dict | None = field(default=None, repr=False)

    @property
    def in_memory(self) -> bool:
        """Whether worlds are in memory; those of a large run are read when they are used."""
        return self._worlds is not None

    @cached_property
    def _months(self) -> Labelled:
        return self._sums.labelled()

    @cached_property
    def _datasets(self) -> tuple:
        return self._read() if self._read else (self._worlds.dataset(), self._months.dataset())

    @property
    def worlds(self) -> "xarray.Dataset":
        return self._datasets[0]

    @property
    def months(self) -> "xarray.Dataset":
        return self._datasets[1]

    def __iter__(self) -> Iterator["xarray.Dataset"]:
        return iter(self._datasets)

    @cached_property
    def summary(self) -> dict:
        return self._summary or _summary_of(self._worlds or self.worlds, self.precision)

    @contextmanager
    def at_hand(self, folder: Path) -> Iterator[dict]:
        """What figures are drawn from, by name, while the file of worlds in `folder` is open; it
        is read only where they are not in memory."""
        results = {"months": self._months, "summary": self.summary}
        with nullcontext(self._worlds) if self.in_memory else self.read_large(folder) as worlds:
            yield {"worlds": worlds, **results}

    def read_large(self, folder: Path):
        """The worlds of a large run, as a context, from the folder that they are in."""
        return read_large(folder, self.scenario, self.precision.looks if self.precision else 1)

    def to_dict(self) -> dict:
        """The content of summary.json."""
        return self.summary

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy and estimand, with its estimate and interval."""
        return estimates(self.worlds)

    def text(self) -> str:
        """The verdict on each policy, in lines as wide as the terminal."""
        words = closing_words(self.precision) if self.precision else ""
        return text.text(self.summary, self.scenario, words)

    def plot(self, ax=None):
        """Draw the share of worlds without a takeover, by policy; returns the axes."""
        from regimesim.plots.survival import survival

        return survival(self.worlds, ax)


def run(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> RunResult:
    """Run the worlds of a scenario under its policies.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; all policies are run in the same worlds.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy of the scenario.
    threads : int, optional
        By default one a core; it changes no number.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    RunResult
        It unpacks as the datasets `worlds` (policy, world) and `months` (policy, month).

    Raises
    ------
    Refusal
        For a scenario that cannot be run, and for a policy that sets a lever to NaN.
    """
    return compute(ask(scenario, policies, threads=threads), as_progress(progress))


def run_to_precision(
    scenario: ScenarioLike,
    targets: Mapping[str, float],
    policies: Iterable[str | Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    on_look: Callable[[Scenario, list[Standing]], object] | None = None,
) -> RunResult:
    """Add worlds until estimates reach a precision under every policy.

    The datasets are bit for bit those of a run of as many worlds.  Their attribute `looks` widens
    the intervals of all estimates from them.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        Its number of worlds is the maximum.
    targets : mapping
        Half-widths of 95 % intervals by estimand, such as {"no_takeover": 0.01}.
    policies, threads, progress
        As for `run`.
    on_look : callable, optional
        Called after each look with the scenario of as many worlds, and the standing of every
        estimand.

    Returns
    -------
    RunResult
        Its `precision` describes how adding worlds ended.

    Raises
    ------
    Refusal
        As for `run`, and for a target that no number of worlds can reach.

    References
    ----------
    Dunn (1961), Journal of the American Statistical Association 56, 52-64, for intervals that
    allow for several looks.
    """
    question = ask(scenario, policies, targets, threads)
    return compute(question, as_progress(progress), on_look=on_look)


def compute(
    question: Question, progress: Progress, folder: Path | None = None, on_look=None
) -> RunResult:
    """Run the worlds, and write them to `folder`, if there is one."""
    if folder is None or is_small(question.scenario):
        keeper = InMemory(question, progress)
    else:
        keeper = InFolder(question, progress, folder)

    def look(stage, standings):
        progress.line(progress_line(stage, standings))
        if on_look:
            on_look(stage, standings)

    scenario, precision = question.scenario, None
    if question.targets:
        precision = until_precise(scenario, question.targets, keeper.add, look)
        scenario = precision.scenario
    else:
        with keeper.add(scenario, 0, 1):
            pass
    result = RunResult(scenario, precision, keeper.worlds, keeper.sums)
    if folder is not None:
        keeper.save(folder, result._months)
    return result if result.in_memory else replace(result, _read=lambda: _load(folder))


def _summary_of(worlds, precision) -> dict:
    more = {"precision": precision.summary()} if precision else {}
    return summarise(worlds) | more


def _load(folder: Path) -> tuple:
    """The datasets of a folder, in memory."""
    with read_dataset(folder / WORLDS) as worlds, read_dataset(folder / MONTHS) as months:
        return worlds.load(), months.load()


def keep(question: Question, target: Path, command: Iterable[str] = ()) -> RunResult:
    """Run the worlds and write them to a folder, which appears only when it is complete.

    Its manifest holds the scenario with the number of worlds that were simulated.  Raises Refusal
    where the folder cannot be written, or the worlds do not fit on the disk.
    """
    began = time.perf_counter()
    with complete_or_absent(target, MAKER) as folder:
        check_size(question, folder)
        compile_model()
        with Bar(question.total) as progress:
            result = compute(question, progress, folder)
        if not result.in_memory:
            with result.read_large(folder) as worlds:
                summary = _summary_of(worlds, result.precision)
            result = replace(result, _read=lambda: _load(target), _summary=summary)
        save_or_print(folder / SUMMARY, result)
        write_manifest(folder, MAKER, result.scenario, question.threads, command, began)
    return result
