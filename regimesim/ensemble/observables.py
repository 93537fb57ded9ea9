"""What overseers could see of worlds, month by month, and what the model expects to be seen.

Worlds are simulated for the months that are needed, 16 at a time and in step; after each month
what is asked for is read from their arrays.  A world has the same months as in a run.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.moved_draws import Draws
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, make_stack
from regimesim.ensemble.threads import in_threads, number_of_threads
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.month import GOVERN, PROCEED, RULE, simulate
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.records import THRESHOLDS
from regimesim.scenario import Scenario

TAKEOVER = [item.name for item in THRESHOLDS].index("takeover")
SHARE = 32 * WIDTH  # worlds that a thread simulates before it looks for more
PARADIGMS = 4


class Observables(NamedTuple):
    """What was seen, or was to be expected, in each world.

    Attributes
    ----------
    lost : ndarray, shape (worlds,)
        The month of the takeover, NaN where there was none in these months.
    months : ndarray of int
        The months that were recorded.
    values : dict of str to ndarray, shape (worlds, months, ...)
        Each quantity of `QUANTITIES` that was asked for.
    parameters : dict of str to ndarray, shape (worlds,)
        Every parameter of the policy, by dotted name.
    """

    lost: np.ndarray
    months: np.ndarray
    values: dict[str, np.ndarray]
    parameters: dict[str, np.ndarray]

    def during(self, quantity: str, first: int, last: int) -> np.ndarray:
        """A quantity in the months `first` to `last`, both included."""
        here = np.flatnonzero((self.months >= first) & (self.months <= last))
        return self.values[quantity][:, here[0] : here[-1] + 1]


def observe(
    scenario: Scenario,
    policy: str,
    draws: Draws,
    wanted: dict[str, set[int]],
    months: int,
    rule=None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Observables:
    """Simulate worlds for some months, and record what can be seen of them.

    Parameters
    ----------
    scenario : Scenario
        The scenario, of which the months beyond `months` are not simulated.
    policy : str
        The policy in force.
    draws : Draws
        The worlds.
    wanted : dict of str to set of int
        The months in which each quantity is recorded.
    months : int
        How many months are simulated.
    rule : Policy, optional
        The policy, where it is written in Python.
    threads : int, optional
        By default one a core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Observables
        With the quantities of `wanted`, in the months of any of them.
    """
    tables, worlds = scenario.policies[policy], len(draws.numbers)
    recorded = sorted(set().union(*wanted.values()) if wanted else ())
    shapes = {name: (worlds, len(recorded), *QUANTITIES[name].shape) for name in wanted}
    values = {name: np.full(shape, np.nan, np.float32) for name, shape in shapes.items()}
    lost, stop = np.full(worlds, np.nan), np.zeros(1, np.int64)
    named = {name: np.empty(worlds) for name in columns(tables)}
    stack = make_stack(tables)

    def simulate_share(begin):
        here = draws.some(slice(begin, min(begin + SHARE, worlds)))
        seeds = np.full(len(here.numbers), scenario.seed, np.int64)
        drawn = draw_parameters(tables, scenario.start, seeds, here.numbers, here.unit)
        tile = make_tile(scenario.labs, scenario.systems)
        fields = Fields(tile)
        results = []
        for k in range(0, len(seeds), WIDTH):
            some = slice(k, min(k + WIDTH, len(seeds)))
            batch = make_batch(seeds[some], here.numbers[some], drawn[some], months, stop)
            results.append(_follow(tile, fields, stack, batch, rule, wanted, recorded, months))
        return drawn, results

    def enter(begin, results):
        drawn, tiles = results
        some = slice(begin, begin + len(drawn))
        for name, column in columns(tables).items():
            named[name][some] = drawn[:, column]
        for k, (crossed, seen) in enumerate(tiles):
            first = begin + k * WIDTH
            count = min(WIDTH, worlds - first)
            place = slice(first, first + count)
            lost[place] = np.where(crossed < 0, np.nan, crossed)[:count]
            for name, months_seen in seen.items():
                for column, value in months_seen:
                    values[name][place, column] = value[:count]
        if progress:
            progress(len(drawn))

    begins = range(0, worlds, SHARE)
    in_threads(simulate_share, begins, enter, number_of_threads(threads), lambda: stop.fill(1))
    return Observables(lost, np.array(recorded, int), values, named)


def _follow(tile, fields, stack, batch, rule, wanted, recorded, months):
    """(month of the takeover, quantities by name) of one tile of worlds, in step."""
    seen = {name: [] for name in wanted}
    places = {month: place for place, month in enumerate(recorded)}
    for month in range(months):
        needed = [name for name in wanted if month in wanted[name]]
        _govern(tile, stack, batch, rule)
        for name in needed:
            if QUANTITIES[name].at_start:
                seen[name].append((places[month], QUANTITIES[name].read(fields)))
        before = fields.world["suppression"].copy() if needed else None
        simulate(tile, stack, batch, PROCEED, 1)
        for name in needed:
            if not QUANTITIES[name].at_start:
                value = QUANTITIES[name].read(fields, before)
                seen[name].append((places[month], value))
    return fields.crossing[TAKEOVER].copy(), seen


def _govern(tile, stack, batch, rule):
    """The levers of a month."""
    if rule is None:
        simulate(tile, stack, batch, GOVERN, 1)
    elif INTERPRETED:
        simulate(tile, stack, batch, GOVERN, 1)
        rule.set_levers(tile)
    else:
        rule.let_call(batch)
        simulate(tile, stack, batch, GOVERN | RULE, 1)
        rule.check(tile, batch)


class Fields:
    """The arrays of a tile by name, each a view: systems (systems, WIDTH), labs (labs, WIDTH),
    the world (WIDTH,) and parameters (WIDTH,)."""

    def __init__(self, tile):
        self.systems = {name: tile.systems[name] for name in tile.systems.dtype.names}
        self.labs = {name: tile.labs[name] for name in tile.labs.dtype.names}
        self.world = {name: tile.worlds[name][0] for name in tile.worlds.dtype.names}
        self.crossing = self.world["crossing"]
        parameters = tile.parameters[0]
        self.parameters = {name: parameters[name] for name in parameters.dtype.names}
        self.lab_of = np.arange(len(tile.systems)) % len(tile.labs)

    @property
    def adopts(self):
        """Whether the lab of each system adopts the policy, (systems, WIDTH)."""
        return self.labs["adopts"][self.lab_of]


def _strikes_seen(fields, _):
    world = fields.world
    return world["month_strikes_caught"] + world["month_strikes_discovered"]


def _story_rate(fields, suppression):
    """Expected story incidents of a month, given its systems. Eq. 7.6.11."""
    systems, world, parameters = fields.systems, fields.world, fields.parameters
    conduct, initial = parameters["conduct"], parameters["capability"]["initial"]
    above = np.maximum(systems["capability"] - initial, 0.0)
    moved = (systems["misaligned"] > 0) | (world["awake"] * systems["trait"] > 0)
    factor = np.where(moved, parameters["training"]["emergent_story_factor"], 1.0)
    kept = 1.0 - suppression * fields.adopts
    rate = conduct["story_rate"] * np.exp2(-above / conduct["reliability_scale"]) * kept * factor
    return np.where(systems["aware"] > 0, 0.0, -np.expm1(-rate)).sum(axis=0)


def _leader(fields, _):
    return fields.labs["frontier"].max(axis=0)


def _exercise_catch_rate(fields, _):
    """The probability that an exercise is caught. Eq. 7.8.1."""
    return 1.0 - fields.world["exercise_miss"]


def _trap_rate(fields, _):
    """The share of systems that go into a trap: willing, and not seeing through it. Eq. 7.5.17."""
    table, systems = fields.parameters["honeypots"], fields.systems
    above = np.maximum(systems["capability"] - table["seen_through_limit"], 0.0)
    entering = systems["willing"] * np.exp2(-above / table["seen_through_scale"])
    adopting = fields.adopts > 0
    counted = np.maximum(adopting.sum(axis=0), 1)
    return np.where(adopting, entering, 0.0).sum(axis=0) / counted


def _alarm_chance(fields):
    """The probability of an alarm over the noise of reports. Eqs. 7.1.2 and 7.1.3."""
    from scipy.special import log_ndtr

    parameters, systems = fields.parameters, fields.systems
    table, cognition = parameters["evaluations"], parameters["cognition"]
    hidden = cognition["sandbagging"] * (systems["capability"] > systems["awareness"])
    line = parameters["takeover"]["difficulty"] - table["eval_margin"]
    line = line + table["redline_error"] * fields.world["redline_error"]
    below = line - (systems["capability"] - hidden)
    noise = np.maximum(table["eval_noise"], 1e-9)
    quiet = np.where(fields.adopts > 0, log_ndtr(below / noise), 0.0).sum(axis=0)
    return -np.expm1(quiet)


def _paradigms(fields, _):
    levels = fields.labs["paradigm"]
    return np.stack([(levels == k).sum(axis=0) for k in range(1, PARADIGMS + 1)], axis=1)


class Quantity(NamedTuple):
    """How a quantity is read, from the arrays of a tile.

    Attributes
    ----------
    read : callable
        Takes `Fields`, and after a month also the suppression before it.
    at_start : bool
        Whether it is read after governance, else after the month.
    shape : tuple of int
        The shape of one value.
    """

    read: Callable
    at_start: bool = False
    shape: tuple[int, ...] = ()


QUANTITIES = {
    "strikes_seen": Quantity(_strikes_seen),
    "story_rate": Quantity(_story_rate),
    "leader": Quantity(_leader),
    "exercise_catch_rate": Quantity(_exercise_catch_rate),
    "trap_rate": Quantity(_trap_rate),
    "alarm_chance": Quantity(_alarm_chance, at_start=True),
    "paradigms": Quantity(_paradigms, shape=(PARADIGMS,)),
}
