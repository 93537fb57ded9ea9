"""Numbers of distributions as keys: `takeover.difficulty.sd` is the sd of that distribution.

`inner_value` finds what a key names within a value: such a number, or a value of an event.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, shown
from regimesim.scenario.declaration import Declaration, Distribution, Quantity
from regimesim.scenario.distribution import KINDS, is_finite
from regimesim.scenario.event_values import EventValue, event_value
from regimesim.scenario.parameters import declarations

NAMES = tuple(dict.fromkeys(name for names in KINDS.values() for name in names))
NEVER_NEGATIVE = ("sd", "sigma", "a", "b")
PURE = ("sigma", "a", "b")  # numbers that have not the unit of the parameter
LARGEST = 1e12


class NumberOf(NamedTuple):
    """A number of the distribution of a parameter: one of `NAMES`."""

    declared: Declaration
    name: str

    @property
    def kind(self) -> str:
        """It is a number."""
        return "number"

    @property
    def whole(self) -> tuple[str, ...]:
        """The path of the parameter."""
        return tuple(self.declared.key.split("."))

    @property
    def quantity(self) -> Quantity:
        """Its unit, and a range in which it has a meaning."""
        unit = "1" if self.name in PURE else self.declared.quantity.unit
        low = 0.0 if self.name in NEVER_NEGATIVE else -LARGEST
        return Quantity(unit, low, LARGEST, self.declared.quantity.source)

    @property
    def words(self) -> str:
        """What it means."""
        return f"The {self.name} of the distribution of: {self.declared.words}"

    def within(self, value) -> float:
        """The number in the distribution `value`, which a file, a table or a policy holds.

        Raises Refusal where `value` is no such distribution.
        """
        kind, numbers = self._distribution(value)
        return numbers[KINDS[kind].index(self.name)]

    def put(self, value, number) -> dict:
        """The distribution `value`, as in a file, with another `number`.  Raises Refusal."""
        kind, numbers = self._distribution(value)
        if not is_finite(number):
            raise Refusal(f"found {shown(number)}; allowed is a number")
        numbers[KINDS[kind].index(self.name)] = number
        return {kind: numbers}

    def _distribution(self, value) -> tuple[str, list]:
        kinds = [kind for kind, names in KINDS.items() if self.name in names]
        kind, numbers = _kind_and_numbers(self.declared.quantity, value)
        if kind not in kinds:
            written = shown(value.plain() if hasattr(value, "plain") else value)
            named = f"a {' or '.join(kinds)} distribution"
            raise Refusal(f"its value is {written}; only {named} has the number '{self.name}'")
        return kind, numbers


@cache
def _declared() -> dict[tuple[str, ...], Declaration]:
    return {tuple(entry.key.split(".")): entry for entry in declarations()}


def number_of(path: tuple[str, ...]) -> NumberOf | None:
    """The number of a distribution that a path of keys within a policy names, or None."""
    declared = _declared().get(tuple(path[:-1]))
    if declared is None or declared.kind != "number" or path[-1] not in NAMES:
        return None
    return NumberOf(declared, path[-1])


def inner_value(path: tuple[str, ...]) -> NumberOf | EventValue | None:
    """What a path of keys within a policy names within a value, or None where it names the whole.

    Raises Refusal where the path leads into events, and to nothing.
    """
    return number_of(path) or event_value(path)


def declared_default(path: tuple[str, ...]):
    """The default of the parameter at a path."""
    return _declared()[tuple(path)].default


def _kind_and_numbers(quantity, value) -> tuple[str | None, list]:
    """Kind and numbers of a distribution; None where `value` is none."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, numbers),) = value.items()
        if (
            kind in KINDS
            and isinstance(numbers, list | tuple)
            and len(numbers) == len(KINDS[kind])
        ):
            return kind, list(numbers)  # a spread of 0, too, which is read as a plain number
    try:
        read = quantity.read(value)
    except PydanticCustomError:
        return None, []
    return (read.kind, list(read.numbers)) if isinstance(read, Distribution) else (None, [])
