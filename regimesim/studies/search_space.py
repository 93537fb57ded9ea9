"""A space of policies: numbers, safeguards that are on or off, and choices, over one policy.

A point of the space has a value for each dimension.  A number whose safeguard is off changes
nothing, so its value there is None: points that are the same policy are one point.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from math import prod
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from regimesim.errors import Refusal, gathering, shown
from regimesim.scenario import Scenario, parse
from regimesim.scenario.events import MOST_EVENTS
from regimesim.scenario.overlay import (
    ONLY_POLICY,
    changed,
    laid_over,
    nested,
    single,
)
from regimesim.scenario.parameters import Tables, active
from regimesim.scenario.titles import TITLE
from regimesim.studies.candidates import Candidate
from regimesim.studies.dimensions import (
    Choice,
    Dimension,
    Number,
    Switch,
    check_choice,
    read_numbers,
    read_switches,
    switched_on,
)
from regimesim.studies.event_rules import EventRule, events_at
from regimesim.studies.ranges import idle_in

EVENTS = "events"
OnOrOff = Switch | EventRule

Point: TypeAlias = tuple
"""The value of each dimension: a number or None, True or False, or the name of an option."""


@dataclass(frozen=True)
class Space:
    """The policies that dimensions span, laid over the policy `base` of a scenario."""

    scenario: Scenario
    base: str
    dimensions: tuple[Dimension | EventRule, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the dimensions."""
        return tuple(one.name for one in self.dimensions)

    @property
    def size(self) -> int | None:
        """How many points it has at most, or None where a number takes any value of a range."""
        options = [one.options for one in self.dimensions]
        return None if None in options else prod(map(len, options))

    @cached_property
    def base_candidate(self) -> Candidate:
        """The policy over which all points are laid, as it is."""
        tables = self.scenario.policies[self.base]
        return Candidate(tables, (), self.scenario.title(self.base))

    def candidate(self, values: Mapping[str, object]) -> Candidate:
        """The policy with the value of each dimension, by name.

        Raises Refusal where the values contradict each other.
        """
        frame = self._frame(self._framing(values))
        raw, point = frame.raw, []
        for one in self.dimensions:
            value = values[one.name]
            if isinstance(one, Number):
                if one.name in self._rule_of:
                    value = one.rounded(value) if values[self._rule_of[one.name]] else None
                elif idle_in(frame.tables, one.name):
                    value = None
                else:
                    value = one.rounded(value)
                    raw = changed(raw, ("policies", self.base, *one.name.split(".")), value)
            point.append(value)
        raw = self._with_rules(raw, self.settings(tuple(point)))
        tables = frame.tables if raw is frame.raw else self._read(raw).policies[self.base]
        return Candidate(tables, tuple(point), self.words(tuple(point)))

    def settings(self, point: Point) -> dict[str, object]:
        """The values of a point by name."""
        return dict(zip(self.names, point, strict=True))

    def scenario_at(self, point: Point, policy: str | None = None) -> Scenario:
        """The scenario whose only policy is the one of a point, named `policy`."""
        raw = self._raw_at(point)
        overlay = raw["policies"][self.base]
        return self._read({**raw, "policies": {policy or self.base: overlay}})

    def _raw_at(self, point: Point) -> dict:
        """The scenario of a point as in a file, with the policy under its own name."""
        values = self.settings(point)
        raw = deepcopy(self._frame(self._framing(values)).raw)
        for name in self._numbers:
            if values[name] is not None:
                raw = changed(raw, ("policies", self.base, *name.split(".")), values[name])
        return self._with_rules(raw, values)

    def _framing(self, values: Mapping[str, object]) -> tuple:
        """The values of the safeguards and choices."""
        return tuple(values[one.name] for one in self._framed)

    def _with_rules(self, raw: dict, values: Mapping[str, object]) -> dict:
        """The scenario with the events of the rules that are there."""
        return self._with(raw, {EVENTS: events_at(self.rules, values)})

    @cached_property
    def rules(self) -> tuple[EventRule, ...]:
        """The events that may be there."""
        return tuple(one for one in self.dimensions if isinstance(one, EventRule))

    @cached_property
    def _rule_of(self) -> dict[str, str]:
        """The rule that each number of a rule belongs to, by name."""
        return {number.name: rule.name for rule in self.rules for number in rule.varied}

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        """The names of the numbers that are parameters."""
        numbers = (one.name for one in self.dimensions if isinstance(one, Number))
        return tuple(name for name in numbers if name not in self._rule_of)

    @cached_property
    def _framed(self) -> tuple[Switch | Choice, ...]:
        return tuple(one for one in self.dimensions if isinstance(one, Switch | Choice))

    def words(self, point: Point) -> str:
        """A point in words: what is on, what is chosen, and the numbers that count."""
        named = list(zip(self.dimensions, point, strict=True))
        on = [one.name for one, value in named if isinstance(one, OnOrOff) and value]
        parts = [" + ".join(on) or "none on"] if self._can_be_on else []
        parts += [f"{one.name} {value}" for one, value in named if isinstance(one, Choice)]
        parts += [
            f"{self._labels[one.name]} {value:g}"
            for one, value in named
            if isinstance(one, Number) and value is not None
        ]
        return ", ".join(parts)

    def every(self) -> Iterator[dict[str, object]]:
        """The values of every point of a space of finite size, by name."""
        for values in product(*(one.options for one in self.dimensions)):
            yield dict(zip(self.names, values, strict=True))

    @cached_property
    def _labels(self) -> dict[str, str]:
        """How a number is written: its last name, with its table where another ends alike."""
        last = {name: name.rpartition(".")[2] for name in self.names}
        alike = Counter(last.values())
        return {
            name: own if alike[own] == 1 else ".".join(name.split(".")[-2:])
            for name, own in last.items()
        }

    @cached_property
    def _can_be_on(self) -> bool:
        return any(isinstance(one, OnOrOff) for one in self.dimensions)

    @cached_property
    def _frames(self) -> dict:
        return {}

    def _frame(self, chosen: tuple) -> "Frame":
        """The scenario of the base policy with safeguards and choices as in a point."""
        if chosen not in self._frames:
            raw = self._own_raw
            for one, value in zip(self._framed, chosen, strict=True):
                if isinstance(one, Switch):
                    raw = self._switched(raw, one.name, value)
                else:
                    raw = self._with(raw, one.settings[value])
            try:
                self._frames[chosen] = Frame(raw, self._read(raw).policies[self.base])
            except Refusal as refusal:
                self._frames[chosen] = refusal
        frame = self._frames[chosen]
        if isinstance(frame, Refusal):
            raise frame
        return frame

    @cached_property
    def _own_raw(self) -> dict:
        """The scenario as in a file with the base policy alone."""
        raw = {key: value for key, value in self.scenario.raw.items() if key != "sweep"}
        policies = raw.get("policies") or {ONLY_POLICY: {}}
        return {**raw, "policies": {self.base: policies[self.base]}}

    def _read(self, raw: dict) -> Scenario:
        source = self.scenario.source
        try:
            return parse(raw, source, self.scenario.name)
        except Refusal as refusal:
            place = f"policies.{self.base}."
            lines = (line.removeprefix(f"{source}: ") for line in refusal.lines)
            raise Refusal(line.removeprefix(place) for line in lines) from None

    def _switched(self, raw: dict, name: str, on: bool) -> dict:
        """The scenario with a safeguard on or off in its policy."""
        if on == active(self.scenario.policies[self.base])[name]:
            return raw
        table = deepcopy(switched_on(self.scenario, name)[0]) if on else False
        return self._laid(raw, ("oversight", name), table)

    def _with(self, raw: dict, settings: Mapping[str, object]) -> dict:
        """The scenario with the settings of an option in its policy."""
        for path, value in single({k: v for k, v in settings.items() if k != EVENTS}):
            raw = self._laid(raw, path, value)
        if settings.get(EVENTS):
            own = raw["policies"][self.base]
            events = own.get(EVENTS, raw.get(EVENTS, ()))
            raw = self._laid(raw, (EVENTS,), [*events, *settings[EVENTS]])
        return raw

    def _laid(self, raw: dict, path: Iterable[str], value) -> dict:
        overlay = laid_over(Tables, raw["policies"][self.base], nested(path, value))
        return {**raw, "policies": {self.base: overlay}}


