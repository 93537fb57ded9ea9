"""What overseers observe, and the levers that they set."""

from typing import NamedTuple


class Observation(NamedTuple):
    """What overseers know at the beginning of a month, and nothing else. Eqs. 7.1.2, 7.8.4, 7.8.5.

    Attributes
    ----------
    month : int
        The month, from 0.
    believed_catch_rate : float
        The catch rate that exercises and incidents imply, A/(A + B), 0 to 1.
    danger_belief : float
        The belief that systems are dangerous, σ(Λ), 0 to 1.
    highest_report : float
        The highest capability that this month's evaluations report, in log2 hours; NaN without
        evaluations.
    alarm : bool
        Whether a report is above the red line.
    story_incidents, strikes_seen, feints, exercises_caught : float
        Numbers of last month: story incidents; strikes that were caught or discovered; feints,
        which look like caught coups; and exercises that were caught.
    draw, second_draw : float
        Two random numbers of this month, uniform on (0, 1), for a rule that decides by chance.
        They depend on the seed, the world and the month alone, so every policy meets the same.
    """

    month: int
    believed_catch_rate: float
    danger_belief: float
    highest_report: float
    alarm: bool
    story_incidents: float
    strikes_seen: float
    feints: float
    exercises_caught: float
    draw: float
    second_draw: float


class Levers(NamedTuple):
    """What overseers can set for the month; a number outside its range is set to the nearest end.

    A rule receives the levers as the scenario sets them.  The audit budget stays as it is set;
    the others begin every month at the values of the scenario.

    Attributes
    ----------
    audit_budget : float
        The share of actions that may be audited, 0 to 1.
    pause : float
        The share of growth that labs are requested to give up, 0 to 1 (Eq. 7.1.1).
    growth : float
        A factor on growth that binds every lab, 0 to 1 (Eq. 7.2.6).
    contact : float
        Contact of systems with the real world, 0 to 1 (Eq. 7.4.3).
    hold : float
        The highest paradigm that labs may move to, 1 to 4 (Eq. 7.2.9).
    density_floor : float
        The least feedback density, 0 to 1 (Eq. 7.2.1).
    correction : float
        The use of corrective training, 0 to 1 (Eqs. 7.8.9 to 7.8.11).
    """

    audit_budget: float
    pause: float
    growth: float
    contact: float
    hold: float
    density_floor: float
    correction: float
