"""Pieces of a sweep: some worlds of one point, lived through under all of its policies.

Each column of a tile has its own seed, world number and parameters.  So worlds of many
points and policies pass through one tile, one after the other, where their points have
the same size and their policies the same safeguards, and no column idles at the end of a
point.  Which worlds are lived through together changes no bit of any.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

import numpy as np

from regimesim.analysis.tally import Tally, tally_blocks
from regimesim.ensemble.ensemble import run_batch
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.errors import Refusal
from regimesim.model.dynamics.expectation import CARRY
from regimesim.model.dynamics.record import MOST_WORLDS
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy, Stack
from regimesim.scenario.parameters import Tables
from regimesim.sweeps.designs import Design, scenario_at

# What may be wrong with a point alone; anything else is wrong with the sweep or the machine.
OF_A_POINT = (Refusal, ArithmeticError, ValueError)


class Piece(NamedTuple):
    """Worlds `first` to `last` (not included) at one point, under all of its policies."""

    point: int
    first: int
    last: int


class Done(NamedTuple):
    """A piece that was lived through: the packed Tally of each policy, or the sentence that
    says why there is none."""

    piece: Piece
    tallies: dict[str, bytes] | None
    error: str | None


class Kind(NamedTuple):
    """What worlds must have in common to live in one tile."""

    stack: Stack
    months: int
    labs: int
    systems: int
    rule: str | None


class Part(NamedTuple):
    """Worlds `first` to `last` of the piece at `place` under one policy."""

    place: int
    policy: str
    tables: Tables
    start: str
    seed: int
    first: int
    last: int


def run_pieces(
    scenario,
    design: Design,
    pieces: Iterable[Piece],
    independent: bool = False,
    stop: np.ndarray | None = None,
    rules: Mapping[str, Policy] | None = None,
) -> list[Done]:
    """Live through pieces in the calling thread; a point that cannot be run does not keep the
    others from it.

    independent: every point has worlds of its own, by `point_seed`; else all points have the
    same · stop: (1,) int64, which another thread sets to end early: pieces that are not
    complete by then are left out · rules: of policies written in Python, by name
    (`experiment.ensemble.with_rules`).
    """
    pieces = [Piece(*piece) for piece in pieces]
    work = _Work(np.zeros(1, np.int64) if stop is None else stop, dict(rules or {}))
    points: dict = {}
    for place, piece in enumerate(pieces):
        try:
            if piece.point not in points:
                points[piece.point] = scenario_at(scenario, design, piece.point)
            work.add(place, piece, points[piece.point], independent)
        except OF_A_POINT as error:
            work.errors[place] = _sentence(error)
    for kind, parts in work.kinds.items():
        tile = make_tile(kind.labs, kind.systems)
        for batch in _batches(parts):
            work.live(kind, tile, batch)
            if work.stop[0]:
                break
    return list(work.done(pieces))


def point_seed(seed: int, point: int) -> int:
    """The seed of a point with worlds of its own: a whole number below 2^63, hashed from the
    seed of the scenario and the number of the point.

    It is the first 64-bit word, without its lowest bit, of numpy's SeedSequence with the
    point as its spawn key: children made in this way are as good as independent.
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
    """What is to be lived through, by kind, and what came of it, by the place of the piece."""

    def __init__(self, stop, rules):
        self.stop, self.rules = stop, rules
        self.kinds: dict[Kind, list[Part]] = {}
        self.tallies: dict[int, dict[str, Tally]] = {}
        self.errors: dict[int, str] = {}

    def add(self, place, piece, scenario, independent):
        """Enter the worlds of a piece, of the scenario at its point."""
        seed = point_seed(scenario.seed, piece.point) if independent else scenario.seed
        self.tallies[place] = {name: Tally.none(scenario.months) for name in scenario.policies}
        for name, tables in scenario.policies.items():
            size = (scenario.months, scenario.labs, scenario.systems)
            kind = Kind(make_stack(tables), *size, name if name in self.rules else None)
            part = Part(place, name, tables, scenario.start, seed, piece.first, piece.last)
            self.kinds.setdefault(kind, []).append(part)

    def live(self, kind, tile, parts):
        """Live through a batch; where that fails, through each of its pieces alone."""
        parts = [part for part in parts if part.place not in self.errors]
        try:
            if parts:
                self._live(kind, tile, parts)
        except OF_A_POINT as error:
            if len({part.place for part in parts}) == 1:
                self.errors[parts[0].place] = _sentence(error)
                return
            for _, own in groupby(parts, key=lambda part: part.place):
                self.live(kind, make_tile(kind.labs, kind.systems), list(own))

    def _live(self, kind, tile, parts):
        sizes = [part.last - part.first for part in parts]
        numbers = np.concatenate([np.arange(part.first, part.last) for part in parts])
        seeds = np.repeat(np.array([part.seed for part in parts], np.int64), sizes)
        cuts = np.cumsum(sizes)[:-1]
        own = zip(parts, np.split(seeds, cuts), np.split(numbers, cuts), strict=True)
        drawn = np.concatenate([draw_parameters(p.tables, p.start, s, n) for p, s, n in own])
        batch = make_batch(seeds, numbers, drawn, kind.months, self.stop, CARRY)
        run_batch(tile, kind.stack, batch, self.rules.get(kind.rule))
        if not self.stop[0]:
            for part, tally in zip(
                parts, tally_blocks(batch.outcomes, kind.months, sizes), strict=True
            ):
                self.tallies[part.place][part.policy] += tally

    def done(self, pieces) -> Iterator[Done]:
        """What there is to tell of every piece that failed or is complete."""
        for place, piece in enumerate(pieces):
            if place in self.errors:
                yield Done(piece, None, self.errors[place])
                continue
            tallies = self.tallies[place]
            if all(tally.worlds == piece.last - piece.first for tally in tallies.values()):
                packed = {name: tally.pack() for name, tally in tallies.items()}
                yield Done(piece, packed, None)


def _batches(parts: list[Part]) -> Iterator[list[Part]]:
    """Parts of one kind in batches of at most MOST_WORLDS worlds; long parts are cut."""
    batch, room = [], MOST_WORLDS
    for part in parts:
        first = part.first
        while first < part.last:
            last = min(part.last, first + room)
            batch.append(part._replace(first=first, last=last))
            room -= last - first
            first = last
            if room == 0:
                yield batch
                batch, room = [], MOST_WORLDS
    if batch:
        yield batch


def _sentence(error: Exception) -> str:
    """Why a point could not be run."""
    if isinstance(error, Refusal):
        return "; ".join(error.lines)
    return f"{type(error).__name__}: {error}"
