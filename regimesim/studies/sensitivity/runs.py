"""The runs of a sensitivity: the outcome, and every other estimate, at many points."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from regimesim.analysis.policy_cells import COSTS
from regimesim.errors import Refusal
from regimesim.studies.parameter_points import design_of
from regimesim.studies.sensitivity.agreement import together
from regimesim.studies.sensitivity.question import Question
from regimesim.studies.sensitivity.weights import ENDS
from regimesim.sweeps.axes import Axis, Range
from regimesim.sweeps.engine import evaluate_in_stages
from regimesim.sweeps.work_units import point_seed

SEED = "seed"  # of the worlds of a point


class Points(NamedTuple):
    """The estimates at some points; NaN where there is none.

    value, low, high: (points,), the outcome with its interval · rows: (points, numbers), every
    estimate · settings: (points, parameters), the values of the parameters · costs: by name of
    the estimand, the same three of what the policy costs.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    settings: np.ndarray
    costs: dict[str, tuple[np.ndarray, ...]]

    def alike(self, ours, theirs) -> bool:
        """Whether every estimate at the points `ours` is the same at `theirs`."""
        return np.array_equal(self.rows[ours], self.rows[theirs], equal_nan=True)

    def followed_by(self, more: "Points") -> "Points":
        """These points, and then others."""

        def join(ours, theirs):
            return np.concatenate([ours, theirs])

        costs = {
            name: tuple(map(join, ends, more.costs[name])) for name, ends in self.costs.items()
        }
        return Points(*map(join, self[:-1], more[:-1]), costs)

    def joined(self, more: "Points", kinds: int) -> "Points":
        """These points and more; each has as many points of each of several kinds, kind after
        kind."""

        def join(ours, theirs):
            each = [one.reshape(kinds, -1, *one.shape[1:]) for one in (ours, theirs)]
            return np.concatenate(each, axis=1).reshape(-1, *ours.shape[1:])

        costs = {
            name: tuple(map(join, ends, more.costs[name])) for name, ends in self.costs.items()
        }
        return Points(*map(join, self[:-1], more[:-1]), costs)

    @property
    def missing(self) -> int:
        """The number of points at which the outcome does not exist."""
        return int(np.isnan(self.value).sum())

    def outcome(self, point: int) -> dict:
        """The outcome at a point with the ends of its interval, as plain values."""
        return _plain((self.value, self.low, self.high), point)

    def cost(self, point: int) -> dict[str, dict]:
        """What the policy costs at a point: each estimand with the ends of its interval."""
        return {name: _plain(ends, point) for name, ends in self.costs.items()}


def run_points(
    question: Question, parameters, uniforms, progress=None, stages=(), places=None
) -> Iterator[Points]:
    """Run the points that belong to uniforms (points, parameters), in stages of rising numbers of
    worlds; by default in all at once.

    Parameters
    ----------
    question : Question
        The question, in all its worlds.
    parameters : sequence of Parameter
        What varies.
    uniforms : ndarray, shape (points, parameters)
        Uniforms of each point.
    progress : Progress
        It counts the worlds that are run.
    stages : sequence of int
        Rising numbers of worlds.
    places : ndarray of int, shape (points,)
        A number of each point, where it has worlds of its own; by default all have the same.
    """
    design = design_of(question.scenario, question.policy, parameters, uniforms)
    if places is not None:
        seeds = [point_seed(question.scenario.seed, place) for place in places.tolist()]
        axis = Axis(SEED, Range(min(seeds), max(seeds), whole=True))
        values = {**design.values, SEED: np.array(seeds)}
        design = replace(design, axes=(*design.axes, axis), values=values)
    datasets = evaluate_in_stages(
        question.scenario,
        design,
        stages or (question.scenario.worlds,),
        question.rules,
        question.executor,
        question.threads,
        progress,
    )
    for dataset in datasets:
        yield _points(question, design, dataset)


def _points(question: Question, design, dataset) -> Points:
    policy, name = question.policy, question.outcome.name
    if errors := list(filter(None, map(str, np.ravel(dataset["error"].values)))):
        raise Refusal(together(errors[:1]))
    here = dataset.sel(policy=policy)
    numbers = [here[key].values for key in here.data_vars if here[key].dtype.kind in "fiu"]
    columns = [column for key, column in design.columns.items() if key != SEED]
    settings = np.stack(columns, axis=1)
    costs = {cost: _ends(here, cost) for cost in COSTS}
    return Points(*_ends(here, name), np.stack(numbers, axis=1), settings, costs)


def _ends(here, name) -> tuple[np.ndarray, ...]:
    """An estimate and the ends of its interval, at all points."""
    return tuple(here[key].values for key in (name, f"{name}_low", f"{name}_high"))


def _plain(ends, point: int) -> dict:
    """An estimate at a point, as plain values."""
    return {name: number(x[point]) for name, x in zip(ENDS, ends, strict=True)}


def number(x) -> float | None:
    """A plain number, None for NaN."""
    return None if np.isnan(x) else float(x)
