"""What could be observed of a world under a policy, in the vocabulary of the evidence.

What is observed is drawn from the likelihood by which `regimesim update` weighs worlds, so the
worth of an observation is that of an update on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import numpy as np

from regimesim.analysis.likelihoods import (
    alarms,
    caught,
    horizon,
    measured_area,
    story_incidents,
)
from regimesim.analysis.likelihoods.of_items import KINDS, World, strength_before
from regimesim.ensemble.moved_draws import own_draws
from regimesim.ensemble.observables import Observables, observe
from regimesim.ensemble.parameter_sampling import units
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario

EXERCISES, HONEYPOTS, HORIZON = "exercises", "honeypots", "horizon"
STRIKES, STORIES, ALARMS, MONITOR = "strikes_seen", "story_incidents", "alarms", "monitor"


class Shown(NamedTuple):
    """What a measurement shows in each world.

    column: (worlds,) the result · there: (worlds,) where there is one: not in worlds that were
    lost before.
    """

    column: np.ndarray
    there: np.ndarray


class Tested(NamedTuple):
    """On what a monitor is tested, as in an item of evidence of that kind."""

    monitor: str
    gap: float
    paradigm: int


@dataclass(frozen=True)
class Observation:
    """Something that could be observed of a world.

    Attributes
    ----------
    text : str
        As it is written, with the defaults filled in.
    about : str
        What is observed, in words.
    kind : str
        The kind of evidence that it is.
    policy : str
        The policy in force until then.
    size : float
        The number of trials or trajectories, or the standard error in doublings.
    first, last : int or None
        The months that it is about; none for the test of a monitor.
    test : Tested or None
        That of a monitor.
    """

    text: str
    about: str
    kind: str
    policy: str
    size: float = 0.0
    first: int | None = None
    last: int | None = None
    test: Tested | None = field(default=None)

    def shown(self, seen: Observables, tables, seed: int, numbers: np.ndarray) -> Shown:
        """What it shows in each world, with luck keyed like that of other measurements."""
        uniform = luck(self.text, seed, numbers)
        if self.last is None:
            return Shown(self._of_monitor(seen, tables, uniform), np.ones(len(numbers), bool))
        world = World(seen, self.first or 0, self.last, tables)
        months = world.months(str(KINDS[self.kind].quantity)).astype(float)
        there = ~(seen.lost <= self.last)
        months = np.where(there.reshape(-1, *[1] * (months.ndim - 1)), months, 0.0)
        return Shown(self._drawn(months, uniform), there)

    def _drawn(self, months: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """From the observables of its months, (worlds, months), one result in each world."""
        match self.kind:
            case "horizon":
                return horizon.simulated(self.size, months[:, 0], uniform)
            case "exercises" | "honeypots":
                return caught.simulated(int(self.size), months[:, 0], uniform)
            case "story_incidents":
                return story_incidents.simulated(months, uniform)
            case "alarms":
                return alarms.simulated(months, uniform)
        return months.sum(axis=1)  # strikes, which are counted in the world itself

    def _of_monitor(self, seen: Observables, tables, uniform) -> np.ndarray:
        assert self.test is not None, self
        table = getattr(tables.oversight, self.test.monitor)
        slope = seen.parameters[f"oversight.{self.test.monitor}.slope"]
        strength = strength_before(self.test, World(seen, 0, 0, tables), table, slope)
        area = measured_area.area_of(strength, slope, table.curve)
        return measured_area.simulated(area, self.size, uniform)


def luck(text: str, seed: int, numbers: np.ndarray) -> np.ndarray:
    """The uniforms of a measurement (worlds,), keyed by the seed, the world and its text."""
    seeds = np.full(len(numbers), seed, np.int64)
    return units(seeds, np.asarray(numbers, np.int64), crc32(f"measure.{text}".encode()))[:, 0]


def months_needed(observations: Iterable[Observation]) -> int:
    """How many months of worlds are simulated for them, all policies together."""
    last: dict[str, int] = {}
    for one in observations:
        if one.last is not None:
            last[one.policy] = max(last.get(one.policy, 0), one.last + 1)
    return sum(last.values())


def observed(
    observations: Iterable[Observation],
    scenario: Scenario,
    numbers: np.ndarray,
    rules: Mapping[str, Policy],
    threads: int | None = None,
) -> dict[str, Shown]:
    """What each observation shows in each world, by its text.

    Parameters
    ----------
    observations : iterable of Observation
        Those that could be made.
    scenario : Scenario
        The scenario.
    numbers : ndarray of int64, shape (worlds,)
        The number of each world, as in a run.
    rules : mapping of str to Policy
        The policies that are written in Python, by name.
    threads : int, optional
        By default one a core.
    """
    by_policy: dict[str, list[Observation]] = {}
    for one in observations:
        by_policy.setdefault(one.policy, []).append(one)
    if not by_policy:
        return {}
    draws = own_draws(scenario, int(numbers.max()) + 1).some(numbers)
    shown: dict[str, Shown] = {}
    for policy, here in by_policy.items():
        wanted: dict[str, set[int]] = {}
        for one in here:
            quantity = KINDS[one.kind].quantity
            if one.last is not None and quantity is not None:
                wanted.setdefault(quantity, set()).update(range(one.first or 0, one.last + 1))
        months = months_needed(here)
        seen = observe(scenario, policy, draws, wanted, months, rules.get(policy), threads)
        tables = scenario.policies[policy]
        for one in here:
            shown[one.text] = one.shown(seen, tables, scenario.seed, numbers)
    return shown
