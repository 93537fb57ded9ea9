"""Runs in batches of worlds, which give intervals to monthly means."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.ensemble.datasets import dataset, in_memory
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.months import Months
from regimesim.scenario import Scenario

if TYPE_CHECKING:
    import xarray


class Batched(NamedTuple):
    """A run in batches.

    Attributes
    ----------
    worlds, months : xarray.Dataset
        Those of `regimesim.ensemble.ensemble.run`.
    batches : list of Months
        The monthly sums of each batch of worlds.
    """

    worlds: "xarray.Dataset"
    months: "xarray.Dataset"
    batches: list[Months]


def run_in_batches(
    scenario: Scenario,
    batches: int,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Batched:
    """Run every policy of a scenario, in about `batches` equal parts of its worlds."""
    store, parts = in_memory(scenario), []
    ends = np.unique(np.linspace(0, scenario.worlds, batches + 1).round().astype(int))
    for first, last in pairwise(ends):
        so_far = replace(scenario, worlds=int(last))
        parts.append(fill_store(so_far, store, (), threads, progress, int(first)))
    whole = Months(scenario)
    whole.join(parts)
    return Batched(dataset(store, scenario), whole.dataset(), parts)
