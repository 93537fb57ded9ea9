"""Futures and their luck: each drawn set of assumptions, in several worlds.

The first world of each future is that of a run.  The others have its drawn parameters and the
luck of other world numbers, the same under every policy.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from regimesim.analysis.assumptions import drawn_under
from regimesim.analysis.present_worlds import present_worlds
from regimesim.ensemble.datasets import drawn_names
from regimesim.ensemble.first_tries import first_tries
from regimesim.ensemble.moved_draws import own_draws
from regimesim.scenario import Scenario
from regimesim.studies.robust.question import Question, has_futures
from regimesim.studies.value import KEPT


class Futures(NamedTuple):
    """The futures of a scenario.

    Attributes
    ----------
    scenario : Scenario
        The scenario.
    values : ndarray, shape (policies, repeats, futures)
        The value of each policy in each world.  A scenario that draws nothing is one future, in
        as many worlds as it has.
    drawn : dict of str to ndarray, shape (futures,)
        The parameters that futures differ in.
    """

    scenario: Scenario
    values: np.ndarray
    drawn: dict[str, np.ndarray]

    @property
    def number(self) -> int:
        return self.values.shape[2]


def in_stages(question: Question, progress) -> Iterator[tuple[int, list[Futures]]]:
    """The futures of every scenario, with as many repeats as each stage of the question has."""
    known = [_first(question, scenario, progress) for scenario in question.scenarios]
    done = 1
    for repeats in question.stages:
        for place, one in enumerate(known):
            if has_futures(one.scenario):
                more = [
                    _values(question, one.scenario, number, progress)
                    for number in range(done, repeats)
                ]
                values = np.concatenate([one.values, *(m[:, None] for m in more)], axis=1)
                known[place] = one._replace(values=values)
        done = repeats
        yield repeats, list(known)


def _first(question: Question, scenario: Scenario, progress) -> Futures:
    """The first world of each future; of a scenario that draws nothing, all worlds."""
    kept = (*KEPT, *drawn_names(scenario))
    worlds = first_tries(scenario, question.threads, progress, kept, question.rules)
    there = present_worlds(worlds)
    values = np.stack([question.value.of(there, name) for name in scenario.policies])
    if not has_futures(scenario):
        return Futures(scenario, values[:, :, None], {})
    return Futures(scenario, values[:, None, :], drawn_under(there, list(scenario.policies)))


def _values(question: Question, scenario: Scenario, repeat: int, progress) -> np.ndarray:
    """The value of each policy in each future, with the luck of a repeat: (policies, futures)."""
    own = own_draws(scenario)
    other = own._replace(numbers=own.numbers + repeat * scenario.worlds)
    worlds = first_tries(scenario, question.threads, progress, KEPT, question.rules, other)
    there = present_worlds(worlds)
    return np.stack([question.value.of(there, name) for name in scenario.policies])
