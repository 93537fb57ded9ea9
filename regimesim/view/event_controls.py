"""The controls of the events of a policy, made from what an event may have."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from regimesim.scenario.declaration import Declaration
from regimesim.scenario.event_values import EVENTS, EventValue, values_of_an_event
from regimesim.scenario.events import DATE, HIGHEST, Event
from regimesim.studies.trace.events import levers_in_words

WORDS = {  # of what an event waits for
    "strikes_seen": "strikes seen last month",
    "story_incidents": "story incidents last month",
    "alarm": "an alarm",
    "highest_report": "the highest report",
    "danger_belief": "belief in danger",
    "believed_catch_rate": "the believed catch rate",
}
NAMES = {
    "on": "month in which it comes",
    "at_least": "{when}, at least",
    "at_most": "{when}, at most",
    "months": "months in effect, 0 for good",
    "withdraw": "whose systems are trained afresh",
}
SHARES = ("danger_belief", "believed_catch_rate")
MOST_MONTHS, MOST_INCIDENTS, MOST_REPORTED = 60, 10, 24  # of sliders


class EventControl(NamedTuple):
    """A value of an event as a parameter, its name in words, and the range of its slider."""

    declared: Declaration
    value: object
    name: str
    low: float
    high: float


def event_controls(events: tuple[Event, ...]) -> Iterator[EventControl]:
    """What each event has; what it has not would make another event of it."""
    for number, event in enumerate(events, 1):
        for key, declared in values_of_an_event().items():
            one = EventValue(number, declared)
            value = one.within(events)
            if value in (None, "") or key == "when":
                continue
            name = NAMES.get(key, key.removeprefix("set.").replace("_", " ") + " while in effect")
            name = f"Event {number}: {name.format(when=WORDS.get(event.when, ''))}"
            full = Declaration(f"{EVENTS}.{number}.{key}", one.quantity, None, declared.words)
            yield EventControl(_in_unit(full, event), value, name, *_range(declared, event))


def event_switches(events: tuple[Event, ...], kept: tuple[int, ...]) -> list[dict]:
    """A switch for each event: key, name, whether on, and what the event does in words."""
    return [
        {
            "key": f"{EVENTS}.{number}",
            "name": f"event {number}: {event_words(event)}",
            "on": number in kept,
            "words": f"A response of the policy: {event_words(event)}.",
        }
        for number, event in enumerate(events, 1)
    ]


def event_words(event: Event) -> str:
    """When an event comes, and what it does."""
    bounds = [
        f"{words} {bound:g}"
        for words, bound in (("at least", event.at_least), ("at most", event.at_most))
        if bound is not None
    ]
    when = event.on if event.when == DATE else f"{WORDS[event.when]} {' and '.join(bounds)}"
    does = [levers_in_words(event.set)] * bool(levers_in_words(event.set))
    if event.withdraw != "none":
        whose = {"all": "all systems", "lab": "systems of the lab", "model": "copies of the model"}
        does.append(f"{whose[event.withdraw]} withdrawn")
    return f"{when}: {', '.join(does)}"


def _in_unit(declared: Declaration, event: Event) -> Declaration:
    """A bound has the unit of what the event waits for, and a lever that is 0 or 1 has none."""
    if declared.name not in ("at_least", "at_most", "frozen"):
        return declared
    units = {"highest_report": "doublings", **dict.fromkeys(SHARES, "probability")}
    unit = "" if declared.name == "frozen" else units.get(event.when, "")
    return replace(declared, quantity=replace(declared.quantity, unit=unit))


def _range(declared: Declaration, event: Event) -> tuple[float, float]:
    """The ends of a slider."""
    if declared.key == "months":
        return 0, MOST_MONTHS
    if declared.key in ("at_least", "at_most"):
        most = MOST_REPORTED if event.when == "highest_report" else MOST_INCIDENTS
        return 0, HIGHEST.get(event.when, most)
    quantity = declared.quantity
    return getattr(quantity, "low", 0), getattr(quantity, "high", 0)
