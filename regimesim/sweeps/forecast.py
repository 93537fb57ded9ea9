"""What a sweep would take: measured on a few of its worlds, and told as an estimate."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from regimesim.experiment.ensemble import available_cores, warm_up
from regimesim.sweeps.cuts import SETTING_UP, weigh
from regimesim.sweeps.pieces import Piece, run_pieces
from regimesim.sweeps.plan import Plan

MEASURED = 1.5  # seconds
SAMPLE = 64  # worlds of a point that is measured
GOLDEN = 0.6180339887498949  # steps of it spread evenly over any stretch
A_WORLD = 6_000  # bytes that a world takes while it is lived through
AT_ONCE = 4_096  # worlds of a thread at once
WRITING = 2**27  # bytes that the results take while they are written


class Forecast(NamedTuple):
    """What a sweep would take: None where too little could be measured."""

    seconds: float | None
    memory: int | None  # bytes


def forecast(plan: Plan, rules=None, threads: int | None = None) -> Forecast:
    """Run some worlds at points spread over the sweep for a second or two."""
    threads = threads or available_cores()
    warm_up(plan.scenario)
    stop, samples, lock = np.zeros(1, np.int64), _samples(plan), threading.Lock()
    done: list[float] = []

    def measure():
        while not stop[0]:
            with lock:
                piece = next(samples)
            given = (plan.scenario, plan.design, [piece], plan.independent, stop, rules)
            if run_pieces(*given):
                done.append(work_of(plan, piece.last))

    began = time.perf_counter()
    bell = threading.Timer(MEASURED, stop.__setitem__, (0, 1))
    bell.start()
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(measure) for _ in range(threads)]:
            future.result()
    bell.cancel()
    spent = time.perf_counter() - began
    whole = work_of(plan, plan.worlds[-1]) * len(plan.design)
    return Forecast(whole * spent / sum(done) if done else None, _memory(threads))


def work_of(plan: Plan, worlds: int) -> float:
    """The work of so many worlds at a point of the scenario's own size."""
    scenario, policies = plan.scenario, len(plan.scenario.policies)
    return (
        worlds * float(weigh(scenario.systems, scenario.months, policies)) + SETTING_UP * policies
    )


def _samples(plan: Plan) -> Iterator[Piece]:
    """A few worlds of one point after another, all over the sweep."""
    points, worlds = len(plan.design), min(SAMPLE, plan.worlds[-1])
    step = 0
    while True:
        point = int((0.5 + step * GOLDEN) % 1 * points)
        yield Piece(point, 0, worlds)
        step += 1


def _memory(threads):
    """The peak so far, and what full batches and the writing of results will take."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    return peak + threads * AT_ONCE * A_WORLD + WRITING
