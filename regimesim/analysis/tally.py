"""Tallies: sufficient statistics of a block of worlds of one policy.

Tallies are added exactly, so neither the order nor the size of blocks changes a bit of any
estimate.  Counts are whole numbers.  Every other value (a rate, a difference of rates, a score) is
rounded once, in its world, to a multiple of 2^−30, so it moves by at most 2^−31; sums of these
whole numbers and of their squares are exact.  An estimate, and each end of its interval, thus
differs by less than 10^−8 from the one that is computed from the values themselves.  The
conditional expectations of a world (`regimesim.analysis.conditional`) are kept in the same way,
expected counts as multiples of 2^−24, which moves an estimate by less than 10^−7.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from regimesim.analysis.columns import rows_in
from regimesim.analysis.conditional import Moments, equivalent_worlds, is_narrower, score_interval
from regimesim.analysis.estimand_table import (
    CONDITIONAL,
    COUNT,
    ESTIMANDS,
    FOLLOWS,
    HELD,
    SCORED,
    SHARES,
    TRIES,
    UNCOUNTED,
    WITHIN,
    Ratio,
)
from regimesim.analysis.estimands import scored, values_in
from regimesim.analysis.estimates import (
    CONFIDENCE,
    exact_interval,
    mean_interval,
)
from regimesim.analysis.exact_sums import (
    LONG,
    SHORT,
    parts,
    products_of_parts,
    sum_of_products,
    sum_of_squares,
    whole_numbers,
)
from regimesim.analysis.scores import widened
from regimesim.analysis.survival import QUANTILES, month_of, quantile_rank, rank_interval
from regimesim.model.world.records import COUNTS, THRESHOLDS, names

ALL = tuple(ESTIMANDS)
FINE = 2.0**-30
GRAINS = np.array([1.0 if e in (*names(COUNTS), *SHARES) else FINE for e in ALL])
EXPECTED_GRAINS = np.array([FINE if e in SCORED or WITHIN[e] != COUNT else 2.0**-24 for e in ALL])
SCORES = tuple(SCORED)
NOT_EXPECTED = Ratio(over=None)  # of an estimand that is counted alone; not used
_SCORED = [ALL.index(name) for name in SCORES]

# Sums over the worlds of a block: the number of worlds; the worlds in which an estimand exists,
# the sum of its whole numbers, and of a², a·b and b²; the sum of each score over the tries that
# were held, and over all tries as if all had been lost, or held; the sums of the expectations, and
# of the products of their parts with each other and with those of their weight; and the sums of
# the probability of a first try, and of the products of its parts.
SUMS = np.dtype(
    [
        ("worlds", "<i8"),
        ("n", "<i8", len(ALL)),
        ("total", "<i8", len(ALL)),
        ("squares", "<i8", (3, len(ALL))),
        ("held", "<i8", len(SCORES)),
        ("if_lost", "<i8", len(SCORES)),
        ("if_held", "<i8", len(SCORES)),
        ("expected", "<i8", len(ALL)),
        ("expected_squares", "<i8", (LONG * (LONG + 1) // 2, len(ALL))),
        ("expected_products", "<i8", (LONG * SHORT, len(ALL))),
        ("tries", "<i8"),
        ("tries_squares", "<i8", 3),
    ]
)


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """Exact summary of a block of worlds of one policy; `+` merges two.

    Attributes
    ----------
    sums : ndarray of SUMS, shape ()
        The sums over the worlds of the block.
    least, most : ndarray of float64, shape (estimands,)
        The smallest and largest value; ±∞ where there is no value.
    crossed : ndarray of int64, shape (thresholds, months)
        The worlds that first cross a threshold in each month.
    """

    sums: np.ndarray
    least: np.ndarray
    most: np.ndarray
    crossed: np.ndarray

    @classmethod
    def of(cls, outcomes: np.ndarray, months: int) -> "Tally":
        """The tally of outcomes, OUTCOME (worlds,), of a run of `months`."""
        return tally_blocks(outcomes, months, [len(outcomes)])[0]

    @classmethod
    def none(cls, months: int) -> "Tally":
        """The tally of no worlds."""
        least, most = np.full(len(ALL), np.inf), np.full(len(ALL), -np.inf)
        crossed = np.zeros((len(THRESHOLDS), months), np.int64)
        return cls(np.zeros((), SUMS), least, most, crossed)

    @property
    def months(self) -> int:
        """The months of its run."""
        return self.crossed.shape[-1]

    @property
    def worlds(self) -> int:
        """The number of worlds that it summarises."""
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
        """The tally as bytes, the same on every machine: 6 KB for 200 worlds of 180 months."""
        narrow = np.min_scalar_type(self.crossed.max(initial=0)).newbyteorder("<")
        head = np.array([self.months, narrow.itemsize], "<u4")
        ends = np.concatenate([self.least, self.most]).astype("<f8")
        parts = (head, self.sums, ends, self.crossed.astype(narrow))
        return b"".join(part.tobytes() for part in parts)

    @classmethod
    def unpack(cls, packed: bytes) -> "Tally":
        """The tally that was packed; raises ValueError where the bytes are not one."""
        head, size = np.dtype("<u4"), len(ALL)
        if len(packed) < 2 * head.itemsize:
            raise ValueError("these bytes are not a tally")
        months, width = map(int, np.frombuffer(packed, head, 2))
        at = 2 * head.itemsize
        ends = at + SUMS.itemsize
        crossed = ends + 2 * size * 8
        if width not in (1, 2, 4, 8) or len(packed) != crossed + len(THRESHOLDS) * months * width:
            raise ValueError("these bytes are not a tally")
        counts = np.frombuffer(packed, f"<u{width}", offset=crossed).astype(np.int64)
        least, most = np.frombuffer(packed, "<f8", 2 * size, ends).reshape(2, size)
        sums = np.frombuffer(packed, SUMS, 1, at)[0]
        return cls(sums, least, most, counts.reshape(len(THRESHOLDS), months))


def _flat(sums):
    return np.asarray(sums).reshape(1).view("<i8")


def tally_blocks(outcomes: np.ndarray, months: int, sizes) -> list[Tally]:
    """The tallies of consecutive blocks, with `sizes` worlds each, of OUTCOME (worlds,)."""
    sizes = np.asarray(sizes, np.intp)
    tallies = [Tally.none(months)] * len(sizes)
    (there,) = np.nonzero(sizes)  # `reduceat` has no empty blocks
    if not len(there):
        return tallies
    begins = np.concatenate([[0], np.cumsum(sizes[there])[:-1]])
    rows = rows_in(outcomes, months)
    values = np.stack([values_in(rows, name) for name in ALL]) + 0.0  # −0 is 0
    exists = ~np.isnan(values)
    sums = _sums(rows, values, exists, begins)
    least = np.minimum.reduceat(np.where(exists, values, np.inf), begins, axis=1)
    most = np.maximum.reduceat(np.where(exists, values, -np.inf), begins, axis=1)
    crossed = _crossed(outcomes["crossing"], months, sizes[there])
    for block, k in enumerate(there):
        tallies[k] = Tally(sums[block], least[:, block], most[:, block], crossed[block])
    return tallies


def _sums(rows, values, exists, begins):
    """(blocks,) SUMS."""
    whole = whole_numbers(values, exists, GRAINS)
    held = rows[HELD]
    tried = ~np.isnan(held)
    scores = whole[_SCORED]
    grains = GRAINS[_SCORED]
    supposed = [
        whole_numbers(np.stack([scored(rows, name, outcome) for name in SCORES]), tried, grains)
        for outcome in (np.zeros_like(held), np.ones_like(held))
    ]
    ones = np.ones((1, values.shape[1]), np.int64)
    columns = (
        *(ones, exists, whole, *products_of_parts(whole)),
        *(np.where(held == 1, scores, 0), *supposed),
        *_expected(rows),
    )
    added = np.add.reduceat(np.concatenate(columns), begins, axis=1, dtype="<i8")
    return np.ascontiguousarray(added.T).view(SUMS)[:, 0]


def _expected(rows):
    """The expectations of the worlds, in the order of SUMS."""
    ratios = [CONDITIONAL.get(name, NOT_EXPECTED) for name in ALL]
    above = np.stack(np.broadcast_arrays(rows[TRIES], *(r.above(rows) for r in ratios))[1:])
    whole = whole_numbers(above, True, EXPECTED_GRAINS)
    tries = whole_numbers(rows[TRIES][None], True, np.array([FINE]))
    below = np.where([[ratio.over is None] for ratio in ratios], 1, tries)
    products = (a * b for a, b in product(parts(whole, LONG), parts(below)))
    return whole, *products_of_parts(whole, LONG), *products, tries, *products_of_parts(tries)


def _crossed(crossing, months, sizes):
    """(blocks, thresholds, months) from crossings (worlds, thresholds), −1 where there is none."""
    kinds = crossing.shape[1]
    block = np.repeat(np.arange(len(sizes)), sizes)[:, None]
    place = (block * kinds + np.arange(kinds)) * months + crossing
    counts = np.bincount(place[crossing >= 0], minlength=len(sizes) * kinds * months)
    return counts.reshape(len(sizes), kinds, months)


@dataclass(frozen=True, eq=False, slots=True)
class Many:
    """Tallies side by side, as arrays of any shape, for estimates of all of them at once.

    Attributes
    ----------
    sums : ndarray of SUMS, shape (...)
    least, most : ndarray, shape (..., estimands)
    crossed : ndarray, shape (..., thresholds, months)
        As those of `Tally`.
    """

    sums: np.ndarray
    least: np.ndarray
    most: np.ndarray
    crossed: np.ndarray

    @classmethod
    def stacked(cls, tallies) -> "Many":
        """From a list of tallies; those of a shorter run cross nothing after its end."""
        months = max((tally.months for tally in tallies), default=1)
        crossed = np.zeros((len(tallies), len(THRESHOLDS), months), np.int64)
        for row, tally in zip(crossed, tallies, strict=True):
            row[:, : tally.months] = tally.crossed
        sums = np.array([tally.sums for tally in tallies], SUMS)
        least, most = (np.array([getattr(t, end) for t in tallies]) for end in ("least", "most"))
        return cls(sums, least, most, crossed)

    def estimates(self, confidence: float = CONFIDENCE) -> dict[str, tuple]:
        """(estimate, low, high, n) of every estimand as it is reported; arrays, NaN where there
        is none."""
        return {name: numbers[:4] for name, numbers in self.reported(confidence).items()}

    def reported(self, confidence: float = CONFIDENCE) -> dict[str, tuple]:
        """(estimate, low, high, n, equivalent worlds, counted) of every estimand.

        The estimate is conditional where the number of equivalent worlds is not NaN, and for
        UNCOUNTED estimands; `counted` is (estimate, low, high, n) by counts.
        """
        both = {
            name: (self._counted(k, confidence), self._conditional(k, confidence))
            for k, name in enumerate(ALL)
        }
        numbers = {}
        for name, (counted, conditional) in both.items():
            if name in UNCOUNTED:
                tried = self.sums["n"][..., ALL.index(HELD)]
                n = np.where(np.isnan(conditional[0]), 0, tried)
                numbers[name] = (*conditional, n, np.full(n.shape, np.nan), counted)
                continue
            chosen = is_narrower(*both[FOLLOWS[name]]) & ~np.isnan(conditional[1])
            ends = zip(conditional, counted[:3], strict=True)
            estimate = (np.where(chosen, *values) for values in ends)
            times = np.where(chosen, equivalent_worlds(counted, conditional), np.nan)
            numbers[name] = (*estimate, counted[3], times, counted)
        return numbers

    def _conditional(self, k, confidence):
        """(estimate, low, high) of the conditional estimate; NaN where there is none."""
        name, seen = ALL[k], self._seen(k)
        if name not in CONDITIONAL:
            return (np.full(np.shape(self.sums["worlds"]), np.nan),) * 3
        expected = self._moments(k)
        if name in SCORED:
            held, each = self._moments(ALL.index(HELD)), self._either(name)
            return score_interval(expected, held, each, WITHIN[name], confidence, seen)
        return expected.interval(WITHIN[name], confidence, seen)

    def _seen(self, k):
        """The smallest and the largest value; 0 where there is none."""
        there = self.sums["n"][..., k] > 0
        return tuple(np.where(there, end[..., k], 0.0) for end in (self.least, self.most))

    def _moments(self, k):
        """The moments of the ratio of expectations: exact up to the division."""
        above = self.sums["expected"][..., k].astype(object)
        squares = sum_of_squares(self.sums["expected_squares"][..., k], LONG)
        products = sum_of_products(self.sums["expected_products"][..., k])
        if CONDITIONAL[ALL[k]].over is None:
            below, grain = self.sums["worlds"].astype(object), 1.0
            below_squares = below
        else:
            below, grain = self.sums["tries"].astype(object), FINE
            below_squares = sum_of_squares(self.sums["tries_squares"])
        some = np.maximum(below, 1)
        # Σ(y − R·w)² with R = Σy / Σw
        spread = (
            squares * some**2 - 2 * above * products * some + above**2 * below_squares
        ) / some**2
        middle, total, square, spread = (
            np.asarray(value, np.float64) for value in (above / some, below, below_squares, spread)
        )
        scale = EXPECTED_GRAINS[k]
        return Moments.from_sums(
            middle * scale / grain, total * grain, square * grain**2, spread * scale**2
        )

    def _counted(self, k, confidence):
        """(estimate, low, high, n) by counts."""
        name, n, total = ALL[k], self.sums["n"][..., k], self.sums["total"][..., k]
        some = np.maximum(n, 1)
        middle = total * GRAINS[k] / some
        if name in SHARES:
            ends = exact_interval(total, some, confidence)
        else:
            least, most = seen = self._seen(k)
            deviation = np.where(least >= most, 0.0, self._deviation(k))
            ends = mean_interval(some, middle, deviation, seen, confidence, WITHIN[name])
            if name in SCORED:
                held = self.sums["total"][..., ALL.index(HELD)]
                shares = exact_interval(held, some, confidence)
                ends = widened((middle, *ends), self._either(name), shares)
        return (*(np.where(n > 0, value, np.nan) for value in (middle, *ends)), n)

    def _deviation(self, k):
        """The standard deviation of values: exact up to the square root."""
        n, total = (self.sums[part][..., k].astype(object) for part in ("n", "total"))
        square = sum_of_squares(self.sums["squares"][..., k])
        pairs = np.maximum(n * (n - 1), 1)
        variance = (n * square - total * total) / pairs
        return np.sqrt(np.asarray(variance, np.float64)) * GRAINS[k]

    def _either(self, name):
        """The mean score of a lost try, and of a held one."""
        k, s = ALL.index(name), SCORES.index(name)
        n = np.maximum(self.sums["n"][..., k], 1)
        held = self.sums["total"][..., ALL.index(HELD)]
        lost = n - held
        total, of_held = self.sums["total"][..., k], self.sums["held"][..., s]
        if_lost, if_held = self.sums["if_lost"][..., s], self.sums["if_held"][..., s]
        return (
            np.where(lost > 0, total - of_held, if_lost) / np.where(lost > 0, lost, n) * GRAINS[k],
            np.where(held > 0, of_held, if_held) / np.where(held > 0, held, n) * GRAINS[k],
        )

    def thresholds(self, confidence: float = CONFIDENCE) -> dict[str, dict[str, tuple]]:
        """The share of worlds that `crossed` each threshold, and the quantiles of its month.

        Each is (estimate, low, high), arrays, NaN where there is none, or the month is later than
        the end of the run.
        """
        n = self.sums["worlds"]
        some = np.maximum(n, 1)
        so_far = np.moveaxis(np.cumsum(self.crossed, axis=-1), -2, 0)
        ranks = {
            name: (quantile_rank(some, q), *rank_interval(some, q, confidence))
            for name, q in QUANTILES.items()
        }
        crossings = {}
        for threshold, counts in zip(names(THRESHOLDS), so_far, strict=True):
            count = counts[..., -1]
            share = (count / some, *exact_interval(count, some, confidence))
            times = {name: [month_of(counts, r) for r in of] for name, of in ranks.items()}
            crossings[threshold] = {
                name: tuple(np.where(n > 0, value, np.nan) for value in values)
                for name, values in {"crossed": share, **times}.items()
            }
        return crossings
