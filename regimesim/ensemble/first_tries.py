"""What became of the first critical try of each world, and nothing more."""

from dataclasses import replace

import numpy as np

from regimesim.ensemble.datasets import dataset, shape, world_variables
from regimesim.ensemble.ensemble import fill_store
from regimesim.scenario import Scenario

KEPT = ("crossing", "held_first_critical_try", "first_try_caught_by")


TOGETHER = 16  # policies in one go, so that memory does not grow with the number of subsets


def first_tries(scenario: Scenario, threads=None, progress=None, kept=KEPT, rules=()):
    """Run a scenario and keep only what became of each world's first critical try, and
    when it crossed its thresholds: the dataset of a run's worlds with the variables `kept`.

    rules: the policies written in Python, by name."""
    store = _Kept(
        (variable.name, np.empty(shape(variable, scenario), variable.kind))
        for variable in world_variables(scenario)
        if variable.name in kept
    )
    names = list(scenario.policies)
    for first in range(0, len(names), TOGETHER):
        here = slice(first, first + TOGETHER)
        some = replace(scenario, policies={name: scenario.policies[name] for name in names[here]})
        share = _Kept((name, array[..., here, :]) for name, array in store.items())
        fill_store(some, share, rules, threads=threads, progress=progress)
    return dataset(store, scenario)


class _Nowhere:
    """An array of which nothing is kept."""

    def __setitem__(self, where, values):
        pass


class _Kept(dict):
    """Arrays by name; what has no array here is not kept."""

    def __missing__(self, name):
        return _Nowhere()
