"""The worlds that a search has run at each value, to which a later stage adds."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import dataset, grown
from regimesim.ensemble.ensemble import fill_store
from regimesim.results.progress import Progress
from regimesim.studies.require.line import Values
from regimesim.studies.require.question import Question, varied_to

if TYPE_CHECKING:
    import xarray

MOST_BYTES = 2**27  # of the worlds that are kept for one policy; beyond it they are run again


class KnownWorlds:
    """The worlds of one policy at each value that was tried.

    Parameters
    ----------
    question : Question
        The question in all its worlds.
    policy : str
        The policy.
    progress : Progress
        It counts the worlds that are run.
    """

    def __init__(self, question: Question, policy: str, progress: Progress):
        self._question, self._progress = question, progress
        self._alone = question.scenario.choose([policy])
        self._stores: dict[Values, dict[str, np.ndarray]] = {}
        self._bytes = 0

    def at(self, values: Values, worlds: int) -> "xarray.Dataset":
        """The first worlds, so many of them, at the values of the parameters that vary."""
        question = self._question
        changed = varied_to(self._alone, question.line.settings(values))
        stage, before = replace(changed, worlds=worlds), self._stores.pop(values, {})
        first = next((array.shape[-1] for array in before.values()), 0)
        store = grown(before, stage)
        self._bytes -= _bytes(before)
        fill_store(stage, store, question.rules, question.threads, self._progress, first)
        if worlds < self._alone.worlds and self._bytes + _bytes(store) <= MOST_BYTES:
            self._stores[values] = store
            self._bytes += _bytes(store)
        return dataset(store, stage)


def _bytes(store) -> int:
    return sum(array.nbytes for array in store.values())
