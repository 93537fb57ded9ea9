"""Measured task horizons turned into growth: a doubling time and a level, with uncertainty.

The measurements are METR's task-completion time horizons: the length of task, in
minutes of a human expert's time, that a released model completes half (p50) or
four fifths (p80) of the time.
"""

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from numbers import Real
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.dates import first_day
from regimesim.scenario.input_errors import wrong_separator

SHIPPED = Path(__file__).parent / "measured" / "metr_horizons.csv"
DAYS_A_MONTH = 30.4375  # 365.25 / 12
MINUTES_AN_HOUR = 60
RELIABLE_MINUTES = 960  # METR: its tasks cannot measure a longer horizon reliably
FEWEST = 3  # a line through two points has no standard error
COLUMNS = ("model", "release_date", "published_file_version", "is_sota", "p50_min", "p80_min")
INTERVAL = ("p50_ci_low", "p50_ci_high")  # columns that a file may have
QUANTILES = ("p50", "p80")
SHIPPED_VERSION = "1.1"  # the newest of those in the shipped file


class Measurement(NamedTuple):
    """One released model: its horizons in minutes, and the 95 % interval of its p50.

    NaN where p80 or the interval was not published.
    """

    model: str
    released: date
    version: str
    is_sota: bool
    p50: float
    p80: float
    p50_low: float = math.nan
    p50_high: float = math.nan


@dataclass(frozen=True)
class Growth:
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

    slope: float
    slope_se: float
    middle: float
    middle_level: float
    residual_sd: float
    n: int

    @property
    def doubling_days(self) -> float:
        """The doubling time in days (negative where horizons shrink)."""
        return 1 / self.slope

    @property
    def doubling_months(self) -> float:
        """The doubling time in months of 30.4375 days."""
        return self.doubling_days / DAYS_A_MONTH

    @property
    def middle_level_se(self) -> float:
        """The standard error of the level at the mean release date, in doublings."""
        return self.residual_sd / math.sqrt(self.n)

    def level(self, day: str | date) -> float:
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

    def level_se(self, day: str | date) -> float:
        """The standard error of the line at a day, as for `level`, in doublings."""
        return math.hypot(self.middle_level_se, self.slope_se * self.since_middle(day))

    def covariance(self, day: str | date) -> np.ndarray:
        """The covariance of slope and level at a day.

        Returns
        -------
        ndarray, shape (2, 2)
            Of (slope in doublings a day, level in doublings).
        """
        common = self.slope_se**2 * self.since_middle(day)
        return np.array([[self.slope_se**2, common], [common, self.level_se(day) ** 2]])

    def since_middle(self, day: str | date) -> float:
        """The days from the mean release date to a day, as for `level`."""
        return first_day(day).toordinal() - self.middle


