"""Splitting: groups of lives of which those are copied that come near to a takeover.

A group is a number of lives, all in the same month.  After every stage of some months a
life may be copied or given up, with copies that share its weight, so that what the group
leaves stays unbiased whatever decides on the copies (L'Ecuyer, Demers and Tuffin 2007);
that decides on the variance alone.  A copy has the past of its life and draws its own
future: its number, under a key that no run uses, is given to no other life.

Drawn parameters and all else that is drawn at the founding is part of the past.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.ensemble.threads import in_threads
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.anticipation import CHANCES, SIGHTS, advance, look, settle
from regimesim.model.dynamics.expectation import CONTINUATION_RATE
from regimesim.model.dynamics.month import GOVERN, PROCEED
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import LAB, PARAMETERS, SYSTEM, WIDTH, WORLD

STAGES = 30
KEY = 0x52415245  # of the seeds of lives: no run has them
SPARED = 0.5  # share of the copies that goes to lives by their weight alone, as a worth may err
UNEVEN = 0.5  # copies are made where fewer lives than this share count


class Group(NamedTuple):
    """Which lives: `number` of the group among those of a key, how many, the key, and what
    they are worth copying for: (stage, sights, weights) -> above 0, or None for no copies."""

    number: int
    lives: int
    key: int
    worth: Callable | None = None


class Stretch(NamedTuple):
    """What the lives of a group did in one stage, for those who learn from it.

    stage: its number · sights, later: (lives, SIGHTS) before and after · weights, kept:
    (lives,) before and after · left: (CHANCES, lives), with the weights.
    """

    stage: int
    sights: np.ndarray
    later: np.ndarray
    weights: np.ndarray
    kept: np.ndarray
    left: np.ndarray


class Found(NamedTuple):
    """What a group found: `chances` (CHANCES,), means over its worlds, those of each of its
    worlds (CHANCES, lives) with all that descends from it, system-months lived, stretches."""

    chances: np.ndarray
    of_worlds: np.ndarray
    system_months: int
    stretches: list[Stretch]


class Lives:
    """The arrays of a group of lives, a tile to every WIDTH of them."""

    def __init__(self, scenario, tables, group: Group):
        tiles = group.lives // WIDTH
        self.scenario, self.lives, self.tiles = scenario, group.lives, []
        kinds = (
            (SYSTEM, scenario.systems),
            (LAB, scenario.labs),
            (WORLD, 1),
            (PARAMETERS, 1),
        )
        arrays = [np.zeros((tiles, many), kind) for kind, many in kinds]
        self.matrices = [a.view(np.int64).reshape(tiles, -1, WIDTH) for a in arrays]
        within = make_tile(scenario.labs, scenario.systems)  # what a month alone needs
        for k in range(tiles):
            own = [a[k].view(np.recarray) if INTERPRETED else a[k] for a in arrays]
            rows = arrays[3][k].view(np.float64).reshape(-1, WIDTH)
            named = dict(zip(("systems", "labs", "worlds", "parameters"), own, strict=True))
            self.tiles.append(within._replace(**named, rows=rows))
        self.worlds = arrays[2][:, 0]
        self.stack = make_stack(tables)
        seeds = np.full(group.lives, group.key, np.int64)
        numbers = group.number * (STAGES + 1) * group.lives + np.arange(group.lives)
        drawn = draw_parameters(tables, scenario.start, seeds, numbers)
        for k, tile in enumerate(self.tiles):
            here = slice(k * WIDTH, (k + 1) * WIDTH)
            settle(tile, seeds[here], numbers[here], drawn[here])
        none = np.zeros(WIDTH, np.int64)
        batch = make_batch(none, none, drawn[:WIDTH], scenario.months, None, CONTINUATION_RATE)
        self.batch = batch
        self.before = np.zeros((4, WIDTH))

    def advance(self, months, rule=None) -> np.ndarray:
        """Live `months` months: what is left (CHANCES, lives), by the weights in the arrays."""
        left = np.zeros((len(self.tiles), CHANCES, WIDTH))
        for tile, chances in zip(self.tiles, left, strict=True):
            arrays = (tile, self.stack, self.batch)
            if rule is None:
                advance(*arrays, GOVERN | PROCEED, months, self.before, chances)
                continue
            for _ in range(months):
                advance(*arrays, GOVERN, 1, self.before, chances)
                rule.set_levers(tile)
                advance(*arrays, PROCEED, 1, self.before, chances)
        return np.moveaxis(left, 1, 0).reshape(CHANCES, -1)

    def look(self) -> np.ndarray:
        """(lives, SIGHTS)"""
        seen = np.zeros((len(self.tiles), len(SIGHTS), WIDTH))
        for tile, sights in zip(self.tiles, seen, strict=True):
            look(tile, sights)
        return np.moveaxis(seen, 1, 2).reshape(-1, len(SIGHTS))

    def running(self) -> np.ndarray:
        return self.worlds["running"].reshape(-1)

    def take_weights(self) -> np.ndarray:
        """The weights of all lives, 0 for those that are over, which are then 1 in the arrays."""
        weights = self.worlds["weight"].reshape(-1) * self.running()
        self.worlds["weight"] = 1.0
        return weights

    def copy(self, sources, targets, numbers):
        """Make the lives `targets` copies of `sources` (none of which is a target), with the
        `numbers` by which they draw."""
        (k, w), (to_k, to_w) = divmod(sources, WIDTH), divmod(targets, WIDTH)
        for matrix in self.matrices:
            matrix[to_k, :, to_w] = matrix[k, :, w]
        self.worlds["number"][to_k, to_w] = numbers


def stages_of(months: int) -> list[int]:
    """The months of each stage, of which there are STAGES at most."""
    return [len(part) for part in np.array_split(np.arange(months), min(STAGES, months))]


def key_of(seed: int, purpose: int) -> int:
    """The seed of lives, of which each has a number of its own."""
    drawn = np.random.SeedSequence(seed, spawn_key=(KEY, purpose)).generate_state(1, np.uint64)
    return int(drawn[0] >> np.uint64(1))


def live_group(
    scenario,
    tables,
    group: Group,
    rule=None,
    keep: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Found:
    """Live through a group.

    rule: of a policy in Python · keep: whether stretches are kept · stopped: asked after each
    stage, ends early.
    """
    lives = Lives(scenario, tables, group)
    n = group.lives
    weights, sights = np.full(n, 1.0 / n), np.zeros((n, len(SIGHTS)))
    ancestors, of_worlds = np.arange(n), np.zeros((CHANCES, n))
    luck = np.random.default_rng([group.key, group.number])
    stretches, work = [], 0
    months = stages_of(scenario.months)
    for stage, length in enumerate(months):
        work += length * int(np.count_nonzero(lives.running())) * scenario.systems
        left = weights * lives.advance(length, rule)
        for row, values in zip(of_worlds, left, strict=True):
            row += np.bincount(ancestors, values, n)
        if stopped() or (stage == len(months) - 1 and not keep):
            break
        kept, later = weights * lives.take_weights(), lives.look()
        if keep:
            stretches.append(Stretch(stage, sights, later, weights, kept, left))
        weights, sights = kept, later
        if not weights.any():
            break
        if group.worth and stage < len(months) - 1:
            parents, weights = _copies(
                weights, group.worth(stage, sights, weights), sights[:, 0], luck
            )
            if parents is not None:
                first = (group.number * (STAGES + 1) + stage + 1) * n
                moved = np.flatnonzero(parents != np.arange(n))
                lives.copy(parents[moved], moved, first + moved)
                ancestors, sights = ancestors[parents], sights[parents]
    return Found(of_worlds.sum(axis=1), of_worlds * n, work, stretches)


def live_groups(
    scenario,
    policy: str,
    groups: Iterable[Group],
    rule=None,
    keep: bool = False,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Found]:
    """Live through groups under a policy, in threads: what each found, in their order.

    progress: called with the number of lives that have just been lived.
    """
    tables, groups = scenario.policies[policy], list(groups)
    results: list = [None] * len(groups)
    ended: list[bool] = []

    def simulate(place):
        return live_group(scenario, tables, groups[place], rule, keep, lambda: bool(ended))

    def enter(place, result):
        results[place] = result
        if progress:
            progress(groups[place].lives)

    in_threads(simulate, range(len(groups)), enter, threads, lambda: ended.append(True))
    return results


def _copies(weights, worth, order, luck):
    """(parents, weights) of the lives that go on: the parent of each, itself where it stays in
    its place, or None where all stay as they are."""
    n = len(weights)
    counts = weights * worth
    share = counts / counts.sum()
    if 1.0 / np.sum(share**2) > UNEVEN * n:
        return None, weights
    expected = n * ((1.0 - SPARED) * share + SPARED * weights / weights.sum())
    along = np.lexsort((order, weights == 0.0))
    ends = np.cumsum(expected[along])
    ends *= n / ends[-1]
    copies = np.zeros(n, np.int64)
    points = np.minimum(np.arange(n) + luck.random(), np.nextafter(n, 0))
    np.add.at(copies, along[np.minimum(np.searchsorted(ends, points, "right"), n - 1)], 1)
    shared = np.divide(weights, expected, out=np.zeros(n), where=expected > 0.0)
    parents = np.arange(n)
    parents[copies == 0] = np.repeat(np.arange(n), np.maximum(copies - 1, 0))
    return parents, shared[parents]
