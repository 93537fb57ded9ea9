"""A sweep: the estimates of a scenario at every point of a design."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.ensemble.netcdf import read_dataset, reading
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.sweep.filling import fill_folder
from regimesim.studies.sweep.overview import SHOWN, overview
from regimesim.studies.sweep.question import Question, ask
from regimesim.sweeps.engine import run_plan
from regimesim.sweeps.files import RESULT, Failures, failures_in
from regimesim.sweeps.folder import check_target
from regimesim.sweeps.plan import Plan
from regimesim.sweeps.text import closing_words

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import distributed
    import pandas
    import xarray


@dataclass(frozen=True)
class Sweep:
    """The estimates of a scenario at every point of a design.

    Attributes
    ----------
    plan : Plan
        The scenario, the design and the number of worlds.
    dataset : xarray.Dataset
        Estimates with their 95 % intervals; its dimensions are those of the design, and the
        policies.
    unchanged : bool
        Whether the folder had the finished sweep already, so that nothing was run.
    failed : int
        The number of points that could not be run; `error` in the dataset says why.
    """

    plan: Plan = field(repr=False)
    failures: Failures | None = field(default=None, repr=False)
    unchanged: bool = False
    _read: Callable = field(default=None, repr=False)

    @cached_property
    def dataset(self) -> "xarray.Dataset":
        return self._read()

    @property
    def _estimates(self) -> "xarray.Dataset":
        """The dataset, of which no more than the estimates in the text need be in memory."""
        return self._read(SHOWN) if "dataset" not in vars(self) else self.dataset

    @property
    def failed(self) -> int:
        return self.failures.number if self.failures else 0

    def to_dict(self) -> dict:
        """The sweep as plain values and None: its design, and the `rows` of its table."""
        design = self.plan.design
        return {
            **about_run(self.plan.scenario),
            "design": design.kind,
            "axes": {key: values.tolist() for key, values in design.values.items()},
            "independent": self.plan.independent,
            "failed": self.failed,
            "rows": [
                {name: _plain(value) for name, value in row.items()}
                for row in self.to_dataframe().to_dict("records")
            ],
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each point and policy, with the settings of the point and all estimates."""
        return self.dataset.to_dataframe().reset_index()

    def text(self) -> str:
        """The outcome of the sweep, in lines as wide as the terminal."""
        words = closing_words(self.plan, self.failures)
        if not self.plan.shard:
            words = "\n".join((*overview(self._estimates), "", words))
        note = "It is finished, and nothing in it has changed."
        return f"{words}\n{note}" if self.unchanged else words

    def plot(self, ax=None, **options):
        """Draw the main figure of the design; returns its axes.

        It is a phase map over two axes or more, lines over one axis, or scattered points.
        `options` are options of that figure, such as `outcome`.
        """
        from regimesim.studies.sweep.figure import main_figure

        return main_figure(self.dataset, ax, **options)


def _plain(value):
    """A value of a table for JSON: NaN is None."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if value != value else value


def sweep(
    scenario: ScenarioLike,
    axes: Mapping[str, object] | Iterable[str] | None = None,
    *,
    kind: str | None = None,
    points: int | None = None,
    independent: bool = False,
    policies: Iterable[str | Policy] = (),
    executor: "str | Executor | distributed.Client | None" = None,
    threads: int | None = None,
    scheduler: str | None = None,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
) -> Sweep:
    """Run a scenario at every point of a design.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario, whose number of worlds is run at each point.
    axes : mapping or iterable of str, optional
        What varies, by key, as in a file's [sweep.vary]; by default that of the scenario.
    kind : str, optional
        The design: "grid", "zip", "latin_hypercube" or "sobol"; by default that of the scenario,
        or else a grid.
    points : int, optional
        The number of points, where the design is random.
    independent : bool
        Whether each point has different worlds; by default all points have the same.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy of the scenario.
    executor : str or executor, optional
        "threads" (the default), "processes", "dask" (at the address `scheduler`), any executor
        of `concurrent.futures`, or a `distributed.Client`.  It changes no number.
    threads : int, optional
        The number of threads or processes, by default one a core.
    scheduler : str, optional
        The address of a Dask scheduler.
    folder : path, optional
        The folder of the sweep.  If it holds the same sweep, that is continued, also with more
        worlds.
    progress : callable, optional
        Called with the number of worlds just finished, under all policies together.

    Returns
    -------
    Sweep
        Its `dataset` has the estimates.  A point whose values contradict each other has an
        `error` in its place.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs; and where the folder cannot be
        written, or is of another sweep.

    References
    ----------
    McKay, Beckman and Conover (1979), Technometrics 21, 239-245, for Latin hypercubes; Sobol
    (1967), USSR Computational Mathematics and Mathematical Physics 7, 86-112, for his sequence.
    """
    how = {"executor": executor, "threads": threads, "scheduler": scheduler}
    question = ask(scenario, axes, kind, points, independent, policies, **how)
    if folder is None:
        return compute(question, as_progress(progress))
    return keep(question, Path(folder).expanduser(), progress=progress)


def compute(question: Question, progress: Progress) -> Sweep:
    """Run every point, in memory."""
    plan = question.plan
    dataset, failures = run_plan(plan, question.executor, question.rules, progress)
    return Sweep(plan, failures, _read=lambda names=None: dataset)


def keep(question: Question, target: Path, command: Iterable[str] = (), progress=None) -> Sweep:
    """Run what is missing in a folder, and write the results there.  Raises Refusal."""
    if check_target(target, question.plan, question.resume):
        failures = failures_in(target)
        return Sweep(question.plan, failures, unchanged=True, _read=partial(load, target))
    failures = fill_folder(target, question, command, progress)
    return in_folder(question.plan, failures, target)


def in_folder(plan: Plan, failures: Failures | None, folder: Path) -> Sweep:
    """The sweep in a folder.  A shard has no `failures` and no dataset."""
    return Sweep(plan, failures, _read=partial(load, folder))


def load(folder: Path, names: Iterable[str] | None = None) -> "xarray.Dataset":
    """The dataset of the sweep in a folder, or some of its variables.  Raises Refusal for a
    shard."""
    path = folder / RESULT
    if not path.exists():
        raise Refusal(f"{folder}: is a shard of a sweep, which has no results; merge all of them")
    if names is not None:
        return _some(path, names)
    with read_dataset(path, decode_timedelta=False) as dataset:
        return dataset.load()


def _some(path: Path, names: Iterable[str]) -> "xarray.Dataset":
    """Variables of a file with their coordinates.  xarray opens all that a file has, which takes
    seconds where that is hundreds."""
    import xarray

    with reading(path) as file:
        attributes = dict(file.attrs)
        wanted = (*names, *file.dimensions, *attributes.get("coordinates", "").split())
        held = {name: file[name] for name in wanted if name in file.variables}
        raw = {name: (one.dimensions, one[...], dict(one.attrs)) for name, one in held.items()}
    dataset = xarray.decode_cf(xarray.Dataset(raw, attrs=attributes), decode_timedelta=False)
    words = {name: one.astype(str) for name, one in dataset.variables.items() if one.dtype == "O"}
    return dataset.assign(words)