class Frame(NamedTuple):
    """A policy with its safeguards and choices, before its numbers are put in."""

    raw: dict
    tables: Tables


def make_space(
    scenario: Scenario,
    base: str,
    over: Mapping[str, object] | Iterable[str] = (),
    switches: Iterable[str] = (),
    choices: Iterable[Choice] = (),
    options: Mapping[str, str] = MappingProxyType({}),
    rules: Iterable[EventRule] = (),
) -> Space:
    """Check dimensions, and make the space of them.

    Parameters
    ----------
    scenario : Scenario
        The scenario, with all policies of its file.
    base : str
        The policy over which points are laid.
    over : mapping or iterable of str
        Numbers that vary: {"oversight.audit_budget": (0.005, 0.2)}, or texts such as
        "oversight.audit_budget=0.005:0.2"; a range that is left out is the plausible one, and
        more than two values, or a text "KEY=A,B,C", are the only ones that are tried.
    switches : iterable of str
        Safeguards and responses that are on or off, as in "control" or "control,honeypots".
    choices : iterable of Choice
        Groups of settings of which each point has one.
    options : mapping, optional
        What lines of a refusal call the three: {"over": "--over", "switches": "--choose"}.
    rules : iterable of EventRule
        Events that may be there, after those that the policy has.

    Raises
    ------
    Refusal
        With a sentence for each dimension that cannot be one.
    """
    called = {"over": "--over", "switches": "--choose", "choices": "--choose-events", **options}
    dimensions: list[Dimension | EventRule] = list(
        _dimensions(scenario, base, over, switches, choices, called)
    )
    rules, own = list(rules), len(scenario.policies[base].events)
    for rule in rules:
        dimensions += [rule, *rule.varied]
    if own + len(rules) > MOST_EVENTS:
        raise Refusal(
            f"{called['choices']}: found {len(rules)} rules beside {own} events of '{base}'; "
            f"allowed are {MOST_EVENTS} in all"
        )
    if not dimensions:
        raise Refusal(
            f"{called['over']}: nothing varies; name a parameter, as in "
            f"oversight.audit_budget=0.005:0.2, or a safeguard with {called['switches']} control"
        )
    space = Space(scenario, base, tuple(dimensions))
    _check_reached(space, called["over"], called["choices"])
    return space


