"""What a policy leaves of growth where nobody resists: worlds in which nothing is tried.

A world that is lost early has no later growth to lose, so what a policy costs is measured
where no world is lost: systems are kept from all contact with the real world, no attempt
can succeed and none is made for gain.  Taxes, held paradigms, denser feedback and pauses
that evaluations call for cost what they cost.  Pauses that a strike would call for do not
occur, because there are no strikes.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from regimesim.ensemble.datasets import attributes
from regimesim.ensemble.ensemble import available_cores, warm_up
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.model.dynamics.month import GOVERN, PROCEED, live
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario

SHARE = 16 * WIDTH  # worlds a share of the work of a thread
MEASURED = {
    "doublings": ("doublings", "growth of the leading frontier since the start, mean over months"),
    "audited": ("1", "share of actions audited, mean over months; 0 where no safeguard watches"),
}


def run_untroubled(scenario: Scenario, threads=None, progress=None):
    """Every policy of a scenario in worlds in which nothing is tried: an `xarray.Dataset`
    with `doublings` and `audited` (policy, world)."""
    import xarray

    found = {name: np.empty((len(scenario.policies), scenario.worlds)) for name in MEASURED}
    warm_up(scenario)

    def measure(task):
        policy, tables, first = task
        last = min(first + SHARE, scenario.worlds)
        for name, values in live_untroubled(scenario, tables, first, last).items():
            found[name][policy, first:last] = values
        return last - first

    tasks = [
        (policy, tables, first)
        for policy, tables in enumerate(map(_out_of_contact, scenario.policies.values()))
        for first in range(0, scenario.worlds, SHARE)
    ]
    pool = ThreadPoolExecutor(threads or available_cores())
    try:
        for done in pool.map(measure, tasks):
            if progress:
                progress(done)
    finally:
        pool.shutdown(cancel_futures=True)
    here = ("policy", "world")
    return xarray.Dataset(
        {
            name: (here, found[name], {"units": unit, "long_name": words})
            for name, (unit, words) in MEASURED.items()
        },
        {"policy": list(scenario.policies), "world": np.arange(scenario.worlds, dtype=np.int32)},
        attributes(scenario),
    )


def live_untroubled(scenario, tables, first, last):
    """Worlds `first` to `last` (not included) under tables without contact: by name, the
    values of MEASURED."""
    stack, tile = make_stack(tables), make_tile(scenario.labs, scenario.systems)
    doublings, audited = np.empty(last - first), np.zeros(last - first)
    for begin in range(first, last, WIDTH):
        # One world a column, all of the same length: each is still in its column at the end.
        numbers = np.arange(begin, min(begin + WIDTH, last), dtype=np.int64)
        here = slice(begin - first, begin - first + len(numbers))
        seeds = np.full(len(numbers), scenario.seed, np.int64)
        drawn = draw_parameters(tables, scenario.start, seeds, numbers)
        batch = make_batch(seeds, numbers, drawn, scenario.months)
        live(tile, stack, batch, GOVERN, 1)
        total = -scenario.months * tile.labs["frontier"].max(axis=0)
        live(tile, stack, batch, PROCEED, 1)
        total += tile.worlds["leader"][0]
        for _ in range(scenario.months - 1):
            live(tile, stack, batch, GOVERN | PROCEED, 1)
            total += tile.worlds["leader"][0]
        doublings[here] = total[: len(numbers)] / scenario.months
        if stack.audits:
            audited[here] = batch.outcomes["audits_spent"] / scenario.months
    return {"doublings": doublings, "audited": audited}


def _out_of_contact(tables):
    apart = tables.takeover.model_copy(update={"real_world_contact": 0.0})
    return tables.model_copy(update={"takeover": apart})
