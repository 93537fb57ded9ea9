"""Tallies: what estimates need of a block of worlds of one policy, and nothing of each world.

Tallies are added up exactly, so neither the order of blocks nor how worlds are cut into
them changes a bit of any estimate.  Counts are whole numbers.  Every other value (a rate,
a difference of rates, a score) is rounded once, in its world, to a whole number of
2^−30, so it moves by at most 2^−31; sums of those whole numbers and of their squares are
exact.  An estimate, and each end of its interval, thus differs by less than 10^−8 from the
one that is computed from the values themselves.
"""

from dataclasses import dataclass

import numpy as np

from regimesim.analysis.estimates import (
    CONFIDENCE,
    exact_interval,
    mean_interval,
)
from regimesim.analysis.first_try import ESTIMANDS, HELD, SCORED, SHARES, WITHIN, scored, values_in
from regimesim.analysis.rows import rows_in
from regimesim.analysis.scores import widened
from regimesim.analysis.survival import QUANTILES, month_of, quantile_rank, rank_interval
from regimesim.world.records import COUNTS, THRESHOLDS, names

ALL = tuple(ESTIMANDS)
GRAINS = np.array([1.0 if e in (*names(COUNTS), "no_takeover") else 2.0**-30 for e in ALL])
CUT = 17  # a whole number is a·2^17 + b, so that sums of a², a·b and b² fit into 64 bits
SCORES = tuple(SCORED)
_SCORED = [ALL.index(name) for name in SCORES]

# Sums over the worlds of a block: its worlds; those in which an estimand exists, the sum of
# its whole numbers, and of a², a·b and b²; and of each score over the tries that were held,
# and over all tries had all been lost, or held.
SUMS = np.dtype(
    [
        ("worlds", "<i8"),
        ("n", "<i8", len(ALL)),
        ("total", "<i8", len(ALL)),
        ("squares", "<i8", (3, len(ALL))),
        ("held", "<i8", len(SCORES)),
        ("if_lost", "<i8", len(SCORES)),
        ("if_held", "<i8", len(SCORES)),
    ]
)


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """Exact summary of a block of worlds of one policy; `+` merges two.

    sums: () SUMS · least, most: (estimands,) float64, ±∞ where there is no value · crossed:
    (thresholds, months) int64, worlds that first cross a threshold in each month.
    """

    sums: np.ndarray
    least: np.ndarray
    most: np.ndarray
    crossed: np.ndarray

    @classmethod
    def of(cls, outcomes: np.ndarray, months: int) -> "Tally":
        """The tally of (worlds,) OUTCOME of a run of so many months."""
        return tally_blocks(outcomes, months, [len(outcomes)])[0]

    @classmethod
    def none(cls, months: int) -> "Tally":
        """The tally of no worlds."""
        ends = np.full((2, len(ALL)), np.inf) * [[1], [-1]]
        crossed = np.zeros((len(THRESHOLDS), months), np.int64)
        return cls(np.zeros((), SUMS), *ends, crossed)

    @property
    def months(self) -> int:
        """The months of its run."""
        return self.crossed.shape[-1]

    @property
    def worlds(self) -> int:
        """How many worlds it summarises."""
        return int(self.sums["worlds"])

    def __add__(self, other: "Tally") -> "Tally":
        if self.months != other.months:
            raise ValueError(f"tallies of {self.months} and of {other.months} months")
        return Tally(
            (_flat(self.sums) + _flat(other.sums)).view(SUMS)[0],
            np.minimum(self.least, other.least),
            np.maximum(self.most, other.most),
            self.crossed + other.crossed,
        )

    def pack(self) -> bytes:
        """As bytes, the same on every machine: some 2 KB for 200 worlds of 180 months."""
        narrow = np.min_scalar_type(self.crossed.max(initial=0)).newbyteorder("<")
        head = np.array([self.months, narrow.itemsize], "<u4")
        ends = np.concatenate([self.least, self.most]).astype("<f8")
        parts = (head, self.sums, ends, self.crossed.astype(narrow))
        return b"".join(part.tobytes() for part in parts)

    @classmethod
    def unpack(cls, packed: bytes) -> "Tally":
        """The tally that was packed; ValueError where the bytes are none."""
        head, size = np.dtype("<u4"), len(ALL)
        if len(packed) < 2 * head.itemsize:
            raise ValueError("these bytes are no tally")
        months, width = map(int, np.frombuffer(packed, head, 2))
        at = 2 * head.itemsize
        ends = at + SUMS.itemsize
        crossed = ends + 2 * size * 8
        if width not in (1, 2, 4, 8) or len(packed) != crossed + len(THRESHOLDS) * months * width:
            raise ValueError("these bytes are no tally")
        counts = np.frombuffer(packed, f"<u{width}", offset=crossed).astype(np.int64)
        return cls(
            np.frombuffer(packed, SUMS, 1, at)[0],
            *np.frombuffer(packed, "<f8", 2 * size, ends).reshape(2, size),
            counts.reshape(len(THRESHOLDS), months),
        )


