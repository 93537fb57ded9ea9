"""What a run adds up for each policy and month, and the labelled dataset of it."""

import numpy as np

from regimesim.ensemble.datasets import attributes, titles
from regimesim.ensemble.labelled import Labelled
from regimesim.model.dynamics.record import (
    CHANCE_GRAIN,
    CHANCES,
    FAN,
    FAN_LOW,
    FAN_STEP,
    FAN_STEPS,
    GRAIN,
)
from regimesim.model.world.records import (
    EXPECTED_MONTHLY,
    MONTHLY,
    REGIMES,
    THRESHOLDS,
    names,
)
from regimesim.scenario.titles import TITLE

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
LARGEST = np.iinfo(np.int64).max


class Months:
    """Exact monthly sums of a run, added batch by batch."""

    def __init__(self, scenario):
        self.scenario = scenario
        size = (len(scenario.policies), scenario.months)
        self.sums = np.zeros((*size, FAN), np.int64)  # these two grow with `_wide_enough`
        self.chances = np.zeros((*size, len(EXPECTED_MONTHLY)), np.int64)
        self.leaders = np.zeros((*size, FAN_STEPS), np.int64)
        # worlds that have reached this regime or a worse one, in the month it begins
        self.begun = np.zeros((*size, len(REGIMES) - 1), np.int64)

    def add(self, policy, monthly, outcomes):
        """Add a batch: its monthly sums and the regimes of its worlds."""
        sums, leaders, chances = np.split(monthly, (FAN, CHANCES), axis=1)
        self.sums = _wide_enough(self.sums, sums)
        self.chances = _wide_enough(self.chances, chances)
        self.sums[policy] += sums  # exact in any order
        self.chances[policy] += chances
        self.leaders[policy] += leaders
        crossing = dict(zip(names(THRESHOLDS), outcomes["crossing"].T, strict=True))
        never = self.scenario.months
        earliest = np.full(len(outcomes), never)
        order = ("takeover", "first_critical_try", "favourable", "capable")
        for k, threshold in enumerate(order):
            month = crossing[threshold]
            earliest = np.minimum(earliest, np.where(month < 0, never, month))
            counts = np.bincount(earliest, minlength=never + 1)[:never]
            self.begun[policy, :, k] += counts

    def join(self, others):
        """Add the sums of other worlds of the same scenario."""
        for other in others:
            self.sums = _wide_enough(self.sums, other.sums) + other.sums
            self.chances = _wide_enough(self.chances, other.chances) + other.chances
            self.leaders += other.leaders
            self.begun += other.begun

    def totals(self, policy, name):
        """The sum of a quantity of `MONTHLY` over the worlds not yet lost, and their number: two
        arrays with one value for each month."""
        k = names(MONTHLY).index(name)
        sums = self.sums[policy].astype(float)
        return sums[:, 1 + k] * GRAIN[k], sums[:, 0]

    def dataset(self):
        """The dataset `months`."""
        return self.labelled().dataset()

    def labelled(self) -> Labelled:
        """Regime shares of all worlds, and means and standard deviations over the worlds that are
        not yet lost, with their labels."""
        scenario = self.scenario
        here = ("policy", "month")
        reached = self.begun.cumsum(axis=1) / scenario.worlds
        bounds = np.concatenate(
            [np.zeros_like(reached[..., :1]), reached, np.ones_like(reached[..., :1])], axis=2
        )
        shares = np.moveaxis(np.diff(bounds, axis=2), 2, 0)
        regime = {"units": "1", "long_name": "share of all worlds in each regime"}
        words = f"frontier of the leading lab, quantile over worlds, within {FAN_STEP}"
        fan = {"units": "log2 h", "long_name": words}
        left = {"units": "worlds", "long_name": "worlds not lost before this month"}
        variables = {
            "regime_share": (("regime", *here), shares, regime),
            "worlds_not_lost": (here, self.sums[..., 0].astype(np.int64), left),
            "leader_quantile": (("quantile", *here), self._fan(), fan),
        }
        means, spreads = self._moments()
        for k, item in enumerate(MONTHLY):
            of_worlds = {"units": item.unit, "long_name": f"{item.words}; sd over worlds"}
            variables[item.name] = (here, means[k], {"units": item.unit, "long_name": item.words})
            variables[f"{item.name}_sd"] = (here, spreads[k], of_worlds)
        for k, item in enumerate(EXPECTED_MONTHLY):
            chance = self.chances[..., k].astype(float) * CHANCE_GRAIN / scenario.worlds
            of_all = f"{item.words}, given all but the draws that decide attempts; of all worlds"
            variables[item.name] = (here, chance, {"units": item.unit, "long_name": of_all})
        dates = [scenario.date(month) for month in range(scenario.months)]
        coordinate = {
            "policy": list(scenario.policies),
            TITLE: titles(scenario),
            "month": np.arange(scenario.months, dtype=np.int32),
            "date": ("month", dates),
            "regime": list(REGIMES),
            "quantile": list(QUANTILES),
        }
        return Labelled(variables, coordinate, attributes(scenario))

    def _moments(self):
        """Means and standard deviations over the worlds that are not yet lost, (quantity, policy,
        month); NaN where all are lost."""
        sums = np.ascontiguousarray(np.moveaxis(self.sums, -1, 0), float)
        count = np.where(sums[0] > 0, sums[0], np.nan)
        grain = GRAIN[:, None, None]
        mean, square = (part * grain / count for part in np.split(sums[1:], 2))
        variance = square - mean**2
        # a grain of 1 counts: a whole number in every world, without rounding
        rounding = np.where(grain == 1.0, 0.0, grain * (1.0 + 2.0 * np.abs(mean)))
        return mean, np.sqrt(np.where(variance > rounding, variance, 0.0))

    def _fan(self):
        """Quantiles of the leading frontier over the worlds that are not yet lost; NaN where one
        is outside the range of the histogram."""
        below = self.leaders.cumsum(axis=-1)
        shape, total = below.shape[:2], below[..., -1]
        edges = FAN_LOW + FAN_STEP * np.arange(1, FAN_STEPS + 1)
        wanted = np.multiply.outer(QUANTILES, total)
        inside = (wanted > below[..., 0]) & (wanted <= below[..., -2])
        # One search in the counts of all months, laid end to end: the last edge with no more
        # worlds below it than wanted.  Between it and the next edge there is a straight line.
        before = (total.cumsum() - total.ravel()).reshape(shape)
        laid = (below + before[..., None]).ravel()
        last = laid.searchsorted(before + wanted.astype(np.int64), side="right") - 1
        last = np.where(inside, last, 0)
        worlds, step = laid[last] - before, laid[last + 1] - laid[last]
        low = edges[last % FAN_STEPS]
        slope = (edges[(last + 1) % FAN_STEPS] - low) / np.where(inside, step, 1)
        return np.where(inside, slope * (wanted - worlds) + low, np.nan)


def _wide_enough(sums, more):
    """Whole numbers to which `more` can be added: Python integers, which are slow but have no
    end, where 64 bits might not hold the result."""
    if sums.dtype == object or _largest(sums) + _largest(more) < LARGEST:
        return sums
    return sums.astype(object)


def _largest(numbers) -> int:
    return max(int(numbers.max()), -int(numbers.min()))
