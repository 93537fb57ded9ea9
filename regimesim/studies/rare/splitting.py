"""Importance splitting: groups of worlds, of which those that come near to a takeover are copied.

All worlds of a group are in the same month.  After every stage of some months a world may be
copied, or replaced by a copy of another.  Copies share the weight of their world, so that the
estimate of the group stays unbiased whatever decides on the copies (L'Ecuyer, Demers and Tuffin
2007).  What decides on them affects the variance alone.  A copy has the past of its world and a
future of its own: it draws by a number, under a key that no run uses, that no other world has.

Parameters, and all else that is drawn at the initialisation, belong to the past.
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
KEY = 0x52415245  # of the seeds of these worlds: no run has them
BY_WEIGHT = 0.5  # share of the copies that goes by weight alone, as an importance may be wrong
FEW = 0.5  # copies are made where less than this share of the worlds is effective


class Group(NamedTuple):
    """The worlds of a group.

    number: of the group among those of its key · size: how many worlds · key: their seed ·
    importance: (stage, sights, weights) -> a number above 0 a world, in proportion to which it
    is copied, or None for no copies.
    """

    number: int
    size: int
    key: int
    importance: Callable | None = None


class StageRecord(NamedTuple):
    """What the worlds of a group did in one stage, for the fit of an importance.

    stage: its number · sights, sights_after: (size, SIGHTS) at its beginning and its end ·
    weights, weights_after: (size,) at its beginning and its end · losses: (CHANCES, size), the
    probability of each failure in this stage, times the weight.
    """

    stage: int
    sights: np.ndarray
    sights_after: np.ndarray
    weights: np.ndarray
    weights_after: np.ndarray
    losses: np.ndarray


class GroupResult(NamedTuple):
    """The estimates of a group.

    chances: (CHANCES,) means over its worlds · of_worlds: (CHANCES, size), those of each initial
    world with all copies that descend from it · system_months: how many were simulated ·
    stages: a record of each stage, where they are kept.
    """

    chances: np.ndarray
    of_worlds: np.ndarray
    system_months: int
    stages: list[StageRecord]


class GroupState:
    """The arrays of the worlds of a group, a tile for every WIDTH of them; columns may be left
    free at the end."""

    def __init__(self, scenario, tables, group: Group):
        self.size, tiles = group.size, -(-group.size // WIDTH)
        self.tiles = []
        kinds = (
            (SYSTEM, scenario.systems),
            (LAB, scenario.labs),
            (WORLD, 1),
            (PARAMETERS, 1),
        )
        arrays = [np.zeros((tiles, many), kind) for kind, many in kinds]
        self.matrices = [a.view(np.int64).reshape(tiles, -1, WIDTH) for a in arrays]
        within = make_tile(scenario.labs, scenario.systems)  # what only a month needs
        for k in range(tiles):
            own = [a[k].view(np.recarray) if INTERPRETED else a[k] for a in arrays]
            rows = arrays[3][k].view(np.float64).reshape(-1, WIDTH)
            named = dict(zip(("systems", "labs", "worlds", "parameters"), own, strict=True))
            self.tiles.append(within._replace(**named, rows=rows))
        self.worlds = arrays[2][:, 0]
        self.stack = make_stack(tables)
        seeds = np.full(group.size, group.key, np.int64)
        numbers = first_number(group, 0) + np.arange(group.size)
        drawn = draw_parameters(tables, scenario.start, seeds, numbers)
        for k, tile in enumerate(self.tiles):
            here = slice(k * WIDTH, (k + 1) * WIDTH)
            settle(tile, self.stack, seeds[here], numbers[here], drawn[here])
        none = np.zeros(WIDTH, np.int64)
        batch = make_batch(none, none, drawn[:WIDTH], scenario.months, None, CONTINUATION_RATE)
        self.batch = batch
        self.before = np.zeros((4, WIDTH))

    def advance(self, months, rule=None) -> np.ndarray:
        """Simulate `months` months.

        Returns the probabilities of failures in them, (CHANCES, size), times the weights in the
        arrays.
        """
        losses = np.zeros((len(self.tiles), CHANCES, WIDTH))
        for tile, chances in zip(self.tiles, losses, strict=True):
            arrays = (tile, self.stack, self.batch)
            if rule is None:
                advance(*arrays, GOVERN | PROCEED, months, self.before, chances)
                continue
            for _ in range(months):
                advance(*arrays, GOVERN, 1, self.before, chances)
                rule.set_levers(tile)
                advance(*arrays, PROCEED, 1, self.before, chances)
        return np.moveaxis(losses, 1, 0).reshape(CHANCES, -1)[:, : self.size]

    def look(self) -> np.ndarray:
        """How near each world is to a takeover, (size, SIGHTS)."""
        seen = np.zeros((len(self.tiles), len(SIGHTS), WIDTH))
        for tile, sights in zip(self.tiles, seen, strict=True):
            look(tile, sights)
        return np.moveaxis(seen, 1, 2).reshape(-1, len(SIGHTS))[: self.size]

    def running(self) -> np.ndarray:
        """Which worlds have not ended, (size,)."""
        return self.worlds["running"].reshape(-1)[: self.size]

    def take_weights(self) -> np.ndarray:
        """The weights of all worlds, 0 for those that have ended; resets the arrays to 1."""
        weights = self.worlds["weight"].reshape(-1)[: self.size] * self.running()
        self.worlds["weight"] = 1.0
        return weights

    def copy(self, sources, targets, numbers):
        """Replace the worlds `targets` by copies of `sources`, none of which is a target.

        Copies draw by their `numbers`.
        """
        (k, w), (to_k, to_w) = divmod(sources, WIDTH), divmod(targets, WIDTH)
        for matrix in self.matrices:
            matrix[to_k, :, to_w] = matrix[k, :, w]
        self.worlds["number"][to_k, to_w] = numbers


def first_number(group: Group, stage: int) -> int:
    """The number of the first of the worlds that a group can begin or copy before a stage."""
    return (group.number * (STAGES + 1) + stage) * group.size


def stages_of(months: int) -> list[int]:
    """The months of each stage, of which there are STAGES at most."""
    return [len(part) for part in np.array_split(np.arange(months), min(STAGES, months))]


def key_of(seed: int, purpose: int) -> int:
    """The seed of the worlds of groups for a purpose."""
    drawn = np.random.SeedSequence(seed, spawn_key=(KEY, purpose)).generate_state(1, np.uint64)
    return int(drawn[0] >> np.uint64(1))


def simulate_group(
    scenario,
    tables,
    group: Group,
    rule=None,
    keep: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> GroupResult:
    """Simulate the worlds of a group.

    rule: of a policy in Python · keep: whether records of stages are kept · stopped: called
    after each stage; the simulation ends early where it returns True.
    """
    state = GroupState(scenario, tables, group)
    n = group.size
    weights, sights = np.full(n, 1.0 / n), np.zeros((n, len(SIGHTS)))
    ancestors, of_worlds = np.arange(n), np.zeros((CHANCES, n))
    generator = np.random.default_rng([group.key, group.number])
    stages, work = [], 0
    months = stages_of(scenario.months)
    for stage, length in enumerate(months):
        work += length * int(np.count_nonzero(state.running())) * scenario.systems
        losses = weights * state.advance(length, rule)
        for row, values in zip(of_worlds, losses, strict=True):
            row += np.bincount(ancestors, values, n)
        if stopped() or (stage == len(months) - 1 and not keep):
            break
        weights_after, sights_after = weights * state.take_weights(), state.look()
        if keep:
            record = StageRecord(stage, sights, sights_after, weights, weights_after, losses)
            stages.append(record)
        weights, sights = weights_after, sights_after
        if not weights.any():
            break
        if group.importance and stage < len(months) - 1:
            importance = group.importance(stage, sights, weights)
            parents, weights = choose_parents(weights, importance, sights[:, 0], generator)
            if parents is not None:
                moved = np.flatnonzero(parents != np.arange(n))
                state.copy(parents[moved], moved, first_number(group, stage + 1) + moved)
                ancestors, sights = ancestors[parents], sights[parents]
    return GroupResult(of_worlds.sum(axis=1), of_worlds * n, work, stages)


def simulate_groups(
    scenario,
    policy: str,
    groups: Iterable[Group],
    rule=None,
    keep: bool = False,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[GroupResult]:
    """Simulate groups under a policy, in threads; returns their results in order.

    progress: called with the number of worlds just finished.
    """
    tables, groups = scenario.policies[policy], list(groups)
    results: list = [None] * len(groups)
    ended: list[bool] = []

    def simulate(place):
        return simulate_group(scenario, tables, groups[place], rule, keep, lambda: bool(ended))

    def enter(place, result):
        results[place] = result
        if progress:
            progress(groups[place].size)

    in_threads(simulate, range(len(groups)), enter, threads, lambda: ended.append(True))
    return results


def choose_parents(weights, importance, order, generator):
    """Choose the world that each place of a group continues: itself, or one that is copied there.

    Returns (parents, weights): for each place the parent and its share of the parent's weight.
    Parents are None where no world is copied.  Copies are drawn by systematic sampling, with
    the worlds sorted by `order`.
    """
    n = len(weights)
    counts = weights * importance
    share = counts / counts.sum()
    if 1.0 / np.sum(share**2) > FEW * n:
        return None, weights
    expected = n * ((1.0 - BY_WEIGHT) * share + BY_WEIGHT * weights / weights.sum())
    along = np.lexsort((order, weights == 0.0))
    ends = np.cumsum(expected[along])
    ends *= n / ends[-1]
    copies = np.zeros(n, np.int64)
    points = np.minimum(np.arange(n) + generator.random(), np.nextafter(n, 0))
    np.add.at(copies, along[np.minimum(np.searchsorted(ends, points, "right"), n - 1)], 1)
    shared = np.divide(weights, expected, out=np.zeros(n), where=expected > 0.0)
    parents = np.arange(n)
    parents[copies == 0] = np.repeat(np.arange(n), np.maximum(copies - 1, 0))
    return parents, shared[parents]
