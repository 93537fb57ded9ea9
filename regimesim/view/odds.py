"""The odds under the settings of the page: an ensemble in the background, which grows
until other settings are chosen."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from regimesim.analysis.composition import Outcomes, endings, outcomes
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.present_worlds import crossing, present_worlds
from regimesim.analysis.survival import Curve, cumulative_share
from regimesim.analysis.variance_shares import Share, assumption_shares
from regimesim.ensemble.datasets import dataset, fill, grown, in_memory
from regimesim.ensemble.ensemble import run_share, shares
from regimesim.ensemble.threads import available_cores, in_threads
from regimesim.model.world.records import THRESHOLDS, names
from regimesim.scenario import Scenario
from regimesim.view.flips import seek

SIZES = tuple(2**k for k in range(4, 13))  # worlds after which the odds are shown: 16 to 4,096
AT_ONCE = 3_000_000  # system-months: smaller ensembles are not shown separately
PATIENCE = 2.5  # seconds: a size that would take longer is not started …
ENOUGH, LONGER = (
    1024,
    8,
)  # … but smaller sizes may take this many times longer
SHOWN = (
    "held_first_critical_try",
    "no_takeover",
    "evidence_gap",
    "believed_catch_rate",
    "true_catch_rate",
    "growth_lost",
    "audited",
)


class Odds(NamedTuple):
    """Estimates of `SHOWN` by name, the share of worlds that met a critical try, a curve for
    each threshold, what the odds consist of (`regimesim.analysis.composition`), the assumptions
    that decide, the first of them most, and whether more worlds are being run."""

    scenario: Scenario
    estimates: dict
    met: float
    curves: dict[str, Curve]
    endings: dict[str, Estimate]
    outcomes: Outcomes
    deciding: list[Share]
    seconds: float
    growing: bool

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.scenario.worlds


def sizes_for(scenario: Scenario) -> tuple[int, ...]:
    """Numbers of worlds after which the odds are shown; the first takes a moment."""
    a_world = scenario.systems * scenario.months
    return tuple(size for size in SIZES if 2 * size * a_world > AT_ONCE) or SIZES[-1:]


def growing_odds(scenario: Scenario, stop: np.ndarray, sizes=(), patience=PATIENCE):
    """Yield the odds of the first policy from more and more worlds, until `patience` is used
    up or `stop[0]` is set."""
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
    """Run the worlds from `first` on into `store`, which is incomplete if `stop` is set."""
    threads = available_cores()
    (tables,) = scenario.policies.values()

    def simulate(share):
        return run_share(scenario, tables, None, share, stop)

    def enter(share, results):
        outcomes, _, drawn = results
        fill(store, share.policy, share.first, outcomes, drawn)

    in_threads(simulate, shares(scenario, threads, first), enter, threads)


def _odds(scenario, store, seconds, growing) -> Odds:
    worlds = dataset(store, scenario)
    (policy,) = scenario.policies
    curves = {
        name: cumulative_share(crossing(worlds, policy, name), scenario.months)
        for name in names(THRESHOLDS)
    }
    met = float(curves["first_critical_try"].share[-1])
    there = present_worlds(worlds)
    return Odds(
        scenario,
        {name: estimate(there, policy, name) for name in SHOWN},
        met,
        curves,
        endings(there, policy),
        outcomes(there, policy),
        assumption_shares(there, policy),
        seconds,
        growing,
    )


class Asker:
    """Computes odds in a thread, and then what would flip them; a new request stops the previous
    one, and waits for the end of its odds, so that one ensemble at a time takes memory.

    publish: called with each Odds, with each Explanation, and with the exception should there be
    one.
    """

    def __init__(self, publish: Callable):
        self._publish = publish
        self._lock = threading.Lock()
        self._stop = np.zeros(1, np.int64)
        self._thread: threading.Thread | None = None
        self._seeker: threading.Thread | None = None

    def ask(self, scenario: Scenario):
        """Start computing the odds of a scenario with one policy."""
        with self._lock:
            self._stop[0] = 1
            self._stop = np.zeros(1, np.int64)
            request = scenario, self._stop, self._thread
            self._thread = threading.Thread(target=self._answer, args=request, daemon=True)
            self._thread.start()

    def _seek(self, scenario, stop):
        """Look for what would flip the odds, in a thread for which no other odds wait."""
        with self._lock:
            if not stop[0]:
                request = scenario, stop, self._seeker
                self._seeker = threading.Thread(target=self._flip, args=request, daemon=True)
                self._seeker.start()

    def _flip(self, scenario, stop, previous):
        if previous is not None:
            previous.join()
        try:
            seek(scenario, stop, self._publish)
        except Exception as error:
            if not stop[0]:
                self._publish(error)

    def stop(self):
        """Stop the current computation."""
        with self._lock:
            self._stop[0] = 1

    def _answer(self, scenario, stop, previous):
        if previous is not None:
            previous.join()
        try:
            for odds in _unless_stopped(growing_odds(scenario, stop), stop):
                self._publish(odds)
            self._seek(scenario, stop)
        except Exception as error:  # otherwise the page would wait forever
            if not stop[0]:
                self._publish(error)


def _unless_stopped(stream: Iterator[Odds], stop) -> Iterator[Odds]:
    while not stop[0] and (odds := next(stream, None)) is not None:
        if not stop[0]:
            yield odds
