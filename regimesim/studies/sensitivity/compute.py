"""How much each parameter matters to an outcome: screening first, then Sobol indices.

Screening moves one parameter at a time.  It finds the parameters without any effect and ranks
the others by elementary effects.  Sobol indices then divide the variance of the outcome among
these others.  All points are run in the same worlds, so two points differ only by what the
parameters do; those of indices that come from a regression have worlds of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import so_many_of
from regimesim.analysis.meaning import says_something, times_as_many
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.sensitivity import text
from regimesim.studies.sensitivity.agreement import one_at_a_time
from regimesim.studies.sensitivity.first_look import first_look
from regimesim.studies.sensitivity.morris import effects, mu_star, sigma, steps, trajectories
from regimesim.studies.sensitivity.question import (
    POINTS,
    TRAJECTORIES,
    Question,
    ask,
)
from regimesim.studies.sensitivity.regression import regressed_indices, spread_points
from regimesim.studies.sensitivity.runs import Points, run_points
from regimesim.studies.sensitivity.sobol import noise_share, saltelli_points, sobol_indices
from regimesim.studies.sensitivity.weights import Moved, Rest, Weight

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import distributed
    import pandas


@dataclass(frozen=True)
class Sensitivity:
    """How much each parameter matters to the outcome.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    weights : tuple of Weight
        One for each parameter, the one with the greatest total index first.
    centre : dict, optional
        The outcome with every parameter at its central value, with its interval; None without
        screening.
    costs : dict, optional
        What the policy costs there: each estimand that is a cost, with its interval.
    varies : list of two floats, optional
        The least and the greatest value of the outcome over the last points that were run.
    noise_share : float, optional
        The greatest share of the variance over these points that may be sampling noise, from
        finitely many worlds.
    explained : float, optional
        The share of the variance over these points that polynomials explain, whose parts the
        indices are; None where they are not from a regression.
    needed_points : int, optional
        About how many points it would take to give all indices, where some are too uncertain to
        be given; None where all are given.
    rest : Rest, optional
        The parameters that have indices only together, where there are very many.
    undefined : dict
        By stage ("screening", "indices"), the number of points at which the outcome does not
        exist (`points`), and the number of all points (`of`).
    """

    question: Question
    weights: tuple[Weight, ...]
    centre: dict | None = None
    costs: dict[str, dict] | None = None
    varies: list[float] | None = None
    noise_share: float | None = None
    explained: float | None = None
    needed_points: int | None = None
    rest: Rest | None = None
    undefined: dict[str, dict[str, int]] = field(default_factory=dict)

    def __getitem__(self, parameter: str) -> Weight:
        return {one.key: one for one in self.weights}[parameter]

    def to_dict(self) -> dict:
        """The content of sensitivity.json."""
        question = self.question
        return {
            **about_run(question.scenario),
            "policy": question.policy,
            "outcome": question.outcome.name,
            "unit": question.outcome.unit,
            "words": question.outcome.words,
            "points": question.points if question.indices else None,
            "trajectories": TRAJECTORIES if question.screen else None,
            "worlds_of_indices": question.few if question.indices else None,
            "undefined": self.undefined,
            "noise_share": self.noise_share,
            "explained": self.explained,
            "needed_points": self.needed_points,
            "centre": self.centre,
            "costs": self.costs,
            "varies": self.varies,
            "notes": list(question.notes),
            "rest": self.rest and self.rest.plain(),
            "parameters": {one.key: one.plain() for one in self.weights},
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each parameter: total index, first-order index and mu*, each with `_low`
        and `_high`; sigma; and `no_effect`, whether the parameter had no effect."""
        import pandas

        return pandas.DataFrame([one.row() for one in self.weights])

    def text(self) -> str:
        """The weights in words and tables, in lines as wide as the terminal."""
        return text.text(self)

    def plot(self, ax=None):
        """Draw the indices in one panel and the effects in another; returns the axes.

        `ax` may hold one axes for each panel.
        """
        from regimesim.studies.sensitivity.figure import sensitivity

        return sensitivity(self.to_dict(), ax)


