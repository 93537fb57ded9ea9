"""A space of policies: numbers, safeguards that are on or off, and choices, over one policy.

A point of the space has a value for each dimension.  A number whose safeguard is off changes
nothing, so its value there is None: points that are the same policy are one point.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from math import floor, log10, prod
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.scenario import Scenario, parse
from regimesim.scenario.events import MOST_EVENTS
from regimesim.scenario.overlay import (
    ONLY_POLICY,
    changed,
    laid_over,
    nested,
    single,
)
from regimesim.scenario.parameters import SWITCHED, Settings, Tables, active
from regimesim.studies.candidates import Candidate
from regimesim.studies.ranges import (
    Varied,
    as_number,
    idle_in,
    read_ranges,
    values_in,
    vary,
)

DIGITS = 3  # of a number that a search tries
WIDE = 10  # ends of a range whose ratio is larger are searched in equal ratios
MOST_LEVELS = 64  # values of a whole number that is counted through
EVENTS = "events"
OFF = "none"  # what words call a choice that sets nothing

Point: TypeAlias = tuple
"""The value of each dimension: a number or None, True or False, or the name of an option."""


class Number(NamedTuple):
    """A number that varies between two ends, or takes one of `levels`."""

    varied: Varied
    levels: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """The dotted name of the parameter."""
        return self.varied.key

    @property
    def log(self) -> bool:
        """Whether it is searched in equal ratios."""
        return not self.varied.whole and 0 < WIDE * self.varied.low <= self.varied.high

    @property
    def options(self) -> tuple | None:
        """All its values where they are few; None between two ends."""
        one = self.varied
        if self.levels:
            return self.levels
        if one.whole and one.high - one.low < MOST_LEVELS:
            return tuple(range(int(one.low), int(one.high) + 1))
        return None

    @property
    def middle(self) -> float:
        """The value in the middle, as it is searched."""
        one = self.varied
        if self.levels:
            return self.levels[len(self.levels) // 2]
        return self.rounded((one.low * one.high) ** 0.5 if self.log else (one.low + one.high) / 2)

    def rounded(self, value: float) -> float:
        """The value that can be written down."""
        one = self.varied
        if self.levels:
            return value
        if one.whole:
            return int(min(max(round(value), one.low), one.high))
        if value:
            value = round(value, DIGITS - 1 - floor(log10(abs(value))))
        return float(min(max(value, one.low), one.high))


class Switch(NamedTuple):
    """A safeguard or response that is on or off."""

    name: str

    @property
    def options(self) -> tuple:
        """Off and on."""
        return (False, True)


class Choice(NamedTuple):
    """One of several groups of settings.

    Attributes
    ----------
    name : str
        What it is called.
    settings : mapping of str to mapping
        For each option what it sets over the policy: values by dotted key, or whole tables.
        Events, {"events": [...]}, are added to those that the policy has.
    """

    name: str
    settings: Mapping[str, Mapping[str, object]]

    @property
    def options(self) -> tuple:
        """The names of the options."""
        return tuple(self.settings)


Dimension: TypeAlias = Number | Switch | Choice


@dataclass(frozen=True)
class Space:
    """The policies that dimensions span, laid over the policy `base` of a scenario."""

    scenario: Scenario
    base: str
    dimensions: tuple[Dimension, ...]

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
        frame = self._frame(
            tuple(values[one.name] for one in self.dimensions if not isinstance(one, Number))
        )
        raw, point = frame.raw, []
        for one in self.dimensions:
            value = values[one.name]
            if isinstance(one, Number):
                value = None if idle_in(frame.tables, one.name) else one.rounded(value)
                if value is not None:
                    raw = changed(raw, ("policies", self.base, *one.name.split(".")), value)
            point.append(value)
        tables = frame.tables if raw is frame.raw else self._read(raw).policies[self.base]
        return Candidate(tables, tuple(point), self.words(tuple(point)))

    def settings(self, point: Point) -> dict[str, object]:
        """The values of a point by name."""
        return dict(zip(self.names, point, strict=True))

    def scenario_at(self, point: Point, policy: str | None = None) -> Scenario:
        """The scenario whose only policy is the one of a point, named `policy`."""
        raw = self._raw_at(point)
        overlay = raw["policies"].pop(self.base)
        return self._read(raw | {"policies": {policy or self.base: overlay}})

    def _raw_at(self, point: Point) -> dict:
        frame = self._frame(
            tuple(
                value
                for one, value in zip(self.dimensions, point, strict=True)
                if not isinstance(one, Number)
            )
        )
        raw = deepcopy(frame.raw)
        for one, value in zip(self.dimensions, point, strict=True):
            if isinstance(one, Number) and value is not None:
                raw = changed(raw, ("policies", self.base, *one.name.split(".")), value)
        return raw

    def words(self, point: Point) -> str:
        """A point in words: what is on, what is chosen, and the numbers that count."""
        named = list(zip(self.dimensions, point, strict=True))
        switches = [one.name for one, value in named if isinstance(one, Switch) and value]
        parts = [" + ".join(switches) or "none on"] if self._switches else []
        parts += [f"{one.name} {value}" for one, value in named if isinstance(one, Choice)]
        parts += [
            f"{one.name.rpartition('.')[2]} {value:g}"
            for one, value in named
            if isinstance(one, Number) and value is not None
        ]
        return ", ".join(parts)

    def every(self) -> Iterator[dict[str, object]]:
        """The values of every point of a space of finite size, by name."""
        for values in product(*(one.options for one in self.dimensions)):
            yield dict(zip(self.names, values, strict=True))

    @cached_property
    def _switches(self) -> tuple[Switch, ...]:
        return tuple(one for one in self.dimensions if isinstance(one, Switch))

    @cached_property
    def _frames(self) -> dict:
        return {}

    def _frame(self, chosen: tuple) -> "Frame":
        """The scenario of the base policy with safeguards and choices as in a point."""
        if chosen not in self._frames:
            others = [one for one in self.dimensions if not isinstance(one, Number)]
            raw = self._own_raw
            for one, value in zip(others, chosen, strict=True):
                if isinstance(one, Switch):
                    raw = self._switched(raw, one.name, value)
                else:
                    raw = self._with(raw, one.settings[value])
            try:
                self._frames[chosen] = Frame(raw, self._read(raw).policies[self.base])
            except Refusal as refusal:
                self._frames[chosen] = refusal
        found = self._frames[chosen]
        if isinstance(found, Refusal):
            raise found
        return found

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


def switched_on(scenario: Scenario, name: str) -> tuple[object, str | None]:
    """What a safeguard is like where a search switches it on, and the policy that has it so.

    It is as the scenario has it for all policies, else as under the first policy that has it,
    else, without a policy, with the defaults.
    """
    if isinstance(scenario.raw.get("oversight", {}).get(name), Mapping):
        return True, None
    for policy, overlay in (scenario.raw.get("policies") or {}).items():
        table = overlay.get("oversight", {}).get(name, False)
        if isinstance(table, Mapping) and table:
            return table, policy
    return True, None


def make_space(
    scenario: Scenario,
    base: str,
    over: Mapping[str, object] | Iterable[str] = (),
    switches: Iterable[str] = (),
    choices: Iterable[Choice] = (),
    options: Mapping[str, str] = MappingProxyType({}),
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

    Raises
    ------
    Refusal
        With a sentence for each dimension that cannot be one.
    """
    called = {"over": "--over", "switches": "--choose", "choices": "--choose-events", **options}
    lines: list[str] = []
    dimensions: list[Dimension] = []
    with gathering(lines):
        dimensions += _read_switches(switches, called["switches"])
    choices = tuple(choices)
    for one in choices:
        with gathering(lines, f"{called['choices']}: "):
            _check_choice(one, [other.name for other in dimensions])
        dimensions.append(one)
    with gathering(lines):
        dimensions += _read_numbers(scenario, base, over, called["over"])
    if lines:
        raise Refusal(lines)
    if not dimensions:
        raise Refusal(
            f"{called['over']}: nothing varies; name a parameter, as in "
            f"oversight.audit_budget=0.005:0.2, or a safeguard with {called['switches']} control"
        )
    space = Space(scenario, base, tuple(dimensions))
    _check_reached(space, called["over"])
    return space


