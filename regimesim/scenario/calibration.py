"""Measured capability turned into growth: a doubling time and a level, with uncertainty.

The measurements are time horizons: the length of task, in minutes of a human expert's time, that
a released model completes half (p50) or four fifths (p80) of the time.  An index of capability is
linked to them by the models that have both.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from os import PathLike
from statistics import median

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.scenario.declaration import Quantity
from regimesim.scenario.distribution import Fit
from regimesim.scenario.growth import (
    DAYS_A_MONTH,
    FEWEST,
    AnyGrowth,
    Growth,
    IndexGrowth,
    Line,
    growth_of,
    least_squares,
)
from regimesim.scenario.measured.files import read_measured
from regimesim.scenario.measured.horizons import SHIPPED, read_horizons
from regimesim.scenario.measured.measurement import MeasuredFile, Measurement, Score
from regimesim.scenario.measured.names import same_model
from regimesim.scenario.measured.window import Window, Year, read_window
from regimesim.scenario.parameters import declared_by_key

MINUTES_AN_HOUR = 60
RELIABLE_MINUTES = 960  # METR: its tasks cannot measure a longer horizon reliably
QUANTILES = ("p50", "p80")
SHIPPED_VERSION = "1.1"  # the newest of those in the shipped file

__all__ = [
    "DAYS_A_MONTH",
    "MINUTES_AN_HOUR",
    "QUANTILES",
    "RELIABLE_MINUTES",
    "SHIPPED",
    "SHIPPED_VERSION",
    "Calibration",
    "Growth",
    "IndexGrowth",
    "Measurement",
    "calibrate",
    "calibration_of",
    "fit_growth",
    "fit_success_slope",
    "growth_behind",
    "read_horizons",
]


@dataclass(frozen=True)
class Calibration:
    """A fit to a file of measured capability.

    Attributes
    ----------
    measured : MeasuredFile
        The file.
    quantile : str
        The horizon that was fitted, or to which an index was linked.
    version : str or None
        The only version of the benchmark that was taken.
    growth : Growth or IndexGrowth
        The fit.
    fitted : tuple of Measurement or Score
        The models that it goes through.
    linked : tuple of (Score, Measurement)
        The models by which an index was linked to horizons.
    """

    measured: MeasuredFile
    quantile: str
    version: str | None
    growth: AnyGrowth
    fitted: tuple[Measurement | Score, ...]
    linked: tuple[tuple[Score, Measurement], ...] = ()


def calibrate(
    file: str | PathLike[str] | None = None,
    quantile: str = "p50",
    since: Year = 2019,
    until: Year = math.inf,
    *,
    version: str | None = None,
    longest: float = RELIABLE_MINUTES,
    records: bool = True,
) -> AnyGrowth:
    """Fit a straight line through log2 of measured time horizons against release dates.

    The fit is the ordinary least squares of METR.  An index of capability gets such a line too,
    and another one that links it to the shipped time horizons, through the models with both.

    Parameters
    ----------
    file : path, optional
        METR's results as published (YAML), Epoch AI's table of METR's horizons, Epoch AI's
        Capabilities Index, or a CSV file with the columns `model`, `release_date`,
        `published_file_version`, `is_sota`, `p50_min` and `p80_min` (minutes).  It is recognised
        by what it holds.  By default METR's measurements of version 1.1, which are shipped.
    quantile : {"p50", "p80"}
        Which horizon: the length of task that a model completes half or four fifths of the time.
    since, until : float, str or datetime.date
        Years, with a fraction, or dates: models that were released from `since` on and before
        `until`.
    version : str, optional
        Only measurements of this version of the benchmark; needed where the file has a model in
        several.  "1.1" is METR-Horizon-v1.1.
    longest : float
        Models whose p50 horizon is longer are left out, whichever horizon is fitted, in minutes.
    records : bool
        Whether only models are fitted that set a record when they were released.

    Returns
    -------
    Growth or IndexGrowth
        The line, with its standard errors; of an index, the line and its link.  `override` of a
        scenario takes it as the value of `capability.initial` and `capability.doubling_time`.

    Raises
    ------
    Refusal
        With a sentence for each mistake in the file or in the options, and where fewer than three
        models or a single release date remain.

    References
    ----------
    Kwa et al. (2025), Measuring AI ability to complete long tasks, arXiv 2503.14499.
    """
    version = SHIPPED_VERSION if file is None and version is None else version
    file = SHIPPED if file is None else file
    return calibration_of(
        file, quantile, since, until, version=version, longest=longest, records=records
    ).growth


def calibration_of(
    file: str | PathLike[str],
    quantile: str = "p50",
    since: Year = 2019,
    until: Year = math.inf,
    *,
    version: str | None = None,
    longest: float = RELIABLE_MINUTES,
    records: bool = True,
) -> Calibration:
    """The fit of `calibrate`, with the models behind it."""
    window = _checked(quantile, since, until)
    measured = read_measured(file)
    version = _version_in(measured, version)
    if measured.scores:
        return _of_index(measured, quantile, window, longest, records)
    horizons = _of_version(measured.horizons, version)
    _refuse_repeated(measured, horizons)
    if quantile != "p50" and all(math.isnan(getattr(one, quantile)) for one in horizons):
        line = f"quantile: found {shown(quantile)}"
        raise Refusal(f"{line}; {measured.place} has the horizon p50 alone")
    taken = _taken(horizons, quantile, window, longest, records)
    growth = _line_through(taken, quantile, window, longest, records, measured)
    return Calibration(measured, quantile, version, growth, tuple(taken))


def refuse_unfit(calibration: Calibration) -> None:
    """Refuse a fit that no scenario can grow by: horizons that fall, or hardly change, and
    points that all lie on the line, which say nothing of its error.

    Worlds draw lines within the range of `capability.doubling_time` alone, and none of them would
    be near such a fit.
    """
    growth, place = calibration.growth, calibration.measured.place
    allowed = declared_by_key()["capability.doubling_time"].quantity
    assert isinstance(allowed, Quantity)
    doubling = "does not rise"
    if growth.slope > 0:
        try:
            growth_of(growth.plain())
        except ValueError as error:
            raise Refusal(f"{place}: {error}, so there is no uncertainty to draw from") from None
        if allowed.low <= growth.doubling_months <= allowed.high:
            return
        doubling = f"doubles every {growth.doubling_months:.3g} months"
    raise Refusal(
        f"{place}: the line through {growth.n} models {doubling}; allowed is a doubling time of "
        f"{allowed.low:g} to {allowed.high:g} months"
    )


def fit_growth(
    since: Year = 2019,
    *,
    until: Year = math.inf,
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
    window = _checked(quantile, since, until)
    measurements = read_horizons() if measurements is None else measurements
    measurements = _of_version(measurements, version)
    taken = _taken(measurements, quantile, window, longest, records)
    return _line_through(taken, quantile, window, longest, records)


@cache
def growth_behind(fit: Fit) -> AnyGrowth:
    """The growth that worlds with this fit draw from."""
    return fit_growth(fit.since) if fit.growth is None else fit.growth


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
    return median(slopes)


def _taken(horizons, quantile, window, longest, records) -> list[Measurement]:
    return [
        m
        for m in horizons
        if (m.is_sota or not records)
        and m.p50 <= longest
        and not math.isnan(getattr(m, quantile))
        and window.holds(m.released)
    ]


def _line_through(taken, quantile, window, longest, records, measured=None) -> Growth:
    """The line through the horizons of some models."""
    which = f"a p50 of at most {longest:g} minutes"
    which = f"of models that set a record, with {which}" if records else f"with {which}"
    _refuse_few(taken, "horizons", window, which, measured)
    days = [m.released.toordinal() for m in taken]
    line = least_squares(days, [log2_hours(getattr(m, quantile)) for m in taken])
    return Growth(**line.plain())


def _refuse_few(taken, what, window, which, measured=None):
    """Refuse fewer than three models, or models of a single date."""
    days = [one.released for one in taken]
    if len(days) >= FEWEST and len(set(days)) > 1:
        return
    place = span = ""
    if measured:
        place = f"{measured.place}: "
        released = [one.released for one in (*measured.horizons, *measured.scores)]
        span = f"; its models are of {min(released)} to {max(released)}" if released else ""
    raise Refusal(
        f"{place}a fit {window.words} finds {len(days)} measured {what}; needed are at least "
        f"{FEWEST}, not all of one date, {which}{span}"
    )


def _of_index(measured, quantile, window, longest, records) -> Calibration:
    """The fit of an index, and its link to the shipped time horizons."""
    _refuse_repeated(measured, measured.scores)
    taken = [
        one
        for one in measured.scores
        if (one.is_sota or not records) and window.holds(one.released)
    ]
    which = "of models that set a record" if records else "of models with a date"
    _refuse_few(taken, "scores", window, which, measured)
    days = [one.released.toordinal() for one in taken]
    pairs = overlap(measured.scores, _of_version(read_horizons(), SHIPPED_VERSION))
    pairs = [
        (score, horizon)
        for score, horizon in pairs
        if horizon.p50 <= longest and not math.isnan(getattr(horizon, quantile))
    ]
    link = _link_through(measured.place, pairs, quantile)
    growth = IndexGrowth(least_squares(days, [one.score for one in taken]), link)
    return Calibration(measured, quantile, None, growth, tuple(taken), tuple(pairs))


def overlap(
    scores: Sequence[Score], horizons: Sequence[Measurement]
) -> list[tuple[Score, Measurement]]:
    """The models that have both a score and a time horizon, by their names and dates."""
    names, dates = [one.model for one in scores], [one.released for one in scores]
    pairs = []
    for horizon in horizons:
        place = same_model(horizon.model, horizon.released, names, dates)
        if place is not None:
            pairs.append((scores[place], horizon))
    return pairs


def _link_through(place, pairs, quantile) -> Line:
    """The line of log2 hours against the scores of the models with both."""
    scores = [score.score for score, _ in pairs]
    if len(pairs) < FEWEST or len(set(scores)) == 1:
        raise Refusal(
            f"{place}: has {len(pairs)} models with a measured time horizon; needed are at least "
            f"{FEWEST} with different scores, to link the index to horizons"
        )
    link = least_squares(scores, [log2_hours(getattr(one, quantile)) for _, one in pairs])
    if link.slope <= 0:
        raise Refusal(
            f"{place}: time horizons do not rise with the index (by {link.slope:.3g} doublings "
            "a point), so that it is linked to none"
        )
    return link


def log2_hours(minutes: float) -> float:
    """log2 of minutes in hours, rounded correctly, so that a fit has the same bits everywhere."""
    with localcontext(prec=40):
        return float(Decimal(minutes / MINUTES_AN_HOUR).ln() / Decimal(2).ln())


def _checked(quantile, since, until) -> Window:
    """The window of a fit; refuses what is no horizon, and what is no year and no date."""
    lines = []
    if quantile not in QUANTILES:
        close = nearest(str(quantile), QUANTILES)
        lines.append(f"quantile: found {shown(quantile)}; the nearest is '{close}'")
    window = None
    with gathering(lines):
        window = read_window(since, until)
    if lines or window is None:
        raise Refusal(lines)
    return window


def _version_in(measured: MeasuredFile, version: str | None) -> str | None:
    """The version of a file that is meant, such as METR-Horizon-v1.1 by "1.1"."""
    if version is None:
        return None
    if not measured.versions:
        line = f"version: found {shown(version)}"
        raise Refusal(f"{line}; {measured.place} names no version, so leave it out")
    meant = [one for one in measured.versions if version == one or one.endswith(f"-v{version}")]
    if not isinstance(version, str) or len(meant) != 1:
        known = " or ".join(map(shown, measured.versions))
        where = f"{measured.where} in {measured.place}"
        raise Refusal(f"version: found {shown(version)}; allowed is {known}, {where}")
    return meant[0]


def _refuse_repeated(measured: MeasuredFile, models):
    """Refuse a file that holds one model more than once."""
    model, times = next(iter(Counter(one.model for one in models).most_common(1)), ("", 0))
    if times < 2:
        return
    message = f"{measured.names}: found {shown(model)} {times} times; allowed is once"
    message = f"{measured.place}: {message}"
    if len({getattr(m, "version", None) for m in models if m.model == model}) > 1:
        versions = " or ".join(map(shown, measured.versions))
        message += f" a version: choose one of column published_file_version, {versions}"
    raise Refusal(message)


def _of_version(measurements, version):
    return [m for m in measurements if version is None or m.version == version]