def sensitivity(
    scenario: ScenarioLike,
    outcome: str,
    over: Mapping[str, object] | Iterable[str] | None = None,
    policies: Iterable[str | Policy] = (),
    points: int = POINTS,
    screen: bool = True,
    indices: bool = True,
    threads: int | None = None,
    executor: "str | Executor | distributed.Client | None" = None,
    progress: Callable[[int], object] | None = None,
) -> Sensitivity:
    """Measure how much each parameter matters to an outcome of a policy.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; every point is run in its worlds, or in as many.
    outcome : str
        An estimand, or a threshold with `_crossed`, `_p10`, `_median` or `_p90`.
    over : mapping or iterable of str, optional
        The parameters, with their ranges: {"feedback.density": (0.5, 1)}, or texts such as
        "feedback.density=0.5:1".  The range None, or a text without a range, is the
        distribution in the scenario, else the plausible range.  By default every parameter
        with a distribution.
    policies : str, Policy or an iterable with one of them
        The policy, by default the scenario's first with a monitor.
    points : int
        The number N of Sobol's method, a power of 2; the scenario is run at N times
        (parameters + 2) points.
    screen : bool
        Whether parameters are screened.
    indices : bool
        Whether Sobol indices are computed.
    threads : int, optional
        Number of threads or processes, by default one per core.
    executor : str or Executor, optional
        "threads" or "processes", or an executor of concurrent.futures.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Sensitivity
        The weight of each parameter, with 95 % intervals.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    Morris 1991, Technometrics 33:161; Campolongo, Cariboni and Saltelli 2007, Environmental
    Modelling & Software 22:1509; Sobol 1993, Mathematical Modelling and Computational
    Experiments 1:407; Saltelli et al. 2010, Computer Physics Communications 181:259; Sudret 2008,
    Reliability Engineering & System Safety 93:964.
    """
    question = ask(scenario, outcome, over, policies, points, screen, indices, threads, executor)
    return compute(question, as_progress(progress))


def compute(question: Question, progress: Progress) -> Sensitivity:
    """Screen the parameters, then divide the variance among those that have an effect."""
    weights = tuple(Weight(parameter) for parameter in question.parameters)
    result = Sensitivity(question, weights)
    if question.screen:
        first_look(question, progress)
        result = _screened(result, progress)
    if question.indices and not all(one.no_effect for one in result.weights):
        result = _indexed(result, progress)
    return _in_order(result)


def _screened(result: Sensitivity, progress: Progress) -> Sensitivity:
    """The result with elementary effects: in a few worlds, then in more."""
    question, size = result.question, len(result.weights)
    stages, every = question.stages, question.scenario.worlds
    ways = trajectories(TRAJECTORIES, size, question.scenario.seed)
    for worlds, run in zip(stages, _screening_runs(question, ways, progress), strict=True):
        result = _with_effects(Sensitivity(question, result.weights), ways, run)
        left = sum(not one.no_effect for one in result.weights)
        progress.total(question.worlds(left))
        progress.finding(text.finding(result))
        if worlds < every or (question.indices and left and question.is_long):
            stage = so_many_of(worlds, every, "worlds of the screening")
            alone = replace(result, question=question.only_screening(worlds))
            progress.stand(stage, _in_order(alone), text.standing(result))
    return result


def _screening_runs(question: Question, ways, progress: Progress) -> Iterator[Points]:
    """The points of `one_at_a_time`, then those of the trajectories `ways`, at the end of each
    stage; trajectories stop growing at the worlds that they have at most."""
    parameters, size, stages = question.parameters, len(question.parameters), question.stages
    alone, moved = one_at_a_time(size), ways.reshape(-1, size)
    most = question.worlds_of_trajectories
    if most == question.scenario.worlds:
        yield from run_points(
            question, parameters, np.concatenate([alone, moved]), progress, stages
        )
        return
    few = [min(worlds, most) for worlds in stages]
    runs = run_points(question, parameters, moved, progress, tuple(dict.fromkeys(few)))
    for number, run in enumerate(run_points(question, parameters, alone, progress, stages)):
        if not number or few[number] > few[number - 1]:
            last = next(runs)
        yield run.followed_by(last)


def _indexed(result: Sensitivity, progress: Progress) -> Sensitivity:
    """The result with Sobol indices: from a few points, then from more.

    Where other parameters are drawn in each world, and each that is left has an index of its own,
    the points are those of a regression, and have worlds of their own.
    """
    question, screened = result.question, result
    left, groups = _grouped(result)
    every, size, kinds, seed = question.points, len(left), len(groups) + 2, question.scenario.seed
    spread = question.others_drawn and len(groups) == size
    uniforms = (
        spread_points(every, size, seed)
        if spread
        else saltelli_points(every, size, seed, groups).reshape(kinds, every, size)
    )
    places = np.arange(every * kinds).reshape(every, kinds).T
    parameters, known, first = tuple(one.parameter for one in left), None, 0
    for points in question.stages_of_points(size):
        more = uniforms[:, first:points].reshape(-1, size)
        own = places[:, first:points].ravel() if spread else None
        (run,) = run_points(question, parameters, more, progress, (question.few,), own)
        known, first = run if known is None else known.joined(run, kinds), points
        so_far = uniforms[:, :points].reshape(-1, size) if spread else None
        result = _with_indices(screened, left, groups, points, known, so_far)
        if points < every:
            stage = so_many_of(points, every, "points of the indices")
            few = replace(result, question=replace(question, points=points))
            progress.stand(stage, _in_order(few), text.standing(result))
    return result


