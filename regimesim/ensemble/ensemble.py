"""The ensemble: many worlds of every policy of a scenario, in parallel threads."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from regimesim.ensemble.datasets import Months, dataset, fill, in_memory
from regimesim.ensemble.interrupts import LOOK, interrupted_by_flag
from regimesim.ensemble.memory import check_memory, living, monthly
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, make_stack
from regimesim.errors import Refusal
from regimesim.model.compilation import in_background
from regimesim.model.dynamics.expectation import CARRY
from regimesim.model.dynamics.month import DONE, GOVERN, PROCEED, live
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario, load, parse

if TYPE_CHECKING:
    import xarray

# system-months of a share of a run: some thousandths to some hundredths of a second
LEAST_SHARE, MOST_SHARE = 200_000, 2_500_000
FOREVER = 2**31

ScenarioLike = Scenario | str | PathLike[str] | Mapping[str, Any]  # what stands for a scenario


class Run(NamedTuple):
    """What a run gives: `worlds`, a row a world, and `months`, means a month."""

    worlds: "xarray.Dataset"
    months: "xarray.Dataset"


class Share(NamedTuple):
    """A share of a run: worlds `first` to `last` (not included) of one policy."""

    policy: int
    first: int
    last: int


def run(
    scenario: ScenarioLike,
    policies: Iterable[Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Run:
    """Run every policy of a scenario, and further `policies` written in Python, in the
    same worlds.

    threads: one a core by default · progress: called with the number of worlds that have
    just been finished.  Raises Refusal for a policy that sets NaN.
    """
    scenario, rules = with_rules(scenario, policies)
    store = in_memory(scenario)
    months = fill_store(scenario, store, rules, threads, progress)
    return Run(dataset(store, scenario), months.dataset())


def with_rules(
    scenario: ScenarioLike, policies: Iterable[Policy]
) -> tuple[Scenario, dict[str, Policy]]:
    """The scenario with policies written in Python added, and their rules by name.

    Raises Refusal for what is no policy, and for a name that is taken.
    """
    rules: dict[str, Policy] = {}
    scenario = as_scenario(scenario)
    for item in policies:
        if not isinstance(item, Policy):
            raise Refusal(
                f"policies: found {item!r}; allowed are names and what @regimesim.policy makes"
            )
        if item.name in rules or item.name in scenario.policies:
            raise Refusal(f"policies: there are two of the name '{item.name}'")
        scenario = scenario.with_policy(item.name, item.settings)
        rules[item.name] = item
    return scenario, rules


def select(
    scenario: ScenarioLike, policies: Iterable[str | Policy] = ()
) -> tuple[Scenario, dict[str, Policy]]:
    """The scenario with the chosen policies alone, and the rules of those written in Python.

    policies: names of the scenario's own, and policies written in Python; by default all of
    the scenario.  Raises Refusal for what is neither.
    """
    chosen = [policies] if isinstance(policies, str | Policy) else list(policies)
    scenario, rules = with_rules(scenario, [one for one in chosen if not isinstance(one, str)])
    names = [one if isinstance(one, str) else one.name for one in chosen]
    return (scenario.choose(names) if names else scenario), rules


def as_scenario(given: ScenarioLike) -> Scenario:
    """The Scenario that a Scenario, a path or a mapping stands for; raises Refusal."""
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str | PathLike):
        return load(given)
    if isinstance(given, Mapping):
        return parse(given)
    raise Refusal(f"a scenario is a Scenario, a path or a mapping, not {type(given).__name__}")


def fill_store(
    scenario, store, rules=(), threads=None, progress=None, first=0, months=None
) -> Months:
    """Run the worlds of a scenario, from `first` on, into `store` (arrays by name, in memory
    or in a file), and add them to the sums `months` of the worlds before."""
    threads = available_cores() if threads is None else threads
    if threads < 1:
        raise Refusal(f"threads: found {threads}; allowed is 1 or more")
    check_room(scenario, threads)
    months = Months(scenario) if months is None else months
    months.scenario = scenario  # it has more worlds than when the sums were begun
    tables = list(scenario.policies.values())
    own = [dict(rules).get(name) for name in scenario.policies]
    warm_up(scenario)
    stop = np.zeros(1, np.int64)
    with interrupted_by_flag() as interruption, ThreadPoolExecutor(threads) as pool:

        def submit(share):
            policy = share.policy
            return pool.submit(live_share, scenario, tables[policy], own[policy], share, stop)

        waiting = iter(shares(scenario, threads, first))
        running = {submit(share): share for share in islice(waiting, 2 * threads)}
        try:
            while running:
                done, _ = wait(running, LOOK, FIRST_COMPLETED)
                if interruption:
                    raise KeyboardInterrupt
                running |= {submit(share): share for share in islice(waiting, len(done))}
                for future in done:
                    _enter(running.pop(future), future.result(), store, months, progress)
        except BaseException:
            stop[0] = 1
            for future in running:
                future.cancel()
            raise
    return months


def check_room(scenario, threads):
    """Refuse a run whose threads and monthly sums have no room in memory."""
    policies, months = len(scenario.policies), scenario.months
    needed = living(threads, scenario.labs, scenario.systems) + monthly(policies, months)
    sizes = f"{scenario.systems:,} systems, {months:,} months, {policies} policies"
    told = f"{scenario.source}: {sizes}, {threads:,} threads"
    check_memory(told, needed, "lower one of them")


def _enter(share: Share, result, store, months, progress):
    """Keep what a finished share found."""
    outcomes, monthly, drawn = result
    fill(store, share.policy, share.first, outcomes, drawn)
    months.add(share.policy, monthly, outcomes)
    if progress:
        progress(share.last - share.first)


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shares(scenario, threads, begin=0):
    """Cut a run, from world `begin` on, into shares, which get smaller towards the end, so
    that no thread waits long for the last."""
    a_world, first = scenario.systems * scenario.months, begin
    least, most = LEAST_SHARE // a_world, min(MOST_SHARE // a_world, MOST_WORLDS)
    while first < scenario.worlds:
        fair = (scenario.worlds - first) * len(scenario.policies) // (3 * threads)
        size = max(min(max(fair, least), most) // WIDTH, 1) * WIDTH
        last = min(first + size, scenario.worlds)
        for policy in range(len(scenario.policies)):
            yield Share(policy, first, last)
        first = last


def live_share(scenario, tables, rule, share, stop, carry=CARRY):
    """Live through one share of a run: outcomes, monthly sums, every parameter by name."""
    numbers = np.arange(share.first, share.last, dtype=np.int64)
    seeds = np.full(len(numbers), scenario.seed, np.int64)
    drawn = draw_parameters(tables, scenario.start, seeds, numbers)
    batch = make_batch(seeds, numbers, drawn, scenario.months, stop, carry)
    live_through(make_tile(scenario.labs, scenario.systems), make_stack(tables), batch, rule)
    named = {name: drawn[:, column] for name, column in columns(tables).items()}
    return batch.outcomes, batch.monthly, named


def live_through(tile, stack, batch, rule: Policy | None = None):
    """Live through a whole batch of worlds, or until `batch.stop` is set."""
    if rule is None:
        live(tile, stack, batch, GOVERN | PROCEED, FOREVER)
        return
    while batch.tally[DONE] < len(batch.numbers) and not batch.stop[0]:
        live(tile, stack, batch, GOVERN, 1)
        rule.set_levers(tile)
        live(tile, stack, batch, PROCEED, 1)


def warm_up(scenario):
    """Compile the month, or load it from disk; Ctrl-C is answered meanwhile."""
    tables, stop = next(iter(scenario.policies.values())), np.zeros(1, np.int64)
    in_background(lambda: live_share(scenario, tables, None, Share(0, 0, 0), stop))
