"""Events in a few words, as tables and figures write them."""

from collections import Counter
from collections.abc import Sequence

from regimesim.scenario.declaration import plain
from regimesim.scenario.events import DATE, Event

WITHDRAWN = {"model": "withdraw the model", "lab": "withdraw the lab", "all": "withdraw all"}
LEVERS = {"audit_budget": "audit", "density_floor": "density", "hold": "hold paradigm"}


def event_in_words(event: Event) -> str:
    """What an event does and when, as in "freeze at highest report >= 8"."""
    return f"{_what(event)} {_when(event)}"


def names_of_events(events: Sequence[Event]) -> tuple[str, ...]:
    """Names of the events of one policy: their words, with numbers where two have the same."""
    every = [event_in_words(event) for event in events]
    often = Counter(every)
    return tuple(
        f"{words} (event {number})" if often[words] > 1 else words
        for number, words in enumerate(every, 1)
    )


def _what(event: Event) -> str:
    levers: dict = plain(event.set)
    done = ["freeze"] if levers.pop("frozen", 0) else []
    done += [f"{LEVERS.get(name, name)} {value:g}" for name, value in levers.items()]
    if event.withdraw != "none":
        done.append(WITHDRAWN[event.withdraw])
    return ", ".join(done)


def _when(event: Event) -> str:
    if event.when == DATE:
        return f"in {event.on}" if event.months or not plain(event.set) else f"from {event.on}"
    name, least, most = event.when.replace("_", " "), event.at_least, event.at_most
    if name == "alarm" and least is not None and least > 0 and most is None:
        return "at an alarm"
    ends = [f"{sign} {end:g}" for sign, end in ((">=", least), ("<=", most)) if end is not None]
    return f"at {name} {' and '.join(ends)}"