def _grouped(result: Sensitivity) -> tuple[list[Weight], list[list[int]]]:
    """The parameters that have indices, and their places in groups that have one index each: most
    are alone, and where there are very many, those with the smallest effects are one group."""
    question = result.question
    left = [one for one in result.weights if not one.no_effect]
    own = question.own_indices(len(left))
    if own < len(left):
        left.sort(key=lambda one: (not one.parameter.named, *one.order))
    rest = [list(range(own, len(left)))] if own < len(left) else []
    return left, [[k] for k in range(own)] + rest


def _in_order(result: Sensitivity) -> Sensitivity:
    return replace(result, weights=tuple(sorted(result.weights, key=lambda one: one.order)))


def _with_effects(result: Sensitivity, ways, run: Points) -> Sensitivity:
    """The result with elementary effects, and with what each parameter does alone.

    run: the points of `one_at_a_time`, then those of the trajectories `ways`.
    """
    size, alone = len(result.weights), 1 + 2 * len(result.weights)
    outcome = run.value[alone:].reshape(TRAJECTORIES, size + 1)
    each = effects(ways, outcome)
    begins = alone + np.arange(TRAJECTORIES)[:, None] * (size + 1) + steps(ways)[0]
    weights = []
    for k, one in enumerate(result.weights):
        ours, theirs = [0, 0, *begins[:, k]], [1 + 2 * k, 2 + 2 * k, *(begins[:, k] + 1)]
        moved = [Moved(float(run.settings[end, k]), **run.outcome(end)) for end in theirs[:2]]
        weights.append(
            replace(
                one,
                mu_star=mu_star(each[:, k]),
                sigma=sigma(each[:, k]),
                no_effect=run.alike(ours, theirs),
                alone=(moved[0], moved[1]),
            )
        )
    result = replace(result, weights=tuple(weights), centre=run.outcome(0), costs=run.cost(0))
    return _with_spread(result, "screening", run)


def _with_indices(
    result: Sensitivity, left, groups, points: int, run: Points, spread
) -> Sensitivity:
    """The result with Sobol indices of the `groups` of what is left, from `points` points.

    spread: the uniforms of a regression, else None.
    """
    seed, first = result.question.scenario.seed, np.arange(points)
    indices, explained = None, None
    if spread is None and not run.missing:
        indices = sobol_indices(run.value, len(groups), seed)
    elif not run.missing and (regression := regressed_indices(spread, run.value, seed)):
        indices, explained = regression
    kinds = (indices.total, indices.first) if indices else (None, None)
    vague = [one for kind in indices or () for one in kind if not says_something(one)]
    changed: dict[str, Weight] = {}
    rest = None
    for k, group in enumerate(groups):
        total, first_order = (None if kind is None else _known(kind[k]) for kind in kinds)
        if len(group) > 1:
            rest = Rest(tuple(left[place].key for place in group), total, first_order)
            continue
        one = left[group[0]]
        if one.no_effect is None and spread is None:
            mixed = first + (2 + k) * points
            one = replace(one, no_effect=run.alike(first, mixed))
        vague_one = indices is not None and total is None
        changed[one.key] = replace(one, total=total, first=first_order, vague=vague_one)
    weights = tuple(changed.get(one.key, one) for one in result.weights)
    needed = _needed_points(points, vague) if vague else None
    changes = {"weights": weights, "rest": rest, "needed_points": needed, "explained": explained}
    return _with_spread(replace(result, **changes), "indices", run)


def _known(index: Estimate) -> Estimate | None:
    return index if says_something(index) else None


def _needed_points(points: int, vague) -> int:
    """The power of 2 that is enough points for indices which say nothing yet."""
    return points * 2 ** (times_as_many(vague) - 1).bit_length()


def _with_spread(result: Sensitivity, stage: str, run: Points) -> Sensitivity:
    """The result with the range of the outcome over points, the sampling noise in its variance,
    and the number of points at which it does not exist."""
    undefined = {**result.undefined, stage: {"points": run.missing, "of": len(run.value)}}
    there = run.value[~np.isnan(run.value)]
    return replace(
        result,
        undefined=undefined,
        varies=[float(there.min()), float(there.max())] if there.size else None,
        noise_share=noise_share(run.value, run.low, run.high) if there.size else None,
    )
