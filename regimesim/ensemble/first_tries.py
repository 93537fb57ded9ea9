"""Runs of which only the outcome of the first critical try of each world is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import ABSENT, dataset, shape, world_variables
from regimesim.ensemble.ensemble import fill_chosen, fill_store
from regimesim.ensemble.moved_draws import Draws
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario

if TYPE_CHECKING:
    import xarray

IN_EVERY_WORLD = "strikes"  # which shows that a world is there
KEPT = ("crossing", "held_first_critical_try", "first_try_caught_by")


TOGETHER = 16  # policies at a time, so that memory does not grow with the number of subsets


def first_tries(scenario: Scenario, threads=None, progress=None, kept=KEPT, rules=(), draws=None):
    """Run a scenario and return the dataset of its worlds with only the variables `kept`, and
    one that every world has.

    By default they are the outcome of the first critical try, and the months of crossing
    thresholds.

    rules: the policies written in Python, by name · draws: of the worlds, where they do not
    follow from the seed alone (`regimesim.ensemble.moved_draws`).
    """
    (worlds,) = first_tries_in_stages(
        scenario, (scenario.worlds,), threads, progress, kept, dict(rules), draws
    )
    return worlds


def first_tries_in_stages(
    scenario: Scenario,
    stages: Iterable[int],
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    kept: Iterable[str] = KEPT,
    rules: Mapping[str, Policy | None] = MappingProxyType({}),
    draws: Draws | None = None,
    chosen: Callable[[np.ndarray], np.ndarray] | None = None,
) -> "Iterator[xarray.Dataset]":
    """The dataset of `first_tries` at each of several numbers of worlds.

    Each world runs once, so a dataset is that of a run of as many worlds.

    Parameters
    ----------
    scenario : Scenario
        Its number of worlds is that of the last stage.
    stages : iterable of int
        Rising numbers of worlds.
    threads, progress, kept, rules, draws
        As of `first_tries`.
    chosen : callable, optional
        Takes numbers of worlds, and returns which of them run: bool (policies, worlds).  By
        default all do; one that does not is absent.
    """
    store, first, stages = _Kept(_absent(scenario, kept)), 0, tuple(stages)
    for worlds in stages:
        stage = replace(scenario, worlds=worlds)
        if chosen is None:
            _fill_all(stage, store, first, rules, threads, progress, draws)
        else:
            numbers = np.arange(first, worlds)
            some = [numbers[row] for row in chosen(numbers)]
            fill_chosen(stage, store, some, rules, threads, progress)
        yield dataset({name: array[..., :worlds] for name, array in store.items()}, stage)
        first = worlds


def _absent(scenario, kept):
    """Names and arrays of what is kept, in which every world is absent."""
    for variable in world_variables(scenario):
        if variable.name in (*kept, IN_EVERY_WORLD):
            absent = np.nan if np.dtype(variable.kind).kind == "f" else ABSENT
            yield variable.name, np.full(shape(variable, scenario), absent, variable.kind)


def _fill_all(stage, store, first, rules, threads, progress, draws):
    """Run the worlds of a stage from `first` on, under some policies at a time."""
    names = list(stage.policies)
    for begin in range(0, len(names), TOGETHER):
        here = slice(begin, begin + TOGETHER)
        some = replace(stage, policies={name: stage.policies[name] for name in names[here]})
        share = _Kept((name, array[..., here, :]) for name, array in store.items())
        fill_store(some, share, rules, threads, progress, first, draws=draws)


class _Nowhere:
    """An array that discards its values."""

    def __setitem__(self, where, values):
        pass


class _Kept(dict):
    """Arrays by name; values of any other name are discarded."""

    def __missing__(self, name):
        return _Nowhere()