def _dimensions(scenario, base, over, switches, choices, called) -> list[Dimension]:
    """Switches, choices and numbers, in this order.  Raises Refusal."""
    lines: list[str] = []
    dimensions: list[Dimension] = []
    with gathering(lines):
        dimensions += read_switches(switches, called["switches"])
    for one in choices:
        with gathering(lines, f"{called['choices']}: "):
            check_choice(one, [other.name for other in dimensions])
        dimensions.append(one)
    with gathering(lines):
        dimensions += read_numbers(scenario, base, over, called["over"])
    if lines:
        raise Refusal(lines)
    return dimensions


def _check_reached(space: Space, option: str, rules: str) -> None:
    """Refuse numbers that count at no point, and a space without any point."""
    others = [one.options for one in space._framed]
    missing: dict = dict.fromkeys(space._numbers)
    waiting: dict = dict.fromkeys(space.rules)
    refused: Refusal | None = None
    possible = False
    for chosen in islice(_richest_first(others), 2**MOST_EVENTS * 16):
        try:
            tables = space._frame(chosen).tables
        except Refusal as refusal:
            refused = refused or refusal
            continue
        possible = True
        missing = {key: reason for key in missing if (reason := idle_in(tables, key))}
        waiting = {rule: why for rule in waiting if (why := _never(space, chosen, rule))}
        if not missing and not waiting:
            return
    if not possible and refused is not None:
        raise refused
    nothing = (
        f"{option}: {key}: would change nothing: no policy that can be chosen has "
        f"{reason.removeprefix('no ')}"
        for key, reason in missing.items()
    )
    impossible = (f"{rules}: {shown(rule.text)}: {why}" for rule, why in waiting.items())
    raise Refusal([*nothing, *impossible])


def _never(space: Space, chosen: tuple, rule: EventRule) -> str | None:
    """Why a rule can never be there with these safeguards and choices, or None."""
    values = {rule.name: True} | {one.name: one.middle for one in rule.varied}
    raw = space._with(space._frame(chosen).raw, {EVENTS: [rule.event(values)]})
    try:
        space._read(raw)
    except Refusal as refusal:
        return refusal.lines[0].removeprefix("events: ")
    return None


def _richest_first(options) -> Iterator[tuple]:
    """Combinations, those with everything on and the last option of every choice first."""
    yield from product(*(tuple(reversed(one)) for one in options))


def candidates_in(
    space: Space, points: Iterable[Mapping[str, object]]
) -> tuple[list[Candidate], list[str]]:
    """The different policies of points, and a sentence for each that contradicts itself."""
    different: dict[str, Candidate] = {}
    wrong: list[str] = []
    for values in points:
        try:
            one = space.candidate(values)
        except Refusal as refusal:
            wrong.append(refusal.lines[0])
            continue
        different.setdefault(one.key, one)
    return list(different.values()), wrong


def scenario_with(space: Space, points: Mapping[str, Point]) -> Scenario:
    """The scenario of the base policy and of points, by name, as it would stand in a file."""
    raws = {name: space._raw_at(point) for name, point in points.items()}
    raw = space._own_raw | {"name": space.scenario.name}
    overlays = {name: one["policies"][space.base] for name, one in raws.items()}
    for overlay in overlays.values():
        overlay.pop(TITLE, None)  # which is that of the base policy
    policies = {**{n: o for n, o in raw["policies"].items() if n not in overlays}, **overlays}
    left_out = {"extends", "claim", "evidence"}
    kept = {key: value for key, value in raw.items() if key not in left_out}
    return space._read({**kept, "policies": policies})


def scenario_of(space: Space, candidates: Mapping[str, Candidate]) -> Scenario:
    """The scenario whose policies are candidates, by name, with words as their titles."""
    return replace(
        space.scenario,
        policies={name: one.tables for name, one in candidates.items()},
        titles={name: one.words for name, one in candidates.items()},
        order={name: one.words for name, one in candidates.items()},
    )
