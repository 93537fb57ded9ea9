"""A search through a space of policies: every point where they are few, else Optuna's samplers.

A search tries candidates in the same few worlds, in batches; a race (`regimesim.studies.race`)
then decides among them in more.  Which points are tried follows from the seed and the outcomes
alone, so a search that is begun again with the same journal takes the same way, and runs nothing
twice.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from regimesim.analysis.estimates import CONFIDENCE
from regimesim.errors import Refusal
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.dimensions import Number, Switch
from regimesim.studies.race import interval
from regimesim.studies.search_space import Space, candidates_in
from regimesim.studies.targets import Aim, Target

MOST_POINTS = 4096  # of a space all of whose points are tried
BATCH = 8  # candidates that are proposed together
POPULATION = 40  # of the genetic algorithm
UNLIKELY = 1e9  # what a candidate falls short by whose target cannot be estimated


@dataclass(frozen=True)
class Tried:
    """What a search has tried.

    Attributes
    ----------
    candidates : tuple of Candidate
        The different policies, in the order in which they were tried.
    points : int
        The points that were proposed, of which several may be the same policy.
    contradictions : tuple of str
        A sentence for each point whose values contradict each other.
    """

    candidates: tuple[Candidate, ...]
    points: int
    contradictions: tuple[str, ...]


def is_counted_through(space: Space, trials: int | None) -> bool:
    """Whether every point of a space is tried: where they are few, or no more than `trials`."""
    return space.size is not None and space.size <= (trials or MOST_POINTS)


def every_candidate(space: Space) -> Tried:
    """Every policy of a space of finite size."""
    tried_so_far, wrong = candidates_in(space, space.every())
    if not tried_so_far:
        raise Refusal(wrong[:1])
    return Tried(tuple(tried_so_far), space.size, tuple(wrong))


def sampled(
    space: Space,
    worlds: CommonWorlds,
    aims: Sequence[Aim],
    targets: Sequence[Target],
    trials: Sequence[int],
    number: int,
    seed: int,
    show: Callable[[Candidate, int], object] | None = None,
) -> Iterator[Tried]:
    """Try candidates that Optuna's samplers propose, and yield what was tried at each stage.

    One aim is searched by the tree-structured Parzen estimator, several by NSGA-II; both take
    whole numbers and choices beside real numbers, and targets as constraints.

    Parameters
    ----------
    space : Space
        The space.
    worlds : CommonWorlds
        In which candidates are tried.
    aims, targets : sequence of Aim, of Target
        What is sought.
    trials : sequence of int
        Rising numbers of points that were proposed, at which there is a stage.
    number : int
        The number of worlds of each candidate.
    seed : int
        From which all points follow.
    show : callable, optional
        Called after each batch, with the best candidate so far and the number of points.

    Yields
    ------
    Tried
        All that was tried so far.
    """
    tried_so_far: dict[str, Candidate] = {}
    wrong: list[str] = []
    proposals = 0
    with _quiet():
        study = _study(aims, seed)
        for values in _first_points(space):
            study.enqueue_trial(_parameters(space, values))
    for stage in trials:
        while proposals < stage:
            with _quiet():
                size = min(BATCH, stage - proposals)
                batch = [study.ask(_distributions(space)) for _ in range(size)]
            proposals += len(batch)
            proposed = [(trial, _proposed(space, trial.params, wrong)) for trial in batch]
            there = [one for _, one in proposed if one is not None]
            worlds.run(there, number)
            for one in there:
                tried_so_far.setdefault(one.key, one)
            with _quiet():
                for trial, one in proposed:
                    _report(study, trial, one, worlds, aims, targets, number)
            if show and (best := _best(study, space)) is not None:
                show(best, proposals)
        if not tried_so_far:
            raise Refusal(wrong[:1])
        yield Tried(tuple(tried_so_far.values()), proposals, tuple(wrong))


@contextmanager
def _quiet():
    """Optuna writes no log, and does not warn of what it calls experimental."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _study(aims, seed):
    import optuna

    seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
    constraints = {"constraints_func": lambda trial: trial.user_attrs["shortfalls"], "seed": seed}
    if len(aims) == 1:
        sampler: Any = optuna.samplers.TPESampler(
            multivariate=True, constant_liar=True, n_startup_trials=3 * BATCH, **constraints
        )
    else:
        sampler = optuna.samplers.NSGAIISampler(population_size=POPULATION, **constraints)
    directions = ["maximize" if aim.maximise else "minimize" for aim in aims]
    return optuna.create_study(directions=directions, sampler=sampler)


def _distributions(space):
    """The range of each dimension, as Optuna writes it."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    ranges = {}
    for one in space.dimensions:
        if isinstance(one, Number) and one.levels:  # their places, which are in order
            ranges[one.name] = IntDistribution(0, len(one.levels) - 1)
        elif isinstance(one, Number) and one.varied.whole:
            ranges[one.name] = IntDistribution(int(one.varied.low), int(one.varied.high))
        elif isinstance(one, Number):
            ranges[one.name] = FloatDistribution(one.varied.low, one.varied.high, log=one.log)
        else:
            ranges[one.name] = CategoricalDistribution(one.options)
    return ranges


def _values(space, parameters) -> dict:
    """The values of the dimensions that Optuna's parameters mean."""
    return {
        one.name: one.levels[parameters[one.name]]
        if isinstance(one, Number) and one.levels
        else parameters[one.name]
        for one in space.dimensions
    }


def _parameters(space, values) -> dict:
    """The inverse of `_values`."""
    return {
        one.name: one.levels.index(values[one.name])
        if isinstance(one, Number) and one.levels
        else values[one.name]
        for one in space.dimensions
    }


def _first_points(space) -> list[dict]:
    """Everything on, and everything off, with numbers in the middle of their ranges."""
    firsts = []
    for on in (True, False):
        values: dict[str, object] = {}
        for one in space.dimensions:
            if isinstance(one, Switch):
                values[one.name] = on
            elif isinstance(one, Number):
                values[one.name] = one.middle
            else:
                values[one.name] = one.options[-1 if on else 0]
        firsts.append(values)
    return firsts


def _proposed(space, parameters, wrong) -> Candidate | None:
    try:
        return space.candidate(_values(space, parameters))
    except Refusal as refusal:
        wrong.append(refusal.lines[0])
        return None


def _report(study, trial, one, worlds, aims, targets, number) -> None:
    """Tell the sampler what a candidate is worth, and what it falls short of its targets by."""
    from optuna.trial import TrialState

    linears = (
        {} if one is None else {a.estimand: worlds.linear(one, a.estimand, number) for a in aims}
    )
    values = [float(np.mean(linear.each, dtype=np.float64)) for linear in linears.values()]
    if not values or np.isnan(values).any():
        study.tell(trial, state=TrialState.FAIL)
        return
    shortfalls = []
    for target in targets:
        linear = worlds.linear(one, target.estimand, number)
        low, high = interval(linear, target.estimand, CONFIDENCE)[1:]
        short = -target.slack(low if target.sense == ">=" else high)
        shortfalls.append(UNLIKELY if np.isnan(short) else float(short))
    trial.set_user_attr("shortfalls", shortfalls)
    study.tell(trial, values)


def _best(study, space) -> Candidate | None:
    """The best candidate so far; of several aims, the best in the first."""
    from optuna.trial import TrialState

    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not finished:
        return None
    sign = 1 if study.directions[0].name == "MAXIMIZE" else -1

    def rank(trial):
        short = max((0.0, *trial.user_attrs["shortfalls"]))
        return (-short, sign * trial.values[0], -trial.number)

    return space.candidate(_values(space, max(finished, key=rank).params))
