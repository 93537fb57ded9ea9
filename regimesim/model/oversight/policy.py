"""Policies: functions from what overseers observe to the levers that they set.

`decide(observation, levers) -> levers` is the whole interface.  An observation holds
only what an overseer could know, and levers only what an overseer can set.  The equations
of the model read the levers, never the name of a policy.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import NamedTuple, overload

from numba.core.errors import NumbaError

from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED, rule
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import logistic


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


class Levers(NamedTuple):
    """What overseers can set for the month; each value is clipped to its range.

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


class Stack(NamedTuple):
    """Which safeguards and responses of a policy are active, and in which variant.

    The first has a number for each of `SAFEGUARDS`, the second for each of `MONITORS`.  A
    response is active or not under the name of its table.
    """

    active: tuple[int, ...]  # whether the safeguard is
    curves: tuple[int, ...]  # its detection curve, a place in CURVES
    audits: int  # some monitor is active
    control_untrusted: int
    evaluations: int
    evaluations_response: int
    correction: int
    adaptive: int
    pause: int
    audits_hidden: int  # systems may not see the audit budget
    events: int  # how many the policy has
    adopters: int  # how many labs adopt the policy
    adopters_are: int  # a place in ADOPTERS


Decide = Callable[[Observation, Levers], Levers]

CURVES = ("binormal", "logistic", "elo")
BINORMAL, LOGISTIC, ELO = 0, 1, 2
RESPONSES = ("warn", "pause", "restrict")
WARN, PAUSE, RESTRICT = 0, 1, 2


class Policy:
    """A policy written in Python: a name, a rule, and settings laid over the scenario.

    Parameters
    ----------
    decide : callable
        Takes an `Observation` and the `Levers` of the month, and returns `Levers`.
    name : str
        The name of the policy.
    settings : dict
        Values by dotted key, such as {"oversight.audit_budget": 0.05}, or whole tables, such as
        {"oversight.control": {}}.
    """

    def __init__(self, decide: Decide, name: str, settings: dict[str, object]):
        self.name = name
        self.settings = settings
        self.decide = rule(decide)
        self._apply = _applied(self.decide)
        self.__doc__ = decide.__doc__

    def set_levers(self, tile):
        """Set the levers of every column of a tile.

        Raises Refusal where a lever is NaN, or where the rule cannot be compiled.
        """
        try:
            self._apply(tile)
        except ValueError as error:
            raise Refusal(f"policy '{self.name}': {error}") from None
        except TypeError as error:
            raise Refusal(f"policy '{self.name}': must return Levers: {error}") from error
        except NumbaError as error:
            reason = next((line for line in str(error).splitlines() if "Failed" not in line), "")
            raise Refusal(f"policy '{self.name}': cannot be compiled: {reason}") from error

    def __repr__(self):
        return f"Policy({self.name!r}, settings={self.settings!r})"


@overload
def policy(
    function: Decide, *, name: str | None = None, settings: Mapping[str, object] | None = None
) -> Policy: ...


@overload
def policy(
    function: None = None,
    *,
    name: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> Callable[[Decide], Policy]: ...


def policy(
    function: Decide | None = None,
    *,
    name: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> Policy | Callable[[Decide], Policy]:
    """Make a policy of a function from (observation, levers) to levers.

    The function is compiled, so it may use numbers, `math` and numpy's scalar functions;
    what it reads from outside is fixed when it is compiled; and it names every lever, in
    `Levers(...)`, since `_replace` is not compiled.  It is called each month, after the
    equations of section 7.1 of the model have set the levers.

    Parameters
    ----------
    function : callable
        Takes an `Observation` and the `Levers` of the month, and returns `Levers`.
    name : str, optional
        The name of the policy; by default that of the function.
    settings : mapping, optional
        What the policy sets over the scenario: values by dotted key, such as
        {"oversight.audit_budget": 0.05}, or whole tables, such as {"oversight.control": {}}.

    Returns
    -------
    Policy
        Or, where only `name` and `settings` are passed, a decorator that makes one.

    Raises
    ------
    TypeError
        Where the function does not take exactly two arguments.
    """

    def wrap(decide):
        if len(inspect.signature(decide).parameters) != 2:
            raise TypeError(f"{decide.__name__} must take (observation, levers)")
        return Policy(decide, name or decide.__name__, dict(settings or {}))

    return wrap if function is None else wrap(function)


def _applied(decide):
    """The stage that lets `decide` set the levers of every column of a tile."""

    def apply(tile):
        world = tile.worlds[0]
        for w in range(WIDTH):
            if not world.running[w]:
                continue
            seen = Observation(
                world.month[w],
                world.caught_belief[w] / (world.caught_belief[w] + world.missed_belief[w]),
                logistic(world.danger[w]),
                world.highest_report[w],
                world.alarm[w] > 0.0,
                world.month_stories[w],
                world.month_strikes_caught[w] + world.month_strikes_discovered[w],
                world.month_feints[w],
                world.exercises_caught[w],
            )
            levers = Levers(
                world.audit_budget[w],
                world.pause[w],
                world.growth[w],
                world.contact[w],
                world.hold[w],
                world.density_floor[w],
                world.correction[w],
            )
            pulled = decide(seen, levers)
            for lever in pulled:
                if lever != lever:
                    raise ValueError("a lever was set to NaN")
            world.audit_budget[w] = min(max(pulled.audit_budget, 0.0), 1.0)
            world.pause[w] = min(max(pulled.pause, 0.0), 1.0)
            world.growth[w] = min(max(pulled.growth, 0.0), 1.0)
            world.contact[w] = min(max(pulled.contact, 0.0), 1.0)
            world.hold[w] = min(max(pulled.hold, 1.0), 4.0)
            world.density_floor[w] = min(max(pulled.density_floor, 0.0), 1.0)
            world.correction[w] = min(max(pulled.correction, 0.0), 1.0)

    return apply if INTERPRETED else rule(apply)
