"""The ensemble: many worlds of every policy of a scenario, in parallel threads."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from regimesim.compiled import INTERPRETED, rule
from regimesim.dynamics import month
from regimesim.dynamics.thresholds import MONTHLY_COLUMNS
from regimesim.dynamics.tiles import make_tile
from regimesim.experiment.drawing import draw_parameters, make_stack, uncertain
from regimesim.experiment.outcomes import Months, dataset, fill, in_memory
from regimesim.oversight.policy import Policy
from regimesim.refusal import Refusal
from regimesim.scenario import Scenario
from regimesim.world.state import OUTCOME, WIDTH

BATCH = 2_500_000  # system-months a batch: some tenths of a second
LOOK = 0.1  # seconds between looks at a pending interruption


class Run(NamedTuple):
    """What a run gives: `worlds`, a row a world, and `months`, means a month."""

    worlds: "xarray.Dataset"  # noqa: F821 - imported where it is used: it is slow to import
    months: "xarray.Dataset"  # noqa: F821


class Batch(NamedTuple):
    """Worlds `first` to `last` (not included) of one policy."""

    policy: int
    first: int
    last: int


def run(
    scenario: Scenario,
    policies: Iterable[Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Run:
    """Run every policy of a scenario, and further `policies` written in Python, in the
    same worlds.

    threads: one a core by default · progress: called with the number of worlds that have
    just been finished.  Raises Refusal for a policy that sets NaN.
    """
    rules = {item.name: item for item in policies}
    for item in rules.values():
        scenario = scenario.with_policy(item.name, item.settings)
    store = in_memory(scenario)
    months = fill_store(scenario, store, rules, threads, progress)
    return Run(dataset(store, scenario), months.dataset())


def fill_store(scenario, store, rules=(), threads=None, progress=None) -> Months:
    """Run a scenario into `store` (arrays by name, in memory or in a file)."""
    threads = threads or available_cores()
    months = Months(scenario)
    tables = list(scenario.policies.values())
    own = {name: live_under(item) for name, item in dict(rules).items()}
    lives = [own.get(name, month.live) for name in scenario.policies]
    warm_up(scenario)
    stop = np.zeros(1, np.int64)
    with ThreadPoolExecutor(threads) as pool:

        def submit(batch):
            future = pool.submit(live_batch, scenario, tables, lives, batch, stop)
            future.batch = batch
            return future

        waiting = iter(batches(scenario, threads))
        running = {submit(batch) for batch in islice(waiting, 2 * threads)}
        try:
            while running:
                done, running = wait(running, LOOK, FIRST_COMPLETED)
                running |= {submit(batch) for batch in islice(waiting, len(done))}
                for future in done:
                    _enter(future, store, months, progress)
        except BaseException:
            stop[0] = 1
            for future in running:
                future.cancel()
            raise
    return months


def _enter(future: Future, store, months, progress):
    """Keep what a finished batch found."""
    batch, (outcomes, monthly, drawn) = future.batch, future.result()
    fill(store, batch.policy, batch.first, outcomes, drawn)
    months.add(batch.policy, monthly, outcomes)
    if progress:
        progress(batch.last - batch.first)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def batches(scenario, threads):
    """Cut a run into batches that take some tenths of a second, and are no fewer than
    needed to keep every thread busy to the end."""
    a_world = scenario.systems * scenario.months
    share = scenario.worlds * len(scenario.policies) // (6 * threads)
    size = max(min(BATCH // a_world, share) // WIDTH, 1) * WIDTH
    for first in range(0, scenario.worlds, size):
        for policy in range(len(scenario.policies)):
            yield Batch(policy, first, min(first + size, scenario.worlds))


def live_batch(scenario, tables, lives, batch, stop):
    """Live through one batch: outcomes, monthly sums, and uncertain parameters by name."""
    policy = tables[batch.policy]
    numbers = np.arange(batch.first, batch.last, dtype=np.int64)
    seeds = np.full(len(numbers), scenario.seed, np.int64)
    drawn = draw_parameters(policy, scenario.start, seeds, numbers)
    outcomes = np.zeros(len(numbers), OUTCOME)
    monthly = np.zeros((scenario.months, MONTHLY_COLUMNS), np.int64)
    lives[batch.policy](
        make_tile(scenario.labs, scenario.systems),
        make_stack(policy),
        seeds,
        numbers,
        drawn,
        np.full(WIDTH, -1, np.int64),
        outcomes.view(np.recarray) if INTERPRETED else outcomes,
        monthly,
        stop,
    )
    return outcomes, monthly, {name: drawn[:, k] for name, k in uncertain(policy).items()}


def warm_up(scenario):
    """Compile the month, or load it from disk, in the calling thread."""
    tables = list(scenario.policies.values())
    live_batch(scenario, tables, [month.live], Batch(0, 0, 0), np.zeros(1, np.int64))


@cache
def live_under(policy):
    """`month.live` with a policy's own rule between governance and the rest of the month."""
    apply, board, govern = policy.apply, month.board, month.govern
    proceed, alight = month.proceed, month.alight

    def live(tile, stack, seeds, numbers, drawn, aboard, outcomes, monthly, stop):
        boarded, done = np.int64(0), np.int64(0)
        while done < len(numbers) and stop[0] == 0:
            boarded = board(tile, seeds, numbers, drawn, boarded, aboard)
            govern(tile, stack)
            apply(tile)
            proceed(tile, stack, monthly)
            done += alight(tile, aboard, outcomes)
        return done

    compiled = rule(live)

    def checked(*arguments):
        try:
            return compiled(*arguments)
        except ValueError as error:
            raise Refusal(f"policy '{policy.name}': {error}") from None

    return checked
