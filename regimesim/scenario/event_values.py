"""Values of events as keys: `events.1.months` is how long the first event is in effect."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.declaration import Declaration, Declared, Group, declared_in, plain
from regimesim.scenario.events import MOST_EVENTS, Event

EVENTS = "events"
EXAMPLE = "events.1.months"

Path = tuple[str, ...]


class EventValue(NamedTuple):
    """A value of one of the events of a policy, which count from 1."""

    number: int
    declared: Declaration

    @property
    def whole(self) -> Path:
        """The path of the list that holds it."""
        return (EVENTS,)

    @property
    def kind(self) -> str:
        """number, whole, choice or text."""
        return self.declared.kind

    @property
    def quantity(self) -> Declared:
        """Its unit and range, or its words."""
        return self.declared.quantity

    @property
    def words(self) -> str:
        """What it means."""
        first, rest = self.declared.words[0], self.declared.words[1:]
        return f"Of event {self.number}: {first.lower()}{rest}"

    def within(self, value) -> Any:
        """The value in the list of events `value`, which a file, a table or a policy holds.

        Raises Refusal where it has no such event.
        """
        item = self._events(value)[self.number - 1]
        for key in self.declared.key.split("."):
            if key not in item:
                return self.declared.default
            item = item[key]
        return item

    def put(self, value, new) -> list[dict]:
        """The list of events `value`, as in a file, with a `new` value.  Raises Refusal."""
        try:
            new = self.declared.quantity.read(new)
        except PydanticCustomError as error:
            raise Refusal((error.context or {})["reason"]) from None
        events = self._events(value)
        table, _, key = self.declared.key.rpartition(".")
        event = events[self.number - 1]
        event |= {table: {**event.get(table, {}), key: new}} if table else {key: new}
        return events

    def _events(self, value) -> list[dict]:
        """Copies of the events, as in a file."""
        events = value if isinstance(value, list | tuple) else ()
        if self.number > len(events):
            last = f"; the last is event {len(events)}" if events else ": there are no events"
            raise Refusal(f"there is no event {self.number}{last}")
        return [plain(one) if isinstance(one, Group) else dict(one) for one in events]


@cache
def values_of_an_event() -> dict[str, Declaration]:
    """What an event may have, by the key within it."""
    return {entry.key: entry for entry in declared_in(Event)}


def event_value(path: Path) -> EventValue | None:
    """The value of an event that a path of keys within a policy names, or None.

    Raises Refusal where the path leads into events, and to nothing.
    """
    if len(path) < 2 or path[0] != EVENTS:
        return None
    number, key = event_number(path), ".".join(path[2:])
    if key not in values_of_an_event():
        close = nearest(key, values_of_an_event()) or "months"
        raise Refusal(f"unknown key; the nearest is '{EVENTS}.{number}.{close}'")
    return EventValue(number, values_of_an_event()[key])


def event_number(path: Path) -> int:
    """The number of the event that a path within a policy names.  Raises Refusal."""
    if path[1] not in map(str, range(1, MOST_EVENTS + 1)):
        allowed = f"an event has a number, 1 to {MOST_EVENTS}, as in {EXAMPLE}"
        raise Refusal(f"found {shown(path[1])}; {allowed}")
    return int(path[1])


def holds_event_values(path: Path) -> bool:
    """Whether a path of keys within a policy names the events, one of them, or what it sets."""
    return path[:1] == (EVENTS,) and (len(path) < 3 or path[2:] == ("set",))


def events_with(raw: Mapping, value: EventValue) -> list[str]:
    """The policies in `raw` that have such an event of their own."""
    policies = raw.get("policies") or {}
    return [
        name
        for name, overlay in policies.items()
        if isinstance(overlay, Mapping) and len(overlay.get(EVENTS, ())) >= value.number
    ]
