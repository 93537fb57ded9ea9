"""How a sweep is divided into chunks.

The division is the same on every machine, whatever its number of cores.  The worlds of all
points form one row, point after point, and a chunk is an interval of that row.  All chunks
hold about the same work.  Worlds that are added later form a second row, and the numbers of
its chunks continue those of the first.
"""

import math
from collections.abc import Iterator

import numpy as np

from regimesim.ensemble.workload import GRAIN
from regimesim.errors import Refusal
from regimesim.sweeps.work_units import WorkUnit

WORK = 30_000  # of a chunk: approximately two seconds
SETTING_UP = 10  # work to set up a policy at a point, before its first world
FEW, LEAST = (
    64,
    WORK // 64,
)  # the fewest chunks of a sweep, unless they would hold less work than LEAST
MOST_CHUNKS = 20_000_000


class Row:
    """Worlds `first` to `last` (not included) of every point, divided into chunks.

    weights: (points,) the work of one world at each point, under all its policies ·
    policies: the number of policies · begin: the number of the first chunk.
    """

    def __init__(self, first: int, last: int, weights, policies: int, work: int, begin: int):
        self.first, self.size, self.begin = first, last - first, begin
        self.ends = _ends(self.size, np.asarray(weights), policies, work)

    def __len__(self):
        return len(self.ends) - 1

    def units(self, number: int) -> list[WorkUnit]:
        """The work units of a chunk, by its number in the sweep."""
        place, end = (int(value) for value in self.ends[number - self.begin :][:2])
        units = []
        while place < end:
            point, behind = divmod(place, self.size)
            length = min(self.size - behind, end - place)
            units.append(WorkUnit(point, self.first + behind, self.first + behind + length))
            place += length
        return units

    def worlds(self, number: int) -> int:
        """The number of worlds in a chunk, over all its points."""
        low, high = self.ends[number - self.begin :][:2]
        return int(high - low)

    def chunks_of(self, point: int) -> range:
        """The numbers of the chunks that hold worlds of a point."""
        place = point * self.size
        low = np.searchsorted(self.ends, place, side="right") - 1
        high = np.searchsorted(self.ends, place + self.size, side="left")
        return range(self.begin + int(low), self.begin + int(high))


class Chunking:
    """All chunks of a sweep.

    worlds: the number at each point, at first and after each extension · shard: (k, n), the
    part with the chunks k − 1, k − 1 + n, ...; None for all chunks.
    """

    def __init__(self, worlds, weights, policies: int, work: int, shard=None):
        self.rows, begin = [], 0
        for first, last in zip((0, *worlds), worlds, strict=False):
            self.rows.append(Row(first, last, weights, policies, work, begin))
            begin += len(self.rows[-1])
        self.total, self.shard = begin, shard or (1, 1)

    def numbers(self) -> range:
        """The numbers of the chunks of this shard."""
        part, parts = self.shard
        return range(part - 1, self.total, parts)

    def row_of(self, number: int) -> Row:
        """The row that a chunk belongs to."""
        return next(row for row in self.rows if number < row.begin + len(row))

    def units(self, number: int) -> list[WorkUnit]:
        """The work units of a chunk."""
        return self.row_of(number).units(number)

    def worlds(self, number: int) -> int:
        """The number of worlds in a chunk, over all its points."""
        return self.row_of(number).worlds(number)

    def chunks_of(self, point: int) -> Iterator[int]:
        """The numbers of the chunks that hold worlds of a point, in any shard."""
        for row in self.rows:
            yield from row.chunks_of(point)


def _ends(size, weights, policies, work):
    """The places in the row at which chunks begin, and its end: (chunks + 1,) int64."""
    each = np.maximum(np.rint(weights * size), 1).astype(np.int64) + SETTING_UP * policies
    behind = np.cumsum(each)
    total, points = int(behind[-1]), len(each)
    number = max(math.ceil(total / work), min(FEW, math.ceil(total / min(work, LEAST))))
    if number > MOST_CHUNKS:
        wanted = points * size
        most = max(wanted * MOST_CHUNKS // number, 1)
        raise Refusal(
            f"worlds: found {wanted:,} in all, {size:,} at each of {points:,} points; allowed are "
            f"at most {most:,} in all; lower worlds, or the points of an axis"
        )
    steps = np.arange(1, number)
    targets = total // number * steps + total % number * steps // number
    point = np.searchsorted(behind, targets, side="right")
    inside = (targets - (behind[point] - each[point])) / each[point]
    # A point is divided at whole grains, or not at all where it is a small part of a chunk.
    grain = np.where(4 * each[point] <= total // number, size, GRAIN)
    boundary = np.minimum(np.rint(inside * size / grain).astype(np.int64) * grain, size)
    return np.unique(np.concatenate([[0], point * size + boundary, [points * size]]))
