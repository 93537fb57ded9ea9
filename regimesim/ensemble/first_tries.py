"""Runs of which only the outcome of the first critical try of each world is kept."""

from dataclasses import replace

import numpy as np

from regimesim.ensemble.datasets import dataset, shape, world_variables
from regimesim.ensemble.ensemble import fill_store
from regimesim.scenario import Scenario

IN_EVERY_WORLD = "strikes"  # which shows that a world is there
KEPT = ("crossing", "held_first_critical_try", "first_try_caught_by")


TOGETHER = 16  # policies at a time, so that memory does not grow with the number of subsets


def first_tries(scenario: Scenario, threads=None, progress=None, kept=KEPT, rules=()):
    """Run a scenario and return the dataset of its worlds with only the variables `kept`, and
    one that every world has.

    By default they are the outcome of the first critical try, and the months of crossing
    thresholds.

    rules: the policies written in Python, by name.
    """
    store = _Kept(
        (variable.name, np.empty(shape(variable, scenario), variable.kind))
        for variable in world_variables(scenario)
        if variable.name in (*kept, IN_EVERY_WORLD)
    )
    names = list(scenario.policies)
    for first in range(0, len(names), TOGETHER):
        here = slice(first, first + TOGETHER)
        some = replace(scenario, policies={name: scenario.policies[name] for name in names[here]})
        share = _Kept((name, array[..., here, :]) for name, array in store.items())
        fill_store(some, share, rules, threads, progress)
    return dataset(store, scenario)


class _Nowhere:
    """An array that discards its values."""

    def __setitem__(self, where, values):
        pass


class _Kept(dict):
    """Arrays by name; values of any other name are discarded."""

    def __missing__(self, name):
        return _Nowhere()
