"""Usefulness of a policy: the growth that it leaves in worlds without attempts.

A world that is lost early has no later growth to lose.  So the cost of a policy is measured in
worlds that are never lost: systems have no contact with the real world, so no attempt can
succeed and no system makes one.  Taxes, held paradigms, denser feedback and the pauses that
evaluations trigger have their usual cost.  Pauses after strikes do not occur, because there are
no strikes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import attributes
from regimesim.ensemble.ensemble import warm_up
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.ensemble.threads import in_threads
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Tables

if TYPE_CHECKING:
    import xarray

SHARE = 16 * WIDTH  # worlds a share of the work of a thread
MEASURED = {
    "doublings": ("doublings", "growth of the leading frontier since the start, mean over months"),
    "audited": ("1", "share of trajectories audited, mean over months; 0 where no monitor audits"),
}


def run_untroubled(
    scenario: Scenario,
    stages: Sequence[int] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rules: Mapping[str, Policy | None] = MappingProxyType({}),
) -> "Iterator[xarray.Dataset]":
    """Run every policy of a scenario in worlds without attempts.

    Parameters
    ----------
    scenario : Scenario
        The scenario to run, without contact of systems with the real world.
    stages : sequence of int
        Rising numbers of worlds, by default all at once; no world is run twice.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    rules : mapping of str to Policy
        The policies that are written in Python, by name.

    Yields
    ------
    Dataset
        `doublings` of growth and `audited`, a share of trajectories, (policy, world), at the end
        of each stage.
    """
    first_alike = _first_alike(scenario, rules)
    rows = {name: np.empty((len(scenario.policies), scenario.worlds)) for name in MEASURED}
    warm_up(scenario)
    own = [rules.get(name) for name in scenario.policies]
    apart = list(map(_out_of_contact, scenario.policies.values()))

    def measure(task):
        policy, first, last = task
        simulated = simulate_untroubled(scenario, apart[policy], first, last, own[policy])
        for name, values in simulated.items():
            rows[name][policy, first:last] = values
        return last - first

    def enter(_, worlds):
        if progress:
            progress(worlds)

    begin = 0
    for worlds in stages or (scenario.worlds,):
        tasks = [
            (policy, first, min(first + SHARE, worlds))
            for policy in dict.fromkeys(first_alike)
            for first in range(begin, worlds, SHARE)
        ]
        in_threads(measure, tasks, enter, threads)
        each = {name: values[first_alike] for name, values in rows.items()}
        yield _dataset(each, replace(scenario, worlds=worlds))
        begin = worlds


def untroubled_runs(scenario: Scenario, rules: Mapping[str, Policy | None]) -> int:
    """How many policies run in worlds without attempts: of equal ones, one."""
    return len(set(_first_alike(scenario, rules)))


def _first_alike(scenario, rules) -> list[int]:
    """The place of the first policy that is the same as each."""
    first: dict[tuple, int] = {}
    return [
        first.setdefault((repr(_out_of_contact(tables)), id(rules.get(name))), place)
        for place, (name, tables) in enumerate(scenario.policies.items())
    ]


def _dataset(rows, scenario):
    """The dataset of the first rows, one for each world of the scenario."""
    import xarray

    worlds = scenario.worlds
    return xarray.Dataset(
        {
            name: (
                ("policy", "world"),
                rows[name][:, :worlds],
                {"units": unit, "long_name": words},
            )
            for name, (unit, words) in MEASURED.items()
        },
        {"policy": list(scenario.policies), "world": np.arange(worlds, dtype=np.int32)},
        attributes(scenario),
    )


def simulate_untroubled(
    scenario: Scenario, tables: Tables, first: int, last: int, rule: Policy | None = None
) -> dict[str, np.ndarray]:
    """Worlds `first` to `last` (not included) under tables without contact, with the rule of a
    policy written in Python: by name, the values of MEASURED."""
    stack, tile = make_stack(tables), make_tile(scenario.labs, scenario.systems)
    doublings, audited = np.empty(last - first), np.zeros(last - first)
    for begin in range(first, last, WIDTH):
        # One world a column, all of the same length: each is still in its column at the end.
        numbers = np.arange(begin, min(begin + WIDTH, last), dtype=np.int64)
        here = slice(begin - first, begin - first + len(numbers))
        seeds = np.full(len(numbers), scenario.seed, np.int64)
        drawn = draw_parameters(tables, scenario.start, seeds, numbers)
        batch = make_batch(seeds, numbers, drawn, scenario.months)
        simulate(tile, stack, batch, GOVERN, 1)
        total = -scenario.months * tile.labs["frontier"].max(axis=0)
        if rule is not None:
            _set_levers(tile, rule)
        simulate(tile, stack, batch, PROCEED, 1)
        total += tile.worlds["leader"][0]
        for _ in range(scenario.months - 1):
            _next_month(tile, stack, batch, rule)
            total += tile.worlds["leader"][0]
        doublings[here] = total[: len(numbers)] / scenario.months
        if stack.audits:
            audited[here] = batch.outcomes["audits_spent"] / scenario.months
    return {"doublings": doublings, "audited": audited}


def _next_month(tile, stack, batch, rule):
    if rule is None:
        simulate(tile, stack, batch, GOVERN | PROCEED, 1)
        return
    simulate(tile, stack, batch, GOVERN, 1)
    _set_levers(tile, rule)
    simulate(tile, stack, batch, PROCEED, 1)


def _set_levers(tile, rule):
    """The levers of a rule, which must not bring systems back into contact."""
    rule.set_levers(tile)
    tile.worlds["contact"] = 0.0


def _out_of_contact(tables):
    apart = tables.takeover.model_copy(update={"real_world_contact": 0.0})
    return tables.model_copy(update={"takeover": apart})
