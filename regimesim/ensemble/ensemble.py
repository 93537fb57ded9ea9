"""The ensemble: many worlds of every policy of a scenario, in parallel threads."""

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.datasets import Months, dataset, fill, in_memory
from regimesim.ensemble.memory import check_memory, living, monthly
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, make_stack
from regimesim.ensemble.threads import (
    available_cores as available_cores,  # for those who import it from here
)
from regimesim.ensemble.threads import in_threads, number_of_threads
from regimesim.errors import Refusal
from regimesim.model.compilation import in_background
from regimesim.model.dynamics.expectation import CARRY
from regimesim.model.dynamics.month import DONE, GOVERN, PROCEED, live
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario, load, parse

# system-months of a share of a run: some thousandths to some hundredths of a second
LEAST_SHARE, MOST_SHARE = 200_000, 2_500_000
FOREVER = 2**31


class Run(NamedTuple):
    """What a run gives: `worlds`, a row a world, and `months`, means a month."""

    worlds: "xarray.Dataset"  # noqa: F821 - imported where it is used: it is slow to import
    months: "xarray.Dataset"  # noqa: F821


class Share(NamedTuple):
    """A share of a run: worlds `first` to `last` (not included) of one policy."""

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
    scenario, rules = with_rules(scenario, policies)
    store = in_memory(scenario)
    months = fill_store(scenario, store, rules, threads, progress)
    return Run(dataset(store, scenario), months.dataset())


def with_rules(scenario: Scenario, policies: Iterable[Policy]):
    """The scenario with policies written in Python added, and their rules by name.

    Raises Refusal for what is no policy, and for a name that is taken.
    """
    rules = {}
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


def select(scenario, policies: Iterable[str | Policy] = ()):
    """The scenario with the chosen policies alone, and the rules of those written in Python.

    policies: names of the scenario's own, and policies written in Python; by default all of
    the scenario.  Raises Refusal for what is neither.
    """
    chosen = [policies] if isinstance(policies, str | Policy) else list(policies)
    scenario, rules = with_rules(scenario, [one for one in chosen if not isinstance(one, str)])
    names = [one if isinstance(one, str) else one.name for one in chosen]
    return (scenario.choose(names) if names else scenario), rules


def select_one(scenario, policies: Iterable[str | Policy] = ()):
    """The same for a study of a single policy, which by default is the scenario's first."""
    chosen = [policies] if isinstance(policies, str | Policy) else list(policies)
    if len(chosen) > 1:
        raise Refusal(f"policies: found {len(chosen)}; allowed is one, since its study has one")
    scenario = as_scenario(scenario)
    return select(scenario, chosen or [next(iter(scenario.policies))])


def as_scenario(given) -> Scenario:
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
    threads = number_of_threads(threads)
    check_room(scenario, threads)
    months = Months(scenario) if months is None else months
    months.scenario = scenario  # it has more worlds than when the sums were begun
    tables = list(scenario.policies.values())
    own = [dict(rules).get(name) for name in scenario.policies]
    warm_up(scenario)
    stop = np.zeros(1, np.int64)

    def simulate(share):
        return live_share(scenario, tables[share.policy], own[share.policy], share, stop)

    def enter(share, results):
        outcomes, monthly, drawn = results
        fill(store, share.policy, share.first, outcomes, drawn)
        months.add(share.policy, monthly, outcomes)
        if progress:
            progress(share.last - share.first)

    in_threads(simulate, shares(scenario, threads, first), enter, threads, lambda: stop.fill(1))
    return months


def check_room(scenario, threads):
    """Refuse a run whose threads and monthly sums have no room in memory."""
    policies, months = len(scenario.policies), scenario.months
    needed = living(threads, scenario.labs, scenario.systems) + monthly(policies, months)
    sizes = f"{scenario.systems:,} systems, {months:,} months, {policies} policies"
    told = f"{scenario.source}: {sizes}, {threads:,} threads"
    check_memory(told, needed, "lower one of them")


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
