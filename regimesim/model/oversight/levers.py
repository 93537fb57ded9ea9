"""What overseers observe and remember, and the levers that they set."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from regimesim.errors import nearest


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

    A rule receives the levers as the scenario and its events set them, but for the audit budget:
    where an event sets a larger one than the rule, that is the one in force.  The audit budget
    stays as it is set; the others begin every month at the values of the scenario.

    Attributes
    ----------
    audit_budget : float
        The share of trajectories that may be audited, 0 to 1.
    pause : float
        The share of growth that labs are requested to give up, 0 to 1 (Eq. 7.1.1).
    growth : float
        A factor on the growth of labs that adopt the policy, 0 to 1 (Eq. 7.2.6).
    contact : float
        Contact of systems with the real world, 0 to 1 (Eq. 7.4.3).
    hold : float
        The highest paradigm that labs may move to, 1 to 4 (Eq. 7.2.10).
    density_floor : float
        The least feedback density, 0 to 1 (Eq. 7.2.1).
    correction : float
        The use of corrective training, 0 to 1 (Eqs. 7.8.9 to 7.8.11).
    frozen : float
        Whether nothing is trained: labs are frozen where it is above 0 (section 7.1), 0 to 1.
    """

    audit_budget: float
    pause: float
    growth: float
    contact: float
    hold: float
    density_floor: float
    correction: float
    frozen: float

    def set(self, **changes: float) -> "Levers":
        """Change some levers, and keep the others.

        Parameters
        ----------
        **changes : float
            Values by the name of the lever, such as `growth=0.0`.

        Returns
        -------
        Levers

        Raises
        ------
        TypeError
            Where there is no lever of that name.
        """
        for name in changes:
            if name not in self._fields:
                raise TypeError(unknown("lever", name, self._fields))
        return self._replace(**changes)


class Memory:
    """What a rule remembers of one world from month to month: finite numbers, by name.

    A number is read and written as an attribute, `memory.since`, or as `memory["since"]`.

    Parameters
    ----------
    values : mapping
        The numbers by name.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, float]):
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            raise KeyError(unknown("memory", name, self._values))
        return self._values[name]

    def __setitem__(self, name: str, value: float):
        if name not in self._values:
            raise KeyError(unknown("memory", name, self._values))
        self._values[name] = 1.0 * value

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(unknown("memory", name, self._values))
        return self._values[name]

    def __setattr__(self, name: str, value: float):
        if name not in self._values:
            raise AttributeError(unknown("memory", name, self._values))
        self._values[name] = 1.0 * value


def unknown(kind: str, name: str, names: Iterable[str]) -> str:
    """The sentence that refuses a name that is none of `names`."""
    return f"there is no {kind} '{name}'; the nearest is '{nearest(name, names)}'"
