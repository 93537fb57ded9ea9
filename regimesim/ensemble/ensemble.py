"""The ensemble: many worlds under every policy of a scenario, in parallel threads."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from regimesim.ensemble.datasets import AGAIN, dataset, fill, in_memory
from regimesim.ensemble.memory import check_memory, memory_of_sums, memory_of_threads
from regimesim.ensemble.months import Months
from regimesim.ensemble.other_luck import is_repeated, other_luck
from regimesim.ensemble.parameter_sampling import (
    columns,
    draw_parameters,
    make_stack,
    uncertain,
)
from regimesim.ensemble.threads import in_threads, number_of_threads
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED, in_background
from regimesim.model.dynamics.expectation import CONTINUATION_RATE
from regimesim.model.dynamics.month import DONE, GOVERN, PROCEED, RULE, simulate
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario, load, parse
from regimesim.scenario.scenario import check_correlated

if TYPE_CHECKING:
    import xarray

# system-months of a share of a run, which take milliseconds to tens of milliseconds
LEAST_SHARE, MOST_SHARE = 200_000, 2_500_000
MOST_OF_SHARE = MOST_WORLDS // 4  # worlds of it: at work and waiting, they take 6 KB each
FOREVER = 2**31

# what a function takes for a scenario
ScenarioLike: TypeAlias = Scenario | str | PathLike[str] | Mapping[str, Any]
# what a function takes for policies: names, and policies written in Python
PoliciesLike: TypeAlias = str | Policy | Iterable[str | Policy]


class Run(NamedTuple):
    """The result of a run.

    Attributes
    ----------
    worlds : xarray.Dataset
        The outcomes of each world under each policy.
    months : xarray.Dataset
        Means over worlds in each month under each policy.
    """

    worlds: "xarray.Dataset"
    months: "xarray.Dataset"


class Share(NamedTuple):
    """A share of a run: the worlds `first` to `last` (exclusive) under one policy."""

    policy: int
    first: int
    last: int


def run(
    scenario: ScenarioLike,
    policies: Iterable[Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Run:
    """Run every policy of a scenario in the same worlds.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario.
    policies : iterable of Policy
        Further policies, written in Python.
    threads : int, optional
        By default one for each core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Run
        The datasets `worlds` and `months`.

    Raises
    ------
    Refusal
        For a policy whose rule fails, a name that is taken, and a run that does not fit into
        memory.
    """
    scenario, rules = with_rules(scenario, policies)
    store = in_memory(scenario)
    months = fill_store(scenario, store, rules, threads, progress)
    return Run(dataset(store, scenario), months.dataset())


def with_rules(
    scenario: ScenarioLike, policies: Iterable[Policy]
) -> tuple[Scenario, dict[str, Policy]]:
    """The scenario with further policies written in Python, and their rules by name.

    Raises Refusal for a rule that cannot be used (`Policy.prepare`), and a name that is taken.
    """
    rules: dict[str, Policy] = {}
    scenario = as_scenario(scenario)
    for item in policies:
        if item.name in rules or item.name in scenario.policies:
            raise Refusal(f"policies: there are two of the name '{item.name}'")
        scenario = scenario.with_policy(item.name, item.settings)
        in_background(partial(item.prepare, scenario.policies[item.name]))
        rules[item.name] = item
    return scenario, rules


def select(
    scenario: ScenarioLike, policies: PoliciesLike = ()
) -> tuple[Scenario, dict[str, Policy]]:
    """The scenario with the chosen policies only, and the rules of those written in Python.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario.
    policies : iterable of str or Policy
        Names of policies of the scenario, and policies written in Python; by default all
        policies of the scenario.

    Raises
    ------
    Refusal
        For an unknown name, and for an object that is neither.
    """
    chosen = listed(policies)
    scenario, rules = with_rules(scenario, [one for one in chosen if not isinstance(one, str)])
    names = [one if isinstance(one, str) else one.name for one in chosen]
    return (scenario.choose(names) if names else scenario), rules


def listed(policies: PoliciesLike) -> list[str | Policy]:
    """What a function takes for policies, as a list.  Raises Refusal for anything else."""
    if isinstance(policies, str | Policy) or not isinstance(policies, Iterable):
        policies = [policies]
    chosen = list(policies)
    wrong = [item for item in chosen if not isinstance(item, str | Policy)]
    if wrong:
        allowed = "names and what @regimesim.policy makes"
        raise Refusal(f"policies: found {wrong[0]!r}; allowed are {allowed}")
    return chosen


def select_one(
    scenario: ScenarioLike, policies: PoliciesLike = ()
) -> tuple[Scenario, dict[str, Policy]]:
    """The same for a study of a single policy, by default `default_policy`."""
    chosen = listed(policies)
    if len(chosen) > 1:
        raise Refusal(f"policies: found {len(chosen)}; allowed is one, since its study has one")
    scenario = as_scenario(scenario)
    return select(scenario, chosen or [default_policy(scenario)])


def default_policy(scenario: Scenario) -> str:
    """The policy that is studied where none is named: the first with a monitor, which has more to
    show than one without safeguards; else the first."""
    watched = (name for name, t in scenario.policies.items() if make_stack(t).audits)
    return next(watched, next(iter(scenario.policies)))


def as_scenario(source: object) -> Scenario:
    """The Scenario itself, or read from a path or a mapping; raises Refusal for anything else."""
    if isinstance(source, Scenario):
        return source
    if isinstance(source, str | PathLike):
        return load(source)
    if isinstance(source, Mapping):
        scenario = parse(source)
        check_correlated(scenario)
        return scenario
    raise Refusal(f"a scenario is a Scenario, a path or a mapping, not {type(source).__name__}")


def fill_store(
    scenario, store, rules=(), threads=None, progress=None, first=0, months=None, draws=None
) -> Months:
    """Run the worlds of a scenario from `first` on.

    Their outcomes are written to `store` (arrays by name, in memory or in a file), and their
    monthly sums are added to `months`, those of the worlds before.  Where `AGAIN` is in `store`,
    some worlds are simulated a second time.

    draws: the luck and the uniforms of the worlds, where they do not follow from the seed alone
    (`regimesim.ensemble.moved_draws`).
    """
    threads = number_of_threads(threads)
    check_run_memory(scenario, threads)
    months = Months(scenario) if months is None else months
    months.scenario = scenario  # with more worlds than at the last call
    tables = list(scenario.policies.values())
    own = [dict(rules).get(name) for name in scenario.policies]
    warm_up(scenario)
    stop = np.zeros(1, np.int64)

    def simulate(share):
        run_of = scenario, tables[share.policy], own[share.policy], share, stop
        again = run_again(*run_of) if AGAIN in store else None
        outcomes, monthly, drawn = run_share(*run_of, draws=draws)
        # copies, so that the hundreds of other parameters of each world need not wait with them
        recorded = {name: drawn[name].copy() for name in drawn.keys() & store.keys()}
        return outcomes, monthly, recorded, again

    def enter(share, results):
        outcomes, monthly, drawn, again = results
        fill(store, share.policy, share.first, outcomes, drawn, again)
        months.add(share.policy, monthly, outcomes)
        if progress:
            progress(share.last - share.first)

    in_threads(simulate, shares(scenario, threads, first), enter, threads, lambda: stop.fill(1))
    return months


def check_run_memory(scenario, threads):
    """Refuse a run whose threads and monthly sums do not fit into memory."""
    policies, months = len(scenario.policies), scenario.months
    needed = memory_of_threads(threads, scenario.labs, scenario.systems)
    needed += memory_of_sums(policies, months)
    sizes = f"{scenario.systems:,} systems, {months:,} months, {policies} policies"
    size = f"{scenario.source}: {sizes}, {threads:,} threads"
    check_memory(size, needed, "lower one of them")


def shares(scenario, threads, begin=0):
    """Divide a run, from world `begin` on, into shares.

    They get smaller towards the end, so that no thread waits long for the last one.
    """
    a_world, first = scenario.systems * scenario.months, begin
    least, most = LEAST_SHARE // a_world, min(MOST_SHARE // a_world, MOST_OF_SHARE)
    while first < scenario.worlds:
        fair = (scenario.worlds - first) * len(scenario.policies) // (3 * threads)
        size = max(min(max(fair, least), most) // WIDTH, 1) * WIDTH
        last = min(first + size, scenario.worlds)
        for policy in range(len(scenario.policies)):
            yield Share(policy, first, last)
        first = last


def run_share(
    scenario, tables, rule, share, stop, continuation_rate=CONTINUATION_RATE, draws=None
):
    """Run one share: (outcomes, monthly sums, every parameter by name)."""
    numbers, uniforms = np.arange(share.first, share.last, dtype=np.int64), None
    if draws is not None:
        numbers, uniforms = draws.numbers[share.first : share.last], draws.uniforms(share)
    seeds = np.full(len(numbers), scenario.seed, np.int64)
    batch = _run_worlds(scenario, tables, rule, numbers, seeds, stop, continuation_rate, uniforms)
    named = {name: batch.drawn[:, column] for name, column in columns(tables).items()}
    return batch.outcomes, batch.monthly, named


def fill_chosen(
    scenario: Scenario,
    store: Mapping,
    chosen: Iterable[np.ndarray],
    rules: Mapping[str, Policy | None],
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Run some worlds of each policy, of which the numbers are `chosen`, and write their outcomes
    to their places in `store`."""
    tables, own = list(scenario.policies.values()), [rules.get(one) for one in scenario.policies]
    warm_up(scenario)
    stop = np.zeros(1, np.int64)
    most = max(LEAST_SHARE // (scenario.systems * scenario.months) // WIDTH, 1) * WIDTH

    def simulate(task):
        policy, numbers = task
        seeds = np.full(len(numbers), scenario.seed, np.int64)
        worlds = tables[policy], own[policy], numbers, seeds, stop, CONTINUATION_RATE
        return _run_worlds(scenario, *worlds).outcomes

    def enter(task, outcomes):
        fill(store, *task, outcomes, {})
        if progress:
            progress(len(outcomes))

    tasks = (
        (policy, numbers[first : first + most])
        for policy, numbers in enumerate(chosen)
        for first in range(0, len(numbers), most)
    )
    in_threads(simulate, tasks, enter, threads, lambda: stop.fill(1))


def run_again(scenario, tables, rule, share, stop):
    """The expected takeover of worlds of a share with the same drawn parameters and other luck;
    NaN where a world is not repeated (`regimesim.ensemble.other_luck`)."""
    numbers = np.arange(share.first, share.last, dtype=np.int64)
    again, numbers = np.full(len(numbers), np.nan), numbers[chosen := is_repeated(numbers)]
    if not uncertain(tables) or not numbers.size:
        return again
    seeds = other_luck(np.full(len(numbers), scenario.seed, np.int64))
    batch = _run_worlds(scenario, tables, rule, numbers, seeds, stop, CONTINUATION_RATE)
    again[chosen] = batch.outcomes["expected_takeover"]
    return again


def _run_worlds(scenario, tables, rule, numbers, seeds, stop, continuation_rate, uniforms=None):
    """Run worlds whose parameters follow from the scenario's seed, or from `uniforms`, and all
    other draws from `seeds`: a batch."""
    of_parameters = np.full(len(numbers), scenario.seed, np.int64)
    drawn = draw_parameters(tables, scenario.start, of_parameters, numbers, uniforms)
    batch = make_batch(seeds, numbers, drawn, scenario.months, stop, continuation_rate)
    run_batch(make_tile(scenario.labs, scenario.systems), make_stack(tables), batch, rule)
    return batch


def run_batch(tile, stack, batch, rule: Policy | None = None, advance=simulate):
    """Run a batch of worlds to the end, or until `batch.stop` is set.

    advance: what simulates some months; it takes the arguments of `simulate`.
    """
    if rule is None:
        advance(tile, stack, batch, GOVERN | PROCEED, FOREVER)
    elif INTERPRETED:
        _run_in_steps(tile, stack, batch, rule, advance)
    else:
        rule.let_call(batch)
        advance(tile, stack, batch, GOVERN | RULE | PROCEED, FOREVER)
        rule.check(tile, batch)


def _run_in_steps(tile, stack, batch, rule: Policy, advance):
    """Run a batch whose rule is called from Python."""
    while batch.tally[DONE] < len(batch.numbers) and not batch.stop[0]:
        advance(tile, stack, batch, GOVERN, 1)
        rule.set_levers(tile)
        advance(tile, stack, batch, PROCEED, 1)


def warm_up(scenario):
    """Compile the model, or load it from disk, in the background, so that Ctrl-C still works."""
    tables, stop = next(iter(scenario.policies.values())), np.zeros(1, np.int64)
    in_background(lambda: run_share(scenario, tables, None, Share(0, 0, 0), stop))
