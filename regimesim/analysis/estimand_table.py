"""The table of estimands: all that is known of each, in one entry.

Summaries, reports, sweeps, precision, requirements and tallies are laid out from this table, in
its order.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import UNBOUNDED
from regimesim.analysis.present_worlds import MONTHS_RUN
from regimesim.analysis.scores import SCORES
from regimesim.analysis.tries import survived

RATE, DIFFERENCE, COUNT = (0.0, 1.0), (-1.0, 1.0), (0.0, math.inf)
TRIES = "expected_first_try"
BELIEVED, TRUE, HELD = "believed_catch_rate", "true_catch_rate", "held_first_critical_try"
FORESEEABLE = "foreseeable_catch_rate"
YEAR = 12  # months


class Ratio(NamedTuple):
    """An estimand as a ratio of sums over worlds (`regimesim.analysis.conditional`).

    Attributes
    ----------
    plus, minus : str or None
        y is the field `plus` (1 where there is none) minus the field `minus` (0).
    over : str or None
        The field w; 1 where there is none.
    """

    plus: str | None = None
    minus: str | None = None
    over: str | None = TRIES

    def above(self, rows) -> np.ndarray:
        """y of every world, from the rows of worlds by name."""
        plus = 1.0 if self.plus is None else rows[self.plus]
        return np.asarray(plus if self.minus is None else plus - rows[self.minus])

    def below(self, rows) -> np.ndarray | None:
        """w of every world; None where it is 1."""
        return None if self.over is None else rows[self.over]


class Score(NamedTuple):
    """A score of a rate as a forecast that the first critical try is held.

    Attributes
    ----------
    kind : str
        Of SCORES.
    rate : str
        The rate that is scored.
    minus : str or None
        The rate whose score is subtracted.
    """

    kind: str
    rate: str
    minus: str | None = None

    def of(self, rows, held) -> np.ndarray:
        """The score in every world if `held` is the outcome of its first try."""
        score = SCORES[self.kind](rows[self.rate], held)
        return score if self.minus is None else score - SCORES[self.kind](rows[self.minus], held)

    def drawn(self, rows) -> np.ndarray:
        """The score in every world; NaN in worlds without a critical try."""
        held = rows[HELD]
        return np.where(np.isnan(held), np.nan, self.of(rows, held))


class Estimand(NamedTuple):
    """All that is known of an estimand.

    Attributes
    ----------
    name, words : str
        Its name and description.
    conditional : Ratio or None
        Its conditional expectation, from the fields of `EXPECTED`; None where it is counted
        alone.
    value : callable or None
        Takes the rows of worlds by name and returns its value in each world, NaN where it does
        not exist; None where a world records a variable of this name.
    within : tuple of float
        Its range.
    unit : str
        "1" for a pure number.
    is_share : bool
        Whether it is zero or one in each world; its counted interval is then exact.
    more_is_better : bool
        Whether a target `NAME=VALUE` (of `require`) asks for at least this value; else a target
        says which is meant.
    score : Score or None
        The score that it is.
    follows : str or None
        The estimand whose estimator it shares, so that neighbours such as a belief, the truth and
        their difference agree; None where it chooses its own.
    is_counted : bool
        Whether it has a value in each world; else it is known as an expectation alone.
    """

    name: str
    words: str
    conditional: Ratio | None = None
    value: Callable | None = None
    within: tuple[float, float] = RATE
    unit: str = "1"
    is_share: bool = False
    more_is_better: bool = False
    score: Score | None = None
    follows: str | None = None
    is_counted: bool = True


def _no_takeover(rows):
    return np.isnan(rows["takeover"]).astype(np.float64)


def _evidence_gap(rows):
    return rows[BELIEVED] - rows[TRUE]


def _warning_shots(rows):
    # Without a first critical try there is no "before" it.
    never = np.isnan(rows["first_critical_try"])
    return np.where(never, np.nan, rows["warning_shots_before_first_try"])


def _in_no_world(rows):
    return np.full_like(rows[HELD], np.nan)


def _a_month(recorded, months=1):
    """The value of each world of what is recorded as a sum over months, per so many months."""
    return lambda rows: months * rows[recorded] / rows[MONTHS_RUN]


_share = partial(Estimand, is_share=True)
_part = partial(Estimand, value=_in_no_world, is_counted=False)
_count = partial(Estimand, within=COUNT, unit="per world")
_a_year = partial(Estimand, within=COUNT, unit="months a year")


def _score(name, words, conditional, score, within=RATE):
    unit = "nats" if score.kind == "log" else "1"
    return Estimand(name, words, conditional, score.drawn, within, unit, score=score, follows=HELD)


TABLE = (
    _share(
        HELD,
        "share of worlds with a critical try that held the first one",
        Ratio("expected_held"),
        more_is_better=True,
    ),
    _share(
        "no_takeover",
        "share of all worlds without a takeover by the end",
        Ratio(minus="expected_takeover", over=None),
        _no_takeover,
        more_is_better=True,
    ),
    Estimand(
        "evidence_gap",
        "believed minus true catch rate at the first critical try",
        Ratio("expected_believed", "expected_held"),
        _evidence_gap,
        DIFFERENCE,
        follows=HELD,
    ),
    Estimand(
        BELIEVED,
        "catch rate that overseers believed at the first critical try",
        Ratio("expected_believed"),
        more_is_better=True,
        follows=HELD,
    ),
    Estimand(
        TRUE,
        "probability that the first critical try was caught",
        Ratio("expected_held"),
        more_is_better=True,
        follows=HELD,
    ),
    _count(
        "critical_tries",
        "critical tries in a world, by the end",
        Ratio("expected_critical_tries", over=None),
    ),
    _count(
        "critical_tries_held",
        "critical tries in a world that were held, by the end",
        Ratio("expected_critical_tries_held", over=None),
        follows="critical_tries",
    ),
    _count(
        "warning_shots_before_first_try",
        "caught strikes before the first critical try",
        Ratio("expected_warning_shots"),
        _warning_shots,
        follows=HELD,
    ),
    _share(
        "first_try_was_story",
        "share of first critical tries that were story incidents",
        Ratio("expected_story"),
        follows=HELD,
    ),
    Estimand(
        "attempts_in_first_try",
        "critical attempts in the month of the first critical try",
        Ratio("expected_attempts"),
        within=COUNT,
        unit="per try",
        follows=HELD,
    ),
    _count(
        "tries_survived",
        "critical tries survived before the first failure or the end, in worlds with a critical "
        "try",
        Ratio("expected_tries_survived"),
        survived,
    ),
    _score(
        "brier_score",
        "mean squared error of the believed catch rate, as a forecast that the first critical "
        "try is held",
        Ratio("expected_brier_score"),
        Score("brier", BELIEVED),
    ),
    _score(
        "log_score",
        "mean logarithmic score of the same forecast, in nats",
        Ratio("expected_log_score"),
        Score("log", BELIEVED),
        COUNT,
    ),
    _score(
        "brier_score_of_true_rate",
        "the Brier score that the foreseeable catch rate has",
        Ratio("expected_brier_score_of_true_rate"),
        Score("brier", FORESEEABLE),
    ),
    _score(
        "log_score_of_true_rate",
        "the logarithmic score that the foreseeable catch rate has",
        Ratio("expected_log_score_of_true_rate"),
        Score("log", FORESEEABLE),
        COUNT,
    ),
    _score(
        "brier_excess",
        "Brier score of the believed minus that of the foreseeable catch rate",
        Ratio("expected_brier_score", "expected_brier_score_of_true_rate"),
        Score("brier", BELIEVED, FORESEEABLE),
        DIFFERENCE,
    ),
    _score(
        "log_excess",
        "logarithmic score of the believed minus that of the foreseeable catch rate",
        Ratio("expected_log_score", "expected_log_score_of_true_rate"),
        Score("log", BELIEVED, FORESEEABLE),
        UNBOUNDED,
    ),
    _part(
        "held_by_lottery",
        "share of first critical tries that audits at random hold",
        Ratio("expected_by_lottery"),
    ),
    _part(
        "held_by_skill",
        "share of first critical tries that the skill of monitors holds besides",
        Ratio("expected_by_skill"),
        within=DIFFERENCE,
    ),
    _part(
        "held_by_traps",
        "share of first critical tries that honeypots hold besides",
        Ratio("expected_by_traps"),
    ),
    _part(
        "lost_to_recognition",
        "share of first critical tries that would be held if every audited attempt were "
        "recognised",
        Ratio("expected_lost_to_recognition"),
    ),
    _part(
        "lost_to_numbers",
        "share of first critical tries that would be held if each were one of its attempts alone",
        Ratio("expected_lost_to_numbers"),
    ),
    Estimand(
        "growth_lost",
        "share of the doublings of growth that the policy cost; below 0 it helps growth",
        within=UNBOUNDED,
    ),
    Estimand(
        "audited",
        "share of trajectories audited, mean over the months of a world",
        value=_a_month("audits_spent"),
    ),
    _a_year(
        "months_paused_a_year",
        "months of growth paused in a year, mean over labs",
        value=_a_month("months_paused", YEAR),
    ),
    _a_year(
        "false_alarms_a_year",
        "months in a year with an alarm while takeover was favourable for no system",
        value=_a_month("false_alarms", YEAR),
    ),
)

# By name, in the order of the table.
ESTIMANDS = {one.name: one.words for one in TABLE}
WITHIN = {one.name: one.within for one in TABLE}
UNITS = {one.name: one.unit for one in TABLE}
CONDITIONAL = {one.name: one.conditional for one in TABLE if one.conditional}
DERIVED = {one.name: one.value for one in TABLE if one.value}
SCORED = {one.name: one.score for one in TABLE if one.score}
FOLLOWS = {one.name: one.follows or one.name for one in TABLE}
SHARES = tuple(one.name for one in TABLE if one.is_share)
UNCOUNTED = tuple(one.name for one in TABLE if not one.is_counted)
MORE_IS_BETTER = tuple(one.name for one in TABLE if one.more_is_better)
