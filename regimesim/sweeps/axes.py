"""An axis of a sweep: what varies, and the values that it takes."""

from typing import NamedTuple

import numpy as np

from regimesim.scenario.declaration import Quantity
from regimesim.scenario.distribution import Distribution
from regimesim.scenario.sweep_table import LINEAR, LOG

PRESET = "preset"


class Listed(NamedTuple):
    """A list of values: numbers, words, switches or files."""

    values: tuple

    @property
    def size(self) -> int:
        """The number of values."""
        return len(self.values)

    def levels(self):
        """The values in order: an array."""
        return np.array(self.values)

    def at(self, u):
        """Map uniforms `u` on (0, 1) to values, each with an equal share."""
        levels = self.levels()
        places = np.minimum((np.asarray(u) * len(levels)).astype(int), len(levels) - 1)
        return levels[places]


class Range(NamedTuple):
    """Values from `low` to `high`, both included, with equal steps or (scale "log") ratios.

    points: the number of levels, in a grid · whole: rounded to whole numbers.
    """

    low: float
    high: float
    scale: str = LINEAR
    points: int | None = None
    whole: bool = False

    @property
    def size(self) -> int | None:
        """The number of levels, in a grid."""
        return self.points

    def levels(self):
        """The `points` values, ends included; a single one is the low end."""
        if self.scale == LOG:  # in 15 digits: the middle of 0.1 to 10 is 1
            inner = self._log_scaled(np.linspace(0.0, 1.0, self.points))
            levels = np.array([float(f"{value:.15g}") for value in inner])
            levels[-1], levels[0] = self.high, self.low
        else:
            levels = np.linspace(self.low, self.high, self.points)
        return np.rint(levels).astype(np.int64) if self.whole else levels

    def at(self, u):
        """Values from uniforms `u` on (0, 1); each whole number has a share of its own."""
        u = np.asarray(u, float)
        high = self.high + 1 if self.whole else self.high
        if self.scale == LOG:
            values = self._log_scaled(u, high)
        else:
            values = self.low + u * (high - self.low)
        if self.whole:
            values = np.floor(values).astype(np.int64)
        return np.clip(values, self.low, self.high)  # only corrects rounding at the ends

    def _log_scaled(self, u, high: float | None = None):
        """The values that lie the shares `u` of the way to the high end, in logarithms."""
        from regimesim.ensemble.quantiles import exp_of, log_of

        start, end = log_of([self.low, self.high if high is None else high])
        return exp_of(start + np.asarray(u) * (end - start))


class Drawn(NamedTuple):
    """A distribution, truncated to the range that its parameter allows.

    points: the number of levels, in a grid: quantiles (k + ½)/points.
    """

    distribution: Distribution
    quantity: Quantity
    points: int | None = None

    @property
    def size(self) -> int | None:
        """The number of levels, in a grid."""
        return self.points

    def levels(self):
        """The quantiles in rising order: an array."""
        return self.at((np.arange(self.points) + 0.5) / self.points)

    def at(self, u):
        """Quantiles at the uniforms `u` on (0, 1)."""
        from regimesim.ensemble.parameter_sampling import quantile

        u = np.asarray(u, float)
        return quantile(self.distribution, u.ravel(), self.quantity).reshape(u.shape)


Values = Listed | Range | Drawn


class Axis(NamedTuple):
    """What varies, and its values.

    key: a dotted parameter ("feedback.density", "policies.NAME.feedback.density"), a
    safeguard's switch ("oversight.control"), a setting of the run ("systems"), or "preset".
    """

    key: str
    values: Values
    unit: str = ""
    words: str = ""

    @property
    def framing(self) -> bool:
        """Whether it decides which tables exist: a preset, or a safeguard's switch."""
        listed = isinstance(self.values, Listed)
        return listed and (self.key == PRESET or isinstance(self.values.values[0], bool))

    def levels(self):
        """The values that a grid takes, in order: an array."""
        return self.values.levels()

    def at(self, u):
        """Values from uniforms `u` on (0, 1), of the same shape."""
        return self.values.at(u)
