"""Events: responses that a scenario or policy makes when something happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Annotated, Any

from pydantic import model_validator

from regimesim.errors import dotted, shown
from regimesim.scenario.declaration import (
    Choice,
    Group,
    Quantity,
    Text,
    contradiction,
    plain,
)
from regimesim.scenario.quantity import refused

MOST_EVENTS = 8
DATE = "date"
OBSERVED = (
    *(DATE, "strikes_seen", "story_incidents", "alarm", "highest_report"),
    *("danger_belief", "believed_catch_rate"),
)
"""What an event may wait for: the places of this list are codes of the model."""

COUNTED = ("strikes_seen", "story_incidents", "alarm")
"""Those that are whole numbers."""

HIGHEST = {"alarm": 1.0, "danger_belief": 1.0, "believed_catch_rate": 1.0}
"""The highest value of those that have one; the lowest of all but a report is 0."""

WITHDRAWALS = ("none", "model", "lab", "all")


def _lever(unit: str, low: float, high: float) -> Quantity:
    return Quantity(unit, low, high, optional=True, fixed=True)


class EventLevers(Group):
    """What an event sets while it is in effect; of several, the strictest holds."""

    audit_budget: Annotated[float | None, _lever("share of trajectories", 0, 1)] = None
    """The least audit budget."""

    pause: Annotated[float | None, _lever("share of growth", 0, 1)] = None
    """The share of growth that labs are requested to give up."""

    growth: Annotated[float | None, _lever("", 0, 1)] = None
    """The largest factor on growth that binds every lab."""

    contact: Annotated[float | None, _lever("share", 0, 1)] = None
    """The largest contact with the real world."""

    hold: Annotated[float | None, _lever("paradigm", 1, 4)] = None
    """The last paradigm that labs may move to."""

    density_floor: Annotated[float | None, _lever("share", 0, 1)] = None
    """The least feedback density."""

    frozen: Annotated[float | None, _lever("0 or 1", 0, 1)] = None
    """1 where nothing is trained: neither frontiers nor systems move."""


class Event(Group):
    """One response: what it waits for, how long it is in effect, and what it does."""

    when: Annotated[str, Choice(OBSERVED)] = DATE
    """What the event waits for, of last month or this one."""

    on: Annotated[str, Text(r"|(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", 'a month "YYYY-MM"')] = ""
    """The month in which an event with a date comes."""

    at_least: Annotated[float | None, Quantity("", -1e6, 1e6, optional=True, fixed=True)] = None
    """The event comes where what it waits for is at least this much."""

    at_most: Annotated[float | None, Quantity("", -1e6, 1e6, optional=True, fixed=True)] = None
    """The event comes where what it waits for is at most this much."""

    months: Annotated[int, Quantity("months", 0, 1200, whole=True)] = 0
    """How long it is in effect, from the month in which it comes on. 0 is for good."""

    set: EventLevers = EventLevers()
    withdraw: Annotated[str, Choice(WITHDRAWALS)] = "none"
    """Whose systems are trained afresh in the month in which it comes."""

    @model_validator(mode="after")
    def _can_happen(self):
        if (self.when == DATE) != (self.on != ""):
            both = f'when = "{self.when}"' if self.on else "neither"
            reason = f'found {both}; allowed is either on = "YYYY-MM" or when = "..."'
            raise contradiction(("on",), reason)
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if self.when == DATE and bounds:
            key = "at_most" if self.at_least is None else "at_least"
            reason = f"found {shown(bounds[0])}; an event with a date has no bounds"
            raise contradiction((key,), reason)
        if self.when != DATE and not bounds:
            raise contradiction(("at_least",), "missing; set at_least or at_most")
        highest = HIGHEST.get(self.when, float("inf"))
        lowest = float("-inf") if self.when == "highest_report" else 0.0
        if self.at_least is not None and self.at_least > highest:
            reason = f"found {shown(self.at_least)}; {self.when} is never above {shown(highest)}"
            raise contradiction(("at_least",), reason)
        if self.at_most is not None and self.at_most < lowest:
            reason = f"found {shown(self.at_most)}; {self.when} is never below {shown(lowest)}"
            raise contradiction(("at_most",), reason)
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            reason = f"found {shown(bounds[0])}; allowed is at most at_most = {shown(bounds[1])}"
            raise contradiction(("at_least",), reason)
        return self

    @model_validator(mode="after")
    def _can_be_counted(self):
        least, most = self.at_least, self.at_most
        both = least is not None and most is not None
        if both and self.when in COUNTED and ceil(least) > floor(most):
            reason = f"found {shown(least)}; no whole number lies between it and at_most = "
            raise contradiction(("at_least", "at_most"), f"{reason}{shown(most)}")
        return self

    @model_validator(mode="after")
    def _does_something(self):
        if self.withdraw == "none" and not plain(self.set):
            raise contradiction(("set",), "missing; an event sets a lever or withdraws models")
        return self


@dataclass(frozen=True)
class EventList:
    """A list of at most eight events."""

    kind = "events"
    unit = ""
    source = "chosen for each run"
    range = f"a list of at most {MOST_EVENTS} tables [[events]]"

    def read(self, raw: Any) -> tuple[Event, ...]:
        """The events of `raw`, or a pydantic error that names the event and the key."""
        listed = isinstance(raw, list | tuple)
        if not listed or not all(isinstance(item, Mapping | Event) for item in raw):
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        if len(raw) > MOST_EVENTS:
            raise refused(f"found {len(raw)} events; allowed are at most {MOST_EVENTS}")
        return tuple(_event(number, item) for number, item in enumerate(raw, 1))

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


def _event(number: int, raw: Mapping | Event) -> Event:
    """One event of a list.  Raises a pydantic error with its number."""
    from regimesim.scenario.input_errors import read

    event, mistakes = read(Event, plain(raw) if isinstance(raw, Event) else raw)
    if event is None:
        reasons = (f"event {number}: {dotted(m.path)}: {m.reason}" for m in mistakes)
        raise refused("; ".join(reasons))
    return event


__all__ = ["MOST_EVENTS", "OBSERVED", "WITHDRAWALS", "Event", "EventLevers", "EventList"]