def _flat(sums):
    return np.asarray(sums).reshape(1).view("<i8")


def tally_blocks(outcomes: np.ndarray, months: int, sizes) -> list[Tally]:
    """The tallies of consecutive blocks, of so many worlds each, of (worlds,) OUTCOME."""
    sizes = np.asarray(sizes, np.intp)
    found = [Tally.none(months)] * len(sizes)
    (there,) = np.nonzero(sizes)  # a block of no worlds has no place among the cuts
    if not len(there):
        return found
    cuts = np.concatenate([[0], np.cumsum(sizes[there])[:-1]])
    rows = rows_in(outcomes)
    values = np.stack([values_in(rows, name) for name in ALL]) + 0.0  # −0 is 0
    exists = ~np.isnan(values)
    sums = _sums(rows, values, exists, cuts)
    least = np.minimum.reduceat(np.where(exists, values, np.inf), cuts, axis=1)
    most = np.maximum.reduceat(np.where(exists, values, -np.inf), cuts, axis=1)
    crossed = _crossed(outcomes["crossing"], months, sizes[there])
    for block, k in enumerate(there):
        found[k] = Tally(sums[block], least[:, block], most[:, block], crossed[block])
    return found


def _sums(rows, values, exists, cuts):
    """(blocks,) SUMS."""
    whole = _whole(values, exists, GRAINS)
    high, low = whole >> CUT, whole & ((1 << CUT) - 1)
    held = rows[HELD]
    tried = ~np.isnan(held)
    scores = whole[_SCORED]
    grains = GRAINS[_SCORED]
    supposed = [
        _whole(np.stack([scored(rows, name, outcome) for name in SCORES]), tried, grains)
        for outcome in (np.zeros_like(held), np.ones_like(held))
    ]
    ones = np.ones((1, values.shape[1]), np.int64)
    squares = (high * high, high * low, low * low)
    columns = (ones, exists, whole, *squares, np.where(held == 1, scores, 0), *supposed)
    added = np.add.reduceat(np.concatenate(columns), cuts, axis=1, dtype="<i8")
    return np.ascontiguousarray(added.T).view(SUMS)[:, 0]


def _whole(values, exists, grains):
    """Values as whole numbers of their grain, 0 where there is none."""
    return np.rint(np.where(exists, values, 0.0) / grains[:, None]).astype(np.int64)


def _crossed(crossing, months, sizes):
    """(blocks, thresholds, months) from crossings (worlds, thresholds), −1 where there is none."""
    kinds = crossing.shape[1]
    block = np.repeat(np.arange(len(sizes)), sizes)[:, None]
    place = (block * kinds + np.arange(kinds)) * months + crossing
    counts = np.bincount(place[crossing >= 0], minlength=len(sizes) * kinds * months)
    return counts.reshape(len(sizes), kinds, months)


