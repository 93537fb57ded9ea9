"""The choices made on the page, as a scenario, as a link, and as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.scenario import Scenario, load, parse
from regimesim.scenario.declaration import plain
from regimesim.scenario.draws import DRAWS
from regimesim.scenario.event_values import EVENTS, event_number, event_value
from regimesim.scenario.events import Event, EventList
from regimesim.scenario.overlay import File, laid_over
from regimesim.scenario.parameters import CORRELATIONS, SWITCHED, Settings, Tables, active
from regimesim.scenario.toml_reader import read_setting
from regimesim.scenario.toml_writer import value_text, written

WORDS = ("policy", "view", "world", "seed")  # of a link; everything else in it is a parameter
LAST_WORLD = 2**32 - 1
MOST_SYSTEMS = 10_000  # a world of more, and its odds, would take many seconds to appear
MOST_PARTS = 200  # of a link, which is more than there are parameters
BUILT_IN = {
    "name": "live",
    "description": "Defaults, and three policies.",
    "policies": {
        "none": {},
        "control": {"oversight": {"control": True}},
        "control_and_cot": {"oversight": {"control": True, "cot_monitor": True}},
    },
}


class Shelf(NamedTuple):
    """What the page offers: a scenario with its policies, and views that can be laid over it."""

    scenario: Scenario
    views: dict[str, Scenario]


@dataclass(frozen=True)
class Choices:
    """Choices: a policy, a view ("" for none), a world, and values by dotted key."""

    policy: str
    view: str = ""
    world: int = 0
    changes: dict[str, object] = field(default_factory=dict)

    def changed(self, key: str, value) -> "Choices":
        """The choices with a value set; None removes it."""
        changes = {name: old for name, old in self.changes.items() if name != key}
        return replace(self, changes=changes if value is None else {**changes, key: value})


class Chosen(NamedTuple):
    """The scenario that the choices describe, with one policy, the changes without effect (those
    to safeguards and events that the policy does not have), the events of the policy, also those
    that are switched off, and the numbers of those that are not."""

    scenario: Scenario
    waiting: tuple[str, ...]
    events: tuple[Event, ...] = ()
    kept: tuple[int, ...] = ()


def shelf_of(path: str | Path | None) -> Shelf:
    """The scenario at `path`, or the built-in one, with the views in `views` beside it.

    Raises Refusal.
    """
    if path is None:
        return Shelf(parse(BUILT_IN, "built in", "live"), {})
    scenario = load(path)
    places = (Path(path).parent / "views", Path("scenarios/views"))
    files = next((files for place in places if (files := sorted(place.glob("*.toml")))), [])
    return Shelf(scenario, {file.stem: load(file) for file in files})


def choose(shelf: Shelf, choices: Choices) -> Chosen:
    """The scenario of some choices; raises Refusal with a sentence for each mistake."""
    policy = choices.policy
    scenario = _viewed(shelf, choices.view).choose([policy])
    _check_world(choices.world)
    switches, values, of_events = {}, {}, {}
    for key, value in choices.changes.items():
        whole = key.split(".")[0] in (*Settings.model_fields, CORRELATIONS)
        place = switches if key in _SWITCHES else values
        if key.split(".")[0] == EVENTS:
            of_events[key] = value
        else:
            place[key if whole else f"policies.{policy}.{key}"] = value
    events, kept, waits = _events(scenario.policies[policy].events, of_events)
    if of_events:
        switches[f"policies.{policy}.{EVENTS}"] = [plain(events[number - 1]) for number in kept]
    try:
        scenario = scenario.override(switches, "page") if switches else scenario
        on = active(scenario.policies[policy])
        waiting = {
            key for key in values if _safeguard(key, policy) in {s for s in on if not on[s]}
        }
        heard = {key: value for key, value in values.items() if key not in waiting}
        scenario = scenario.override(heard, "page") if heard else scenario
    except Refusal as refusal:
        ours = (line.removeprefix("page: ") for line in refusal.lines)
        lines = (line.removeprefix(f"policies.{policy}.") for line in ours)
        raise Refusal(dict.fromkeys(lines)) from None
    _check_size(scenario)
    waits += [key.removeprefix(f"policies.{policy}.") for key in waiting]
    return Chosen(scenario, tuple(waits), events, kept)


def _events(events, changes: Mapping) -> tuple[tuple[Event, ...], tuple[int, ...], list]:
    """The events of a policy with changes: all of them, the numbers of those that are not switched
    off, and the changes to events that the policy does not have.  Raises Refusal.

    `events.1 = false` switches an event off.  `events` replaces all of them.
    """
    listed = changes.get(EVENTS, [plain(one) for one in events])
    waits, off = [], []
    lines: list[str] = []
    _read_events(listed)
    for key, value in changes.items():
        path = tuple(key.split("."))
        with gathering(lines, f"{key}: "):
            number = event_number(path) if len(path) > 1 else 0
            if number > len(listed):
                waits.append(key)
            elif len(path) == 2:
                if not isinstance(value, bool):
                    raise Refusal(f"found {shown(value)}; allowed is true or false")
                off += [] if value else [number]
            elif one := event_value(path):
                listed = one.put(listed, value)
    read: tuple[Event, ...] = ()
    with gathering(lines):
        read = _read_events(listed)
    if lines:
        raise Refusal(lines)
    kept = tuple(number for number in range(1, len(read) + 1) if number not in off)
    return read, kept, waits


def _read_events(listed) -> tuple[Event, ...]:
    """The events of a list as in a file.  Raises Refusal."""
    try:
        return EventList().read(listed)
    except PydanticCustomError as error:
        raise Refusal(f"{EVENTS}: {(error.context or {})['reason']}") from None


_SWITCHES = {f"oversight.{name}" for name in SWITCHED}


def _safeguard(key, policy):
    """The safeguard that a key belongs to, "" for none."""
    parts = key.removeprefix(f"policies.{policy}.").split(".")
    return parts[1] if len(parts) == 3 and parts[1] in SWITCHED else ""


def _viewed(shelf, view) -> Scenario:
    """The scenario of the shelf with a view laid over it, below its policies."""
    base = shelf.scenario
    if not view:
        return base
    if view not in shelf.views:
        close = nearest(view, shelf.views)
        hint = f"; the nearest is '{close}'" if close else "; there are none"
        raise Refusal(f"view: no view {shown(view)}{hint}")
    raw = shelf.views[view].raw
    if DRAWS in raw and DRAWS in base.raw:
        raise Refusal(f"view: {shown(view)} and the scenario have draws, and only one may")
    above = {k: value for k, value in raw.items() if k in Tables.model_fields or k == DRAWS}
    return parse(laid_over(File, base.raw, above), base.source, base.name)


def _check_size(scenario):
    if scenario.systems > MOST_SYSTEMS:
        raise Refusal(
            f"systems: found {scenario.systems}; the live page shows at most {MOST_SYSTEMS}, and "
            "`regimesim run` simulates more"
        )


def _check_world(world):
    if isinstance(world, bool) or not isinstance(world, int) or not 0 <= world <= LAST_WORLD:
        raise Refusal(f"world: found {shown(world)}; allowed is a whole number, 0 to {LAST_WORLD}")


def read_value(key: str, text: str):
    """The value that a text on the page stands for: TOML or a bare word; raises Refusal."""
    try:
        return read_setting(f"{key}={text}")[1]
    except Refusal as refusal:
        raise Refusal(
            line.removeprefix("--set ").replace(f"{shown(f'{key}={text}')}: ", f"{key}: ")
            for line in refusal.lines
        ) from None


def read_world(text: str) -> int:
    """The number of a world from a text; raises Refusal."""
    text = str(text).strip()
    if not (text.isascii() and text.isdigit()) or int(text) > LAST_WORLD:
        raise Refusal(f"world: found {shown(text)}; allowed is a whole number, 0 to {LAST_WORLD}")
    return int(text)


def link(choices: Choices) -> str:
    """The query of a link that carries the choices."""
    head = {"policy": choices.policy, "view": choices.view, "world": choices.world or ""}
    query = {key: str(value) for key, value in head.items() if value != ""}
    return urlencode(query | {key: value_text(value) for key, value in choices.changes.items()})


def read_link(query: str | None, shelf: Shelf, first: Choices) -> tuple[Choices, tuple[str, ...]]:
    """The choices that a link carries, over those that the page begins with, and a sentence
    for each part of it that cannot be used."""
    choices, lines = first, []
    parts = parse_qsl(query or "", keep_blank_values=True)
    if len(parts) > MOST_PARTS:
        return first, (f"link: found {len(parts)} settings; allowed are at most {MOST_PARTS}",)
    for key, text in parts:
        try:
            if key == "policy":
                tried = replace(choices, policy=text)
            elif key == "view":
                tried = replace(choices, view=text)
            elif key == "world":
                tried = replace(choices, world=read_world(text))
            else:
                tried = choices.changed(key, read_value(key, text))
            choose(shelf, tried)
        except Refusal as refusal:
            lines += refusal.lines
        else:
            choices = tried
    return choices, tuple(lines)


def file_text(chosen: Chosen, worlds: int, world: int) -> str:
    """The scenario as a TOML file which, run, gives the odds of so many worlds."""
    scenario = chosen.scenario
    (policy,) = scenario.policies
    raw: Mapping = {
        key: value for key, value in scenario.raw.items() if key not in ("sweep", "claim")
    }
    comment = (
        f"As seen on the live page of {scenario.name}, policy {policy}, world {world}.\n"
        "  regimesim run FILE                gives the odds that the page showed\n"
        f"  regimesim trace FILE --world {world}    tells the story of the world shown"
    )
    return written({"name": scenario.name, **raw, "worlds": worlds}, comment)