def _read_switches(switches, option) -> list[Switch]:
    texts = [switches] if isinstance(switches, str) else list(switches)
    found: dict[str, Switch] = {}
    lines = []
    for text in texts:
        for name in map(str.strip, str(text).split(",")):
            bare = name.removeprefix("oversight.")
            if bare not in SWITCHED:
                close = nearest(bare, SWITCHED)
                lines.append(
                    f"{option}: unknown safeguard {shown(name)}; the nearest is '{close}'"
                )
            elif bare in found:
                lines.append(f"{option}: {bare}: given twice")
            else:
                found[bare] = Switch(bare)
    if lines:
        raise Refusal(lines)
    return list(found.values())


def _check_choice(choice: Choice, taken: Sequence[str]) -> None:
    if choice.name in taken:
        raise Refusal(f"{choice.name}: given twice")
    if len(choice.settings) < 2:
        raise Refusal(f"{choice.name}: has {len(choice.settings)} option; a choice needs two")


def _read_numbers(scenario, base, over, option) -> list[Number]:
    pairs = over.items() if isinstance(over, Mapping) else None
    listed, ranged = {}, {} if pairs is not None else []
    for item in pairs if pairs is not None else ([over] if isinstance(over, str) else over):
        key, values = item if pairs is not None else _text(item)
        if isinstance(values, str) and "," in values:
            values = [part.strip() for part in values.split(",")]
        if (
            isinstance(values, Sequence)
            and not isinstance(values, str)
            and (len(values) > 2 or pairs is None)
        ):
            listed[key] = values
        elif pairs is not None:
            ranged[key] = values
        else:
            ranged.append(item)

    def make(key, ends):
        if key in Settings.model_fields:
            raise Refusal("is a setting of the run, the same for all policies, and cannot vary")
        return Number(vary(key, ends, values_in(scenario.choose([base]), key)))

    lines: list[str] = []
    numbers: dict[str, Number] = {}
    with gathering(lines):
        if ranged:
            numbers = read_ranges(ranged, option, make, "KEY, KEY=LOW:HIGH or KEY=A,B,C")
    for key, values in listed.items():
        with gathering(lines, f"{option}: {key}: "):
            if key in numbers:
                raise Refusal("given twice")
            numbers[key] = _levels(key, values, make)
    if lines:
        raise Refusal(lines)
    return list(numbers.values())


