"""What overseers could see of worlds, month by month, and what the model expects to be seen.

Worlds are simulated for the months that are needed, as in a run, and what is needed of each month
is kept.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.ensemble import run_batch
from regimesim.ensemble.moved_draws import Draws
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, make_stack
from regimesim.ensemble.threads import in_threads, number_of_threads
from regimesim.model.dynamics import observation
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import PARADIGMS
from regimesim.model.world.records import THRESHOLDS
from regimesim.scenario import Scenario

TAKEOVER = [item.name for item in THRESHOLDS].index("takeover")
SHARE = 512  # worlds that a thread simulates before it looks for more
LABS_BY_PARADIGM = "paradigms"


class Observables(NamedTuple):
    """What was seen, or was to be expected, in each world.

    Attributes
    ----------
    lost : ndarray, shape (worlds,)
        The month of the takeover, NaN where there was none in these months.
    months : ndarray of int
        The months that were recorded.
    values : dict of str to ndarray, shape (worlds, months, ...)
        Each quantity that is wanted: one of `regimesim.model.dynamics.observation.SEEN`, or
        `paradigms`, the labs at each of the four.
    parameters : dict of str to ndarray, shape (worlds,)
        Every parameter of the policy, by dotted name.
    """

    lost: np.ndarray
    months: np.ndarray
    values: dict[str, np.ndarray]
    parameters: dict[str, np.ndarray]

    def during(self, quantity: str, first: int, last: int) -> np.ndarray:
        """A quantity in the months `first` to `last`, both included."""
        here = np.flatnonzero((self.months >= first) & (self.months <= last))
        return self.values[quantity][:, here[0] : here[-1] + 1]


def observe(
    scenario: Scenario,
    policy: str,
    draws: Draws,
    wanted: dict[str, set[int]],
    months: int,
    rule=None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Observables:
    """Simulate worlds for some months, and record what can be seen of them.

    Parameters
    ----------
    scenario : Scenario
        The scenario, of which the months beyond `months` are not simulated.
    policy : str
        The policy in force.
    draws : Draws
        The worlds.
    wanted : dict of str to set of int
        The months in which each quantity is recorded.
    months : int
        How many months are simulated.
    rule : Policy, optional
        The policy, where it is written in Python.
    threads : int, optional
        By default one a core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Observables
        With the quantities of `wanted`, in the months of any of them.
    """
    tables = scenario.policies[policy]
    kept, stop = _Kept(len(draws.numbers), wanted, tables), np.zeros(1, np.int64)

    def simulate(begin):
        some = draws.some(slice(begin, begin + SHARE))
        drawn, crossed, seen = _simulated(scenario, tables, some, months, rule, stop)
        return drawn, crossed, seen[:, kept.months]

    def enter(begin, results):
        kept.enter(begin, *results)
        if progress:
            progress(len(results[0]))

    begins = range(0, len(draws.numbers), SHARE)
    in_threads(simulate, begins, enter, number_of_threads(threads), lambda: stop.fill(1))
    return kept.observables()


class _Kept:
    """Arrays of what is wanted, which shares of worlds fill."""

    def __init__(self, worlds: int, wanted: dict[str, set[int]], tables):
        self.months = np.array(sorted(set().union(*wanted.values()) if wanted else ()), int)
        self._places = {name: _places(name) for name in wanted}
        self._columns = columns(tables)
        self._values = {
            name: np.full((worlds, len(self.months), len(here)), np.nan, np.float32)
            for name, here in self._places.items()
        }
        self._parameters = {name: np.empty(worlds) for name in self._columns}
        self._lost = np.full(worlds, np.nan)

    def enter(self, begin: int, drawn, crossed, seen) -> None:
        """Keep what is wanted of the worlds from `begin` on."""
        some = slice(begin, begin + len(drawn))
        for name, column in self._columns.items():
            self._parameters[name][some] = drawn[:, column]
        self._lost[some] = np.where(crossed < 0, np.nan, crossed)
        for name, here in self._places.items():
            self._values[name][some] = seen[:, :, here]

    def observables(self) -> Observables:
        """All of it; what has one value a month is (worlds, months)."""
        flat = {
            name: array if array.shape[2] > 1 else array[:, :, 0]
            for name, array in self._values.items()
        }
        return Observables(self._lost, self.months, flat, self._parameters)


def _simulated(scenario, tables, draws: Draws, months: int, rule, stop):
    """(drawn parameters, month of the takeover or −1, what was seen) of worlds."""
    seeds = np.full(len(draws.numbers), scenario.seed, np.int64)
    drawn = draw_parameters(tables, scenario.start, seeds, draws.numbers, draws.unit)
    seen = np.full((len(seeds), months, len(observation.SEEN)), np.nan)
    if not months:
        return drawn, np.full(len(seeds), -1), seen
    batch = make_batch(seeds, draws.numbers, drawn, months, stop)
    run_batch(
        make_tile(scenario.labs, scenario.systems),
        make_stack(tables),
        batch,
        rule,
        lambda *arguments: observation.observe(*arguments, seen),
    )
    return drawn, batch.outcomes["crossing"][:, TAKEOVER], seen


def _places(name: str) -> list[int]:
    """Where a quantity stands among those that are recorded."""
    if name == LABS_BY_PARADIGM:
        return [observation.FIRST_PARADIGM + k for k in range(PARADIGMS)]
    return [observation.SEEN.index(name)]
