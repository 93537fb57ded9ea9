"""Runs of which only the outcome of the first critical try of each world is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import dataset, shape, world_variables
from regimesim.ensemble.ensemble import fill_store
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
    """
    store = _Kept(
        (variable.name, np.empty(shape(variable, scenario), variable.kind))
        for variable in world_variables(scenario)
        if variable.name in (*kept, IN_EVERY_WORLD)
    )
    names, first = list(scenario.policies), 0
    for worlds in stages:
        stage = replace(scenario, worlds=worlds)
        for begin in range(0, len(names), TOGETHER):
            here = slice(begin, begin + TOGETHER)
            policies = {name: scenario.policies[name] for name in names[here]}
            share = _Kept((name, array[..., here, :]) for name, array in store.items())
            some = replace(stage, policies=policies)
            fill_store(some, share, rules, threads, progress, first, draws=draws)
        yield dataset({name: array[..., :worlds] for name, array in store.items()}, stage)
        first = worlds


class _Nowhere:
    """An array that discards its values."""

    def __setitem__(self, where, values):
        pass


class _Kept(dict):
    """Arrays by name; values of any other name are discarded."""

    def __missing__(self, name):
        return _Nowhere()