def read_horizons(path: str | Path = SHIPPED) -> list[Measurement]:
    """The measurements of a CSV file with (at least) `COLUMNS`, in the file's order.

    Lines that start with `#` are comments.  Raises Refusal with a sentence a mistake.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: is not a text file in UTF-8") from None
    lines = text.splitlines()
    kept = [k for k, line in enumerate(lines) if not line.startswith("#")]
    rows = csv.DictReader(lines[k] for k in kept)
    measurements, mistakes = [], []
    try:
        if message := wrong_separator(rows.fieldnames or ()):
            raise Refusal(f"{path}, line {kept[0] + 1}: {message}")
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            needed = ", ".join(COLUMNS)
            raise Refusal(f"{path}: has no column {', '.join(missing)}; needed are {needed}")
        for row in rows:
            try:
                measurements.append(_measurement(row))
            except ValueError as error:
                mistakes.append(f"{path}, line {kept[rows.line_num - 1] + 1}: {error}")
    except csv.Error as error:
        mistakes.append(f"{path}: is not a CSV file ({error})")
    if mistakes:
        raise Refusal(mistakes)
    return measurements


def _measurement(row: dict) -> Measurement:
    """One row of the file; ValueError with a sentence about what is wrong in it."""
    cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *INTERVAL)}
    try:
        released = date.fromisoformat(cells["release_date"])
    except ValueError:
        written = shown(cells["release_date"])
        raise ValueError(f"release_date is {written}; allowed is YYYY-MM-DD") from None
    if cells["is_sota"] not in ("0", "1"):
        raise ValueError(f"is_sota is {shown(cells['is_sota'])}; allowed are 0 and 1")
    p80, low, high = (
        _minutes(cells, name) if cells[name] else math.nan for name in ("p80_min", *INTERVAL)
    )
    return Measurement(
        model=cells["model"],
        released=released,
        version=cells["published_file_version"],
        is_sota=cells["is_sota"] == "1",
        p50=_minutes(cells, "p50_min"),
        p80=p80,
        p50_low=low,
        p50_high=high,
    )


def _minutes(cells: dict, name: str) -> float:
    try:
        minutes = float(cells[name])
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise ValueError(f"{name} is {shown(cells[name])}; allowed is a number of minutes above 0")
    return minutes


def calibrate(
    csv: str | Path | None = None,
    quantile: str = "p50",
    since: float = 2019,
    until: float = math.inf,
    *,
    version: str | None = None,
    longest: float = RELIABLE_MINUTES,
    records: bool = True,
) -> Growth:
    """Fit a straight line through log2 of measured time horizons against release dates.

    The fit is the ordinary least squares of METR.

    Parameters
    ----------
    csv : path, optional
        A CSV file with the columns `model`, `release_date`, `published_file_version`, `is_sota`,
        `p50_min` and `p80_min` (minutes); by default METR's measurements of version 1.1, which
        are shipped.
    quantile : {"p50", "p80"}
        Which horizon: the length of task that a model completes half or four fifths of the time.
    since, until : float
        Years, with a fraction: models that were released from `since` on and before `until`.
    version : str, optional
        Only measurements of this published version; needed where the file has a model in several.
    longest : float
        Models whose p50 horizon is longer are left out, whichever horizon is fitted, in minutes.
    records : bool
        Whether only models are fitted that set a record when they were released.

    Returns
    -------
    Growth
        The line, with its standard errors.

    Raises
    ------
    Refusal
        With a sentence for each mistake in the file or in the options, and where fewer than three
        models or a single release date remain.

    References
    ----------
    Kwa et al. (2025), Measuring AI ability to complete long tasks, arXiv 2503.14499.
    """
    version = SHIPPED_VERSION if csv is None and version is None else version
    path = SHIPPED if csv is None else csv
    measurements = read_horizons(path)
    versions = sorted({m.version for m in measurements})
    if version is not None and version not in versions:
        known = " or ".join(map(shown, versions))
        where = f"the texts of column published_file_version in {path}"
        raise Refusal(f"version: found {shown(version)}; allowed is {known}, {where}")
    measurements = _of_version(measurements, version)
    _refuse_repeated(path, measurements)
    return fit_growth(
        since,
        until=until,
        quantile=quantile,
        version=None,
        longest=longest,
        records=records,
        measurements=measurements,
    )


def fit_growth(
    since: float = 2019,
    *,
    until: float = math.inf,
    quantile: str = "p50",
    version: str | None = "1.1",
    longest: float = RELIABLE_MINUTES,
    records: bool = True,
    measurements: Sequence[Measurement] | None = None,
) -> Growth:
    """METR's straight line through log2 of a horizon of record-holding models, from the year
    `since` and before the year `until`, either with a fraction.

    quantile: "p50" or "p80" · version: only this published version (None: all) · longest: in
    minutes; models whose p50 is above are left out, whichever horizon is fitted · records: only
    models that set a record when they were released · measurements: the shipped ones by default.
    Models without the horizon asked for are left out.  Raises Refusal for fewer than three
    models or a single release date, and for what is no horizon or no year.
    """
    _check_options(quantile, since, until)
    measurements = read_horizons() if measurements is None else measurements
    taken = [
        m
        for m in _of_version(measurements, version)
        if (m.is_sota or not records)
        and m.p50 <= longest
        and not math.isnan(getattr(m, quantile))
        and _day_of(since) <= m.released.toordinal() < _day_of(until)
    ]
    days = np.array([m.released.toordinal() for m in taken], float)
    if len(taken) < FEWEST or np.ptp(days) == 0:
        window = f"since {since:g}" + (f" until {until:g}" if until < math.inf else "")
        with_record = "with is_sota = 1 and" if records else "with"
        raise Refusal(
            f"a fit {window} finds {len(taken)} measured horizons; needed are at least "
            f"{FEWEST}, not all of one date, {with_record} p50_min up to {longest:g}"
        )
    levels = np.array([_log2(getattr(m, quantile) / MINUTES_AN_HOUR) for m in taken])
    n = len(taken)
    middle, middle_level = math.fsum(days) / n, math.fsum(levels) / n
    spread = math.fsum((days - middle) ** 2)
    slope = math.fsum((days - middle) * levels) / spread
    residuals = levels - middle_level - slope * (days - middle)
    residual_sd = math.sqrt(math.fsum(residuals**2) / (n - 2))
    return Growth(
        slope=slope,
        slope_se=residual_sd / math.sqrt(spread),
        middle=middle,
        middle_level=middle_level,
        residual_sd=residual_sd,
        n=n,
    )


def _log2(x: float) -> float:
    """log2 of a number, rounded correctly, so that a fit has the same bits everywhere; `fsum`
    rounds the sums of a fit correctly."""
    with localcontext(prec=40):
        return float(Decimal(x).ln() / Decimal(2).ln())


def fit_success_slope(
    *, version: str | None = "1.1", measurements: Sequence[Measurement] | None = None
) -> float:
    """METR's success law P = σ(β·log2(h50/task)): the median of β = ln 4 / log2(h50/h80).

    σ(β·log2(h50/h80)) = 0.8 is what makes h80 the horizon of four fifths.  Takes the
    measurements of one published `version` (None: of all) that have a p80 below their
    p50.  Raises Refusal where there is none.
    """
    measurements = read_horizons() if measurements is None else measurements
    slopes = [
        math.log(4) / math.log2(m.p50 / m.p80)
        for m in _of_version(measurements, version)
        if m.p80 < m.p50
    ]
    if not slopes:
        raise Refusal("a fit of success_slope finds no measured horizon with a p80 below its p50")
    return float(np.median(slopes))


def _check_options(quantile, since, until):
    """Refuse what is no horizon, and what is no year."""
    lines = []
    if quantile not in QUANTILES:
        close = nearest(str(quantile), QUANTILES)
        lines.append(f"quantile: found {shown(quantile)}; the nearest is '{close}'")
    for name, year in (("since", since), ("until", until)):
        number = isinstance(year, Real) and not isinstance(year, bool)
        endless = name == "until" and year == math.inf
        if not (number and 1 <= year < 9999) and not endless:
            lines.append(f"{name}: found {shown(year)}; allowed is a year, such as 2023.5")
    if not lines and until <= since:
        lines.append(f"until: found {shown(until)}; allowed is a year after {shown(since)}")
    if lines:
        raise Refusal(lines)


def _refuse_repeated(path, measurements):
    """Refuse measurements that hold one model more than once."""
    model, times = next(iter(Counter(m.model for m in measurements).most_common(1)), ("", 0))
    if times < 2:
        return
    message = f"{path}: column model: found {shown(model)} {times} times; allowed is once"
    if len({m.version for m in measurements if m.model == model}) > 1:
        versions = " or ".join(sorted({shown(m.version) for m in measurements}))
        message += f" a version: choose one of column published_file_version, {versions}"
    raise Refusal(message)


def _of_version(measurements, version):
    return [m for m in measurements if version is None or m.version == version]


def _day_of(year: float) -> float:
    """The day number of a year with a fraction; endless where the year is."""
    if math.isinf(year):
        return year
    whole = math.floor(year)
    begin, end = date(whole, 1, 1).toordinal(), date(whole + 1, 1, 1).toordinal()
    return begin + (year - whole) * (end - begin)
