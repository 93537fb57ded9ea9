"""Work units of a sweep: some worlds of one point, run under all of its policies.

Each column of a tile has its own seed, world number and parameters.  So worlds of many
points and policies pass through one tile, one after the other, if their points have the same
size and their policies the same safeguards.  No column is idle at the end of a point.  The
results of a world do not depend on the worlds that are run with it.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

import numpy as np

from regimesim.ensemble.ensemble import run_batch
from regimesim.ensemble.parameter_sampling import make_stack
from regimesim.ensemble.same_worlds import SameWorlds
from regimesim.errors import Refusal
from regimesim.model.dynamics.expectation import CONTINUATION_RATE
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy, Stack
from regimesim.scenario.parameters import Tables
from regimesim.sweeps.designs import Design
from regimesim.sweeps.kept import Kept

# Errors of a single point; any other error is one of the sweep or the machine.
OF_A_POINT = (Refusal, ArithmeticError, ValueError)


class WorkUnit(NamedTuple):
    """Worlds `first` to `last` (not included) at one point, under all of its policies."""

    point: int
    first: int
    last: int


class UnitResult(NamedTuple):
    """The result of a work unit: the packed Tally of each policy, or the reason why there is
    none."""

    unit: WorkUnit
    tallies: dict[str, bytes] | None
    error: str | None


class Kind(NamedTuple):
    """What worlds must have in common to be run in one tile."""

    stack: Stack
    months: int
    labs: int
    systems: int
    rule: str | None


class Part(NamedTuple):
    """Worlds `first` to `last` of the work unit at `place` under one policy."""

    place: int
    policy: str
    tables: Tables
    start: str
    seed: int
    first: int
    last: int


def run_units(
    scenario,
    design: Design,
    units: Iterable[WorkUnit],
    independent: bool = False,
    stop: np.ndarray | None = None,
    rules: Mapping[str, Policy] | None = None,
) -> list[UnitResult]:
    """Run work units in the calling thread.  An error of one point does not affect the others.

    independent: whether each point has worlds of its own, by `point_seed`; else all points
    have the same · stop: (1,) int64, which another thread sets to end early; work units that
    are not complete by then are left out · rules: of policies written in Python, by name
    (`regimesim.ensemble.ensemble.with_rules`).
    """
    units = [WorkUnit(*unit) for unit in units]
    stop = np.zeros(1, np.int64) if stop is None else stop
    work = _Work(design.kept, stop, dict(rules or {}))
    points: dict = {}
    for place, unit in enumerate(units):
        try:
            if unit.point not in points:
                points[unit.point] = design.scenario(scenario, unit.point)
            work.add(place, unit, points[unit.point], independent)
        except OF_A_POINT as error:
            work.errors[place] = _sentence(error)
    for kind, parts in work.kinds.items():
        tile = make_tile(kind.labs, kind.systems)
        for batch in _batches(parts):
            work.run(kind, tile, batch)
            if work.stop[0]:
                break
    return list(work.done(units))


def point_seed(seed: int, point: int) -> int:
    """The seed of a point with worlds of its own: a whole number below 2^63, hashed from the
    seed of the scenario and the number of the point.

    It is the first 64-bit word, without its lowest bit, of numpy's SeedSequence with the
    point as its spawn key.  Such children are independent for all practical purposes.
    """
    children = np.random.SeedSequence(seed, spawn_key=(point,))
    return int(children.generate_state(1, np.uint64)[0]) >> 1


def sendable(rules: Mapping[str, Policy]) -> None:
    """Refuse policies written in Python that cannot be sent to another process."""
    lines = []
    for name, rule in rules.items():
        try:
            pickle.dumps(rule)
        except Exception as error:
            lines.append(
                f"policy '{name}': cannot be sent to another process ({error}); "
                "run the sweep in threads, or let the function use numbers alone"
            )
    if lines:
        raise Refusal(lines)


class _Work:
    """Parts to run, by kind, and their results, by the place of the work unit."""

    def __init__(self, kept: Kept, stop, rules):
        self.kept, self.stop, self.rules = kept, stop, rules
        self.kinds: dict[Kind, list[Part]] = {}
        self.tallies: dict[int, dict] = {}
        self.errors: dict[int, str] = {}
        self._drawn: dict[str, tuple[tuple, SameWorlds]] = {}  # of each policy, at the last point

    def add(self, place, unit, scenario, independent):
        """Enter the worlds of a work unit, with the scenario at its point."""
        seed = point_seed(scenario.seed, unit.point) if independent else scenario.seed
        none = self.kept.none(scenario.months)
        self.tallies[place] = dict.fromkeys(scenario.policies, none)
        for name, tables in scenario.policies.items():
            size = (scenario.months, scenario.labs, scenario.systems)
            kind = Kind(make_stack(tables), *size, name if name in self.rules else None)
            part = Part(place, name, tables, scenario.start, seed, unit.first, unit.last)
            self.kinds.setdefault(kind, []).append(part)

    def run(self, kind, tile, parts):
        """Run a batch; if that fails, run each of its work units alone."""
        parts = [part for part in parts if part.place not in self.errors]
        try:
            if parts:
                self._run_batch(kind, tile, parts)
        except OF_A_POINT as error:
            if len({part.place for part in parts}) == 1:
                self.errors[parts[0].place] = _sentence(error)
                return
            for _, own in groupby(parts, key=lambda part: part.place):
                self.run(kind, make_tile(kind.labs, kind.systems), list(own))

    def _run_batch(self, kind, tile, parts):
        sizes = [part.last - part.first for part in parts]
        numbers = np.concatenate([np.arange(part.first, part.last) for part in parts])
        seeds = np.repeat(np.array([part.seed for part in parts], np.int64), sizes)
        ends = np.cumsum(sizes)[:-1]
        own = zip(parts, np.split(seeds, ends), np.split(numbers, ends), strict=True)
        drawn = np.concatenate([self._draw(part, *of_worlds) for part, *of_worlds in own])
        batch = make_batch(seeds, numbers, drawn, kind.months, self.stop, CONTINUATION_RATE)
        run_batch(tile, kind.stack, batch, self.rules.get(kind.rule))
        if not self.stop[0]:
            for part, tally in zip(
                parts, self.kept.of_blocks(batch.outcomes, kind.months, sizes), strict=True
            ):
                self.tallies[part.place][part.policy] += tally

    def _draw(self, part, seeds, numbers):
        """The parameters of a part, of which those of the last point with its worlds are kept."""
        worlds = (part.start, part.seed, part.first, part.last)
        known, same = self._drawn.get(part.policy, (None, None))
        if known != worlds:
            same = SameWorlds(part.start, seeds, numbers)
            self._drawn[part.policy] = worlds, same
        return same.draw(part.tables)

    def done(self, units) -> Iterator[UnitResult]:
        """The result of every work unit that failed or is complete."""
        for place, unit in enumerate(units):
            if place in self.errors:
                yield UnitResult(unit, None, self.errors[place])
                continue
            tallies = self.tallies[place]
            if all(tally.worlds == unit.last - unit.first for tally in tallies.values()):
                packed = {name: tally.pack() for name, tally in tallies.items()}
                yield UnitResult(unit, packed, None)


def _batches(parts: list[Part]) -> Iterator[list[Part]]:
    """Parts of one kind in batches of at most MOST_WORLDS worlds; long parts are split."""
    batch, free = [], MOST_WORLDS
    for part in parts:
        first = part.first
        while first < part.last:
            last = min(part.last, first + free)
            batch.append(part._replace(first=first, last=last))
            free -= last - first
            first = last
            if free == 0:
                yield batch
                batch, free = [], MOST_WORLDS
    if batch:
        yield batch


def _sentence(error: Exception) -> str:
    """The reason why a point could not be run, as a sentence."""
    if isinstance(error, Refusal):
        return "; ".join(error.lines)
    return f"{type(error).__name__}: {error}"
