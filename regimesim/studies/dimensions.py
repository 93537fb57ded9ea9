"""Dimensions of a space of policies: numbers, safeguards that are on or off, and choices."""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10
from typing import NamedTuple, TypeAlias

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import plain
from regimesim.scenario.parameters import SWITCHED, Settings
from regimesim.studies.ranges import Varied, as_number, read_ranges, values_in, vary

DIGITS = 3  # of a number that a search tries
WIDE = 10  # ends of a range whose ratio is larger are searched in equal ratios
MOST_LEVELS = 64  # values of a whole number that is counted through


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

    def plain(self) -> dict:
        """The content of a JSON file."""
        return {"name": self.name, **self.varied._asdict(), "levels": list(self.levels)}

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

    def plain(self) -> dict:
        """The content of a JSON file."""
        return {"name": self.name, "options": [False, True]}


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

    def plain(self) -> dict:
        """The content of a JSON file."""
        return {"name": self.name, "options": plain(self.settings)}


Dimension: TypeAlias = Number | Switch | Choice


def read_switches(switches: str | Iterable[str], option: str) -> list[Switch]:
    """The safeguards and responses that texts name, which `option` gave.  Raises Refusal."""
    texts = [switches] if isinstance(switches, str) else list(switches)
    switched: dict[str, Switch] = {}
    lines = []
    for text in texts:
        for name in map(str.strip, str(text).split(",")):
            bare = name.removeprefix("oversight.")
            if bare not in SWITCHED:
                close = nearest(bare, SWITCHED)
                lines.append(
                    f"{option}: unknown safeguard {shown(name)}; the nearest is '{close}'"
                )
            elif bare in switched:
                lines.append(f"{option}: {bare}: given twice")
            else:
                switched[bare] = Switch(bare)
    if lines:
        raise Refusal(lines)
    return list(switched.values())


def check_choice(choice: Choice, taken: Sequence[str]) -> None:
    """Refuse a choice whose name is `taken`, or that has a single option."""
    if choice.name in taken:
        raise Refusal(f"{choice.name}: given twice")
    if len(choice.settings) < 2:
        raise Refusal(f"{choice.name}: has {len(choice.settings)} option; a choice needs two")


def read_numbers(scenario: Scenario, base: str, over, option: str) -> list[Number]:
    """The numbers that vary, of what `make_space` explains.  Raises Refusal."""
    ranged, listed = _parted(over)

    def make(key, ends):
        if key in Settings.model_fields:
            raise Refusal("is a setting of the run, the same for all policies, and cannot vary")
        return Number(vary(key, ends, values_in(scenario.choose([base]), key)))

    lines: list[str] = []
    numbers: dict[str, Number] = {}
    with gathering(lines):
        numbers = read_ranges(ranged, option, make, "KEY, KEY=LOW:HIGH or KEY=A,B,C")
    for key, values in listed:
        with gathering(lines, f"{option}: {key}: "):
            if key in numbers:
                raise Refusal("given twice")
            numbers[key] = _levels(key, values, make)
    if lines:
        raise Refusal(lines)
    return list(numbers.values())


def _parted(over):
    """Those that vary between two ends, as `read_ranges` takes them, and (key, values) of those
    that have a list of values."""
    if isinstance(over, Mapping):
        listed = {key: _values(one) for key, one in over.items() if _is_list(one)}
        return {key: one for key, one in over.items() if key not in listed}, listed.items()
    texts = [over] if isinstance(over, str) else list(over)
    listed = [one.partition("=")[::2] for one in texts if isinstance(one, str) and "," in one]
    ranged = [one for one in texts if not (isinstance(one, str) and "," in one)]
    return ranged, [(key.strip(), _values(written)) for key, written in listed]


def _is_list(values) -> bool:
    return (
        "," in values
        if isinstance(values, str)
        else (isinstance(values, Sequence) and len(values) > 2)
    )


def _values(written) -> list:
    if isinstance(written, str):
        return [part.strip() for part in written.split(",")]
    return list(written)


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
