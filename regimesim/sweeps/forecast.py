"""The time and memory that a sweep needs, estimated from a few of its worlds."""

import sys
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.ensemble import warm_up
from regimesim.ensemble.threads import available_cores, in_threads
from regimesim.ensemble.workload import weigh
from regimesim.sweeps.chunking import SETTING_UP
from regimesim.sweeps.plan import Plan
from regimesim.sweeps.work_units import WorkUnit, run_units

MEASURED = 1.5  # seconds of measurement
SAMPLE = 64  # worlds of each measured point
STARTING = 2.0  # seconds to start a command
A_ROW = 0.001  # seconds to write the estimates of a policy at a point
GOLDEN = 0.6180339887498949  # steps of this size spread evenly over the points
A_WORLD = 6_000  # bytes of a running world
AT_ONCE = 4_096  # worlds that a thread runs at once
WRITING = 2**27  # bytes needed to write the results


class Forecast(NamedTuple):
    """The time and memory that a sweep needs; None where too little could be measured."""

    seconds: float | None
    memory: int | None  # bytes


def forecast(plan: Plan, rules=None, threads: int | None = None, done=()) -> Forecast:
    """Measure some worlds at points spread over the sweep, for a second or two.

    done: numbers of finished chunks · The time is that of the plan's shard, with starting and
    writing, without figures.
    """
    threads = threads or available_cores()
    warm_up(plan.scenario)
    stop, samples, lock = np.zeros(1, np.int64), _samples(plan), threading.Lock()
    ended: list[float] = []

    def measure(_):
        while not stop[0]:
            with lock:
                unit = next(samples)
            arguments = (plan.scenario, plan.design, [unit], plan.independent, stop, rules)
            if run_units(*arguments):
                ended.append(work_of(plan, unit.last))

    began = time.perf_counter()
    bell = threading.Timer(MEASURED, stop.__setitem__, (0, 1))
    bell.start()
    in_threads(measure, range(threads), lambda *_: None, threads, lambda: stop.fill(1))
    bell.cancel()
    spent = time.perf_counter() - began
    if not ended:
        return Forecast(None, _memory(threads))
    running = _left(plan, done) * spent / sum(ended)
    rows = 0 if plan.shard else len(plan.design) * len(plan.scenario.policies)
    return Forecast(STARTING + running + rows * A_ROW, _memory(threads))


def _left(plan: Plan, done) -> float:
    """The work of the chunks of the plan, or of its shard, that are not finished."""
    numbers, done = np.array(plan.chunking.numbers()), np.array(list(done), int)
    left = 0.0
    for row in plan.chunking.rows:  # chunks of one row hold the same work
        first, last = row.begin, row.begin + len(row)
        here, there = (((n >= first) & (n < last)).sum() for n in (numbers, done))
        left += row.size * len(plan.design) * (here - there) / len(row)
    return left * work_of(plan, plan.worlds[-1]) / plan.worlds[-1]


def work_of(plan: Plan, worlds: int) -> float:
    """The work of `worlds` worlds at a point with the size of the scenario."""
    scenario, policies = plan.scenario, len(plan.scenario.policies)
    return (
        worlds * float(weigh(scenario.systems, scenario.months, policies)) + SETTING_UP * policies
    )


def _samples(plan: Plan) -> Iterator[WorkUnit]:
    """A few worlds of one point after another, spread over the sweep."""
    points, worlds = len(plan.design), min(SAMPLE, plan.worlds[-1])
    step = 0
    while True:
        point = int((0.5 + step * GOLDEN) % 1 * points)
        yield WorkUnit(point, 0, worlds)
        step += 1


def _memory(threads):
    """Bytes: the peak so far, and what full batches and writing the results will add."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    return peak + threads * AT_ONCE * A_WORLD + WRITING
