"""Growth as a straight line of measured capability over time, with its uncertainty."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from regimesim.scenario.dates import first_day

if TYPE_CHECKING:
    import numpy as np

DAYS_A_MONTH = 30.4375  # 365.25 / 12
FEWEST = 3  # a line through two points has no standard error
Day = str | date


@dataclass(frozen=True)
class Line:
    """A straight line that was fitted by ordinary least squares.

    Its level at the mean of x and its slope are independent, so the line is kept as these two.

    Attributes
    ----------
    slope, slope_se : float
        The slope and its standard error, in y for each x.
    middle : float
        The mean of x.
    middle_level : float
        The level at `middle`, in y.
    residual_sd : float
        The standard deviation of the residuals, in y, on n − 2 degrees of freedom.
    n : int
        The number of points.
    """

    slope: float
    slope_se: float
    middle: float
    middle_level: float
    residual_sd: float
    n: int

    @property
    def middle_level_se(self) -> float:
        """The standard error of the level at the mean of x."""
        return self.residual_sd / math.sqrt(self.n)

    def at(self, x: float) -> float:
        """The level of the line at `x`."""
        return self.middle_level + self.slope * (x - self.middle)

    def at_se(self, x: float) -> float:
        """The standard error of the line at `x`."""
        return math.hypot(self.middle_level_se, self.slope_se * (x - self.middle))

    @property
    def line(self) -> "Line":
        """The line itself."""
        return self

    def plain(self) -> dict:
        """Its numbers, as a scenario file has them."""
        return asdict(self)


class _Doubling:
    """What any growth has whose `slope` is in doublings of the time horizon a day."""

    @property
    def doubling_days(self) -> float:
        """The doubling time in days (negative where horizons shrink)."""
        return 1 / self.slope  # type: ignore[attr-defined]

    @property
    def doubling_months(self) -> float:
        """The doubling time in months of 30.4375 days."""
        return self.doubling_days / DAYS_A_MONTH


@dataclass(frozen=True)
class Growth(Line, _Doubling):
    """A straight line through log2(horizon in hours) against the release date.

    Level and slope are independent at the mean release date, so the line is kept as its level
    there and its slope.

    Attributes
    ----------
    slope, slope_se : float
        The slope and its standard error, in doublings a day.
    middle : float
        The mean release date, a day number (`datetime.date.toordinal`).
    middle_level : float
        The level at `middle`, in log2 hours.
    residual_sd : float
        The standard deviation of the residuals, in doublings, on n − 2 degrees of freedom.
    n : int
        The number of measured horizons.
    """

    def level(self, day: Day) -> float:
        """The level of the line at a day.

        Parameters
        ----------
        day : str or datetime.date
            "YYYY-MM" (its first day), "YYYY-MM-DD" or a date.

        Returns
        -------
        float
            In log2 hours.
        """
        return self.middle_level + self.slope * self.since_middle(day)

    def level_se(self, day: Day) -> float:
        """The standard error of the line at a day, as for `level`, in doublings."""
        return math.hypot(self.middle_level_se, self.slope_se * self.since_middle(day))

    def covariance(self, day: Day) -> "np.ndarray":
        """The covariance of slope and level at a day.

        Returns
        -------
        ndarray, shape (2, 2)
            Of (slope in doublings a day, level in doublings).
        """
        import numpy as np  # which a scenario is read without

        common = self.slope_se**2 * self.since_middle(day)
        return np.array([[self.slope_se**2, common], [common, self.level_se(day) ** 2]])

    def since_middle(self, day: Day) -> float:
        """The days from the mean release date to a day, as for `level`."""
        return first_day(day).toordinal() - self.middle

    def plain(self) -> dict:
        """Its numbers, as a scenario file has them under `fit`."""
        return {"line": asdict(self)}


@dataclass(frozen=True)
class IndexGrowth(_Doubling):
    """Growth of an index of capability, and the line that links the index to time horizons.

    Attributes
    ----------
    line : Line
        The index of record models against their release dates, in points and days.
    link : Line
        log2(horizon in hours) against the index, through the models that have both.
    """

    line: Line
    link: Line

    @property
    def slope(self) -> float:
        """The slope in doublings a day."""
        return self.link.slope * self.line.slope

    @property
    def slope_se(self) -> float:
        """The standard error of the slope, to first order, in doublings a day."""
        return math.hypot(
            self.link.slope * self.line.slope_se, self.line.slope * self.link.slope_se
        )

    @property
    def n(self) -> int:
        """The number of record models."""
        return self.line.n

    def level(self, day: Day) -> float:
        """The level at a day, as for `Growth.level`, in log2 hours."""
        return self.link.at(self._index(day))

    def level_se(self, day: Day) -> float:
        """The standard error of the level at a day, to first order, in doublings."""
        of_index = self.line.at_se(first_day(day).toordinal())
        return math.hypot(self.link.slope * of_index, self.link.at_se(self._index(day)))

    def _index(self, day):
        return self.line.at(first_day(day).toordinal())

    def plain(self) -> dict:
        """Its numbers, as a scenario file has them under `fit`."""
        return {"line": asdict(self.line), "link": asdict(self.link)}


AnyGrowth = Growth | IndexGrowth
NUMBERS = tuple(field.name for field in fields(Line))


def least_squares(x, y) -> Line:
    """The straight line of ordinary least squares through at least three points.

    The sums are rounded correctly (`math.fsum`), so that a fit has the same bits everywhere.

    Parameters
    ----------
    x, y : sequence of float, of one length
        The points; not all x are the same.

    Returns
    -------
    Line
    """
    x, y = list(map(float, x)), list(map(float, y))
    n = len(x)
    middle, middle_level = math.fsum(x) / n, math.fsum(y) / n
    apart = [one - middle for one in x]
    spread = math.fsum(one * one for one in apart)
    slope = math.fsum(one * level for one, level in zip(apart, y, strict=True)) / spread
    residuals = [level - middle_level - slope * one for one, level in zip(apart, y, strict=True)]
    residual_sd = math.sqrt(math.fsum(one * one for one in residuals) / (n - 2))
    return Line(slope, residual_sd / math.sqrt(spread), middle, middle_level, residual_sd, n)


def growth_of(written: Mapping) -> AnyGrowth:
    """The growth of the tables `line` and perhaps `link`, as `plain` writes them.

    Raises ValueError with a sentence about what is wrong in them.
    """
    if "link" not in written:
        return Growth(*_numbers(written, "line"))
    link = Line(*_numbers(written, "link"))
    if link.slope <= 0:
        raise ValueError("the slope of link is more than 0")
    return IndexGrowth(Line(*_numbers(written, "line")), link)


def _numbers(written, name):
    table = written[name]
    if not isinstance(table, Mapping) or set(table) != set(NUMBERS):
        raise ValueError(f"{name} is a table of {', '.join(NUMBERS)}")
    numbers = [table[key] for key in NUMBERS]
    if not all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e12
        for one in numbers
    ):
        raise ValueError(f"{name} holds numbers alone")
    *most, n = numbers
    if n != int(n) or n < FEWEST:
        raise ValueError(f"n of {name} is a whole number of at least {FEWEST}")
    if not (table["slope_se"] > 0 and table["residual_sd"] > 0):
        raise ValueError(f"slope_se and residual_sd of {name} are more than 0")
    return [*map(float, most), int(n)]
