"""The growth that a file of measured capability shows, with its uncertainty."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from regimesim.ensemble.growth_draws import draw_growth, draw_line, even_uniforms
from regimesim.results.progress import Progress
from regimesim.scenario.calibration import Calibration, log2_hours
from regimesim.scenario.dates import first_day
from regimesim.scenario.growth import DAYS_A_MONTH, IndexGrowth, Line
from regimesim.scenario.measured.measurement import Measurement, Score
from regimesim.scenario.parameters import declared_by_key
from regimesim.studies.calibrate import text
from regimesim.studies.calibrate.question import Question

DRAWS = 2**14
INTERVAL = (0.025, 0.975)
DATES = 60  # of a drawn band
AHEAD = 183  # days of the band after the last measurement


@dataclass(frozen=True)
class Calibrated:
    """A fit to measured capability, and what it implies for a scenario.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    doubling_months, level : dict
        The doubling time in months, and the level at the start in log2 hours: `estimate`, and the
        ends `low` and `high` of the 95 % interval.
    band : dict
        The line and its 95 % interval at dates: `dates`, `middle`, `low` and `high`, in log2
        hours.
    link_band : dict, optional
        Of an index, the same of its link, at `scores` in place of dates.
    """

    question: Question
    doubling_months: dict[str, float]
    level: dict[str, float]
    band: dict[str, list]
    link_band: dict[str, list] | None = None

    def to_dict(self) -> dict:
        """The content of calibrate.json."""
        question, fit = self.question, self.question.calibration
        measured, growth = fit.measured, fit.growth
        return {
            "about": f"{question.name}: {measured.kind}, SHA-256 {measured.digest[:12]}",
            "file": question.name,
            "sha256": measured.digest,
            "kind": measured.kind,
            "models": measured.models,
            "undated": list(measured.undated),
            "published": {period: dict(one) for period, one in measured.published.items()},
            "quantile": fit.quantile,
            "options": {key: _plain(value) for key, value in question.options.items()},
            "n": growth.n,
            "start": question.start,
            "doubling_months": self.doubling_months,
            "doubling_days": {k: v * DAYS_A_MONTH for k, v in self.doubling_months.items()},
            "level": self.level,
            "residual_sd": growth.line.residual_sd,
            **growth.plain(),
            "fit": {"file": question.name, **question.options, **growth.plain()},
            "points": _points(fit),
            "band": self.band,
            "linked": _linked(fit),
            "link_band": self.link_band,
        }

    def text(self) -> str:
        """The fit in words, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the measurements with the fit and its band, and return the axes."""
        from regimesim.studies.calibrate.figure import measured_growth

        return measured_growth(self.to_dict(), ax)


def compute(question: Question, progress: Progress) -> Calibrated:
    """The fit with its intervals, from draws as a scenario makes them; no world is run."""
    fit, start = question.calibration, first_day(question.start)
    allowed = declared_by_key()["capability.doubling_time"].quantity
    first, second, *link = even_uniforms(DRAWS, 4)
    ends = (allowed.low, allowed.high)
    levels, months = draw_growth(fit.growth, first, second, start, *ends, tuple(link))
    line = fit.growth
    return Calibrated(
        question,
        _estimate(line.doubling_months, months),
        _estimate(line.level(start), levels),
        _band(fit, start, levels, months),
        _link_band(fit, link) if isinstance(line, IndexGrowth) else None,
    )


def _estimate(middle: float, drawn) -> dict[str, float]:
    low, high = np.quantile(drawn, INTERVAL)
    return {"estimate": float(middle), "low": float(low), "high": float(high)}


def _band(fit: Calibration, start: date, levels, months) -> dict[str, list]:
    """The line and its interval from the first model to some time after the last."""
    days = [one.released.toordinal() for one in fit.fitted]
    shown = np.linspace(min(days), max(*days, start.toordinal()) + AHEAD, DATES).round()
    ahead = (shown - start.toordinal()) / DAYS_A_MONTH
    drawn = [np.quantile(levels + one / months, INTERVAL) for one in ahead]
    dates = [date.fromordinal(int(day)) for day in shown]
    return {
        "dates": [day.isoformat() for day in dates],
        "middle": [float(fit.growth.level(day)) for day in dates],
        "low": [float(low) for low, _ in drawn],
        "high": [float(high) for _, high in drawn],
    }


def _link_band(fit: Calibration, link) -> dict[str, list]:
    """The link and its interval, over the scores of the models that were fitted or linked."""
    line: Line = fit.growth.link
    scores = [one.score for one in (*fit.fitted, *(score for score, _ in fit.linked))]
    shown = np.linspace(min(scores), max(scores), DATES)
    at_middle, rise = draw_line(line, *link, line.middle, 0.0)
    drawn = [np.quantile(at_middle + rise * (x - line.middle), INTERVAL) for x in shown]
    return {
        "scores": [float(x) for x in shown],
        "middle": [float(line.at(x)) for x in shown],
        "low": [float(low) for low, _ in drawn],
        "high": [float(high) for _, high in drawn],
    }


def _points(fit: Calibration) -> list[dict]:
    """Every model of the file: its level in log2 hours, and whether the line goes through it."""
    fitted = set(fit.fitted)
    measured = fit.measured
    if measured.scores:
        return [_score(one, one in fitted, fit.growth.link) for one in measured.scores]
    known = [one for one in measured.horizons if one == one and fit.version in (None, one.version)]
    rows = [_horizon(one, one in fitted, fit.quantile) for one in known]
    return [row for row in rows if row["level"] is not None]


def _score(one: Score, fitted: bool, link: Line) -> dict:
    low, high = (None if end != end else link.at(end) for end in (one.low, one.high))
    return {
        "model": one.model,
        "released": one.released.isoformat(),
        "fitted": fitted,
        "score": one.score,
        "level": link.at(one.score),
        "low": low,
        "high": high,
    }


def _horizon(one: Measurement, fitted: bool, quantile: str) -> dict:
    ends = (one.p50_low, one.p50_high) if quantile == "p50" else (np.nan, np.nan)
    level, low, high = (_level(minutes) for minutes in (getattr(one, quantile), *ends))
    return {
        "model": one.model,
        "released": one.released.isoformat(),
        "fitted": fitted,
        "level": level,
        "low": low,
        "high": high,
    }


def _level(minutes: float) -> float | None:
    return log2_hours(minutes) if minutes > 0 else None


def _linked(fit: Calibration) -> list[dict]:
    """The models by which an index is linked to horizons."""
    return [
        {
            "model": score.model,
            "score": score.score,
            "horizon": horizon.model,
            "level": log2_hours(getattr(horizon, fit.quantile)),
        }
        for score, horizon in fit.linked
    ]


def _plain(value):
    return value.isoformat() if isinstance(value, date) else value
