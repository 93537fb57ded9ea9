"""An axis of a sweep: what varies, and the values that it takes."""

from typing import NamedTuple

import numpy as np

from regimesim.scenario.columns import Column
from regimesim.scenario.declaration import Quantity
from regimesim.scenario.distribution import Distribution
from regimesim.scenario.sweep_table import LINEAR, LOG

PRESET = "preset"


DIGITS = 12  # of a decimal that a person writes
ROUNDING = 16 * np.finfo(np.float64).eps  # what a computed level may be off, relatively


def as_written(levels: np.ndarray, scale: float | None = None) -> np.ndarray:
    """Computed levels as a person would write them: 0.3 and not 0.30000000000000004.

    Parameters
    ----------
    levels : ndarray
        The levels.
    scale : float, optional
        The size of the numbers whose rounding errors they have, by default that of each level.

    Returns
    -------
    ndarray
        The shortest decimal where a level differs from it by rounding alone; else the level.
    """
    if levels.dtype.kind != "f":
        return levels
    size = np.abs(levels) if scale is None else np.full(levels.shape, scale)
    size = np.where(size > 0, size, 1.0)
    digits = DIGITS - 1 - np.floor(np.log10(size)).astype(int)
    short = np.array([round(x, k) for x, k in zip(levels.tolist(), digits.tolist(), strict=True)])
    return np.where(np.abs(short - levels) <= ROUNDING * size, short, levels)


class Listed(NamedTuple):
    """A list of values: numbers, words, switches or files."""

    values: tuple

    @property
    def size(self) -> int:
        """The number of values."""
        return len(self.values)

    def levels(self):
        """The values in order: an array."""
        return as_written(np.array(self.values))

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
        if self.scale == LOG:
            levels = self._log_scaled(np.linspace(0.0, 1.0, self.points))
            levels[0], levels[-1] = self.low, self.high
        else:
            levels = np.linspace(self.low, self.high, self.points)
        if self.whole:
            return np.rint(levels).astype(np.int64)
        steps_of = None if self.scale == LOG else max(abs(self.low), abs(self.high))
        levels[1:-1] = as_written(levels[1:-1], steps_of)  # the ends were written
        return levels

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
    """A distribution, truncated to the range that its parameter allows, or a column of draws.

    points: the number of levels, in a grid: quantiles (k + ½)/points.
    """

    distribution: Distribution | Column
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
        if isinstance(self.distribution, Column):
            return np.quantile(self.distribution.values, u)
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