def _text(text):
    key, _, values = str(text).partition("=")
    return key.strip(), values


def _levels(key, values, make) -> Number:
    levels = []
    for value in values:
        number = as_number(value)
        if number is None:
            raise Refusal(f"found {shown(value)}; allowed are numbers")
        levels.append(number)
    if len(set(levels)) < 2:
        raise Refusal(f"found {shown(list(values))}; allowed are two different numbers or more")
    one = make(key, (min(levels), max(levels)))
    for level in levels:
        make(key, (level, level))
    whole = one.varied.whole
    return one._replace(levels=tuple(sorted({int(v) if whole else v for v in levels})))


def _check_reached(space: Space, option: str) -> None:
    """Refuse numbers that count at no point, and a space without any point."""
    numbers = [one for one in space.dimensions if isinstance(one, Number)]
    others = [one.options for one in space.dimensions if not isinstance(one, Number)]
    missing = {one.name: None for one in numbers}
    refused: Refusal | None = None
    found = False
    for chosen in islice(_richest_first(others), 2**MOST_EVENTS * 16):
        try:
            tables = space._frame(chosen).tables
        except Refusal as refusal:
            refused = refused or refusal
            continue
        found = True
        missing = {key: reason for key in missing if (reason := idle_in(tables, key))}
        if not missing:
            return
    if not found and refused is not None:
        raise refused
    raise Refusal(
        f"{option}: {key}: would change nothing: no policy that can be chosen has "
        f"{reason.removeprefix('no ')}"
        for key, reason in missing.items()
    )


def _richest_first(options) -> Iterator[tuple]:
    """Combinations, those with everything on and the last option of every choice first."""
    yield from product(*(tuple(reversed(one)) for one in options))


def candidates_in(
    space: Space, points: Iterable[Mapping[str, object]]
) -> tuple[list[Candidate], list[str]]:
    """The different policies of points, and a sentence for each that contradicts itself."""
    found: dict[str, Candidate] = {}
    wrong: list[str] = []
    for values in points:
        try:
            one = space.candidate(values)
        except Refusal as refusal:
            wrong.append(refusal.lines[0])
            continue
        found.setdefault(one.key, one)
    return list(found.values()), wrong


def scenario_of(space: Space, candidates: Mapping[str, Candidate]) -> Scenario:
    """The scenario whose policies are candidates, by name, with words as their titles."""
    return replace(
        space.scenario,
        policies={name: one.tables for name, one in candidates.items()},
        titles={name: one.words for name, one in candidates.items()},
        order={name: one.words for name, one in candidates.items()},
    )