@dataclass(frozen=True, eq=False, slots=True)
class Many:
    """Tallies side by side, as arrays of any shape, from which estimates come all at once.

    sums: (...) SUMS · least, most: (..., estimands) · crossed: (..., thresholds, months)
    """

    sums: np.ndarray
    least: np.ndarray
    most: np.ndarray
    crossed: np.ndarray

    @classmethod
    def stacked(cls, tallies) -> "Many":
        """Of a list of tallies; those of a shorter run cross nothing after its end."""
        months = max((tally.months for tally in tallies), default=1)
        crossed = np.zeros((len(tallies), len(THRESHOLDS), months), np.int64)
        for row, tally in zip(crossed, tallies, strict=True):
            row[:, : tally.months] = tally.crossed
        sums = np.array([tally.sums for tally in tallies], SUMS)
        ends = [np.array([getattr(t, end) for t in tallies]) for end in ("least", "most")]
        return cls(sums, *ends, crossed)

    def estimates(self, confidence: float = CONFIDENCE) -> dict[str, tuple]:
        """(estimate, low, high, n) of every estimand, arrays, NaN where there is none."""
        return {name: self._estimate(k, confidence) for k, name in enumerate(ALL)}

    def _estimate(self, k, confidence):
        name, n, total = ALL[k], self.sums["n"][..., k], self.sums["total"][..., k]
        some = np.maximum(n, 1)
        middle = total * GRAINS[k] / some
        if name in SHARES:
            ends = exact_interval(total, some, confidence)
        else:
            alike = self.least[..., k] >= self.most[..., k]
            deviation = np.where(alike, 0.0, self._deviation(k))
            ends = mean_interval(some, middle, deviation, alike, confidence, WITHIN[name])
            if name in SCORED:
                ends = self._widened(name, (middle, *ends, some), confidence)
        return (*(np.where(n > 0, value, np.nan) for value in (middle, *ends)), n)

    def _deviation(self, k):
        """The standard deviation of values: exact until the root is taken."""
        n, total = (self.sums[part][..., k].astype(object) for part in ("n", "total"))
        high, mixed, low = np.moveaxis(self.sums["squares"][..., k].astype(object), -1, 0)
        square = high * 2 ** (2 * CUT) + mixed * 2 ** (CUT + 1) + low
        pairs = np.maximum(n * (n - 1), 1)
        variance = (n * square - total * total) / pairs
        return np.sqrt(np.asarray(variance, np.float64)) * GRAINS[k]

    def _widened(self, name, found, confidence):
        """The interval of a mean score, which leaves open what an outcome that was never seen
        would bring."""
        k, s, n = ALL.index(name), SCORES.index(name), found[-1]
        held = self.sums["total"][..., ALL.index(HELD)]
        lost = n - held
        total, of_held = self.sums["total"][..., k], self.sums["held"][..., s]
        if_lost, if_held = self.sums["if_lost"][..., s], self.sums["if_held"][..., s]
        scores = (
            np.where(lost > 0, total - of_held, if_lost) / np.where(lost > 0, lost, n),
            np.where(held > 0, of_held, if_held) / np.where(held > 0, held, n),
        )
        return widened(found, *(score * GRAINS[k] for score in scores), held, confidence)

    def thresholds(self, confidence: float = CONFIDENCE) -> dict[str, dict[str, tuple]]:
        """Of every threshold the share of worlds that `crossed` it, and the months by which a
        tenth, half and nine tenths had: each (estimate, low, high), arrays, NaN where there
        is none, or it is later than the end."""
        n = self.sums["worlds"]
        some = np.maximum(n, 1)
        so_far = np.moveaxis(np.cumsum(self.crossed, axis=-1), -2, 0)
        ranks = {
            name: (quantile_rank(some, q), *rank_interval(some, q, confidence))
            for name, q in QUANTILES.items()
        }
        found = {}
        for threshold, counts in zip(names(THRESHOLDS), so_far, strict=True):
            count = counts[..., -1]
            share = (count / some, *exact_interval(count, some, confidence))
            times = {name: [month_of(counts, r) for r in of] for name, of in ranks.items()}
            found[threshold] = {
                name: tuple(np.where(n > 0, value, np.nan) for value in values)
                for name, values in {"crossed": share, **times}.items()
            }
        return found
