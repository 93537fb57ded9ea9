"""The odds under the settings of the page: an ensemble in the background, which grows while
nobody asks for another one, and stops as soon as somebody does."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimands import estimate
from regimesim.analysis.survival import Curve, cumulative_share
from regimesim.ensemble.datasets import dataset, fill, grown, in_memory
from regimesim.ensemble.ensemble import available_cores, run_share, shares
from regimesim.model.world.records import THRESHOLDS, names
from regimesim.scenario import Scenario

SIZES = tuple(2**k for k in range(4, 13))  # worlds after which the odds are shown: 16 to 4,096
AT_ONCE = 3_000_000  # system-months: a smaller ensemble is not worth being shown by itself
PATIENCE = 2.5  # seconds: a size that would end later is not begun …
ENOUGH, LONGER = 1024, 8  # … but with fewer worlds than this patience is so many times as long
SHOWN = (
    "held_first_critical_try",
    "no_takeover",
    "evidence_gap",
    "believed_catch_rate",
    "true_catch_rate",
)


class Odds(NamedTuple):
    """What an ensemble gives: estimates of `SHOWN` by name, the share of worlds that met a
    critical try, a curve for each threshold, and whether more worlds are under way."""

    scenario: Scenario
    estimates: dict
    met: float
    curves: dict[str, Curve]
    seconds: float
    growing: bool

    @property
    def worlds(self) -> int:
        """How many worlds are behind it."""
        return self.scenario.worlds


def sizes_for(scenario: Scenario) -> tuple[int, ...]:
    """The numbers of worlds after which the odds are shown: the first takes a moment."""
    a_world = scenario.systems * scenario.months
    return tuple(size for size in SIZES if 2 * size * a_world > AT_ONCE) or SIZES[-1:]


def growing_odds(scenario: Scenario, stop: np.ndarray, sizes=(), patience=PATIENCE):
    """Odds of the first policy of a scenario from more and more worlds, until `patience` is
    spent or `stop[0]` is set, after which nothing more comes."""
    began = time.perf_counter()
    store, done, sizes = None, 0, sizes or sizes_for(scenario)
    for size in sizes:
        larger = scenario.override({"worlds": size}) if scenario.worlds != size else scenario
        store = grown(store, larger) if store else in_memory(larger)
        _live(larger, store, done, stop)
        if stop[0]:
            return
        done, spent = size, time.perf_counter() - began
        allowed = patience if size >= ENOUGH else LONGER * patience
        last = size == sizes[-1] or 2 * spent > allowed  # each size is twice the one before
        yield _odds(larger, store, spent, not last)
        if last:
            return


def _live(scenario, store, first, stop):
    """Live through the worlds from `first` on into `store`; worthless where `stop` is set."""
    threads = available_cores()
    (tables,) = scenario.policies.values()
    with ThreadPoolExecutor(threads) as pool:
        cut = list(shares(scenario, threads, first))
        lived = pool.map(lambda share: run_share(scenario, tables, None, share, stop), cut)
        for share, (outcomes, _, drawn) in zip(cut, lived, strict=True):
            fill(store, share.policy, share.first, outcomes, drawn)


def _odds(scenario, store, seconds, growing) -> Odds:
    worlds = dataset(store, scenario)
    (policy,) = scenario.policies
    crossing = worlds["crossing"].sel(policy=policy)
    curves = {
        name: cumulative_share(crossing.sel(threshold=name).values, scenario.months)
        for name in names(THRESHOLDS)
    }
    met = float(curves["first_critical_try"].share[-1])
    estimates = {name: estimate(worlds, policy, name) for name in SHOWN}
    return Odds(scenario, estimates, met, curves, seconds, growing)


class Asker:
    """Asks for odds in a thread of its own; a new question stops the one before.

    publish: called with each Odds, and with the exception should there be one.
    """

    def __init__(self, publish: Callable):
        self._publish = publish
        self._lock = threading.Lock()
        self._stop = np.zeros(1, np.int64)

    def ask(self, scenario: Scenario):
        """Begin with the odds of a scenario of one policy."""
        with self._lock:
            self._stop[0] = 1
            self._stop = stop = np.zeros(1, np.int64)
        threading.Thread(target=self._answer, args=(scenario, stop), daemon=True).start()

    def stop(self):
        """End what is under way."""
        with self._lock:
            self._stop[0] = 1

    def _answer(self, scenario, stop):
        try:
            for odds in _unless_stopped(growing_odds(scenario, stop), stop):
                self._publish(odds)
        except Exception as error:  # a page that waits for ever would tell nothing
            if not stop[0]:
                self._publish(error)


def _unless_stopped(found: Iterator[Odds], stop) -> Iterator[Odds]:
    for odds in found:
        if stop[0]:
            return
        yield odds
